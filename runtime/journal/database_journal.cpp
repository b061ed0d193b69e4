#include "runtime/journal/database_journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/definition_parts.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/process/fault.hpp"

namespace cairn::journal {

using compiler::Diagnostic;
using compiler::ItemId;
using postgres::Answer;
using postgres::Command;

namespace {

std::string pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
    auto list = nlohmann::json::array();
    for (const auto& [name, value] : pairs) list.push_back({name, value});
    return list.dump();
}

std::string milliseconds(const std::optional<std::chrono::milliseconds>& limit) {
    return std::to_string(limit ? limit->count() : 0);
}

constexpr const char* finish_statement = R"sql(
WITH trail AS (
    INSERT INTO cairn.undo (run, ordinal, seq, kind, statement, object_kind, object, sub, identity, guard_rows)
    SELECT $1, $2::int, u.seq::int, 'sql', u.statement, u.kind, u.object, u.sub,
           cairn.identity(u.kind, u.object, u.sub), u.guard::boolean
    FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
         AS u (seq, statement, kind, object, sub, guard)
    WHERE coalesce(current_setting('cairn.existed_' || u.seq, true), '') = ''
), said AS (
    INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, $3, 'done', '')
)
UPDATE cairn.item SET state = 'done', started = coalesce(started, now()), ended = clock_timestamp(),
    xids = xids || pg_current_xact_id()::text::bigint, error = NULL, attempts = attempts + 1
WHERE run = $1 AND ordinal = $2::int)sql";

// The same without a trail: the frequent case is worth a statement of its own.
constexpr const char* finish_plain_statement = R"sql(
WITH said AS (
    INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, $3, 'done', '')
)
UPDATE cairn.item SET state = 'done', started = coalesce(started, now()), ended = clock_timestamp(),
    xids = xids || pg_current_xact_id()::text::bigint, error = NULL, attempts = attempts + 1
WHERE run = $1 AND ordinal = $2::int)sql";

constexpr const char* note_statement = R"sql(
INSERT INTO cairn.undo (run, ordinal, seq, kind, statement, object_kind, object, sub, identity, guard_rows)
SELECT $1, $2::int, u.seq::int, 'sql', u.statement, u.kind, u.object, u.sub,
       cairn.identity(u.kind, u.object, u.sub), u.guard::boolean
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
     AS u (seq, statement, kind, object, sub, guard)
WHERE coalesce(current_setting('cairn.existed_' || u.seq, true), '') = '')sql";

constexpr const char* record_statement = R"sql(
WITH said AS (
    INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, $3, $5, $6)
)
UPDATE cairn.item SET state = $4,
    started = CASE WHEN $4 = 'running' THEN clock_timestamp() ELSE coalesce(started, clock_timestamp()) END,
    ended = CASE WHEN $4 = 'running' THEN NULL ELSE clock_timestamp() END,
    error = nullif($7, ''), rows = coalesce($8::bigint, rows),
    attempts = attempts + CASE WHEN $4 IN ('done', 'failed') THEN 1 ELSE 0 END
WHERE run = $1 AND ordinal = $2::int)sql";

std::vector<postgres::Value> undo_arrays(const std::vector<UndoRow>& rows) {
    TextArray seq, statement, kind, object, sub, guard;
    for (const auto& row : rows) {
        seq.add(std::to_string(row.seq));
        statement.add(row.statement);
        kind.add(row.object.kind);
        object.add(row.object.name);
        sub.add(row.object.sub);
        guard.add(row.guard_rows ? "t" : "f");
    }
    return {seq.literal(), statement.literal(), kind.literal(), object.literal(), sub.literal(), guard.literal()};
}

}  // namespace

// ---------------------------------------------------------------- own transactions

