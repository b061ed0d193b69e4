#include "runtime/review/saved.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

namespace cairn::review {

using compiler::Diagnostic;
using compiler::FoundRelation;
using Json = nlohmann::json;

namespace {

struct NotAPreview {};

Diagnostic unreadable(const std::string& path, const std::string& why) {
    Diagnostic d;
    d.code = 763;
    d.message = fmt::format("`{}` is no preview against a database: {}", path, why);
    d.help = "cairn preview PLAN --profile NAME --format json > " + path;
    return d;
}

// A fraction, 1e300 or more than the numbers here hold is refused, not cast.
std::int64_t whole(const Json& value,
                   std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
    const bool fits = value.is_number_unsigned()
                          ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most)
                          : false;
    if (!fits) throw NotAPreview{};
    return value.get<std::int64_t>();
}

FoundRelation read_relation(const Json& json) {
    FoundRelation out{.database = json.at("database").get<std::string>(),
                      .relation = json.at("relation").get<std::string>()};
    out.exists = json.at("exists").get<bool>();
    if (out.exists) {
        out.kind = json.at("kind").get<std::string>();
        out.bytes = whole(json.at("bytes"));
    }
    if (!json.at("rows").is_null()) out.rows = whole(json.at("rows"));
    for (const auto& column : json.at("columns"))
        out.columns.push_back(
            {.name = column.at("name").get<std::string>(),
             .type = column.at("type").is_null() ? "" : column.at("type").get<std::string>(),
             .number = static_cast<int>(whole(column.at("number"), 32767))});
    for (const auto& index : json.at("indexes"))
        out.indexes.push_back(
            {.name = index.at("name").get<std::string>(), .valid = index.at("valid").get<bool>()});
    out.items = json.at("items").get<std::vector<std::string>>();
    return out;
}

}  // namespace

std::variant<Saved, Diagnostic> read_preview(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (std::error_code none; std::filesystem::is_directory(path, none)) return unreadable(path, "it is a folder");
    if (!file || (file.peek() != EOF && !(text << file.rdbuf()))) return unreadable(path, "it can't be read");
    return parse_preview(std::move(text).str(), path);
}

std::variant<Saved, Diagnostic> parse_preview(const std::string& text, const std::string& path) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded())
        return unreadable(path, text.empty() ? "it is empty" : text.starts_with("{") ? "it is cut off" : "it is no JSON");
    const auto other = unreadable(path, "keys are missing or hold something else, as another version of cairn may have written them");
    try {
        Saved out;
        out.plan = json.at("plan").get<std::string>();
        out.digest = json.at("digest").get<std::string>();
        for (const auto& parameter : json.at("parameters"))
            out.parameters.emplace_back(parameter.at("name").get<std::string>(),
                                        parameter.at("value").get<std::string>());
        if (!json.contains("facts"))
            return unreadable(path, "it was made without one, and holds no facts");
        for (const auto& relation : json.at("facts"))
            out.relations.push_back(read_relation(relation));
        return out;
    } catch (const Json::exception&) {
        return other;
    } catch (const NotAPreview&) {
        return other;
    }
}

}  // namespace cairn::review
