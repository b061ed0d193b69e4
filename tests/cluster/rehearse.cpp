// Rehearsals: what they prove, what they find, and that they say which item it was.
#include <catch2/catch.hpp>

#include "tests/cluster/rehearse_harness.hpp"

using namespace cairn::cluster;
using Json = nlohmann::json;

TEST_CASE("a plan that is undone by rule is proved, item by item") {
    const auto result = rehearsed(head + R"(
        step add_phone { $$ ALTER TABLE users ADD COLUMN phone text $$ }
        step index_email { $$ CREATE INDEX CONCURRENTLY users_email ON users (email) $$ }
        transaction {
            step make_notes { $$ CREATE TABLE notes (id int) $$ }
            validate notes_there { table notes exists }
        }
        checkpoint made
    )");
    INFO(result.ran.out << result.ran.err);
    REQUIRE(result.ran.exit == 0);
    CHECK(result.report.at("proved") == true);
    for (const auto& item : result.report.at("items")) {
        INFO(item.dump());
        CHECK(item.at("state") == "applied");
        CHECK(item.at("rollback") == "exact");
        CHECK(item.at("differences").empty());
        CHECK(item.at("error").is_null());
    }
    CHECK(result.item("add_phone").at("wal_bytes").get<int>() > 0);
    CHECK(result.report.at("second_apply").at("same") == true);
}

TEST_CASE("a written rollback that does not lead back differs, and only its own item") {
    const auto result = rehearsed(head + R"(
        step add_phone { $$ ALTER TABLE users ADD COLUMN phone text $$ }
        step lower_mails {
            $$ UPDATE users SET email = upper(email) WHERE id <= 10 $$
            rollback $$ UPDATE users SET email = lower(email) || '!' WHERE id <= 10 $$
        }
        step make_notes { $$ CREATE TABLE notes (id int) $$ }
    )");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK(result.report.at("proved") == false);
    CHECK(result.item("lower_mails").at("rollback") == "differs");
    CHECK(result.item("lower_mails").at("rows") == 10);
    CHECK(result.item("lower_mails").at("differences") ==
          Json({"rows of public.users: 100 rows -> 100 rows, other values"}));
    CHECK(result.item("add_phone").at("rollback") == "exact");
    CHECK(result.item("make_notes").at("rollback") == "exact");
}

TEST_CASE("a re-created column is told apart from a difference") {
    const auto result = rehearsed(head + R"(
        step drop_mail {
            $$ ALTER TABLE users DROP COLUMN email $$
            rollback $$ ALTER TABLE users ADD COLUMN email text $$
        }
    )",
                                  "CREATE TABLE users (id int, email text, made date);");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 0);
    CHECK(result.item("drop_mail").at("rollback") == "column order");
    CHECK(result.item("drop_mail").at("differences") ==
          Json({"column order public.users: id, email, made -> id, made, email"}));
}

TEST_CASE("one item's failure is reported with its place, and does not stop the report") {
    const auto result = rehearsed(head + R"(
        step make_notes { $$ CREATE TABLE notes (id int) $$ }
        step broken { $$ ALTER TABLE nowhere ADD COLUMN a int $$ }
        step index_email { $$ CREATE INDEX users_email ON users (email) $$ }
    )");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK(result.item("broken").at("state") == "failed");
    CHECK(result.item("broken").at("error").at("line") == 6);
    CHECK_THAT(result.item("broken").at("error").at("message").get<std::string>(),
               Catch::Contains("nowhere"));
    CHECK(result.item("make_notes").at("rollback") == "exact");
    CHECK(result.item("index_email").at("state") == "applied");
    CHECK(result.item("index_email").at("rollback") == "exact");
}

TEST_CASE("an item that failed has no rollback to be proud of, and a group ends with it") {
    const auto result = rehearsed(head + R"(
        transaction {
            step one { $$ CREATE TABLE one (id int) $$ }
            step again { $$ CREATE TABLE one (id int) $$ }
        }
        step after { $$ CREATE TABLE after (id int) $$ }
        validate wrong { table nowhere exists }
    )");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK(result.item("one").at("state") == "skipped");
    CHECK(result.item("one").at("note") == "rolled back with `again`");
    CHECK(result.item("one").at("rollback").is_null());
    CHECK(result.item("again").at("state") == "failed");
    CHECK(result.item("again").at("rollback") == "failed");
    CHECK(result.item("after").at("rollback") == "exact");
    CHECK(result.item("wrong").at("rollback") == "failed");
}

