#include "runtime/execute/reconcile.hpp"

#include <fmt/format.h>

#include "runtime/process/fault.hpp"
#include "runtime/run/context.hpp"

namespace cairn::execute {

using compiler::Statement;
using postgres::Answer;
using postgres::Session;
using sql::NonTransactional;

namespace {

// A backend goes on with CREATE INDEX CONCURRENTLY after its client has died.
std::optional<Answer> wait_for_backend(Session& session, const journal::Intent& intent) {
    for (;;) {
        Answer a = session.query("SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1::int AND backend_start = $2::timestamptz AND pid <> pg_backend_pid()",
                                 {std::to_string(intent.backend), intent.backend_start});
        if (!a.ok()) return a;
        if (a.rows.empty()) return std::nullopt;
        if (!run::pause(std::chrono::milliseconds(100))) {
            a.fate = postgres::Fate::cancelled;
            a.error.message = "interrupted while waiting for the former runner's statement to end";
            return a;
        }
    }
}

std::variant<Verdict, Answer> run_then(Session& session, const std::string& sql, Verdict verdict) {
    process::fault_point("reconcile: before clearing up");
    Answer a = session.query(sql);
    process::fault_point("reconcile: after clearing up");
    if (!a.ok()) return a;
    return verdict;
}

std::variant<Verdict, Answer> look_at_index(Session& session, const Statement& statement, const journal::Intent& intent) {
    const auto& index = *statement.facts.subject;
    auto now = identity_of(session, index);
    if (auto* error = std::get_if<Answer>(&now)) return *error;
    const auto& identity = std::get<std::optional<std::string>>(now);
    if (!identity) return Verdict::again;
    if (identity == intent.existed) return Verdict::again;  // there before: the statement says so itself
    auto invalid = is_invalid_index(session, index);
    if (auto* error = std::get_if<Answer>(&invalid)) return *error;
    if (!std::get<bool>(invalid)) return Verdict::done;
    return run_then(session, "DROP INDEX CONCURRENTLY " + index.name, Verdict::again);
}

// REINDEX CONCURRENTLY leaves INVALID copies with these endings: https://www.postgresql.org/docs/15/sql-reindex.html
std::variant<Verdict, Answer> drop_reindex_leftovers(Session& session, const Statement& statement) {
    const std::string on = statement.facts.subject ? statement.facts.subject->name : "";
    const Answer left = session.query(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_catalog.pg_index i "
        "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND ($1 = '' OR to_regclass($1) IS NULL OR i.indrelid = to_regclass($1) "
        "OR i.indrelid = (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = to_regclass($1)))",
        {on});
    if (!left.ok()) return left;
    for (const auto& row : left.rows) {
        Answer dropped = session.query("DROP INDEX CONCURRENTLY " + *row[0]);
        if (!dropped.ok()) return dropped;
    }
    return Verdict::again;
}

std::variant<Verdict, Answer> look_at_detach(Session& session, const Statement& statement) {
    const auto& partition = statement.facts.subject->name;
    const auto& parent = statement.facts.subject_relation.value_or("");
    const Answer a = session.query("SELECT inhdetachpending FROM pg_catalog.pg_inherits WHERE inhrelid = to_regclass($1) AND inhparent = to_regclass($2)",
                                   {partition, parent});
    if (!a.ok()) return a;
    if (a.rows.empty()) return Verdict::done;
    if (a.rows[0][0] != "t") return Verdict::again;
    return run_then(session, fmt::format("ALTER TABLE {} DETACH PARTITION {} FINALIZE", parent, partition), Verdict::done);
}

}  // namespace

std::variant<std::optional<std::string>, Answer> identity_of(Session& session, const sql::ObjectName& object) {
    const Answer a = session.query("SELECT cairn.identity($1, $2, $3)", {object.kind, object.name, object.sub});
    if (!a.ok()) return a;
    return a.rows[0][0];
}

std::variant<bool, Answer> is_invalid_index(Session& session, const sql::ObjectName& object) {
    const Answer a = session.query("SELECT 1 FROM pg_catalog.pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid", {object.name});
    if (!a.ok()) return a;
    return !a.rows.empty();
}

std::variant<Verdict, Answer> reconcile(Session& session, const Statement& statement, const journal::Intent& intent) {
    if (auto error = wait_for_backend(session, intent)) return *error;
    const auto kind = statement.facts.non_transactional;
    if (!statement.facts.subject && kind != NonTransactional::reindex_concurrently) return Verdict::again;
    switch (kind) {
        case NonTransactional::create_index_concurrently: return look_at_index(session, statement, intent);
        case NonTransactional::reindex_concurrently: return drop_reindex_leftovers(session, statement);
        case NonTransactional::detach_concurrently: return look_at_detach(session, statement);
        default: break;
    }
    auto now = identity_of(session, *statement.facts.subject);
    if (auto* error = std::get_if<Answer>(&now)) return *error;
    const bool there = std::get<std::optional<std::string>>(now).has_value();
    switch (kind) {
        case NonTransactional::drop_index_concurrently:
        case NonTransactional::drop_database:
        case NonTransactional::drop_tablespace:
        case NonTransactional::drop_subscription:
            return intent.existed && !there ? Verdict::done : Verdict::again;
        case NonTransactional::create_database:
        case NonTransactional::create_tablespace:
        case NonTransactional::create_subscription:
            return !intent.existed && there ? Verdict::done : Verdict::again;
        default: return Verdict::again;
    }
}

}  // namespace cairn::execute
