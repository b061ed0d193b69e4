#include "runtime/journal/cursor.hpp"

#include <nlohmann/json.hpp>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/schema.hpp"

namespace cairn::journal {

namespace {

std::string to_json(const Cursor& cursor) {
    nlohmann::json j = {{"range", cursor.range}, {"last", cursor.last},       {"end", cursor.end},
                        {"rows", cursor.rows},   {"visited", cursor.visited}, {"size", cursor.size},
                        {"copied", cursor.copied}};
    if (cursor.after) j["after"] = *cursor.after;
    return j.dump();
}

std::optional<Cursor> from_json(const std::string& text) {
    const auto j = nlohmann::json::parse(text, nullptr, false);
    if (!j.is_object() || !j.contains("last") || !j.contains("end")) return std::nullopt;
    Cursor cursor{.range = j.value("range", 0), .after = {}, .last = j.value("last", ""), .end = j.value("end", ""),
                  .rows = j.value("rows", std::int64_t{0}), .visited = j.value("visited", std::int64_t{0}),
                  .size = j.value("size", std::int64_t{0}), .copied = j.value("copied", false)};
    if (j.contains("after")) cursor.after = j.value("after", "");
    return cursor;
}

}  // namespace

std::vector<postgres::Command> note_cursor(const std::string& run, compiler::ItemId item, const Cursor& cursor, bool keep_former) {
    std::vector<postgres::Command> commands;
    const std::string ordinal = std::to_string(item.index);
    if (!keep_former)
        commands.push_back({"DELETE FROM cairn.undo WHERE run = $1 AND ordinal = $2::int AND kind = 'cursor'", {run, ordinal}, true});
    commands.push_back({"INSERT INTO cairn.undo (run, ordinal, seq, kind, statement, detail, object_kind, object, sub, guard_rows) "
                        "VALUES ($1, $2::int, $3::int, 'cursor', '', $4::jsonb, '', '', '', false)",
                        {run, ordinal, std::to_string(cursor_seq(cursor.range)), to_json(cursor)}, true});
    commands.push_back({"INSERT INTO cairn.wrote (run, xid) VALUES ($1, pg_current_xact_id()::text::bigint)", {run}, true});
    commands.push_back({"UPDATE cairn.item SET state = CASE state WHEN 'done' THEN state ELSE 'running' END, "
                        "started = coalesce(started, now()), rows = $3::bigint WHERE run = $1 AND ordinal = $2::int",
                        {run, ordinal, std::to_string(cursor.rows)}, true});
    return commands;
}

std::variant<std::optional<Cursor>, compiler::Diagnostic> last_cursor(postgres::Session& session, const std::string& run,
                                                                      compiler::ItemId item) {
    const postgres::Answer a = session.query(
        "SELECT detail FROM cairn.undo WHERE run = $1 AND ordinal = $2::int AND kind = 'cursor' ORDER BY seq DESC LIMIT 1",
        {run, std::to_string(item.index)});
    if (!a.ok()) return journal_error(a, "reading how far a batch has come");
    if (a.rows.empty()) return std::optional<Cursor>{};
    auto cursor = from_json(a.rows[0][0].value_or(""));
    if (!cursor) {
        compiler::Diagnostic d;
        d.code = 702;
        d.message = "the journal's note on how far a batch has come can't be read";
        return d;
    }
    return cursor;
}

std::variant<std::vector<std::string>, compiler::Diagnostic> entries_of(postgres::Session& session, const std::string& run,
                                                                        compiler::ItemId item, int range) {
    const postgres::Answer a = session.query(
        "SELECT detail FROM cairn.undo WHERE run = $1 AND ordinal = $2::int AND kind = 'difference' AND seq BETWEEN $3::int AND $4::int "
        "ORDER BY seq DESC",
        {run, std::to_string(item.index), std::to_string(first_seq(range)), std::to_string(cursor_seq(range))});
    if (!a.ok()) return journal_error(a, "reading what a range has kept");
    std::vector<std::string> entries;
    for (const auto& row : a.rows) entries.push_back(row[0].value_or(""));
    return entries;
}

std::variant<std::optional<std::string>, compiler::Diagnostic> copies_of(postgres::Session& session, const std::string& run, compiler::ItemId item) {
    const postgres::Answer a = session.query("SELECT detail -> 'kept' FROM cairn.undo WHERE run = $1 AND ordinal = $2::int AND seq = $3::int",
                                             {run, std::to_string(item.index), std::to_string(copies_seq)});
    if (!a.ok()) return journal_error(a, "reading where a batch keeps its rows");
    return a.rows.empty() ? std::nullopt : a.rows[0][0];
}

std::vector<postgres::Command> forget_range(const std::string& run, compiler::ItemId item, int range, const std::vector<std::string>& xids) {
    TextArray more;
    for (const auto& xid : xids) more.add(xid);
    return {{"DELETE FROM cairn.undo WHERE run = $1 AND ordinal = $2::int AND seq BETWEEN $3::int AND $4::int",
             {run, std::to_string(item.index), std::to_string(first_seq(range)), std::to_string(cursor_seq(range))}, true},
            {"INSERT INTO cairn.wrote (run, xid) SELECT DISTINCT $1, x FROM unnest($2::bigint[] || pg_current_xact_id()::text::bigint) x "
             "ON CONFLICT DO NOTHING", {run, more.literal()}, true},
            // Whoever goes forward again goes on behind the range before.
            {"UPDATE cairn.item SET state = 'running', ended = NULL WHERE run = $1 AND ordinal = $2::int", {run, std::to_string(item.index)}, true}};
}

}  // namespace cairn::journal
