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
using postgres::Session;

namespace {

std::string pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
    auto list = nlohmann::json::array();
    for (const auto& [name, value] : pairs) list.push_back({name, value});
    return list.dump();
}

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

}  // namespace

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

std::variant<std::optional<std::string>, Diagnostic> DatabaseJournal::role_of_run() {
    const Answer a = session_->query("SELECT database FROM cairn.run WHERE run = $1", {run()});
    if (!a.ok()) return journal_error(a, "looking for the run");
    if (a.rows.empty()) return std::optional<std::string>{};
    return a.rows[0][0];
}

std::variant<bool, Diagnostic> DatabaseJournal::has_event(const std::string& event) {
    const Answer a = session_->query("SELECT EXISTS (SELECT FROM cairn.event WHERE run = $1 AND item = '' AND event = $2)", {run(), event});
    if (!a.ok()) return journal_error(a, "looking for an event");
    return a.rows[0][0] == "t";
}

std::variant<Backend, Diagnostic> DatabaseJournal::work_beside(const DatabaseJournal& holder) {
    lease_ = holder.lease_;
    token_ = holder.token_;
    return journal::work_beside(*session_, token_, lease_);
}

std::variant<Backend, Diagnostic> DatabaseJournal::work_beside_again(Session& session, const Backend& former) {
    session_ = &session;
    return journal::work_beside_again(session, token_, lease_, former);
}

std::optional<Diagnostic> DatabaseJournal::begin(const RunRecord& record) {
    TextArray names, kinds, databases;
    for (const auto& item : record.items) {
        names.add(item.name);
        kinds.add(item.kind);
        databases.add(item.database);
    }
    return transaction(
        {{"INSERT INTO cairn.run (run, plan, digest, state, who, plan_file, plan_text, files, parameters, date, \"time\", database, led_by) "
          "VALUES ($1, $2, $3, 'running', $4, $5, $6, $7::jsonb, $8::jsonb, $9, $10, $11, $12)",
          {record.run, record.plan, record.digest, record.by, record.plan_file, record.plan_text,
           pairs_json(record.files), pairs_json(record.parameters), record.date, record.time, record.database, record.led_by},
          false},
         {"INSERT INTO cairn.item (run, ordinal, name, kind, database) SELECT $1, u.n - 1, u.name, u.kind, u.database "
          "FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY u (name, kind, database, n)",
          {record.run, names.literal(), kinds.literal(), databases.literal()},
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
        const bool heeded = session_->heed_interrupts(false);  // it is the end of an interrupted run that is written down
        const Answer kinds = session_->query(kinds_to_note(run()));
        session_->heed_interrupts(heeded);
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
    return {"UPDATE cairn.lease SET run = NULL, plan = NULL, item = NULL, expires = NULL, backend = NULL, beside = '[]' "
            "WHERE id = 1 AND token = $1::bigint",
            {std::to_string(token_.value)}, false};
}

std::optional<Diagnostic> DatabaseJournal::release() { return transaction({release_command()}, "giving the lease back"); }

std::variant<std::vector<ItemRecord>, Diagnostic> DatabaseJournal::items() {
    const Answer a = session_->query("SELECT name, kind, state, attempts, to_char(ended AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM cairn.item "
                                     "WHERE run = $1 ORDER BY ordinal", {run()});
    if (!a.ok()) return journal_error(a, "reading the items' states");
    std::vector<ItemRecord> records;
    for (const auto& r : a.rows) {
        ItemRecord record;
        record.name = *r[0];
        record.kind = *r[1];
        record.state = item_state(*r[2]).value_or(ItemState::pending);
        record.attempts = std::stoi(*r[3]);
        record.ended = r[4].value_or("");
        records.push_back(std::move(record));
    }
    return records;
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

}  // namespace cairn::journal
