// The header and the declarations of a plan.
#pragma once

#include "grammar/actions/on.hpp"

namespace cairn::grammar {

inline void put(on<rules::repeatable>, Builder& b, Span) {
    b.parsed.plan.repeatable = b.phrase;
}
inline void put(on<rules::once>, Builder& b, Span) {
    b.parsed.plan.once = b.phrase;
}
inline void put(on<rules::plan_name>, Builder& b, Span) {
    PlanFile& plan = b.parsed.plan;
    const Span keyword = b.item().keyword;
    if (plan.plan_keyword) {
        b.report(code::misplaced_header, keyword, "a file holds one plan");
    } else {
        plan.plan_keyword = keyword;
        plan.name = b.take_name();
    }
}
inline void put(on<rules::plan_title>, Builder& b, Span) {
    if (!b.parsed.plan.title) b.parsed.plan.title = b.names.back();
}

inline void put(on<rules::parameter_name>, Builder& b, Span) {
    b.item().name = b.take_name();
}
inline void put(on<rules::parameter>, Builder& b, Span s) {
    if (b.frames.back().broken) return;
    Parameter out{.name = b.item().name, .default_value = {}, .span = b.since(s.begin)};
    if (!b.values.empty()) out.default_value = b.take_value();
    b.parsed.plan.parameters.push_back(std::move(out));
}
inline void put(on<rules::database_name>, Builder& b, Span) {
    b.item().name = b.take_name();
    if (b.item().name.written() == "failure") {
        b.report(code::reserved_name, b.item().name.span,
                 "a database may not be named `failure`: `on failure` is a declaration");
    }
}
inline void put(on<rules::database>, Builder& b, Span s) {
    if (b.frames.back().broken) return;
    const Span span = b.since(s.begin);
    b.parsed.plan.databases.push_back(
        {.name = b.item().name, .read_only = b.in(span).ends_with('}'), .span = span});
}
inline void put(on<rules::window>, Builder& b, Span) {
    Window out{.keyword = b.item().keyword, .from = b.take_value(), .to = {}};
    out.to = b.take_value();
    if (!b.frames.back().broken) b.parsed.plan.windows.push_back(std::move(out));
}
inline void put(on<rules::defaults_begin>, Builder& b, Span) {
    b.defaults = Defaults{};
    b.defaults.keyword = b.item().keyword;
}
inline void put(on<rules::defaults_strong_locks>, Builder& b, Span) {
    b.defaults.before_strong_locks_wait = b.setting();
}
inline void put(on<rules::defaults>, Builder& b, Span) {
    if (!b.frames.back().broken) b.parsed.plan.defaults.push_back(std::move(b.defaults));
}
inline void put(on<rules::failure_stop>, Builder& b, Span) {
    b.parsed.plan.on_failure.push_back(
        {.keyword = b.item().keyword, .kind = OnFailureKind::stop, .checkpoint = {}});
}
inline void put(on<rules::failure_rollback>, Builder& b, Span) {
    OnFailure out{.keyword = b.item().keyword, .kind = OnFailureKind::rollback, .checkpoint = {}};
    if (!b.names.empty()) {
        out.kind = OnFailureKind::rollback_to;
        out.checkpoint = b.take_name();
    }
    b.parsed.plan.on_failure.push_back(std::move(out));
}

}  // namespace cairn::grammar
