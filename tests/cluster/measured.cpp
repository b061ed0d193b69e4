// What a rehearsal measures of each statement, and the budget for locks.
#include <catch2/catch.hpp>

#include "tests/cluster/rehearse_harness.hpp"

using namespace cairn::cluster;
using Json = nlohmann::json;

namespace {

const std::string fixture =
    "CREATE TABLE users (id int PRIMARY KEY, email text);\n"
    "INSERT INTO users SELECT n, 'u' || n FROM generate_series(1, 1000) n;\n"
    "CREATE INDEX users_email ON users (email);\n";

Rehearsed measured(const Folder& folder, const std::string& plan,
                   const std::vector<std::string>& flags = {}) {
    folder.write("p.cairn", plan);
    folder.write("p.cairn.sql", fixture);
    auto result = rehearsed_in(folder, flags);
    INFO(result.ran.out << result.ran.err);
    REQUIRE(result.report.is_object());
    return result;
}

Json lock(const char* relation, const char* mode) {
    return {{"relation", relation}, {"mode", mode}};
}

// Without how long, which is never the same.
Json locks_of(const Json& statement) {
    Json locks = statement.at("locks");
    for (auto& each : locks) each.erase("ms");
    return locks;
}

}  // namespace

TEST_CASE("each statement has its own locks, time, rows, WAL and rewritten tables", "[measured]") {
    const Folder folder;
    const auto result = measured(folder, head + R"(
        step many {
          $$ UPDATE users SET email = upper(email) WHERE id <= 10;
             SELECT pg_sleep(0.2);
             ALTER TABLE users ALTER COLUMN id TYPE bigint $$
        }
    )");
    const auto all = result.statements(0);
    REQUIRE(all.size() == 3);
    CHECK(all[0].at("rows") == 10);
    CHECK(locks_of(all[0]) == Json({lock("public.users", "ROW EXCLUSIVE")}));
    CHECK(all[0].at("locks")[0].at("ms") >= 200);
    CHECK(all[0].at("wal_bytes") > 0);
    CHECK(all[0].at("rewrites").empty());
    CHECK(all[1].at("ms") >= 200);
    CHECK(all[1].at("rows").is_null());
    CHECK(all[1].at("locks").empty());
    CHECK(locks_of(all[2]) == Json({lock("public.users", "ACCESS EXCLUSIVE")}));
    CHECK(all[2].at("rewrites") == Json({"public.users"}));
    CHECK(all[2].at("wal_bytes") > 10'000);
    CHECK(all[2].at("statement") == 3);
}

TEST_CASE("what runs outside of a transaction is watched from another session", "[measured]") {
    const Folder folder;
    const auto result = measured(folder, head + R"(
        step tidy {
          $$ DROP INDEX CONCURRENTLY users_email;
             VACUUM users;
             VACUUM FULL users;
             CREATE INDEX CONCURRENTLY users_email_2 ON users (email) $$
        }
    )");
    const auto all = result.statements(0);
    REQUIRE(all.size() == 4);
    CHECK(locks_of(all[0]) == Json({lock("public.users", "SHARE UPDATE EXCLUSIVE"),
                                    lock("public.users_email", "SHARE UPDATE EXCLUSIVE")}));
    CHECK(locks_of(all[1]) == Json({lock("public.users", "SHARE UPDATE EXCLUSIVE")}));
    CHECK(locks_of(all[2]) == Json({lock("public.users", "ACCESS EXCLUSIVE")}));
    CHECK(all[2].at("rewrites") == Json({"public.users"}));
    CHECK(locks_of(all[3]) == Json({lock("public.users", "SHARE UPDATE EXCLUSIVE")}));
}

TEST_CASE("a lock that is held for longer than the budget fails the rehearsal", "[measured]") {
    const Folder folder;
    const std::string plan = head + R"(
        step slow { $$ ALTER TABLE users ADD COLUMN phone text; SELECT pg_sleep(0.4) $$ }
        step reads { $$ SELECT count(*) FROM users; SELECT pg_sleep(0.4) $$ rollback none "reads" }
    )";
    const auto over = measured(folder, plan, {"--max-lock", "300ms"});
    CHECK(over.ran.exit == 3);
    CHECK(over.report.at("proved") == false);
    const auto found = over.report.at("over_budget");
    REQUIRE(found.size() == 1);
    CHECK(found[0].at("code") == "C0785");
    CHECK(found[0].at("line") == 5);
    CHECK_THAT(found[0].at("message").get<std::string>(),
               Catch::Contains("`slow` held ACCESS EXCLUSIVE on public.users for ") &&
                   Catch::Contains("300ms"));
    const auto within = measured(folder, plan, {"--max-lock", "1h"});
    CHECK(within.ran.exit == 0);
    CHECK(within.report.at("over_budget").empty());
    const auto text = run_cairn(folder, {"rehearse", "p.cairn", "--max-lock", "300ms"});
    CHECK(text.exit == 3);
    CHECK_THAT(text.out, Catch::Contains("C0785") &&
                             Catch::Contains("not proved: 1 lock held for too long") &&
                             Catch::Contains("ALTER TABLE users ADD COLUMN phone text"));
    const auto wrong = run_cairn(folder, {"rehearse", "p.cairn", "--max-lock", "soon"});
    CHECK(wrong.exit == 2);
    CHECK_THAT(wrong.err, Catch::Contains("`--max-lock soon` is not a duration") &&
                              Catch::Contains("--max-lock 500ms"));
}

