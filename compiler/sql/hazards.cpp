// What can go wrong with a statement that PostgreSQL accepts: here, what comes of its locks and of
// the statements before it in the step.
#include "compiler/sql/hazards.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

// Modes that hold up writers, and behind which writers queue while they wait.
bool is_strong(LockMode mode) {
    return mode >= LockMode::share;
}

bool is_strong_on_others(const Subject& subject, const Lock& lock) {
    return is_strong(lock.mode) && !subject.step.is_new(lock.relation);
}

// New relations of this very statement are in nobody's way.
bool creates(const StatementFacts& facts, const Lock& lock) {
    const bool creation = facts.kind.starts_with("CREATE TABLE") ||
                          facts.kind == "CREATE SEQUENCE" ||
                          facts.kind == "CREATE MATERIALIZED VIEW" || facts.kind == "SELECT" ||
                          facts.kind == "CREATE VIEW" || facts.kind == "CREATE FOREIGN TABLE";
    return creation && lock.mode == LockMode::access_exclusive && !facts.locks.empty() &&
           facts.locks.front() == lock;
}

void missing_lock_timeout(const Subject& subject, StatementFacts& facts) {
    if (subject.step.has_lock_timeout || facts.non_transactional != NonTransactional::no) return;
    for (const Lock& lock : facts.locks) {
        if (!is_strong_on_others(subject, lock) || creates(facts, lock)) continue;
        const auto held = subject.step.locks.find(lock.relation);
        if (held != subject.step.locks.end() && is_strong(held->second)) continue;
        add_hazard(facts, hazard::no_lock_timeout, subject.text.mention(lock.relation),
                   fmt::format(
                       "{} waits for {} on `{}` without a lock timeout, and others queue behind it",
                       facts.kind, name(lock.mode), lock.relation),
                   "lock timeout 3s");
    }
}

// UPDATE, DELETE, MERGE, INSERT … SELECT and COPY: rows without a bound that the statement shows.
bool changes_many_rows(const Subject& subject) {
    const std::string_view type = subject.type;
    if (type == "InsertStmt") return !subject.node["selectStmt"].as("SelectStmt")["valuesLists"];
    if (type == "CopyStmt") return subject.node["is_from"].is_true();
    return type == "UpdateStmt" || type == "DeleteStmt" || type == "MergeStmt";
}

void rows_under_lock(const Subject& subject, StatementFacts& facts) {
    if (!changes_many_rows(subject) || facts.writes.empty()) return;
    if (facts.kind == "INSERT" && !subject.node["selectStmt"]) return;  // DEFAULT VALUES
    for (const auto& [relation, mode] : subject.step.locks) {
        if (mode < LockMode::share_row_exclusive || subject.step.is_new(relation)) continue;
        add_hazard(
            facts, hazard::rows_under_lock, subject.text.mention(facts.writes.front()),
            fmt::format(
                "{} changes rows of `{}` while an earlier statement of the step holds {} on `{}`",
                facts.kind, facts.writes.front(), name(mode), relation));
        return;
    }
}

}  // namespace

void add_hazard(StatementFacts& facts, std::uint16_t code, Range where, std::string message,
                std::string help) {
    facts.hazards.push_back({.code = code,
                             .message = std::move(message),
                             .help = std::move(help),
                             .begin = where.begin,
                             .end = where.end});
}

void add_hazards(const Subject& subject, StatementFacts& facts) {
    if (subject.type == "AlterTableStmt") alter_table_hazards(subject, facts);
    maintenance_hazards(subject, facts);
    loss_hazards(subject, facts);
    rows_under_lock(subject, facts);
    missing_lock_timeout(subject, facts);
    std::stable_sort(facts.hazards.begin(), facts.hazards.end(),
                     [](const Hazard& a, const Hazard& b) { return a.begin < b.begin; });
}

}  // namespace cairn::sql
