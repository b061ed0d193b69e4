// What a rehearsal proves when it is asked to: that a killed run ends as an undisturbed one, and that
// checks can fail.
#include <catch2/catch.hpp>

#include "tests/cluster/rehearse_harness.hpp"

using namespace cairn::cluster;
using Json = nlohmann::json;

TEST_CASE("killed between two actions and resumed, a run and its rollback end as undisturbed") {
    const auto result = rehearsed(head + R"(
        step add_phone { $$ ALTER TABLE users ADD COLUMN phone text $$ }
        step index_email { $$ CREATE INDEX CONCURRENTLY users_email ON users (email) $$ }
        step reader { $$ CREATE ROLE reader $$ rollback $$ DROP ROLE reader $$ }
    )",
                                  hundred_users, {}, {"--crash=5", "--seed", "7"});
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 0);
    const Json crash = result.report.at("crash");
    CHECK(crash.at("apply_points") > 5);
    CHECK(crash.at("rollback_points") > 5);
    REQUIRE(crash.at("points").size() == 10);
    for (const auto& point : crash.at("points")) {
        INFO(point.dump());
        CHECK(point.at("same") == true);
        CHECK(point.at("name") != "");
        CHECK(point.at("error").is_null());
    }
}

TEST_CASE("a killed run that ends otherwise is named by where it was killed") {
    // What the step writes tells whose transaction it was: another one when it runs again.
    const auto result = rehearsed(head + R"(
        step tell { $$ INSERT INTO users (email) VALUES (pg_backend_pid()::text) $$
                    rollback $$ DELETE FROM users WHERE id > 100 $$ }
    )",
                                  hundred_users, {}, {"--crash=2"});
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK(result.report.at("proved") == false);
    bool told = false;
    const Json crash = result.report.at("crash");
    for (const auto& point : crash.at("points"))
        told = told || (point.at("in") == "apply" && point.at("same") == false &&
                        point.at("differences") == Json({"values of public.users.email differ"}));
    CHECK(told);
}

TEST_CASE("a check that nothing trips is told apart from those that protect something") {
    const auto result = rehearsed(head + R"(
        gate before {
            table users exists
            column users.phone absent
            index nowhere absent
            free space on "/" >= 1MB
        }
        step make { $$ ALTER TABLE users ADD COLUMN phone text;
                       CREATE TABLE notes (id int PRIMARY KEY, u int NOT NULL,
                                           CONSTRAINT notes_u FOREIGN KEY (u) REFERENCES users (id));
                       INSERT INTO notes SELECT id, id FROM users WHERE id < 10;
                       CREATE INDEX notes_u_index ON notes (u);
                       ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
                       CREATE POLICY mine ON notes;
                       CREATE VIEW pairs AS SELECT n.id, u.email FROM notes n JOIN users u ON u.id = n.u;
                       CREATE FUNCTION notes_of(a int) RETURNS bigint LANGUAGE sql AS
                           'SELECT count(*) FROM public.notes WHERE u = a' $$ }
        validate after_it {
            column users.email is text
            column notes.u not null
            constraint notes_u on notes valid
            foreign keys valid
            index notes_u_index valid
            function notes_of exists
            policy mine on notes exists
            row level security on notes
            rows of notes >= 1
            "orphans"   $$ SELECT * FROM notes WHERE u NOT IN (SELECT id FROM users) $$ returns nothing
            "no bad"    $$ SELECT * FROM users WHERE email = 'bad' $$ returns nothing
            "no double" $$ SELECT email FROM users GROUP BY email HAVING count(*) > 1 $$ returns nothing
            "view"      $$ SELECT * FROM pairs WHERE email IS NULL $$ returns nothing
            "function"  $$ SELECT notes_of(5) $$ = 1
            query $$ SELECT * FROM notes WHERE u = 5 $$ uses index notes_u_index
            "tautology" $$ SELECT count(*) >= 0 FROM users $$ = true
            "never"     $$ SELECT * FROM users WHERE id IS NULL AND id IS NOT NULL $$ returns nothing
            show        $$ SELECT * FROM users $$
        }
        transaction {
            step more { $$ INSERT INTO notes VALUES (100, 5) $$
                        rollback $$ DELETE FROM notes WHERE id = 100 $$ }
            validate inside { "hundred" $$ SELECT 1 FROM notes WHERE id = 100 $$ returns something }
        }
    )",
                                  hundred_users, {}, {"--mutate"});
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 0);
    const Json checks = result.report.at("checks");
    CHECK(checks.size() == 22);
    for (const auto& check : checks) {
        INFO(check.dump());
        const auto title = check.at("title").get<std::string>();
        const bool nothing = title == "tautology" || title == "never";
        const bool window = check.at("note") == "only the window can tell";
        CHECK(window == (title.find("free space") == 0));
        CHECK(check.at("tripped_by").is_null() == (nothing || window));
        if (nothing) CHECK(check.at("tried") > 10);
    }
    CHECK(checks.at(0).at("item") == "before");
    CHECK(checks.at(21).at("item") == "inside");
    CHECK_THAT(result.ran.err, Catch::Contains("spoiling what `inside` looks at"));
}

TEST_CASE("a plan that does not run is neither killed nor mutated, and says so") {
    const auto result = rehearsed(head + "step broken { $$ ALTER TABLE nowhere ADD COLUMN a int $$ }",
                                  hundred_users, {}, {"--mutate", "--crash"});
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK_FALSE(result.report.contains("checks"));
    CHECK_FALSE(result.report.contains("crash"));
    CHECK(result.report.at("notes").size() == 2);
}

TEST_CASE("functions within the functions of an index may name others as the database's users do") {
    const auto result = rehearsed(head + "step change { $$ UPDATE t SET b = b + 1 $$ }",
                                  "CREATE FUNCTION inner_one(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';"
                                  "CREATE FUNCTION outer_one(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT inner_one($1)';"
                                  "CREATE TABLE t (id int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 1), (2, 2);"
                                  "CREATE INDEX i ON t (outer_one(b));");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 0);
    CHECK(result.report.at("proved") == true);
}
