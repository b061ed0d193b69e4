#include <algorithm>

#include "compiler/lower/lower.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

// Whether a generated rollback would send anything.
bool has_inverse(const ResolvedItem& item) {
    return std::any_of(item.sql.statements.begin(), item.sql.statements.end(), [](const Statement& s) {
        return s.facts.reversal == sql::Reversal::by_rule ||
               s.facts.non_transactional == sql::NonTransactional::drop_index_concurrently ||
               s.facts.non_transactional == sql::NonTransactional::detach_concurrently;
    });
}

// Whether only the runner can tell what the step changes.
bool needs_difference(const ResolvedItem& item) {
    const auto& statements = item.sql.statements;
    const bool transactional = std::all_of(statements.begin(), statements.end(), [](const Statement& s) {
        return s.facts.non_transactional == sql::NonTransactional::no;
    });
    return transactional && std::any_of(statements.begin(), statements.end(), [](const Statement& s) {
               return s.facts.reversal == sql::Reversal::unknown;
           });
}

}  // namespace

Undo lower_undo(const ResolvedPlan& plan, const ResolvedItem& item) {
    const grammar::Rollback* rollback = rollback_of(*item.syntax);
    Undo undo{.kind = Undo::Kind::nothing, .written = {}, .command = {}, .reason = {}, .where = item.where};
    if (rollback == nullptr) return undo;
    const auto step = item.as<grammar::Step>();
    if (!std::holds_alternative<std::monostate>(*rollback)) undo.where = {.source = {}, .span = span_of(*rollback)};
    std::visit(Overloaded{[&](const grammar::RollbackNone& none) {
                              undo.kind = Undo::Kind::none;
                              undo.reason = plan.text(none.reason, item);
                          },
                          [&](const grammar::RollbackSql&) {
                              if (!item.undo) return;
                              undo.kind = Undo::Kind::written;
                              undo.written = item.undo->statements;
                          },
                          [&](const grammar::RollbackCommand& command) {
                              undo.kind = Undo::Kind::command;
                              for (const auto& word : command.argv) undo.command.push_back(plan.text(word, item));
                          },
                          [&](const auto&) {
                              if (step == nullptr) return;
                              if (needs_difference(item)) {
                                  undo.kind = Undo::Kind::difference;
                              } else if (has_inverse(item)) {
                                  undo.kind = Undo::Kind::generated;
                              }
                          }},
               *rollback);
    return undo;
}

}  // namespace cairn::compiler
