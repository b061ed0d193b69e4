#include "runtime/run/beginning.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <random>

#include "runtime/process/machine.hpp"

namespace cairn::run {

using journal::RunRecord;
using journal::RunState;

Identity new_identity() {
    const auto now = fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
    std::random_device random;
    return {.run = fmt::format("{:%Y%m%dT%H%M%S}-{:04x}", now, random() & 0xffffU), .date = fmt::format("{:%Y%m%d}", now),
            .time = fmt::format("{:%H%M%S}", now)};
}

Diagnostic already_finished(const std::string& plan, const std::string& run, const std::string& started) {
    return problem(705, fmt::format("plan `{}` has already finished here (run {}, {})", plan, run, started));
}

namespace {

std::optional<Diagnostic> may_begin(Context& context) {
    auto latest = context.journal().latest(context.graph().plan);
    if (auto* error = std::get_if<Diagnostic>(&latest)) return *error;
    const auto& head = std::get<std::optional<journal::RunHead>>(latest);
    if (!head) return std::nullopt;
    const auto& plan = context.graph().plan;
    const bool over = head->state == RunState::finished || head->state == RunState::finalized;
    if (!over) {
        return problem(707, fmt::format("run {} of plan `{}` has stopped here and is not over", head->run, plan),
                       fmt::format("cairn resume {0}, or cairn rollback {0}", head->run));
    }
    if (context.settings().again || context.graph().repeatable) return std::nullopt;
    if (head->digest != context.graph().digest) {
        return problem(706, fmt::format("plan `{}` has finished here with another text (run {}, {}): {} then, {} now", plan, head->run,
                                        head->started, head->digest, context.graph().digest),
                       "give the changed plan another name, or: cairn apply … --again");
    }
    return already_finished(plan, head->run, head->started);
}

}  // namespace

std::optional<Diagnostic> may_begin(Crew& crew) {
    for (const auto& one : crew.all()) {
        if (auto error = may_begin(*one)) return error;
    }
    return std::nullopt;
}

RunRecord new_record(const Context& context, const Identity& identity) {
    const auto& compiled = context.compiled();
    RunRecord record;
    record.run = identity.run;
    record.plan = context.graph().plan;
    record.digest = context.graph().digest;
    record.by = process::user_at_host();
    const auto& plan_file = context.settings().plan_file;
    record.plan_file = plan_file.empty() ? compiled.sources.at({0}).name() : plan_file;
    record.plan_text = compiled.sources.at({0}).text();
    record.files = compiled.files;
    for (const auto& p : context.graph().parameters) record.parameters.emplace_back(p.name, p.value);
    record.date = identity.date;
    record.time = identity.time;
    for (const auto& item : context.graph().items) {
        journal::ItemRecord row;
        row.name = item.name;
        row.kind = item.kind;
        record.items.push_back(std::move(row));
    }
    return record;
}

}  // namespace cairn::run
