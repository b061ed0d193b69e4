#include "runtime/rehearse/budget.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/report/words.hpp"

namespace cairn::rehearse {
namespace {

using compiler::Diagnostic;

// The statement that took it; null: cairn did, around one.
const StatementReport* taker(const ItemReport& item, const HeldLock& lock) {
    const auto took = [&](const StatementReport& statement) {
        return std::any_of(statement.locks.begin(), statement.locks.end(),
                           [&](const HeldLock& own) {
                               return own.relation == lock.relation && own.mode == lock.mode;
                           });
    };
    const auto at = std::find_if(item.statements.begin(), item.statements.end(), took);
    return at == item.statements.end() ? nullptr : &*at;
}

Diagnostic held_too_long(const compiler::Item& item, const ItemReport& report, const HeldLock& lock,
                         std::chrono::milliseconds most) {
    const auto* statement = taker(report, lock);
    Diagnostic out;
    out.code = 785;
    out.message = fmt::format(
        "`{}` held {} on {} for {}, and {} is the most that `--max-lock` grants{}", item.name,
        sql::name(lock.mode), lock.relation, report::in_words(lock.held), report::in_words(most),
        statement ? "" : ": cairn takes it to be able to give rows back");
    out.where = item.where;
    if (statement != nullptr) {
        const auto& sql =
            std::get<compiler::StepItem>(item.body).statements[statement->statement].sql;
        out.where = sql.locate(0, static_cast<std::uint32_t>(sql.text.size()));
    }
    return out;
}

}  // namespace

std::vector<Diagnostic> over_budget(const compiler::StepGraph& graph,
                                    const std::vector<ItemReport>& items,
                                    std::chrono::milliseconds most) {
    std::vector<Diagnostic> out;
    for (std::size_t i = 0; i < items.size(); ++i)
        for (const auto& lock : items[i].locks)
            if (lock.mode >= sql::LockMode::share && lock.held > most)
                out.push_back(held_too_long(graph.items[i], items[i], lock, most));
    return out;
}

}  // namespace cairn::rehearse
