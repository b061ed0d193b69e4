#include <fmt/format.h>

#include <limits>

#include "compiler/check/rules.hpp"
#include "compiler/resolve/values.hpp"
#include "compiler/resolve/visit.hpp"

namespace cairn::compiler {

namespace {

using grammar::Value;

// Says which kind of value a clause takes, for every clause of an item.
class ValueRule {
public:
    ValueRule(const ResolvedPlan& plan, const Turn* turn, Report& report)
        : values_(plan.words, turn), report_(report) {}

    void duration(const Value& value, const char* clause, bool may_be_zero = true) {
        if (values_.is_open(value)) return;
        const auto found = values_.duration(value);
        if (!found) return refuse(value, clause, "a duration such as `30s`");
        if (!may_be_zero && found->count() == 0) refuse(value, clause, "a duration of at least `1ms`");
    }
    void size(const Value& value, const char* clause) {
        if (!values_.is_open(value) && !values_.size(value)) refuse(value, clause, "a size such as `20GB`");
    }
    void whole(const Value& value, const char* clause, std::int64_t least = 0) {
        if (values_.is_open(value)) return;
        const auto found = values_.whole(value);
        if (found && *found >= least) return;
        refuse(value, clause, least > 0 ? "a whole number from 1" : "a whole number from 0");
    }
    void number(const Value& value, const char* clause) {
        if (!values_.is_open(value) && !values_.number(value)) refuse(value, clause, "a number");
    }
    void instant(const Value& value, const char* clause) {
        if (values_.is_open(value) || values_.instant(value)) return;
        refuse(value, clause, "an instant such as `2026-01-15T22:00+04:00`");
    }
    // What a query's answer can be held against.
    void comparable(const Value& value, grammar::Comparison op) {
        if (value.kind == grammar::ValueKind::instant) {
            return refuse(value, "a comparison", "a number, size, duration, true, false or '…'");
        }
        if (value.kind != grammar::ValueKind::word || values_.is_open(value)) return;
        const std::string text = values_.text(value);
        if (text != "true" && text != "false") {
            report_.add(308, value.span, fmt::format("`{}` is no value a query's answer is held against", text),
                        fmt::format("'{}'", text));
        } else if (op != grammar::Comparison::equal && op != grammar::Comparison::not_equal) {
            report_.add(308, value.span, fmt::format("`{}` has no order: it can only be equal or not", text),
                        fmt::format("= {}", text));
        }
    }
    void version(const Value& value) {
        const std::string text = values_.text(value);
        const bool fits = value.kind == grammar::ValueKind::number || value.kind == grammar::ValueKind::string;
        if (values_.is_open(value)) return;
        if (!fits || text.find_first_not_of("0123456789.") != std::string::npos || text.empty() ||
            text.size() > 8) {
            refuse(value, "`server version`", "a version such as `14` or `15.4`");
        }
    }

    void setting(const std::optional<grammar::Setting>& s, void (ValueRule::*rule)(const Value&)) {
        if (s) (this->*rule)(s->value);
    }
    // PostgreSQL holds them as milliseconds in 32 bits.
    void server_timeout(const Value& value, const char* clause) {
        duration(value, clause);
        const auto found = values_.is_open(value) ? std::nullopt : values_.duration(value);
        if (found && found->count() > std::numeric_limits<std::int32_t>::max()) {
            report_.add(309, value.span, fmt::format("{} is 24 days at most", clause));
        }
    }
    void lock_timeout(const Value& v) { server_timeout(v, "`lock timeout`"); }
    void statement_timeout(const Value& v) { server_timeout(v, "`statement timeout`"); }
    void retry(const Value& v) { whole(v, "`retry`"); }
    void jobs(const Value& v) { whole(v, "`jobs`", 1); }
    void timeout(const Value& v) { duration(v, "`timeout`", false); }
    void keep(const std::optional<grammar::Retention>& r) {
        if (!r) return;
        duration(r->age, "`keep`");
        if (r->at_least) whole(*r->at_least, "`at least`");
    }

