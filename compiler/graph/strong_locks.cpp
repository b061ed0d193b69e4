#include "compiler/graph/strong_locks.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace cairn::compiler {

using sql::Lock;
using sql::LockMode;

namespace {

void add(std::vector<Lock>& locks, const std::string& relation, LockMode mode) {
    const auto known = std::find_if(locks.begin(), locks.end(), [&](const Lock& l) { return l.relation == relation; });
    if (known == locks.end()) {
        locks.push_back({relation, mode});
    } else {
        known->mode = std::max(known->mode, mode);
    }
}

void add_strong(std::vector<Lock>& locks, const std::vector<Statement>& statements) {
    for (const Statement& statement : statements) {
        for (const Lock& lock : statement.facts.locks) {
            if (is_strong(lock.mode)) add(locks, lock.relation, lock.mode);
        }
    }
}

// Objects that are a relation, or a part of one.
bool names_relation(const sql::ObjectName& object) {
    constexpr auto kinds = std::to_array<std::string_view>({"relation", "column", "constraint", "trigger", "rule", "policy"});
    return std::find(kinds.begin(), kinds.end(), object.kind) != kinds.end();
}

}  // namespace

bool is_strong(LockMode mode) { return mode >= LockMode::share; }

bool takes_strong_lock(const Statement& statement) {
    const auto& locks = statement.facts.locks;
    return std::any_of(locks.begin(), locks.end(), [](const Lock& lock) { return is_strong(lock.mode); });
}

std::vector<Lock> strong_locks(const Item& item) {
    std::vector<Lock> locks;
    const auto* step = std::get_if<StepItem>(&item.body);
    if (step == nullptr) return locks;
    add_strong(locks, step->statements);
    if (item.undo.kind != Undo::Kind::difference || !step->keep_rows) return locks;
    // Rows are kept by triggers, and taking a trigger off takes ACCESS EXCLUSIVE.
    for (const Statement& statement : step->statements) {
        if (statement.facts.effect != sql::Effect::rows || statement.facts.reversal != sql::Reversal::unknown) continue;
        for (const auto& table : statement.facts.writes) add(locks, table, LockMode::access_exclusive);
    }
    for (const auto& table : step->changes) add(locks, table, LockMode::access_exclusive);
    return locks;
}

std::vector<Lock> strong_locks_of_undo(const Item& item) {
    std::vector<Lock> locks;
    const auto* step = std::get_if<StepItem>(&item.body);
    if (step == nullptr || item.undo.kind == Undo::Kind::nothing || item.undo.kind == Undo::Kind::none) return locks;
    add_strong(locks, item.undo.written);
    if (item.undo.kind == Undo::Kind::written) return locks;
    locks = strong_locks(item);
    for (const Statement& statement : step->statements) {
        for (const auto& inverse : statement.facts.inverse) {
            if (names_relation(inverse.object)) add(locks, inverse.object.name, LockMode::access_exclusive);
        }
    }
    return locks;
}

}  // namespace cairn::compiler