TEST_CASE("--from fills the throwaway server from a profile, whatever lies beside the plan",
          "[measured]") {
    Database live;
    live.execute(
        "CREATE TABLE owners (id int PRIMARY KEY);"
        "CREATE TABLE users (id int PRIMARY KEY, owner int REFERENCES owners);"
        "INSERT INTO owners SELECT generate_series(1, 50);"
        "INSERT INTO users SELECT n, n FROM generate_series(1, 50) n;");
    const Folder folder;
    folder.write("p.cairn", head + R"(
        validate there { rows of users = 20  rows of owners = 20  foreign keys valid }
        step more { $$ ALTER TABLE users ADD COLUMN more int $$ }
    )");
    folder.write("p.cairn.sql", "CREATE TABLE other (id int);\n");
    folder.write("cairn.toml", "[profile.staging.db]\nerp = \"" + live.conninfo() +
                                   "\"\n[rehearse.erp]\nfixture = \"nowhere.sql\"\nrows = 20\n");
    const auto ran = run_cairn(folder, {"rehearse", "p.cairn", "--from", "staging"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK_THAT(ran.err, Catch::Contains("filled from profile staging"));
    CHECK(live.query("SELECT count(*) FROM users") == "50");
    const auto unknown = run_cairn(folder, {"rehearse", "p.cairn", "--from", "nowhere"});
    CHECK(unknown.exit == 2);
    CHECK_THAT(unknown.err, Catch::Contains("C0607"));
    folder.write("cairn.toml", "[profile.staging.db]\nerp = { env = \"WHERE_IT_IS\" }\n");
    const auto unset = run_cairn(folder, {"rehearse", "p.cairn", "--from", "staging"});
    CHECK(unset.exit == 2);
    CHECK_THAT(unset.err, Catch::Contains("cairn.toml:2:7: error[C0606]") && Catch::Contains("erp = { env"));
}

TEST_CASE("of a batch the first range is measured, up to its own commit", "[measured]") {
    const Folder folder;
    const auto result = measured(folder, head + R"(
        step some { batch on users.id by 100  $$ UPDATE users SET email = upper(email) WHERE :batch $$ }
    )");
    const Json item = result.report.at("items").at(0);
    const auto all = result.statements(0);
    REQUIRE(all.size() == 1);
    CHECK(item.at("rows") == 1000);
    CHECK(all[0].at("rows") == 100);
    CHECK(locks_of(all[0]) == Json({lock("public.users", "ROW EXCLUSIVE")}));
    CHECK(all[0].at("locks")[0].at("ms") < item.at("ms"));
}

TEST_CASE("the locks that a step holds are measured, not guessed", "[measured]") {
    const auto result = rehearsed(head + R"(
        step widen { $$ ALTER TABLE users ADD COLUMN phone text; SELECT pg_sleep(0.2) $$
                     rollback $$ ALTER TABLE users DROP COLUMN phone $$ }
        step drop_it { $$ DROP TABLE goes $$ rollback $$ CREATE TABLE goes (id int) $$ }
        step by_function { $$ SELECT touch() $$ rollback none "it only touches" }
        step index_email { $$ CREATE INDEX CONCURRENTLY users_email ON users (email) $$ }
        step make { $$ CREATE TABLE made (id int) $$ }
        transaction {
            step few { $$ UPDATE users SET email = 'x' WHERE id < 4 $$ rollback none "x" }
            step all { $$ SELECT pg_sleep(0.2); LOCK TABLE users IN EXCLUSIVE MODE $$
                       rollback none "x" }
        }
    )",
                                  hundred_users +
                                      "CREATE TABLE goes (id int);\n"
                                      "INSERT INTO users (email) SELECT 'v' || n FROM "
                                      "generate_series(1, 50000) n;\n"
                                      "CREATE FUNCTION touch() RETURNS void LANGUAGE sql AS "
                                      "'UPDATE public.users SET email = email WHERE id = 1';\n");
    INFO(result.ran.out << result.ran.err);
    const auto held = [&](const std::string& item, const std::string& relation) {
        std::vector<std::pair<std::string, int>> locks;
        const Json all = result.item(item).at("locks");
        for (const auto& lock : all)
            if (lock.at("relation") == relation) locks.emplace_back(lock.at("mode"), lock.at("ms"));
        return locks;
    };
    REQUIRE(held("widen", "public.users").size() == 1);
    CHECK(held("widen", "public.users").front().first == "ACCESS EXCLUSIVE");
    CHECK(held("widen", "public.users").front().second >= 200);
    REQUIRE(held("drop_it", "public.goes").size() == 1);
    CHECK(held("drop_it", "public.goes").front().first == "ACCESS EXCLUSIVE");
    REQUIRE(held("by_function", "public.users").size() == 1);
    CHECK(held("by_function", "public.users").front().first == "ROW EXCLUSIVE");
    REQUIRE(held("index_email", "public.users").size() == 1);
    CHECK(held("index_email", "public.users").front().first == "SHARE UPDATE EXCLUSIVE");
    CHECK(result.item("make").at("locks").empty());
    // Both until the one COMMIT: the first for as long as the second runs.
    REQUIRE(held("few", "public.users").size() == 1);
    CHECK(held("few", "public.users").front().first == "ROW EXCLUSIVE");
    CHECK(held("few", "public.users").front().second >= 200);
    REQUIRE(held("all", "public.users").size() == 1);
    CHECK(held("all", "public.users").front().first == "EXCLUSIVE");
    CHECK(result.item("few").at("rows") == 3);
    CHECK(result.item("all").at("ms") >= 200);
    CHECK(result.item("few").at("ms") < result.item("all").at("ms"));
    CHECK(result.item("few").at("wal_bytes").get<int>() > 0);
}

TEST_CASE("a table that gets new storage is named", "[measured]") {
    const auto result = rehearsed(head + R"(
        step widen { $$ ALTER TABLE users ALTER COLUMN id TYPE bigint $$
                     rollback $$ ALTER TABLE users ALTER COLUMN id TYPE int $$ }
    )");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.item("widen").at("rewrites") == Json({"public.users"}));
    CHECK(result.item("widen").at("rollback") == "exact");
}
