// A nightly plan's run, told to a reader: the same for every test of what is said of it.
#pragma once

#include <catch2/catch.hpp>

#include "runtime/report/progress.hpp"

namespace cairn::tests {

using namespace cairn::report;
using namespace std::chrono_literals;
using Catch::Contains;
using journal::ItemState;
using journal::RunState;

inline constexpr const char* plan_text =
    "plan nightly \"x\"\n"
    "step load { $$ SELECT 1 $$ }\n"
    "validate moved { $$ SELECT 2 $$ returns nothing }\n"
    "step drop_old { $$ SELECT 3 $$ }\n";

inline compiler::Location at(std::uint32_t begin, std::uint32_t length) {
    return {{0}, {begin, begin + length}};
}

inline compiler::Compiled nightly() {
    compiler::Compiled compiled;
    compiled.sources.add("nightly.cairn", plan_text);
    auto add = [&](const char* kind, const char* name, auto body) {
        compiler::Item item;
        item.kind = kind;
        item.name = name;
        item.body = std::move(body);
        compiled.graph.items.push_back(std::move(item));
    };
    compiler::ValidateItem validate;
    compiler::Check check;
    check.title = "no negative stock";
    check.expect = compiler::ExpectNothing{};
    check.where = at(64, 12);
    validate.checks.push_back(check);
    add("step", "load", compiler::StepItem{});
    add("validate", "moved", std::move(validate));
    add("step", "drop_old", compiler::StepItem{});
    compiled.graph.plan = "nightly";
    return compiled;
}

inline journal::RunRecord record() {
    journal::RunRecord run;
    run.run = "k3v9";
    run.plan = "nightly";
    run.digest = "sha256:abc";
    run.plan_file = "nightly.cairn";
    for (const char* name : {"load", "moved", "drop_old"}) {
        journal::ItemRecord item;
        item.name = name;
        run.items.push_back(item);
    }
    return run;
}

inline run::ItemOutcome ended(ItemState state, std::chrono::milliseconds took = 12ms) {
    run::ItemOutcome outcome;
    outcome.state = state;
    outcome.took = took;
    return outcome;
}

inline run::CheckOutcome failed_check() {
    run::CheckOutcome check;
    check.title = "no negative stock";
    check.message = "expected no row, seen 12";
    check.columns = {"item", "stock"};
    check.rows = {{"bolt", "-3"}, {std::nullopt, "-10"}};
    check.total_rows = 12;
    return check;
}

inline const Progress::Time start{};
inline constexpr compiler::ItemId load{0}, moved{1}, drop_old{2};

struct Told {
    compiler::Compiled compiled = nightly();
    ReportOptions options;
    Progress progress{compiled, options, 100, start};
    explicit Told(ReportOptions o = {}) : options(std::move(o)) {}
};

}  // namespace cairn::tests
