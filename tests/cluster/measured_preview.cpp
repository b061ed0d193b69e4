// The figures of a rehearsal in a preview of the same plan.
#include <catch2/catch.hpp>

#include "tests/cluster/rehearse_harness.hpp"

using namespace cairn::cluster;
using Json = nlohmann::json;

TEST_CASE("a preview shows what was measured of each statement, in every format", "[measured]") {
    const Folder folder;
    folder.write("p.cairn", head + R"(
        step many {
          $$ UPDATE users SET email = upper(email) WHERE id <= 10;
             ALTER TABLE users ALTER COLUMN id TYPE bigint $$
        }
    )");
    folder.write("p.cairn.sql", hundred_users);
    const auto result = rehearsed_in(folder);
    INFO(result.ran.out << result.ran.err);
    REQUIRE(result.report.is_object());
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

TEST_CASE("a preview takes in what a rehearsal has measured, of the same plan only", "[measured]") {
    const Folder folder;
    const std::string plan =
        head +
        "step widen { $$ ALTER TABLE users ALTER COLUMN id TYPE bigint $$\n"
        "rollback $$ ALTER TABLE users ALTER COLUMN id TYPE int $$ }\n"
        "validate there { table users exists }\n";
    folder.write("p.cairn", plan);
    folder.write("p.cairn.sql", hundred_users);
    const auto result = rehearsed_in(folder);
    INFO(result.ran.out << result.ran.err);
    REQUIRE(result.ran.exit == 0);
    folder.write("result.json", result.ran.out);
    const auto text = run_cairn(folder, {"preview", "p.cairn", "--rehearsal", "result.json"});
    INFO(text.out << text.err);
    CHECK(text.exit == 0);
    CHECK_THAT(text.out, Catch::Contains("rehearsed   proved") &&
                             Catch::Contains("held     ACCESS EXCLUSIVE on public.users for ") &&
                             Catch::Contains("rewrote  public.users") &&
                             Catch::Contains(" of WAL") && Catch::Contains("back     exact"));
    const auto json = run_cairn(
        folder, {"preview", "p.cairn", "--rehearsal", "result.json", "--format", "json"});
    for (const auto* format : {"markdown", "html", "dot"}) {
        const auto page = run_cairn(
            folder, {"preview", "p.cairn", "--rehearsal", "result.json", "--format", format});
        INFO(page.out << page.err);
        CHECK(page.exit == 0);
        CHECK_THAT(page.out, Catch::Contains(" of WAL") && Catch::Contains("proved"));
    }
    const auto items = Json::parse(json.out).at("items");
    CHECK(items.at(0).at("measured").at("rewrites") == Json({"public.users"}));
    CHECK(items.at(1).at("measured").at("state") == "applied");

    folder.write("p.cairn", plan + "step more { $$ CREATE TABLE more (id int) $$ }\n");
    const auto other = run_cairn(folder, {"preview", "p.cairn", "--rehearsal", "result.json"});
    CHECK(other.exit == 1);
    CHECK_THAT(other.err, Catch::Contains("C0784") && Catch::Contains("sha256:"));
    for (const auto* broken : {"", "{}", "[1]", "not json", R"({"plan":"p","digest":"d"})"}) {
        folder.write("result.json", broken);
        const auto ran = run_cairn(folder, {"preview", "p.cairn", "--rehearsal", "result.json"});
        INFO(broken << ran.err);
        CHECK(ran.exit == 1);
        CHECK_THAT(ran.err, Catch::Contains("C0783"));
    }
    const auto is_folder = run_cairn(folder, {"preview", "p.cairn", "--rehearsal", "."});
    CHECK(is_folder.exit == 1);
    CHECK_THAT(is_folder.err, Catch::Contains("C0783") && Catch::Contains("it is a folder"));
    const auto absent = run_cairn(folder, {"preview", "p.cairn", "--rehearsal", "nowhere.json"});
    CHECK(absent.exit == 1);
    CHECK_THAT(absent.err, Catch::Contains("C0783") && Catch::Contains("nowhere.json"));
}