std::optional<Diagnostic> DatabaseJournal::transaction(std::vector<Command> commands, const std::string& doing) {
    if (auto rows = pending_rows()) commands.push_back(std::move(*rows));
    commands.insert(commands.begin(), {Command{"BEGIN", {}, false}, fence({}, Lasting::transaction)});
    commands.push_back({"COMMIT", {}, false});
    process::fault_point("journal: before writing");
    const bool heeded = session_->heed_interrupts(false);  // what was done is written down, interrupt or not
    const auto answers = session_->pipeline(commands);
    session_->heed_interrupts(heeded);
    process::fault_point("journal: after writing");
    for (const auto& a : answers) {
        if (a.ok()) continue;
        if (session_->alive()) (void)session_->script("ROLLBACK");
        return journal_error(a, doing);
    }
    rows_.clear();
    return std::nullopt;
}

std::optional<Command> DatabaseJournal::pending_rows() {
    if (rows_.empty()) return std::nullopt;
    TextArray ordinals, rows;
    for (const auto& [item, count] : rows_) {
        ordinals.add(std::to_string(item.index));
        rows.add(std::to_string(count));
    }
    return Command{"UPDATE cairn.item i SET rows = u.rows::bigint FROM unnest($2::text[], $3::text[]) u (ordinal, rows) "
                   "WHERE i.run = $1 AND i.ordinal = u.ordinal::int",
                   {run(), ordinals.literal(), rows.literal()},
                   false};
}

std::optional<Diagnostic> DatabaseJournal::flush() { return transaction({}, "waiting for the disk"); }

void DatabaseJournal::add_rows(ItemId item, std::int64_t rows) { rows_.emplace_back(item, rows); }

std::variant<std::optional<RunHead>, Diagnostic> DatabaseJournal::latest(const std::string& plan) {
    const Answer a = session_->query(
        "SELECT run, digest, state, to_char(started AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM cairn.run "
        "WHERE plan = $1 AND state <> 'rolled_back' ORDER BY started DESC, run DESC LIMIT 1",
        {plan});
    if (!a.ok()) return journal_error(a, "looking for earlier runs");
    if (a.rows.empty()) return std::optional<RunHead>{};
    const auto& r = a.rows[0];
    return std::optional<RunHead>{RunHead{.run = *r[0], .digest = *r[1], .state = run_state(*r[2]).value_or(RunState::failed), .started = *r[3]}};
}

std::optional<Diagnostic> DatabaseJournal::take_lease(const LeaseRequest& request) {
    lease_ = request;
    auto taken = acquire(*session_, request);
    if (auto* error = std::get_if<Diagnostic>(&taken)) return *error;
    token_ = std::get<LeaseToken>(taken);
    return std::nullopt;
}

std::optional<Diagnostic> DatabaseJournal::reconnected(postgres::Session& session) {
    session_ = &session;
    auto taken = fence_again(*session_, token_, lease_);
    if (auto* error = std::get_if<Diagnostic>(&taken)) return *error;
    token_ = std::get<LeaseToken>(taken);
    return std::nullopt;
}

std::optional<Diagnostic> DatabaseJournal::begin(const RunRecord& record) {
    TextArray names, kinds;
    for (const auto& item : record.items) {
        names.add(item.name);
        kinds.add(item.kind);
    }
    return transaction(
        {{"INSERT INTO cairn.run (run, plan, digest, state, who, plan_file, plan_text, files, parameters, date, \"time\") "
          "VALUES ($1, $2, $3, 'running', $4, $5, $6, $7::jsonb, $8::jsonb, $9, $10)",
          {record.run, record.plan, record.digest, record.by, record.plan_file, record.plan_text,
           pairs_json(record.files), pairs_json(record.parameters), record.date, record.time},
          false},
         {"INSERT INTO cairn.item (run, ordinal, name, kind) SELECT $1, u.n - 1, u.name, u.kind "
          "FROM unnest($2::text[], $3::text[]) WITH ORDINALITY u (name, kind, n)",
          {record.run, names.literal(), kinds.literal()},
          false},
         {"INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, '', 'started', $2)", {record.run, record.by}, false}},
        "writing the new run");
}

std::optional<Diagnostic> DatabaseJournal::record(const std::vector<ItemChange>& changes) {
    std::vector<Command> commands;
    for (const auto& c : changes) {
        commands.push_back({record_statement,
                            {run(), std::to_string(c.item.index), c.name, std::string(name(c.state)), c.event, c.detail, c.error,
                             c.rows ? postgres::Value(std::to_string(*c.rows)) : std::nullopt},
                            true});
    }
    return transaction(std::move(commands), "recording what became of an item");
}

