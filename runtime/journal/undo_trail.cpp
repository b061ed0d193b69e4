// The trail as rollbacks read it, and what they write down.
#include <fmt/format.h>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/database_journal.hpp"
#include "runtime/journal/schema.hpp"

namespace cairn::journal {

using compiler::Diagnostic;
using compiler::ItemId;
using postgres::Answer;
using postgres::Command;

std::variant<std::vector<UndoRow>, Diagnostic> DatabaseJournal::undo_rows(ItemId item) {
    const Answer a = session_->query(
        "SELECT seq, statement, object_kind, object, sub, identity, guard_rows, CASE kind WHEN 'difference' THEN detail END FROM cairn.undo "
        "WHERE run = $1 AND ordinal = $2::int AND NOT undone ORDER BY seq DESC", {run(), std::to_string(item.index)});
    if (!a.ok()) return journal_error(a, "reading the undo trail");
    std::vector<UndoRow> rows;
    for (const auto& r : a.rows) {
        rows.push_back({.ordinal = item.index, .seq = std::stoi(*r[0]), .statement = *r[1],
                        .object = {.kind = *r[2], .name = *r[3], .sub = *r[4]}, .identity = r[5], .guard_rows = *r[6] == "t", .difference = r[7]});
    }
    return rows;
}

std::optional<Diagnostic> DatabaseJournal::came_by_dump() {
    const Answer a = session_->query("SELECT EXISTS (SELECT FROM cairn.undo WHERE run = $1 AND NOT undone AND detail->>'journal' <> 'cairn.undo'::pg_catalog.regclass::oid::text)", {run()});
    if (!a.ok()) return journal_error(a, "reading the undo trail");
    if (a.rows[0][0] != "t") return std::nullopt;
    return Diagnostic{.code = 830,
                      .message = fmt::format("this database was restored from a dump after run {}: which rows and objects are the run's own can't be told here", run()),
                      .help = fmt::format("roll it back where it was applied; or keep what it has done here: cairn finalize {}", run())};
}

Command DatabaseJournal::own_too(ItemId item, const std::vector<std::string>& xids) const {
    TextArray more;
    for (const auto& xid : xids) more.add(xid);
    return {"UPDATE cairn.item SET xids = xids || $3::bigint[] WHERE run = $1 AND ordinal = $2::int", {run(), std::to_string(item.index), more.literal()}, true};
}

Command DatabaseJournal::item_undone(ItemId item, const std::string& name, bool in_part) const {
    return {R"sql(
WITH said AS (INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, $3, 'undone', $4)),
    used AS (DELETE FROM cairn.undo WHERE run = $1 AND ordinal = $2::int)
UPDATE cairn.item SET state = 'rolled_back', ended = clock_timestamp(), statement = 0, intent = NULL,
    xids = xids || pg_current_xact_id()::text::bigint
WHERE run = $1 AND ordinal = $2::int)sql",
            {run(), std::to_string(item.index), name, std::string(in_part ? but_for_others : "")}, true};
}

std::variant<std::vector<DatabaseJournal::KeptDetail>, Diagnostic> DatabaseJournal::kept_details(const std::set<std::uint32_t>& tables) const {
    std::string oids = "{";
    for (const auto oid : tables) oids += fmt::format("{}{}", oids.size() > 1 ? "," : "", oid);
    const Answer a = session_->query(
        {"SELECT u.run, u.detail -> 'kept', (SELECT jsonb_agg(r ->> 'kept') FROM jsonb_array_elements(u.detail -> 'kept' -> 'rows') r "
         "WHERE pg_catalog.to_regclass(r ->> 'kept') IS NOT NULL) FROM cairn.undo u WHERE u.kind = 'difference' AND NOT u.undone AND EXISTS ("
         "SELECT FROM jsonb_array_elements(u.detail -> 'kept' -> 'rows') r WHERE (r ->> 'oid')::bigint = ANY ($1::bigint[])) "
         "ORDER BY pg_catalog.age(u.xmin) DESC, u.run, u.ordinal, u.seq",
         {oids + "}"}, true});
    if (!a.ok()) return journal_error(a, "reading what was kept before");
    std::vector<KeptDetail> out;
    for (const auto& row : a.rows) out.push_back({.run = *row[0], .detail = row[1].value_or("{}"), .there = row[2].value_or("[]")});
    return out;
}

