#include "runtime/execute/undo_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace cairn::execute {

std::vector<std::pair<journal::UndoRow, bool>> undo_rows(const compiler::Item& item, compiler::ItemId id,
                                                         const compiler::Statement& statement, int& seq) {
    std::vector<std::pair<journal::UndoRow, bool>> rows;
    if (item.undo.kind != compiler::Undo::Kind::generated) return rows;
    const auto& inverse = statement.facts.inverse;
    for (auto i = inverse.rbegin(); i != inverse.rend(); ++i) {
        rows.emplace_back(journal::UndoRow{.ordinal = id.index, .seq = seq++, .statement = i->sql, .object = i->object,
                                           .identity = {}, .guard_rows = i->guard_rows, .difference = {}},
                          i->only_if_created);
    }
    return rows;
}

bool may_change_settings(const compiler::Statement& statement) {
    if (statement.facts.is_setting || statement.facts.opaque) return true;
    for (const char* word : {"CREATE", "ALTER", "COMMENT", "DROP", "GRANT", "REVOKE"}) {
        if (statement.facts.kind.starts_with(word)) return false;
    }
    return true;
}

bool changes_rows(const std::string& tag) {
    for (const char* verb : {"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"}) {
        if (tag.starts_with(verb)) return true;
    }
    return false;
}

std::optional<compiler::Diagnostic> failed_checks(const std::vector<run::CheckOutcome>& checks, const compiler::Item& item) {
    std::vector<const run::CheckOutcome*> failed;
    for (const auto& check : checks) {
        if (!check.passed && !check.warn) failed.push_back(&check);
    }
    if (failed.empty()) return std::nullopt;
    // A database that can't be reached has not answered, and nothing was found wrong.
    for (const auto* check : failed) {
        if (check->error && check->error->code == 701) return check->error;
    }
    compiler::Diagnostic d;
    d.code = item.kind == "gate" ? 711 : 710;
    d.where = item.where;
    const auto& first = *failed.front();
    const std::string why = first.error ? first.error->message : first.message;
    d.message = failed.size() == 1 ? fmt::format("{} `{}` failed: {}: {}", item.kind, item.name, first.title, why)
                                   : fmt::format("{} `{}` failed: {} of {} checks, first {}: {}", item.kind, item.name,
                                                 failed.size(), checks.size(), first.title, why);
    return d;
}

}  // namespace cairn::execute
