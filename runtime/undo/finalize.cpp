#include "runtime/undo/finalize.hpp"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "runtime/journal/schema.hpp"
#include "runtime/journal/silence.hpp"
#include "runtime/process/fault.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::undo {

namespace {

using compiler::Diagnostic;
using journal::DatabaseJournal;
using postgres::Answer;
using postgres::Command;
using postgres::Session;

// A drop locks a table, its TOAST table and its indexes, and a server has room for some thousand locks.
constexpr const char* some_kept_tables = R"sql(
SELECT DISTINCT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.pg_total_relation_size(c.oid),
    EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)  -- first
FROM cairn.undo u, pg_catalog.jsonb_path_query(u.detail, '$.**.kept ? (@.type() == "string")') k
JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(k #>> '{}')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE u.run = $1 AND NOT u.undone AND n.nspname = 'cairn' AND c.relkind = 'r' AND c.relname LIKE 'kept%' ORDER BY 3 DESC, 1 LIMIT 50)sql";

// In a transaction of its own, under the lease.
std::optional<Answer> transaction(Session& session, const DatabaseJournal& journal, std::vector<Command> commands) {
    commands.insert(commands.begin(), {Command{"BEGIN", {}, false}, journal.fence({}, DatabaseJournal::Lasting::transaction)});
    commands.push_back({"COMMIT", {}, false});
    process::fault_point("finalize: before a transaction");
    auto answers = session.pipeline(commands);
    process::fault_point("finalize: after a transaction");
    for (auto& a : answers) {
        if (a.ok()) continue;
        if (session.alive()) (void)session.script("ROLLBACK");
        return std::move(a);
    }
    return std::nullopt;
}

Diagnostic not_dropped(const Answer& answer, const std::string& run) {
    if (answer.fate == postgres::Fate::lost || answer.error.sqlstate.empty() || answer.error.sqlstate == "CA001")
        return journal::journal_error(answer, "dropping kept rows");
    Diagnostic d;
    d.code = 883;
    d.message = fmt::format("the rows that run {} has kept can't be dropped: {} ({})", run, answer.error.message, answer.error.sqlstate);
    return d;
}

// What this run wrote is a later write to runs before it, whoever was the last to touch a row: once its kept rows are gone
// nothing else tells.
std::optional<Diagnostic> tell_other_runs(Session& session, const DatabaseJournal& journal, const std::string& run) {
    const Answer a = session.query("SELECT DISTINCT r ->> 'oid' FROM cairn.undo u, pg_catalog.jsonb_array_elements(u.detail -> 'kept' -> 'rows') r "
                                   "WHERE u.run = $1 AND u.kind = 'difference' AND NOT u.undone", {run});
    if (!a.ok()) return journal::journal_error(a, "looking for kept rows");
    std::set<std::uint32_t> oids;
    for (const auto& row : a.rows) oids.insert(static_cast<std::uint32_t>(std::stoul(*row[0])));
    if (oids.empty()) return std::nullopt;
    auto read = kept_earlier(journal, oids);
    if (auto* error = std::get_if<Diagnostic>(&read)) return *error;
    const auto& all = std::get<0>(read);
    bool told = true;
    for (std::size_t j = 0; j < all.size(); ++j) {
        if (all[j].run != run || all[j].rows.how != KeptRows::How::changes) continue;
        for (std::size_t i = 0; i < j; ++i) {
            if (all[i].run == run || all[i].rows.oid != all[j].rows.oid || all[i].rows.how != KeptRows::How::changes) continue;
            auto done = mark_kept_by(session, all[i].rows, all[j].rows, Which::all);
            if (auto* error = std::get_if<Diagnostic>(&done)) return *error;
            told = told && std::get<bool>(done);
        }
    }
    if (told) return std::nullopt;
    const Answer forgotten = session.query(DatabaseJournal::distrust_given_back());
    return forgotten.ok() ? std::nullopt : std::optional(journal::journal_error(forgotten, "finalizing the run"));
}

}  // namespace

std::variant<Freed, Diagnostic> give_up(Session& session, const DatabaseJournal& journal, const std::string& run) {
    const Command mark{"WITH over AS (UPDATE cairn.run SET state = 'finalized' WHERE run = $1 AND state = 'finished' RETURNING run) "
                       "INSERT INTO cairn.event (run, item, event, detail) SELECT run, '', 'finalized', '' FROM over", {run}, false};
    if (auto failed = transaction(session, journal, {mark})) return journal::journal_error(*failed, "finalizing the run");
    if (auto error = tell_other_runs(session, journal, run)) return *error;
    Freed freed;
    for (;;) {
        const Answer kept = session.query(some_kept_tables, {run});
        if (!kept.ok()) return journal::journal_error(kept, "looking for kept rows");
        if (kept.rows.empty()) break;
        std::vector<Command> drops;
        for (const auto& row : kept.rows) drops.push_back({"DROP TABLE " + *row[0], {}, false});
        if (auto failed = transaction(session, journal, journal::in_silence(std::move(drops)))) return not_dropped(*failed, run);
        for (const auto& row : kept.rows) {
            ++freed.tables;
            freed.bytes += std::stoll(*row[1]);
        }
    }
    const Command over{"UPDATE cairn.undo SET undone = true WHERE run = $1 AND NOT undone", {run}, false};
    const Command forget{"DELETE FROM cairn.remade WHERE run = $1", {run}, false};
    const Command wrote{"DELETE FROM cairn.wrote WHERE run = $1", {run}, false};
    if (auto failed = transaction(session, journal, {over, forget, wrote})) return journal::journal_error(*failed, "finalizing the run");
    return freed;
}

std::variant<Freed, Diagnostic> give_up_earlier(Session& session, const DatabaseJournal& journal, const std::string& plan) {
    const Answer earlier = session.query("SELECT run FROM cairn.run r WHERE plan = $1 AND run <> $2 AND (state = 'finished' OR state = 'finalized' "
                                         "AND EXISTS (SELECT FROM cairn.undo u WHERE u.run = r.run AND NOT u.undone)) ORDER BY started",
                                         {plan, journal.run()});
    if (!earlier.ok()) return journal::journal_error(earlier, "looking for earlier runs");
    Freed all;
    for (const auto& row : earlier.rows) {
        auto freed = give_up(session, journal, *row[0]);
        if (auto* error = std::get_if<Diagnostic>(&freed)) return *error;
        all.tables += std::get<Freed>(freed).tables;
        all.bytes += std::get<Freed>(freed).bytes;
    }
    return all;
}

}  // namespace cairn::undo