    void check(const grammar::Check& c) {
        std::visit(Overloaded{[&](const grammar::QueryCompares& f) { comparable(f.value, f.op); },
                              [&](const grammar::RowsOf& f) { number(f.value, "`rows of`"); },
                              [&](const grammar::BackupVerified& f) { duration(f.within, "`within`"); },
                              [&](const grammar::FreeSpace& f) {
                                  if (f.factor) number(*f.factor, "`free space`");
                                  if (f.size) size(*f.size, "`free space`");
                              },
                              [&](const grammar::SessionsOf& f) { number(f.value, "`sessions of`"); },
                              [&](const grammar::NoTransactionsOlder& f) { duration(f.than, "`older than`"); },
                              [&](const grammar::ServerVersion& f) { version(f.value); },
                              [&](const grammar::LongRunningQueries& f) {
                                  duration(f.over, "`over`");
                                  number(f.value, "`long running queries`");
                              },
                              [](const auto&) {}},
                   c.form);
    }

    void item(const grammar::Item& item) {
        std::visit(Overloaded{[&](const grammar::Step& i) {
                                  setting(i.lock_timeout, &ValueRule::lock_timeout);
                                  setting(i.statement_timeout, &ValueRule::statement_timeout);
                                  setting(i.retry, &ValueRule::retry);
                                  if (!i.batch) return;
                                  whole(i.batch->by, "`by`", 1);
                                  if (i.batch->pause) duration(*i.batch->pause, "`pause`");
                              },
                              [&](const grammar::Watch& i) {
                                  duration(i.for_time, "`for`", false);
                                  duration(i.every, "`every`", false);
                              },
                              [&](const grammar::Run& i) { setting(i.timeout, &ValueRule::timeout); },
                              [&](const grammar::Wait& i) {
                                  if (i.duration) duration(*i.duration, "`wait`");
                                  if (i.until) instant(*i.until, "`wait until`");
                                  if (i.before_window) duration(*i.before_window, "`wait until window -`");
                              },
                              [&](const grammar::Snapshot& i) {
                                  if (i.keep_count) whole(*i.keep_count, "`keep`", 1);
                                  keep(i.keep);
                              },
                              [&](const grammar::Backup& i) {
                                  for (const auto& place : i.places) keep(place.keep);
                                  if (i.compress_level) number(*i.compress_level, "`compress`");
                                  setting(i.jobs, &ValueRule::jobs);
                              },
                              [&](const grammar::Restore& i) {
                                  if (i.within) duration(*i.within, "`within`");
                                  setting(i.jobs, &ValueRule::jobs);
                              },
                              [&](const grammar::Copy& i) {
                                  if (i.at_most) whole(*i.at_most, "`at most`");
                              },
                              [&](const grammar::Clone& i) { setting(i.jobs, &ValueRule::jobs); },
                              [](const auto&) {}},
                   item.body);
        for (const grammar::Check& c : checks_of(item)) check(c);
    }

private:
    void refuse(const Value& value, const char* clause, const char* wanted) {
        report_.add(308, value.span,
                    fmt::format("{} takes {}, and `{}` is none", clause, wanted, values_.text(value)));
    }

    Values values_;
    Report& report_;
};

}  // namespace

void check_values(const ResolvedPlan& plan, Report& report) {
    ValueRule header(plan, nullptr, report);
    for (const grammar::Defaults& defaults : plan.syntax->defaults) {
        header.setting(defaults.lock_timeout, &ValueRule::lock_timeout);
        header.setting(defaults.statement_timeout, &ValueRule::statement_timeout);
        header.setting(defaults.retry, &ValueRule::retry);
        if (defaults.before_strong_locks_wait) {
            header.duration(defaults.before_strong_locks_wait->value, "`before strong locks wait`");
        }
    }
    for (const grammar::Window& window : plan.syntax->windows) {
        header.instant(window.from, "`window`");
        header.instant(window.to, "`window … to`");
    }
    for (const ResolvedItem& item : plan.items) ValueRule(plan, item.turn, report).item(*item.syntax);
}

}  // namespace cairn::compiler
