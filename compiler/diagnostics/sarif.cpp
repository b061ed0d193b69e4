#include "compiler/diagnostics/sarif.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "compiler/diagnostics/catalogue.hpp"
#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

using Json = nlohmann::ordered_json;

std::string percent_encoded(std::string_view path) {
    constexpr std::string_view kept = "-._~/";
    std::string out;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (plain || kept.find(c) != std::string_view::npos)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string uri(const std::string& name, const Located& located) {
    const std::string path = located(name);
    return (path.starts_with('/') ? "file://" : "") + percent_encoded(path);
}

// Of UTF-16, from 1: what editors and code scanning count by, and what SARIF means unless told otherwise.
std::size_t column(const Source& source, std::uint32_t line, std::uint32_t offset) {
    const std::size_t start = source.offset({.line = line, .column = 1});
    const std::size_t end = std::min<std::size_t>(offset, source.text().size());
    std::size_t units = 1;
    for (std::size_t at = start; at < end; ++at) {
        const auto byte = static_cast<unsigned char>(source.text()[at]);
        if ((byte & 0xC0U) != 0x80U) units += byte >= 0xF0U ? 2 : 1;
    }
    return units;
}

Json physical(const Location& where, const Sources& sources, const Located& located) {
    const Source& source = sources.at(where.source);
    const auto begin = source.position(where.span.begin).line;
    const auto end = source.position(where.span.end).line;
    return {{"artifactLocation", {{"uri", uri(source.name(), located)}}},
            {"region",
             {{"startLine", begin},
              {"startColumn", column(source, begin, where.span.begin)},
              {"endLine", end},
              {"endColumn", column(source, end, where.span.end)}}}};
}

// Braces would be places for arguments.
Json message(std::string_view text) {
    std::string out;
    for (const char c : text) out.append(c == '{' || c == '}' ? 2 : 1, c);
    return {{"text", out}};
}

std::string help(const Page& page, bool markdown) {
    std::string out(page.text);
    for (const auto& section : sections_of(page)) {
        out += fmt::format("\n\n{}:\n\n", section.heading);
        const std::string_view fence = markdown && section.is_plan ? "```\n" : "";
        out += fence;
        for (const auto line : lines_of(section.lines)) out += fmt::format("{}{}\n", section.is_plan ? "" : "- ", line);
        out += fence;
        out.pop_back();
    }
    return out + "\n";
}

Json rule(std::uint16_t code) {
    Json out{{"id", code_name(code)}};
    if (const CatalogueEntry* entry = find_code(code)) {
        out["shortDescription"] = {{"text", entry->title}};
        out["fullDescription"] = {{"text", entry->title}};
        out["defaultConfiguration"] = {{"level", name(entry->severity)}};
        out["properties"] = {{"problem.severity", name(entry->severity)}, {"precision", "high"}};
    }
    if (const Page* page = find_page(code)) {
        out["fullDescription"] = {{"text", page->text}};
        out["help"] = {{"text", help(*page, false)}, {"markdown", help(*page, true)}};
    }
    return out;
}

}  // namespace

SarifResult to_sarif(const Diagnostic& d, const Sources& sources, const std::string& subject, const Located& located) {
    Json out{{"ruleId", code_name(d.code)}, {"level", name(d.severity)}};
    out["message"] = message(d.help.empty() ? d.message : d.message + "\nhelp: " + d.help);
    Json at = d.where ? physical(*d.where, sources, located)
                      : Json{{"artifactLocation", {{"uri", uri(subject, located)}}}, {"region", {{"startLine", 1}}}};
    out["locations"] = Json::array({{{"physicalLocation", std::move(at)}}});
    if (!d.labels.empty()) {
        Json& related = out["relatedLocations"] = Json::array();
        for (const Label& label : d.labels) {
            related.push_back({{"id", related.size() + 1},
                               {"physicalLocation", physical(label.where, sources, located)},
                               {"message", message(label.text)}});
        }
    }
    // A message may quote bytes of a file that is not UTF-8.
    return {.code = d.code, .json = out.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

std::string sarif_log(const std::vector<SarifResult>& results, std::string_view version) {
    std::map<std::uint16_t, std::size_t> index;
    for (const auto& result : results) index[result.code] = 0;
    Json rules = Json::array();
    for (auto& [code, at] : index) {
        at = rules.size();
        rules.push_back(rule(code));
    }
    Json list = Json::array();
    for (const auto& result : results) {
        Json& one = list.emplace_back(Json::parse(result.json));
        one["ruleIndex"] = index.at(result.code);
    }
    Json run{{"tool", {{"driver", {{"name", "cairn"}, {"version", version}, {"rules", std::move(rules)}}}}}};
    run["columnKind"] = "utf16CodeUnits";
    run["results"] = std::move(list);
    const Json log{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                   {"version", "2.1.0"},
                   {"runs", Json::array({std::move(run)})}};
    return log.dump(2) + "\n";
}

}  // namespace cairn::compiler