std::optional<Diagnostic> DatabaseJournal::event(const std::string& item, const std::string& event, const std::string& detail) {
    return transaction({{"INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, $2, $3, $4)", {run(), item, event, detail}, false}},
                       "recording an event");
}

std::optional<Diagnostic> DatabaseJournal::state(RunState state, const std::string& detail, bool release) {
    std::vector<Command> commands;
    if (state != RunState::running) {
        const Answer kinds = session_->query(kinds_to_note(run()));
        if (!kinds.ok()) return journal_error(kinds, "reading the undo trail");
        std::vector<std::string> names;
        for (const auto& row : kinds.rows) names.push_back(*row[0]);
        if (!names.empty()) commands.push_back(note_all(run(), names, own_xids_query()));
    }
    commands.insert(commands.end(), {
        {"UPDATE cairn.run SET state = $2, ended = CASE WHEN $2 IN ('running', 'stopped', 'failed') THEN NULL ELSE clock_timestamp() END "
         "WHERE run = $1", {run(), std::string(name(state))}, false},
        {"INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, '', $2, $3)", {run(), std::string(name(state)), detail}, false}});
    if (release) commands.push_back(release_command());
    return transaction(std::move(commands), "recording the run's state");
}

Command DatabaseJournal::release_command() const {
    return {"UPDATE cairn.lease SET run = NULL, plan = NULL, item = NULL, expires = NULL, backend = NULL "
            "WHERE id = 1 AND token = $1::bigint",
            {std::to_string(token_.value)}, false};
}

std::optional<Diagnostic> DatabaseJournal::release() { return transaction({release_command()}, "giving the lease back"); }

std::variant<std::vector<ItemRecord>, Diagnostic> DatabaseJournal::items() {
    const Answer a = session_->query("SELECT name, kind, state, attempts FROM cairn.item WHERE run = $1 ORDER BY ordinal", {run()});
    if (!a.ok()) return journal_error(a, "reading the items' states");
    std::vector<ItemRecord> records;
    for (const auto& r : a.rows) {
        ItemRecord record;
        record.name = *r[0];
        record.kind = *r[1];
        record.state = item_state(*r[2]).value_or(ItemState::pending);
        record.attempts = std::stoi(*r[3]);
        records.push_back(std::move(record));
    }
    return records;
}

// ---------------------------------------------------------------- pieces of a step's transaction

Command DatabaseJournal::fence() const { return {"SELECT cairn.fence($1::bigint)", {std::to_string(token_.value)}, true}; }

Command DatabaseJournal::fence(const StepLimits& limits, Lasting lasting) const {
    // A frozen runner must not hold the lease's row past its time: the server ends a transaction whose client
    // does not go on, and notices a client that is gone.
    const auto patience = std::to_string(std::max<std::int64_t>(lease_.length.count() * 2 / 3, 100));
    return {"SELECT cairn.fence($1::bigint), set_config('lock_timeout', $2, $5::boolean), "
            "set_config('statement_timeout', $3, $5::boolean), "
            "set_config('idle_in_transaction_session_timeout', $4, $5::boolean), "
            "set_config('client_connection_check_interval', $4, $5::boolean)",
            {std::to_string(token_.value), milliseconds(limits.lock_timeout), milliseconds(limits.statement_timeout), patience,
             lasting == Lasting::transaction ? "t" : "f"},
            true};
}

Command DatabaseJournal::fence_behind(ItemId before) const {
    return {"SELECT cairn.fence($1::bigint, $2, $3::int)", {std::to_string(token_.value), run(), std::to_string(before.index)}, true};
}

Command DatabaseJournal::remember(const UndoRow& row) const {
    return {"SELECT set_config('cairn.existed_' || $1, coalesce(cairn.identity($2, $3, $4), ''), true)",
            {std::to_string(row.seq), row.object.kind, row.object.name, row.object.sub},
            true};
}

