// The plan's header and declarations.
#include "tests/unit/grammar_read.hpp"

using namespace cairn::grammar;
using namespace cairn::grammar::test;

TEST_CASE("a plan has a name, a title, and may be repeatable or once") {
    const PlanFile plan = read_well("plan nightly \"What \\\"it\\\" does\" repeatable").plan;
    CHECK(plan.name.written() == "nightly");
    CHECK(plan.title->written() == "What \"it\" does");
    CHECK(plan.repeatable);
    CHECK_FALSE(plan.once);
    CHECK(plan.plan_keyword == Span{0, 4});
    CHECK(read_well("plan p \"t\" once").plan.once);
    CHECK_FALSE(read_well("plan p").plan.title);
}

TEST_CASE("parameters may have a default of any kind") {
    const auto params =
        read_well(
            "param a = \"2025-01-01\" param b param c = 3 param d = 5min\n"
            "param e = true param f = fast param g = 2026-01-15T22:00Z param h = -1")
            .plan.parameters;
    REQUIRE(params.size() == 8);
    CHECK(params[0].default_value->kind == ValueKind::string);
    CHECK_FALSE(params[1].default_value);
    CHECK(params[2].default_value->kind == ValueKind::number);
    CHECK(params[3].default_value->kind == ValueKind::duration);
    CHECK(params[4].default_value->kind == ValueKind::word);
    CHECK(params[5].default_value->text.written() == "fast");
    CHECK(params[6].default_value->kind == ValueKind::instant);
    CHECK(params[7].default_value->text.written() == "-1");
}

TEST_CASE("databases may be read only") {
    const auto databases = read_well("database erp database legacy { read only }").plan.databases;
    REQUIRE(databases.size() == 2);
    CHECK(databases[0].name.written() == "erp");
    CHECK_FALSE(databases[0].read_only);
    CHECK(databases[1].read_only);
}

TEST_CASE("a window has two ends, instants or strings") {
    const auto windows = read_well("window 2026-01-15T22:00+04:00 to \"{until}\"").plan.windows;
    REQUIRE(windows.size() == 1);
    CHECK(windows[0].from.kind == ValueKind::instant);
    CHECK(windows[0].from.text.written() == "2026-01-15T22:00+04:00");
    CHECK(windows[0].to.kind == ValueKind::string);
}

TEST_CASE("defaults are four settings") {
    const auto defaults = read_well(
                              "defaults { before strong locks wait 5min retry 5\n"
                              "statement timeout 20min lock timeout 3s }")
                              .plan.defaults;
    REQUIRE(defaults.size() == 1);
    CHECK(defaults[0].lock_timeout->value.text.written() == "3s");
    CHECK(defaults[0].statement_timeout->value.text.written() == "20min");
    CHECK(defaults[0].retry->value.text.written() == "5");
    CHECK(defaults[0].before_strong_locks_wait->value.text.written() == "5min");
}

TEST_CASE("on failure stops or goes back") {
    const auto way = [](std::string_view text) {
        const auto all = read_well("on failure " + std::string{text}).plan.on_failure;
        REQUIRE(all.size() == 1);
        return all[0];
    };
    CHECK(way("stop").kind == OnFailureKind::stop);
    CHECK(way("rollback").kind == OnFailureKind::rollback);
    CHECK(way("rollback to c").kind == OnFailureKind::rollback_to);
    CHECK(way("rollback to c").checkpoint->written() == "c");
}

TEST_CASE("on failure is no database of the item before it") {
    const Parsed read = read_well("snapshot s on failure stop");
    CHECK_FALSE(read.plan.items.at(0).database);
    CHECK(read.plan.on_failure.size() == 1);
    CHECK(read.plan.items[0].span.end == std::string_view{"plan p \"t\"\nsnapshot s"}.size());
}

TEST_CASE("several of a kind are kept for the compiler to speak of") {
    const PlanFile plan = read_well(
                              "window \"a\" to \"b\" window \"c\" to \"d\" on failure stop\n"
                              "on failure rollback defaults { retry 1 } defaults { retry 2 }")
                              .plan;
    CHECK(plan.windows.size() == 2);
    CHECK(plan.on_failure.size() == 2);
    CHECK(plan.defaults.size() == 2);
}
