#include "runtime/undo/trail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cairn::undo {
namespace {

using Json = nlohmann::json;
using catalog::ObjectId;

Json to(const ObjectId& id) { return Json::array({id.catalog, id.oid}); }
ObjectId id_from(const Json& j) { return {j.at(0).get<std::string>(), j.at(1).get<std::uint32_t>()}; }

}  // namespace

std::string to_json(const Entry& entry) {
    Json out;
    out["before_rows"] = entry.before_rows;
    out["after_rows"] = entry.after_rows;
    out["kept"] = Json::parse(to_json(entry.kept));
    out["guards"] = Json::array();
    for (const auto& g : entry.guards)
        out["guards"].push_back({{"id", to(g.id)}, {"what", g.what}, {"digest", g.digest}, {"made", g.made}, {"parts", g.parts}});
    out["known"] = Json::array();
    for (const auto& id : entry.known) out["known"].push_back(to(id));
    out["remade"] = Json::array();
    for (const auto& r : entry.remade)
        out["remade"].push_back({{"was", to(r.was)}, {"identity", r.identity}, {"columns", r.columns}, {"relation", r.relation}});
    out["added"] = Json::array();
    for (const auto& a : entry.added)
        out["added"].push_back({{"table", to(a.table)}, {"relation", a.relation}, {"column", a.column}, {"number", a.number}, {"computed", a.computed}});
    out["converted"] = Json::array();
    for (const auto& c : entry.converted) out["converted"].push_back({{"relation", c.relation}, {"column", c.column}, {"type", c.type}});
    out["gone"] = Json::array();
    for (const auto& g : entry.gone) out["gone"].push_back({{"was", to(g.was)}, {"what", g.what}, {"name", g.name}, {"identity", g.identity}});
    out["refreshed"] = entry.refreshed;
    return out.dump();
}

std::string to_json(const std::vector<Filled>& filled) {
    auto out = Json::array();
    for (const auto& one : filled) out.push_back({{"table", to(one.table)}, {"rows", one.rows}});
    return out.dump();
}

std::optional<Entry> entry_from_json(const std::string& text) {
    const Json in = Json::parse(text, nullptr, false);
    if (!in.is_object()) return std::nullopt;
    Entry entry;
    try {
        entry.before_rows = in.at("before_rows").get<std::vector<std::string>>();
        entry.after_rows = in.at("after_rows").get<std::vector<std::string>>();
        auto kept = kept_from_json(in.at("kept").dump());
        if (!std::holds_alternative<Kept>(kept)) return std::nullopt;
        entry.kept = std::get<Kept>(std::move(kept));
        for (const auto& g : in.at("guards"))
            entry.guards.push_back({id_from(g.at("id")), g.at("what").get<std::string>(), g.at("digest").get<std::string>(), g.at("made").get<bool>(), g.value("parts", Parts{})});
        for (const auto& id : in.at("known")) entry.known.push_back(id_from(id));
        for (const auto& r : in.at("remade"))
            entry.remade.push_back({id_from(r.at("was")), r.at("identity").get<std::string>(),
                                    r.at("columns").get<std::vector<std::pair<std::string, int>>>(), r.value("relation", std::uint32_t{0})});
        for (const auto& a : in.at("added"))
            entry.added.push_back({id_from(a.at("table")), a.at("relation").get<std::string>(), a.at("column").get<std::string>(),
                                   a.at("number").get<int>(), a.value("computed", std::string())});
        for (const auto& c : in.value("converted", Json::array()))
            entry.converted.push_back({c.at("relation").get<std::string>(), c.at("column").get<std::string>(), c.at("type").get<std::string>()});
        for (const auto& g : in.value("gone", Json::array()))
            entry.gone.push_back({id_from(g.at("was")), g.at("what").get<std::string>(), g.at("name").get<std::string>(), g.at("identity").get<std::string>()});
        for (const auto& f : in.value("filled", Json::array())) entry.filled.push_back({id_from(f.at("table")), f.at("rows").get<std::uint64_t>()});
        entry.refreshed = in.value("refreshed", std::vector<std::string>());
    } catch (const Json::exception&) {
        return std::nullopt;
    }
    return entry;
}

std::variant<std::vector<StandingRows>, compiler::Diagnostic> kept_earlier(const journal::DatabaseJournal& journal,
                                                                          const std::set<std::uint32_t>& tables) {
    auto details = journal.kept_details(tables);
    if (auto* error = std::get_if<compiler::Diagnostic>(&details)) return *error;
    std::vector<StandingRows> out;
    for (const auto& [run, detail, names] : std::get<0>(details)) {
        const Json there = Json::parse(names, nullptr, false);
        auto kept = kept_from_json(detail);
        if (auto* error = std::get_if<compiler::Diagnostic>(&kept)) return *error;
        for (auto& rows : std::get<Kept>(kept).rows) {
            if (!tables.contains(rows.oid) || std::find(there.begin(), there.end(), rows.kept_table) == there.end()) continue;
            out.push_back({.rows = std::move(rows), .run = run, .of_this_run = run == journal.run(),
                           .xids = journal::DatabaseJournal::standing_xids_query(run)});
        }
    }
    return out;
}

std::string summary(const Entry& entry) {
    std::string out;
    const std::size_t statements = entry.before_rows.size() + entry.after_rows.size();
    if (statements > 0) out = fmt::format("{} statement{}", statements, statements == 1 ? "" : "s");
    for (const auto& rows : entry.kept.rows) out += fmt::format("{}rows of {}", out.empty() ? "" : ", ", rows.table);
    if (out.empty() && !entry.kept.sequences.empty()) out = "sequences";
    if (out.empty() && !entry.refreshed.empty()) out = "nothing: what was refreshed is not kept";
    return out;
}

}  // namespace cairn::undo
