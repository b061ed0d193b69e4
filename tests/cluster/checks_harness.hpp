// Checks put to a server by themselves, without a plan around them.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "runtime/execute/checks.hpp"
#include "tests/cluster/harness.hpp"

namespace cairn::cluster {

// A plan that consists of one check's query, and that check.
struct Asked {
    compiler::Sources sources;
    std::vector<compiler::Check> checks;
    std::map<std::string, std::string> others;  // addresses by role

    Asked& ask(const std::string& sql, decltype(compiler::Check::expect) expect) {
        const auto id = sources.add("plan.cairn", sql);
        const compiler::Location whole{id, {0, static_cast<std::uint32_t>(sql.size())}};
        compiler::Check check;
        check.title = sql;
        check.where = whole;
        check.expect = std::move(expect);
        check.query.emplace();
        check.query->sql.append(sql, whole);
        checks.push_back(std::move(check));
        return *this;
    }
    // The same of another database, whose address is under `role`.
    Asked& elsewhere(const std::string& role, const std::string& sql) {
        const auto id = sources.add("elsewhere", sql);
        compiler::AskedElsewhere asked{.database = role, .query = {}};
        asked.query.sql.append(sql, {id, {0, static_cast<std::uint32_t>(sql.size())}});
        checks.back().elsewhere = std::move(asked);
        return *this;
    }
    Asked& reads(std::vector<std::string> relations) {
        checks.back().query->facts.reads = std::move(relations);
        return *this;
    }
    Asked& needs_all_stats() {
        checks.back().needs_all_stats = true;
        return *this;
    }
    [[nodiscard]] std::string place(const compiler::Location& where) const {
        return sources.at(where.source)
            .text()
            .substr(where.span.begin, where.span.end - where.span.begin);
    }
};

inline compiler::ExpectValue value(compiler::ExpectValue::Kind kind, compiler::Op op, const std::string& expected) {
    compiler::ExpectValue e;
    e.kind = kind;
    e.op = op;
    e.value = expected;
    return e;
}
inline compiler::ExpectValue number(compiler::Op op, const std::string& expected) {
    return value(compiler::ExpectValue::Kind::number, op, expected);
}

inline std::vector<run::CheckOutcome> outcomes_of(postgres::Session& session, const Asked& asked,
                                      bool rehearsal = false) {
    REQUIRE(session.query("BEGIN READ ONLY").ok());
    execute::OtherDatabases others(asked.others, "test");
    auto outcomes = execute::run_checks(session, others, asked.checks, rehearsal, "/tmp");
    const auto ended = session.query("COMMIT");
    if (session.alive()) CHECK(ended.tag == "COMMIT");  // not ROLLBACK: nothing has poisoned it
    return outcomes;
}
inline std::vector<run::CheckOutcome> outcomes_of(const Database& database, const Asked& asked,
                                      bool rehearsal = false) {
    auto session = database.connect();
    return outcomes_of(session, asked, rehearsal);
}
inline run::CheckOutcome only(const Database& database, const Asked& asked, bool rehearsal = false) {
    auto outcomes = outcomes_of(database, asked, rehearsal);
    REQUIRE(outcomes.size() == 1);
    return outcomes.front();
}

inline const std::string orders =
    "CREATE TABLE public.\"Order\" (id int PRIMARY KEY, \"State\" text, rent numeric);"
    "INSERT INTO public.\"Order\" VALUES (1, 'open', 10.50), (2, NULL, NULL), (3, 'done', 1e25);"
    "CREATE INDEX \"Order State\" ON public.\"Order\" (\"State\");";

}  // namespace cairn::cluster