Command DatabaseJournal::note_undo(const std::vector<UndoRow>& rows) const {
    std::vector<postgres::Value> params = {run(), std::to_string(rows.front().ordinal)};
    for (auto& array : undo_arrays(rows)) params.push_back(std::move(array));
    return {note_statement, std::move(params), true};
}

Command DatabaseJournal::note_difference(ItemId item, int seq, const std::string& summary, const std::string& detail) const {
    return {"INSERT INTO cairn.undo (run, ordinal, seq, kind, statement, detail, object_kind, object, sub, guard_rows) "
            "VALUES ($1, $2::int, $3::int, 'difference', $4, $5::jsonb || pg_catalog.jsonb_build_object('journal', 'cairn.undo'::pg_catalog.regclass::oid::text), '', '', '', false)",
            {run(), std::to_string(item.index), std::to_string(seq), summary, detail}, true};
}

Command DatabaseJournal::finish_item(ItemId item, const std::string& name, const std::vector<UndoRow>& rows) const {
    std::vector<postgres::Value> params = {run(), std::to_string(item.index), name};
    if (rows.empty()) return {finish_plain_statement, std::move(params), true};
    for (auto& array : undo_arrays(rows)) params.push_back(std::move(array));
    return {finish_statement, std::move(params), true};
}

Command DatabaseJournal::skip_item(ItemId item, const std::string& item_name) const {
    return {record_statement,
            {run(), std::to_string(item.index), item_name, "skipped", "skipped", "`when` says false", "", std::nullopt},
            true};
}

// ---------------------------------------------------------------- non-transactional statements

std::optional<Diagnostic> DatabaseJournal::intend(ItemId item, const std::string& name, const Intent& intent, bool first) {
    nlohmann::json j = {{"statement", intent.statement}, {"backend", intent.backend}, {"backend_start", intent.backend_start}};
    if (intent.existed) j["existed"] = *intent.existed;
    if (!intent.rebuilding.empty()) j["rebuilding"] = intent.rebuilding;
    std::vector<Command> commands = {
        {"UPDATE cairn.item SET state = 'running', started = coalesce(started, clock_timestamp()), intent = $3::jsonb WHERE run = $1 AND ordinal = $2::int",
         {run(), std::to_string(item.index), j.dump()}, false}};
    if (first)
        commands.push_back({"INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, $2, 'started', '')", {run(), name}, false});
    return transaction(std::move(commands), "recording the intention");
}

std::optional<Diagnostic> DatabaseJournal::statement_done(ItemId item, int done, const std::vector<UndoRow>& rows) {
    std::vector<Command> commands = {
        {"UPDATE cairn.item SET statement = $3::int, intent = NULL WHERE run = $1 AND ordinal = $2::int",
         {run(), std::to_string(item.index), std::to_string(done)}, false}};
    if (!rows.empty()) commands.push_back(note_undo(rows));
    if (std::any_of(rows.begin(), rows.end(), has_parts)) commands.push_back(note_parts(run(), rows));
    return transaction(std::move(commands), "recording that a statement is done");
}

std::variant<DatabaseJournal::Progress, Diagnostic> DatabaseJournal::progress(ItemId item) {
    const Answer a = session_->query("SELECT state, statement, intent FROM cairn.item WHERE run = $1 AND ordinal = $2::int",
                                     {run(), std::to_string(item.index)});
    if (!a.ok()) return journal_error(a, "reading an item's progress");
    Progress progress;
    if (a.rows.empty()) return progress;
    const auto& r = a.rows[0];
    progress.state = item_state(*r[0]).value_or(ItemState::pending);
    progress.statements_done = std::stoi(*r[1]);
    if (r[2]) {
        const auto j = nlohmann::json::parse(*r[2], nullptr, false);
        Intent intent;
        intent.statement = j.value("statement", 0);
        intent.backend = j.value("backend", 0);
        intent.backend_start = j.value("backend_start", "");
        if (j.contains("existed")) intent.existed = j["existed"].get<std::string>();
        intent.rebuilding = j.value("rebuilding", std::vector<std::string>{});
        progress.intent = std::move(intent);
    }
    return progress;
}

// ---------------------------------------------------------------- undo

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
