// The proof proved: a rollback whose trail has been tampered with is never graded exact.
#include <catch2/catch.hpp>

#include "compiler/compile.hpp"
#include "runtime/rehearse/rehearse.hpp"
#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn;
using cluster::Folder;
using rehearse::Grade;

constexpr const char* plan = R"(
plan p "a plan"
database erp
defaults { lock timeout 3s }
step add_phone { $$ ALTER TABLE users ADD COLUMN phone text $$ }
step add_both { $$ ALTER TABLE users ADD COLUMN one int; ALTER TABLE users ADD COLUMN two int $$ }
step make_notes { $$ CREATE TABLE notes (id int) $$ }
)";

// The plan rehearsed, with `tamper` run in its database before the rollback.
rehearse::Report sabotaged(const std::string& text, const std::string& tamper) {
    const Folder folder;
    const auto path = folder.write("p.cairn", text);
    folder.write("p.cairn.sql",
                 "CREATE TABLE users (id int PRIMARY KEY, email text);\n"
                 "INSERT INTO users SELECT n, 'u' || n FROM generate_series(1, 50) n;\n");
    const auto identity = run::new_identity();
    compiler::CompileOptions options;
    options.run = identity.run;
    options.date = identity.date;
    options.time = identity.time;
    const auto compiled =
        compiler::compile(path, text, compiler::file_loader(folder.path()), options);
    REQUIRE_FALSE(compiled.diagnostics.has_errors());
    config::Config config;
    config.root = folder.path();
    bool tampered = false;
    auto result = rehearse::rehearse(
        compiled, identity, config, nullptr,
        {.before_rollback = [&](const std::map<std::string, std::string>& conninfo) {
            auto session = postgres::Session::connect(conninfo.at("erp"), "a saboteur");
            REQUIRE(std::holds_alternative<postgres::Session>(session));
            const auto answer = std::get<postgres::Session>(session).script(tamper);
            INFO(answer.error.message);
            REQUIRE(answer.ok());
            tampered = true;
        }});
    CHECK(tampered);
    if (auto* error = std::get_if<compiler::Diagnostic>(&result)) FAIL(error->message);
    return std::get<rehearse::Report>(std::move(result));
}

std::optional<Grade> grade(const rehearse::Report& report, const std::string& name) {
    for (const auto& item : report.items)
        if (item.name == name) return item.rollback;
    FAIL("no item " << name);
    return std::nullopt;
}

}  // namespace

TEST_CASE("untouched, the trail leads back") {
    const auto report = sabotaged(plan, "SELECT 1");
    CHECK(grade(report, "add_phone") == Grade::exact);
    CHECK(grade(report, "add_both") == Grade::exact);
    CHECK(grade(report, "make_notes") == Grade::exact);
    CHECK(report.proved);
}

TEST_CASE("an entry of the undo trail that is gone: the item differs, and the others do not") {
    const auto report = sabotaged(
        plan, "DELETE FROM cairn.undo WHERE ordinal = 1 AND statement ~ 'DROP COLUMN.* two'");
    CHECK(grade(report, "add_phone") == Grade::exact);
    CHECK(grade(report, "add_both") == Grade::differs);
    CHECK(grade(report, "make_notes") == Grade::exact);
    CHECK_FALSE(report.proved);
    CHECK(report.items[1].differences ==
          std::vector<std::string>{"column public.users.two: (none) -> integer"});
}

TEST_CASE("an entry that says something else: the item differs") {
    const auto report =
        sabotaged(plan,
                  "UPDATE cairn.undo SET statement = 'ALTER TABLE users RENAME phone TO tel' "
                  "WHERE ordinal = 0");
    CHECK(grade(report, "add_phone") == Grade::differs);
    CHECK(grade(report, "add_both") == Grade::exact);
    CHECK_FALSE(report.proved);
}

TEST_CASE("rows that the rollback has not to do with differ too") {
    // A trigger that nobody sees in the trail: what undoes the one step changes a row as well.
    const auto report = sabotaged(
        plan,
        "UPDATE cairn.undo SET statement = 'DO $d$ BEGIN DROP TABLE notes; UPDATE users SET "
        "email = NULL WHERE id = 7; END $d$' WHERE ordinal = 2");
    CHECK(grade(report, "make_notes") == Grade::differs);
    CHECK(grade(report, "add_phone") == Grade::exact);
    CHECK_FALSE(report.proved);
}