TEST_CASE("a rollback that the server refuses is graded failed") {
    const auto result = rehearsed(head + R"(
        step lower_mails {
            $$ UPDATE users SET email = upper(email) $$
            rollback $$ UPDATE users SET missing = 1 $$
        }
    )");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK(result.item("lower_mails").at("state") == "applied");
    CHECK(result.item("lower_mails").at("rollback") == "failed");
    CHECK_THAT(result.item("lower_mails").at("error").at("message").get<std::string>(),
               Catch::Contains("missing"));
}

TEST_CASE("a rollback that fails does not take down the grades of those before it") {
    const auto result = rehearsed(head + R"(
        step make { $$ CREATE TABLE made (id int PRIMARY KEY) $$ rollback $$ DROP TABLE made $$ }
        step fine { $$ CREATE TABLE beside (id int) $$ }
        step wrong { $$ ALTER TABLE made ADD COLUMN other int $$
                     rollback $$ ALTER TABLE made DROP COLUMN nowhere $$ }
        step widen { $$ ALTER TABLE made ADD COLUMN more int $$
                     rollback $$ ALTER TABLE made DROP COLUMN more $$ }
        step point { $$ CREATE TABLE points (id int REFERENCES made) $$ rollback $$ SELECT 1 / 0 $$ }
    )");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK(result.item("point").at("rollback") == "failed");
    CHECK(result.item("widen").at("rollback") == "exact");
    CHECK(result.item("wrong").at("rollback") == "failed");
    CHECK(result.item("fine").at("rollback") == "exact");
    // Its DROP TABLE failed at first: the table that points at it was still there.
    CHECK(result.item("make").at("rollback") == "exact");
    CHECK(result.item("make").at("error").is_null());
    CHECK(result.item("make").at("differences").empty());
    CHECK(result.report.at("proved") == false);
}

TEST_CASE("what rollback none leaves behind is shown, and the second apply starts anew") {
    const auto result = rehearsed(head + R"(
        step make_notes { $$ CREATE TABLE notes (id int) $$ }
        step forget { $$ DELETE FROM users WHERE id > 90 $$ rollback none "they asked for it" }
    )");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 0);
    CHECK(result.item("forget").at("rollback") == "none");
    CHECK(result.item("forget").at("differences") ==
          Json({"rows of public.users: 100 rows -> 90 rows"}));
    CHECK(result.item("make_notes").at("rollback") == "exact");
}

TEST_CASE(
    "what rollback none leaves behind neither hides nor excuses what an earlier rollback does to "
    "the same rows") {
    const auto plan = [](const std::string& back) {
        return head +
               "step lower { $$ UPDATE users SET email = upper(email) WHERE id <= 10 $$ rollback "
               "$$ " +
               back +
               " $$ }\nstep forget { $$ DELETE FROM users WHERE id > 90 $$ rollback none \"asked "
               "for\" }\n";
    };
    const auto right = rehearsed(plan("UPDATE users SET email = lower(email) WHERE id <= 10"));
    INFO(right.ran.out << right.ran.err);
    CHECK(right.ran.exit == 0);
    CHECK(right.item("lower").at("rollback") == "exact");
    const auto wrong = rehearsed(plan("UPDATE users SET email = lower(email) WHERE id <= 9"));
    INFO(wrong.ran.out << wrong.ran.err);
    CHECK(wrong.ran.exit == 3);
    CHECK(wrong.item("lower").at("rollback") == "differs");
    CHECK(wrong.item("forget").at("rollback") == "none");
}

TEST_CASE("a second apply that gives other values is not proved, moments and sequences aside") {
    const auto plan = [](const std::string& value) {
        return head + "step add { $$ INSERT INTO users (email) VALUES (" + value +
               ") $$ rollback $$ DELETE FROM users WHERE id > 100 $$ }";
    };
    const auto same = rehearsed(plan("'one more'"));
    INFO(same.ran.out << same.ran.err);
    CHECK(same.ran.exit == 0);
    REQUIRE(same.report.at("notes").size() == 1);
    CHECK_THAT(same.report.at("notes")[0].get<std::string>(), Catch::Contains("public.users.made"));
    const auto random = rehearsed(plan("random()::text"));
    INFO(random.ran.out << random.ran.err);
    CHECK(random.ran.exit == 0);
    CHECK_THAT(random.report.at("notes").dump(), Catch::Contains("values of public.users.email differ, as they do from one fresh start"));
    // What only a second run on the same database gives.
    const auto other = rehearsed(plan("(SELECT count(*) FROM cairn.run)::text"));
    INFO(other.ran.out << other.ran.err);
    CHECK(other.ran.exit == 3);
    CHECK(other.report.at("second_apply").at("differences") ==
          Json({"values of public.users.email differ"}));
}
