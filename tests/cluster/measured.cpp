// What a rehearsal measures of each statement, the budget for locks, and its figures in a preview.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cluster/harness.hpp"

using namespace cairn::cluster;
using Json = nlohmann::json;

namespace {

const std::string head = "plan p \"a plan\"\ndatabase erp\ndefaults { lock timeout 3s }\n";
const std::string fixture =
    "CREATE TABLE users (id int PRIMARY KEY, email text);\n"
    "INSERT INTO users SELECT n, 'u' || n FROM generate_series(1, 1000) n;\n"
    "CREATE INDEX users_email ON users (email);\n";

struct Rehearsed {
    Ran ran;
    Json report;
    [[nodiscard]] Json statements(std::size_t item) const {
        return report.at("items").at(item).at("statements");
    }
};

Rehearsed rehearsed(const Folder& folder, const std::string& plan,
                    const std::vector<std::string>& flags = {}) {
    folder.write("p.cairn", plan);
    folder.write("p.cairn.sql", fixture);
    std::vector<std::string> arguments{"rehearse", "p.cairn", "--format", "json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    Rehearsed result{run_cairn(folder, arguments), {}};
    INFO(result.ran.out << result.ran.err);
    result.report = Json::parse(result.ran.out, nullptr, false);
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
    const auto result = rehearsed(folder, head + R"(
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
    const auto result = rehearsed(folder, head + R"(
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
    const auto over = rehearsed(folder, plan, {"--max-lock", "300ms"});
    CHECK(over.ran.exit == 3);
    CHECK(over.report.at("proved") == false);
    const auto found = over.report.at("over_budget");
    REQUIRE(found.size() == 1);
    CHECK(found[0].at("code") == "C0785");
    CHECK(found[0].at("line") == 5);
    CHECK_THAT(found[0].at("message").get<std::string>(),
               Catch::Contains("`slow` held ACCESS EXCLUSIVE on public.users for ") &&
                   Catch::Contains("300ms"));
    const auto within = rehearsed(folder, plan, {"--max-lock", "1h"});
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

TEST_CASE("a preview shows what was measured of each statement, in every format", "[measured]") {
    const Folder folder;
    const auto result = rehearsed(folder, head + R"(
        step many {
          $$ UPDATE users SET email = upper(email) WHERE id <= 10;
             ALTER TABLE users ALTER COLUMN id TYPE bigint $$
        }
    )");
    folder.write("result.json", result.ran.out);
    const auto preview = [&](const std::string& format) {
        const auto ran = run_cairn(
            folder, {"preview", "p.cairn", "--rehearsal", "result.json", "--format", format});
        INFO(ran.err);
        CHECK(ran.exit == 0);
        return ran.out;
    };
    for (const auto* format : {"text", "markdown", "html"}) {
        INFO(format);
        const auto page = preview(format);
        CHECK_THAT(page, Catch::Contains("10 rows") &&
                             Catch::Contains("ROW EXCLUSIVE on public.users for ") &&
                             Catch::Contains("rewrote public.users"));
    }
    const auto items = Json::parse(preview("json")).at("items");
    CHECK(items.at(0).at("measured").at("statements") == result.statements(0));
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
    CHECK(unknown.exit == 1);
    CHECK_THAT(unknown.err, Catch::Contains("C0607"));
}

TEST_CASE("of a batch the first range is measured, up to its own commit", "[measured]") {
    const Folder folder;
    const auto result = rehearsed(folder, head + R"(
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
