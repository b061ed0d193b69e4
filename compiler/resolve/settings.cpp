#include "compiler/resolve/resolve.hpp"
#include "compiler/resolve/values.hpp"

namespace cairn::compiler {

namespace {

const grammar::Setting* either(const std::optional<grammar::Setting>& own,
                               const std::optional<grammar::Setting>* fallback) {
    if (own) return &*own;
    return fallback != nullptr && fallback->has_value() ? &**fallback : nullptr;
}

// 0 means none, as in PostgreSQL: a step's way out of the defaults.
std::optional<milliseconds> timeout_of(const grammar::Setting* setting, const Values& values) {
    if (setting == nullptr) return std::nullopt;
    const auto duration = values.duration(setting->value);
    return duration && duration->count() > 0 ? duration : std::nullopt;
}

}  // namespace

void resolve_settings(ResolvedPlan& plan) {
    const grammar::Defaults* defaults =
        plan.syntax->defaults.empty() ? nullptr : &plan.syntax->defaults.front();
    for (ResolvedItem& item : plan.items) {
        const auto* step = item.as<grammar::Step>();
        if (step == nullptr) continue;
        const Values values(plan.words, item.turn);
        const auto* lock = either(step->lock_timeout, defaults ? &defaults->lock_timeout : nullptr);
        item.lock_timeout = timeout_of(lock, values);
        const auto* statement =
            either(step->statement_timeout, defaults ? &defaults->statement_timeout : nullptr);
        item.statement_timeout = timeout_of(statement, values);
        item.strong_locks_wait = timeout_of(either({}, defaults ? &defaults->before_strong_locks_wait : nullptr), values);
        const auto* retry = either(step->retry, defaults ? &defaults->retry : nullptr);
        const auto times = retry != nullptr ? values.whole(retry->value) : std::nullopt;
        item.retries = static_cast<int>(times.value_or(default_retries));
    }
}

}  // namespace cairn::compiler
