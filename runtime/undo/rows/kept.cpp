#include "runtime/undo/rows/kept.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/journal/silence.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

using nlohmann::json;

constexpr std::pair<KeptRows::How, const char*> ways[] = {
    {KeptRows::How::changes, "changes"}, {KeptRows::How::table, "table"}, {KeptRows::How::columns, "columns"}};

json of(const KeptColumn& c) {
    return {{"number", c.number},       {"name", c.name},
            {"type", c.type},           {"as_text", c.as_text},
            {"generated", c.is_generated}, {"identity_always", c.identity_always},
            {"not_null", c.not_null}};
}

KeptColumn column_of(const json& j) {
    return {.number = j.at("number"), .name = j.at("name"), .type = j.at("type"), .as_text = j.at("as_text"),
            .is_generated = j.at("generated"), .identity_always = j.at("identity_always"), .not_null = j.at("not_null")};
}

json of(const KeyColumn& k) {
    return {{"number", k.number}, {"equals", k.equals}, {"collation", k.collation}, {"exact", k.is_exact}};
}

KeyColumn key_of(const json& j) {
    return {.number = j.at("number"), .equals = j.at("equals"), .collation = j.at("collation"), .is_exact = j.at("exact")};
}

json of(const KeptRows& r) {
    json columns = json::array(), key = json::array();
    for (const auto& c : r.columns) columns.push_back(of(c));
    for (const auto& k : r.key) key.push_back(of(k));
    const char* how = "";
    for (const auto& [way, word] : ways) {
        if (way == r.how) how = word;
    }
    json j{{"kept", r.kept_table}, {"oid", r.oid},         {"table", r.table},
            {"how", how},           {"only", r.only},       {"xmin", r.has_xmin},
            {"columns", columns},   {"key", key},           {"restored", r.restored},
            {"retyped", r.retyped}, {"rekeyed", r.rekeyed},
            {"packed", r.packed}};
    if (!r.put_in_table.empty()) j["put_in"] = {{"kept", r.put_in_table}};
    return j;
}

KeptRows rows_of(const json& j) {
    KeptRows r;
    r.kept_table = j.at("kept");
    r.oid = j.at("oid");
    r.table = j.at("table");
    bool known = false;
    for (const auto& [way, word] : ways) {
        if (j.at("how") != word) continue;
        r.how = way;
        known = true;
    }
    if (!known) throw std::invalid_argument("how");
    r.only = j.at("only");
    r.has_xmin = j.at("xmin");
    for (const auto& c : j.at("columns")) r.columns.push_back(column_of(c));
    for (const auto& k : j.at("key")) r.key.push_back(key_of(k));
    r.restored = j.at("restored").get<std::vector<std::int16_t>>();
    r.retyped = j.at("retyped");
    r.rekeyed = j.at("rekeyed");
    r.packed = j.value("packed", false);
    if (j.contains("put_in")) r.put_in_table = j["put_in"].at("kept");
    return r;
}

}  // namespace

std::string to_json(const Kept& kept) {
    json rows = json::array(), sequences = json::array();
    for (const auto& r : kept.rows) rows.push_back(of(r));
    for (const auto& s : kept.sequences) {
        sequences.push_back({{"oid", s.oid}, {"name", s.name}, {"ascending", s.is_ascending}, {"before", s.before},
                             {"after", s.after}, {"called_before", s.called_before}, {"called_after", s.called_after}});
    }
    return json{{"rows", rows}, {"sequences", sequences}, {"marked", kept.marked}}.dump();
}

std::variant<Kept, compiler::Diagnostic> kept_from_json(const std::string& text) {
    try {
        const json j = json::parse(text);
        Kept kept;
        for (const auto& r : j.at("rows")) kept.rows.push_back(rows_of(r));
        kept.marked = j.value("marked", false);
        for (const auto& s : j.at("sequences")) {
            kept.sequences.push_back({.oid = s.at("oid"), .name = s.at("name"), .is_ascending = s.at("ascending"),
                                      .before = s.at("before"), .after = s.at("after"),
                                      .called_before = s.at("called_before"), .called_after = s.at("called_after")});
        }
        return kept;
    } catch (const std::exception& e) {
        return rows_problem(866, fmt::format("the undo trail does not say what rows were kept: {}", e.what()));
    }
}

std::optional<compiler::Diagnostic> forget(postgres::Session& session, const Kept& kept) {
    std::string drops;
    for (const auto& r : kept.rows) drops += fmt::format("DROP TABLE IF EXISTS {}{};", r.kept_table, r.put_in_table.empty() ? "" : ", " + r.put_in_table);
    if (drops.empty()) return std::nullopt;
    if (const auto dropped = session.script(journal::in_silence(drops)); !dropped.ok()) return server_refused(dropped, 865, "dropping kept rows");
    return std::nullopt;
}

}  // namespace cairn::undo
