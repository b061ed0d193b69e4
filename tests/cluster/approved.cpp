// apply --preview FILE: what was approved is what runs, on databases that are still as the preview
// found them.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/cluster/harness.hpp"

using namespace cairn::cluster;
using Catch::Contains;

namespace {

const std::string plan_of_two = head + R"(
    step lower { $$ UPDATE users SET email = lower(email) WHERE id < 5 $$ }
    step other { $$ UPDATE orders SET note = 'x' WHERE id = 1 $$ }
    validate fast { "by index" $$ SELECT count(*) FROM pg_class WHERE relname = 'users_email' $$ = 1 }
)";

struct Approved {
    Database database;
    Folder folder;
    Approved() {
        database.execute(
            "CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL, made timestamptz); "
            "INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, 200) n; CREATE "
            "INDEX users_email ON users (email); "
            "CREATE TABLE orders (id int PRIMARY KEY, note text); ANALYZE");
    }
    void preview(const std::string& plan) {
        folder.write("p.cairn", plan);
        const auto ran = run_cairn(folder, {"preview", "p.cairn", "--db",
                                            "erp=" + database.conninfo(), "--format", "json"});
        INFO(ran.out << ran.err);
        REQUIRE(ran.exit == 0);
        folder.write("approved.json", ran.out);
    }
    [[nodiscard]] Ran apply(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments{
            "apply", "p.cairn", "--db", "erp=" + database.conninfo(), "--preview", "approved.json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_cairn(folder, arguments);
    }
    [[nodiscard]] bool nothing_ran() {
        return database.query("SELECT to_regnamespace('cairn') IS NULL") == "t";
    }
};

}  // namespace

TEST_CASE("approved: apply refuses what has changed, one line a fact, before anything runs",
          "[review]") {
    Approved approved;
    approved.preview(plan_of_two);
    const auto refused = [&](const std::string& sql, const std::string& line) {
        approved.database.execute(sql);
        const auto ran = approved.apply();
        INFO(sql << "\n" << ran.out << ran.err);
        CHECK(ran.exit == 1);
        CHECK_THAT(ran.err, Contains("error[C0765]: " + line + "\n"));
        CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
        CHECK(approved.nothing_ran());
    };
    refused("ALTER TABLE users RENAME email TO mail",
            "column `email` of `public.users` is called `mail` now; it touches `lower`, `fast`");
    approved.database.execute("ALTER TABLE users RENAME mail TO email");
    refused("ALTER TABLE orders ALTER note TYPE varchar(5)",
            "column `note` of `public.orders` was text, and is character varying(5) now; it "
            "touches `other`");
    approved.database.execute("ALTER TABLE orders ALTER note TYPE text");
    refused("ALTER TABLE orders RENAME TO deals",
            "table `public.orders` is gone; it touches `other`");
    approved.database.execute("ALTER TABLE deals RENAME TO orders");
    const std::string validity = " WHERE indexrelid = 'users_email'::regclass";
    refused("UPDATE pg_index SET indisvalid = false" + validity,
            "index `users_email` of `public.users` was valid, and is INVALID now; it touches "
            "`lower`, `fast`");
    approved.database.execute("UPDATE pg_index SET indisvalid = true" + validity);
    // What the plan has nothing to do with may change.
    approved.database.execute(
        "ALTER TABLE users ADD COLUMN extra int; ALTER TABLE users ALTER made TYPE date; "
        "INSERT INTO users (email) VALUES ('one more')");
    const auto done = approved.apply();
    INFO(done.out << done.err);
    CHECK(done.exit == 0);
}

TEST_CASE("approved: a table that has grown tenfold is no longer what was approved", "[review]") {
    Approved approved;
    approved.preview(plan_of_two);
    approved.database.execute(
        "INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, 20000) n; ANALYZE "
        "users");
    const auto ran = approved.apply();
    INFO(ran.err);
    CHECK(ran.exit == 1);
    CHECK_THAT(ran.err, Contains("`public.users` has grown from about 200 rows, ") &&
                            Contains(" to about 20200 rows, ") &&
                            Contains("it touches `lower`, `fast`"));
    CHECK(approved.nothing_ran());
}

TEST_CASE("approved: what the plan makes and somebody else has made meanwhile is a changed fact",
          "[review]") {
    Approved approved;
    approved.preview(
        head +
        "step a { $$ ALTER TABLE users ADD COLUMN phone text; CREATE TABLE notes (id int) $$ }");
    approved.database.execute(
        "ALTER TABLE users ADD COLUMN phone int; CREATE VIEW notes AS SELECT 1");
    const auto ran = approved.apply();
    INFO(ran.err);
    CHECK(ran.exit == 1);
    CHECK_THAT(
        ran.err,
        Contains(
            "column `phone` of `public.users` was not there, and is integer now; it touches `a`") &&
            Contains("`public.notes` was not there, and is a view now; it touches `a`"));
}

TEST_CASE(
    "approved: a preview of another plan, of other parameters, cut off or made without a database "
    "is refused",
    "[review]") {
    Approved approved;
    const std::string plan =
        "plan p \"a plan\"\nparam who = \"me\"\ndatabase erp\ndefaults { lock timeout 3s }\n"
        "step a { $$ UPDATE users SET email = :'who' WHERE id = 1 $$ }\n";
    approved.preview(plan);
    const auto other = approved.apply({"--param", "who=you"});
    CHECK(other.exit == 1);
    CHECK_THAT(other.err, Contains("C0764") && Contains("`me`") && Contains("`you`"));
    approved.folder.write("p.cairn", plan + "\nstep b { $$ DELETE FROM orders WHERE id = 1 $$ }\n");
    CHECK_THAT(approved.apply().err, Contains("C0764"));
    approved.folder.write("p.cairn", plan);
    const auto whole = approved.folder.read("approved.json");
    const auto refused = [&](const std::string& text, const std::string& why) {
        approved.folder.write("approved.json", text);
        const auto ran = approved.apply();
        INFO(ran.err);
        CHECK(ran.exit == 1);
        CHECK_THAT(ran.err, Contains("C0763") && Contains(why));
    };
    refused(whole.substr(0, whole.size() / 2), "cut off");
    refused("", "it is empty");
    refused("no", "it is no JSON");
    refused(run_cairn(approved.folder, {"preview", "p.cairn", "--format", "json"}).out,
            "holds no facts");
    refused("{\"plan\":\"p\",\"digest\":1}", "keys are missing");
    const auto bytes = whole.find("\"bytes\": ");
    REQUIRE(bytes != std::string::npos);
    refused(whole.substr(0, bytes + 9) + "1e300" + whole.substr(whole.find(',', bytes)),
            "hold something else");
    const auto folder = run_cairn(approved.folder, {"apply", "p.cairn", "--db", "erp=" + approved.database.conninfo(), "--preview", "."});
    CHECK(folder.exit == 1);
    CHECK_THAT(folder.err, Contains("C0763") && Contains("it is a folder"));
    CHECK(approved.nothing_ran());
    approved.folder.write("approved.json", whole);
    CHECK(approved.apply().exit == 0);
}
