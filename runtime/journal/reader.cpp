#include "runtime/journal/reader.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/journal/folder_journal.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/postgres/connect.hpp"

namespace cairn::journal {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Session;

#define CAIRN_UTC(column) "coalesce(to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), '')"

std::vector<std::pair<std::string, std::string>> pairs(const std::string& text) {
    const auto list = nlohmann::json::parse(text, nullptr, false);
    if (!list.is_array()) return {};
    return list.get<std::vector<std::pair<std::string, std::string>>>();
}

// A session where a journal is; nullopt where there is none.
std::variant<std::optional<Session>, Diagnostic> open(const Place& place) {
    auto connected = postgres::connect(place.role, place.conninfo, "cairn");
    if (auto* error = std::get_if<Diagnostic>(&connected)) return *error;
    auto& session = std::get<Session>(connected);
    auto seen = look_for_schema(session);
    if (auto* error = std::get_if<Diagnostic>(&seen)) return *error;
    if (std::get<Presence>(seen) == Presence::absent) return std::optional<Session>{};
    return std::optional<Session>{std::move(session)};
}

const std::string run_columns =
    "r.run, r.plan, r.digest, CASE WHEN r.state = 'running' AND NOT EXISTS (SELECT FROM cairn.lease l WHERE l.run = r.run "
    "AND l.expires > clock_timestamp()) THEN 'stopped' ELSE r.state END, " CAIRN_UTC("r.started") ", " CAIRN_UTC("r.ended") ", r.who, r.plan_file, "
    "r.date, r.\"time\", r.parameters, r.database, r.led_by";

// Kept rows with their indexes, and the trail's own rows. A finalized run's trail leads nowhere: it is part of the history.
const std::string kept_bytes =
    "(SELECT coalesce(sum(b), 0)::bigint FROM (SELECT sum(pg_catalog.pg_column_size(u.*)) AS b FROM cairn.undo u WHERE u.run = r.run AND NOT u.undone "
    "UNION ALL SELECT sum(pg_catalog.pg_total_relation_size(t)) FROM (SELECT DISTINCT pg_catalog.to_regclass(k #>> '{}') AS t FROM cairn.undo u, "
    "pg_catalog.jsonb_path_query(u.detail, '$.**.kept ? (@.type() == \"string\")') k WHERE u.run = r.run AND NOT u.undone) x) y)";

// A run whose runner has died stands as `running` in the table; the lease tells.
RunRecord read_head(const std::vector<postgres::Value>& r) {
    RunRecord record;
    record.run = *r[0];
    record.plan = *r[1];
    record.digest = *r[2];
    record.state = run_state(*r[3]).value_or(RunState::failed);
    record.started = *r[4];
    record.ended = *r[5];
    record.by = *r[6];
    record.plan_file = *r[7];
    record.date = *r[8];
    record.time = *r[9];
    record.parameters = pairs(*r[10]);
    record.database = *r[11];
    record.led_by = *r[12];
    return record;
}

}  // namespace

std::variant<std::vector<RunRecord>, Diagnostic> list_runs(const Place& place) {
    std::vector<RunRecord> runs;
    if (place.role.empty()) {
        for (auto& run : read_folder(place.conninfo)) {
            run.record.plan_text.clear();
            run.record.items.clear();
            runs.push_back(std::move(run.record));
        }
        return runs;
    }
    auto opened = open(place);
    if (auto* error = std::get_if<Diagnostic>(&opened)) return *error;
    auto& session = std::get<std::optional<Session>>(opened);
    if (!session) return runs;
    const Answer a = session->query("SELECT " + run_columns + ", " + kept_bytes + " FROM cairn.run r ORDER BY r.started DESC, r.run DESC");
    if (!a.ok()) return journal_error(a, "listing the runs");
    for (const auto& row : a.rows) {
        runs.push_back(read_head(row));
        runs.back().kept_bytes = std::stoll(*row[13]);
    }
    return runs;
}

std::optional<RunRecord> finished_with(const Place& place, const std::string& digest) {
    if (place.role.empty()) return std::nullopt;
    auto connected = Session::connect(place.conninfo, "cairn");
    auto* session = std::get_if<Session>(&connected);
    if (session == nullptr) return std::nullopt;
    const Answer a = session->query("SELECT " + run_columns + " FROM cairn.run r WHERE r.digest = $1 AND r.state IN ('finished', 'finalized') "
                                    "AND r.run = (SELECT n.run FROM cairn.run n WHERE n.plan = r.plan AND n.state <> 'rolled_back' "
                                    "ORDER BY n.started DESC, n.run DESC LIMIT 1) "
                                    "AND (SELECT value::int <= $2::int FROM cairn.meta WHERE key = 'version')",
                                    {digest, std::to_string(schema_version)});
    if (!a.ok() || a.rows.empty()) return std::nullopt;
    return read_head(a.rows[0]);
}

