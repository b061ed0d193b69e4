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

namespace {

constexpr const char* rows_plan = R"(
plan p "a plan"
database erp
defaults { lock timeout 3s }
step shout { $$ UPDATE users SET email = upper(email) WHERE id <= 5 $$ }
step forget { $$ DELETE FROM users WHERE id > 40 $$ }
step retype { $$ ALTER TABLE users ALTER COLUMN email TYPE int USING length(email) $$ }
)";

// Carries out `statement` on the rows that one step has kept; %s is their table.
std::string on_kept_rows(int ordinal, const std::string& statement) {
    return "DO $d$ DECLARE t text; n int := 0; BEGIN FOR t IN SELECT c.oid::regclass::text FROM "
           "pg_class c WHERE c.relnamespace = 'cairn'::regnamespace AND c.relkind = 'r' AND "
           "c.relname LIKE 'kept%' AND EXISTS (SELECT FROM cairn.undo u WHERE u.ordinal = " +
           std::to_string(ordinal) +
           " AND u::text LIKE '%' || c.relname || '%') LOOP EXECUTE format($f$" + statement +
           "$f$, t); n := n + 1; END LOOP; IF n = 0 THEN RAISE 'no kept rows'; END IF; END $d$";
}

}  // namespace

TEST_CASE("kept rows that nobody has touched come back") {
    const auto report = sabotaged(rows_plan, "SELECT 1");
    for (const auto* item : {"shout", "forget", "retype"})
        CHECK(grade(report, item) == Grade::exact);
    CHECK(report.proved);
}

TEST_CASE("a kept value that says something else: the item differs") {
    const auto report =
        sabotaged(rows_plan, on_kept_rows(0, "UPDATE %s SET c_2 = 'sabotage' WHERE c_2 = 'u3'"));
    CHECK(grade(report, "shout") == Grade::differs);
    CHECK(grade(report, "forget") == Grade::exact);
    CHECK_FALSE(report.proved);
}

TEST_CASE("a kept row that is gone: the item is never exact") {
    const auto updated = sabotaged(rows_plan, on_kept_rows(0, "DELETE FROM %s WHERE c_2 = 'u3'"));
    CHECK(grade(updated, "shout") == Grade::differs);
    CHECK(grade(updated, "forget") == Grade::exact);
    CHECK_FALSE(updated.proved);
    const auto deleted = sabotaged(rows_plan, on_kept_rows(1, "DELETE FROM %s WHERE c_2 = 'u50'"));
    CHECK(grade(deleted, "forget") == Grade::differs);
    CHECK(grade(deleted, "shout") == Grade::exact);
    CHECK_FALSE(deleted.proved);
}

TEST_CASE("kept rows that are gone altogether: the item is never exact") {
    const auto report = sabotaged(rows_plan, on_kept_rows(1, "DROP TABLE %s CASCADE"));
    const auto forget = grade(report, "forget");
    CHECK((forget == Grade::failed || forget == Grade::differs));
    CHECK(grade(report, "shout") == Grade::exact);
    CHECK_FALSE(report.proved);
}

TEST_CASE("an entry of what a step has changed that is gone: the item differs") {
    const auto report = sabotaged(rows_plan, "DELETE FROM cairn.undo WHERE ordinal = 2");
    CHECK(grade(report, "retype") == Grade::differs);
    CHECK_FALSE(report.proved);
}