// Under no run's name: a table of their own would be one that older journals lack. Not the transaction itself: it may have written a
// whole table anew.
Command DatabaseJournal::given_back(const std::vector<std::string>& xids) const {
    TextArray more;
    for (const auto& xid : xids) more.add(xid);
    return {"INSERT INTO cairn.wrote (run, xid) SELECT DISTINCT '', CASE WHEN x < o.own % 4294967296 THEN o.own + 4294967296 ELSE o.own END "
            "- o.own % 4294967296 + x FROM unnest($1::bigint[]) x, (SELECT pg_catalog.pg_current_xact_id()::text::bigint) o(own) "
            "WHERE x <> o.own % 4294967296 ON CONFLICT DO NOTHING", {more.literal()}, true};
}

Command DatabaseJournal::distrust_given_back() { return {"DELETE FROM cairn.wrote WHERE run = ''", {}, false}; }

Command DatabaseJournal::say(const std::string& item, const std::string& event, const std::string& detail) const {
    return {"INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, $2, $3, $4)", {run(), item, event, detail}, true};
}

Command DatabaseJournal::remade(const std::string& was, const std::string& is) const {
    return {"INSERT INTO cairn.remade (run, was, \"is\") VALUES ($1, $2, $3) ON CONFLICT (run, was) DO UPDATE SET \"is\" = excluded.\"is\"",
            {run(), was, is}, true};
}

std::string DatabaseJournal::index_remade(ItemId item, const std::string& was, const std::string& index) const {
    return fmt::format(R"sql(WITH i AS (SELECT pg_catalog.to_regclass({2})::pg_catalog.oid AS oid), noted AS (
    INSERT INTO cairn.remade (run, was, "is") SELECT {0}, 'pg_class {1}', 'pg_class ' || i.oid FROM i WHERE i.oid IS NOT NULL
    ON CONFLICT (run, was) DO UPDATE SET "is" = excluded."is"
)
UPDATE cairn.item SET xids = xids || ARRAY(
    SELECT c.xmin::text::bigint FROM i JOIN pg_catalog.pg_class c ON c.oid = i.oid
    UNION SELECT x.xmin::text::bigint FROM i JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid
    UNION SELECT a.xmin::text::bigint FROM i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.oid)
WHERE run = {0} AND ordinal = {3})sql",
                       sql::quote_literal(run()), was, sql::quote_literal(index), item.index);
}

std::variant<std::map<std::string, std::string>, Diagnostic> DatabaseJournal::all_remade() {
    const Answer a = session_->query(Command{"SELECT was, \"is\" FROM cairn.remade", {}, true});
    if (!a.ok()) return journal_error(a, "reading what has been made again");
    std::map<std::string, std::string> remade;
    for (const auto& row : a.rows) remade.emplace(*row[0], *row[1]);
    return remade;
}

namespace {
std::string xids_of(const std::string& run) {
    return "SELECT (x % 4294967296)::text FROM cairn.item, unnest(xids) x WHERE run = " + sql::quote_literal(run) +
           " UNION ALL SELECT (xid % 4294967296)::text FROM cairn.wrote WHERE run = " + sql::quote_literal(run);
}
}  // namespace

std::string DatabaseJournal::own_xids_query() const { return xids_of(run()); }

std::string DatabaseJournal::settled_xids_query() const {
    return xids_of(run()) + " UNION ALL SELECT (x % 4294967296)::text FROM cairn.item i, unnest(i.xids) x WHERE i.state = 'rolled_back'";
}

// Numbers come again after four thousand million transactions.
std::string DatabaseJournal::standing_xids_query(const std::string& run) {
    return xids_of(run) + " UNION ALL SELECT (xid % 4294967296)::text FROM cairn.wrote WHERE run = '' "
           "AND xid > pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint - 2000000000";
}

}  // namespace cairn::journal