namespace {

std::variant<std::optional<RunRecord>, Diagnostic> read_from_folder(const Place& place, const std::string& run) {
    for (auto& candidate : read_folder(place.conninfo)) {
        if (candidate.record.run == run) return std::optional<RunRecord>{std::move(candidate.record)};
    }
    return std::optional<RunRecord>{};
}

ItemRecord read_item(const std::vector<postgres::Value>& r) {
    ItemRecord item;
    item.name = *r[0];
    item.kind = *r[1];
    item.state = item_state(*r[2]).value_or(ItemState::pending);
    item.started = *r[3];
    item.ended = *r[4];
    if (r[5]) item.rows = std::stoll(*r[5]);
    item.error = r[6].value_or("");
    item.attempts = std::stoi(*r[7]);
    item.in_part = r[8] == "t";
    item.database = *r[9];
    return item;
}

}  // namespace

std::variant<std::optional<RunRecord>, Diagnostic> read_run(const Place& place, const std::string& run) {
    if (place.role.empty()) return read_from_folder(place, run);
    auto opened = open(place);
    if (auto* error = std::get_if<Diagnostic>(&opened)) return *error;
    auto& session = std::get<std::optional<Session>>(opened);
    if (!session) return std::optional<RunRecord>{};
    // The last word about the run itself, but for that it failed, says what it was at.
    const Answer a = session->query("SELECT " + run_columns + ", r.plan_text, r.files, " + kept_bytes + ", (SELECT CASE event WHEN 'rollback' THEN detail END FROM cairn.event e "
                                    "WHERE e.run = r.run AND e.item = '' AND e.event <> 'failed' ORDER BY e.seq DESC LIMIT 1) FROM cairn.run r "
                                    "WHERE r.run = $1", {run});
    if (!a.ok()) return journal_error(a, "reading the run");
    if (a.rows.empty()) return std::optional<RunRecord>{};
    RunRecord record = read_head(a.rows[0]);
    record.plan_text = *a.rows[0][13];
    record.files = pairs(*a.rows[0][14]);
    record.kept_bytes = std::stoll(*a.rows[0][15]);
    constexpr std::string_view down_to = "down to ";
    if (const std::string at = a.rows[0][16].value_or(""); at.starts_with(down_to) && at != "down to the beginning") record.rolling_back_to = at.substr(down_to.size());
    // What the living holder is at stands in the lease; its item's own row changes only with its commit.
    const Answer items = session->query(
        "SELECT i.name, i.kind, CASE WHEN i.name = ANY (string_to_array(l.item, ', ')) AND i.state = 'pending' THEN 'running' ELSE i.state END, "
        CAIRN_UTC("i.started") ", " CAIRN_UTC("i.ended") ", i.rows, i.error, i.attempts, "
        "i.state = 'rolled_back' AND (SELECT e.detail <> '' FROM cairn.event e WHERE e.run = i.run AND e.item = i.name AND e.event = 'undone' "
        "ORDER BY e.seq DESC LIMIT 1), i.database FROM cairn.item i "
        "LEFT JOIN cairn.lease l ON l.id = 1 AND l.run = i.run AND l.expires > clock_timestamp() "
        "WHERE i.run = $1 ORDER BY i.ordinal", {record.run});
    if (!items.ok()) return journal_error(items, "reading the run's items");
    for (const auto& row : items.rows) {
        record.items.push_back(read_item(row));
        record.items.back().is_known = record.items.back().database == record.database;
    }
    return std::optional<RunRecord>{std::move(record)};
}

std::variant<std::vector<EventRecord>, Diagnostic> read_events(const Place& place, const std::string& run) {
    std::vector<EventRecord> events;
    if (place.role.empty()) {
        for (auto& candidate : read_folder(place.conninfo)) {
            if (candidate.record.run == run) return std::move(candidate.events);
        }
        return events;
    }
    auto opened = open(place);
    if (auto* error = std::get_if<Diagnostic>(&opened)) return *error;
    auto& session = std::get<std::optional<Session>>(opened);
    if (!session) return events;
    const Answer a = session->query("SELECT " CAIRN_UTC("at") ", item, event, detail FROM cairn.event WHERE run = $1 ORDER BY seq", {run});
    if (!a.ok()) return journal_error(a, "reading the run's events");
    for (const auto& r : a.rows) events.push_back({*r[0], *r[1], *r[2], *r[3]});
    return events;
}

}  // namespace cairn::journal
