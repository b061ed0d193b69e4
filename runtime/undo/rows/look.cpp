#include "runtime/undo/rows/look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

using postgres::Session;

std::uint32_t number(const postgres::Value& v) { return static_cast<std::uint32_t>(std::stoul(*v)); }

// The row of a system column in pg_attribute is written once, when the relation is made.
std::string touched_query() {
    return fmt::format(R"sql(
WITH held AS MATERIALIZED (
    SELECT DISTINCT l.relation FROM pg_catalog.pg_locks l
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind,
       pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid), pg_catalog.pg_stat_get_xact_tuples_updated(c.oid),
       pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid), c.relfilenode,
       EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = -1 AND a.xmin::text IN ({}))
FROM held h JOIN pg_catalog.pg_class c ON c.oid = h.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'S', 'f') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('cairn', 'pg_catalog', 'information_schema', 'pg_toast'))sql",
                       own_transaction_ids);
}

constexpr const char* settings_query = R"sql(
SELECT pg_catalog.current_setting('track_counts') = 'on', pg_catalog.current_setting('client_min_messages'),
       pg_catalog.pg_stat_get_xact_tuples_inserted(2613) + pg_catalog.pg_stat_get_xact_tuples_updated(2613)
           + pg_catalog.pg_stat_get_xact_tuples_deleted(2613) + pg_catalog.pg_stat_get_xact_tuples_inserted(2995)
           + pg_catalog.pg_stat_get_xact_tuples_deleted(2995) > 0,
       EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' AND evtevent IN ('ddl_command_start', 'ddl_command_end')),
       EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' AND evtevent = 'sql_drop'),
       EXISTS (SELECT FROM pg_catalog.pg_publication WHERE puballtables))sql";

}  // namespace

std::string catalog_writes_query(const std::string& catalogs) {
    return "SELECT coalesce(sum(pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) "
           "+ pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)), 0)::bigint FROM (" + catalogs + ") c(oid)";
}

std::variant<View, compiler::Diagnostic> look(Session& session) {
    static const std::string query = touched_query();
    const auto answers = session.pipeline({{query, {}, true}, {settings_query, {}, true}});
    for (const auto& a : answers) {
        if (!a.ok()) return server_refused(a, 862, "looking at what the step has touched");
    }
    View view;
    for (const auto& row : answers[0].rows) {
        view.relations[number(row[0])] = {.oid = number(row[0]), .name = *row[1], .kind = row[2]->front(),
                                          .inserted = std::stoll(*row[3]), .updated = std::stoll(*row[4]),
                                          .deleted = std::stoll(*row[5]), .file = number(row[6]), .is_new = row[7] == "t"};
    }
    view.counts = answers[1].rows[0][0] == "t";
    view.client_min_messages = *answers[1].rows[0][1];
    view.large_objects = answers[1].rows[0][2] == "t";
    view.has_event_triggers = answers[1].rows[0][3] == "t";
    view.has_drop_triggers = answers[1].rows[0][4] == "t";
    view.publishes_all = answers[1].rows[0][5] == "t";
    return view;
}

std::variant<bool, compiler::Diagnostic> may_hide_counts(Session& session, const std::vector<const std::string*>& texts) {
    constexpr std::string_view setting = "track_counts";
    const bool named = std::any_of(texts.begin(), texts.end(), [&](const std::string* text) {
        return std::search(text->begin(), text->end(), setting.begin(), setting.end(),
                           [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; }) != text->end();
    });
    static const std::string query = fmt::format(
        "SELECT pg_catalog.set_config('{}', CASE WHEN $1::bool OR pg_catalog.current_setting('track_counts') = 'off' OR EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.oid >= 16384 "
        "AND (pg_catalog.strpos(pg_catalog.lower(p.prosrc COLLATE \"C\"), '{}') > 0 "
        "OR pg_catalog.strpos(pg_catalog.lower(p.proconfig::text COLLATE \"C\"), '{}') > 0)) THEN 'on' ELSE '' END, true) = 'on'",
        catalog::counts_are_hidden, setting, setting);
    const auto a = session.query(postgres::Command{query, {named ? "t" : "f"}, true});
    if (!a.ok()) return server_refused(a, 862, "looking for code that hides what it writes");
    return a.rows[0][0] == "t";
}

std::variant<std::map<std::uint32_t, std::uint32_t>, compiler::Diagnostic> read_files(Session& session) {
    const auto a = session.query(postgres::Command{"SELECT c.oid, c.relfilenode FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                                  "WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname NOT IN ('cairn', 'pg_catalog', 'information_schema')",
                                  {}, true});
    if (!a.ok()) return server_refused(a, 862, "looking at the tables' files");
    std::map<std::uint32_t, std::uint32_t> files;
    for (const auto& row : a.rows) files[number(row[0])] = number(row[1]);
    return files;
}

std::variant<std::map<std::uint32_t, std::string>, compiler::Diagnostic> read_trigger_marks(Session& session,
                                                                                            const std::vector<std::uint32_t>& tables) {
    const auto a = session.query(postgres::Command{"SELECT t.tgrelid, string_agg(t.oid || ' ' || t.ctid::text || t.cmin::text, ' ' ORDER BY t.oid) FROM pg_catalog.pg_trigger t "
                                  "JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = ANY ($1::oid[]) "
                                  "AND p.pronamespace = 'cairn'::pg_catalog.regnamespace GROUP BY 1",
                                  {oid_array(tables)}, true});
    if (!a.ok()) return server_refused(a, 862, "looking at the triggers that keep rows");
    std::map<std::uint32_t, std::string> marks;
    for (const auto& row : a.rows) marks[number(row[0])] = *row[1];
    return marks;
}

}  // namespace cairn::undo
