// Rehearsals: what they prove, what they find, and that they say which item it was.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>

#include <filesystem>

#include "tests/cluster/harness.hpp"

using namespace cairn::cluster;
using Json = nlohmann::json;

namespace {

const char* const fixture =
    "CREATE TABLE users (id serial PRIMARY KEY, email text, made timestamptz DEFAULT now());\n"
    "INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, 100) n;\n";

struct Rehearsed {
    Ran ran;
    Json report;

    [[nodiscard]] Json item(const std::string& name) const {
        for (const auto& item : report.at("items"))
            if (item.at("name") == name) return item;
        FAIL("no item " << name << " in " << report.dump(2));
        return {};
    }
};

Rehearsed rehearsed(const std::string& plan, const std::string& sql = fixture,
                    const std::string& toml = {}, const std::vector<std::string>& flags = {}) {
    const Folder folder;
    folder.write("p.cairn", plan);
    if (!sql.empty()) folder.write("p.cairn.sql", sql);
    if (!toml.empty()) folder.write("cairn.toml", toml);
    std::vector<std::string> arguments{"rehearse", "p.cairn", "--format", "json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    Rehearsed result{run_cairn(folder, arguments), {}};
    result.report = Json::parse(result.ran.out, nullptr, false);
    return result;
}

const std::string head = "plan p \"a plan\"\ndatabase erp\ndefaults { lock timeout 3s }\n";

}  // namespace

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

TEST_CASE("a start with roles can be made anew") {
    const auto result = rehearsed(head + R"(
        step good { $$ CREATE TABLE good (id int); GRANT SELECT ON good TO app_reader $$ }
        step bad { $$ CREATE TABLE bad (id int) $$ rollback $$ SELECT 1/0 $$ }
    )",
                                  std::string(fixture) + "CREATE ROLE app_reader; GRANT SELECT ON users TO app_reader;");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK(result.item("good").at("rollback") == "exact");
    CHECK(result.item("bad").at("rollback") == "failed");
}

TEST_CASE("the locks that a step holds are measured, not guessed") {
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
                                  std::string(fixture) +
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

TEST_CASE("a table that gets new storage is named") {
    const auto result = rehearsed(head + R"(
        step widen { $$ ALTER TABLE users ALTER COLUMN id TYPE bigint $$
                     rollback $$ ALTER TABLE users ALTER COLUMN id TYPE int $$ }
    )");
    INFO(result.ran.out << result.ran.err);
    CHECK(result.item("widen").at("rewrites") == Json({"public.users"}));
    CHECK(result.item("widen").at("rollback") == "exact");
}

TEST_CASE("a fixture that fails is an error of the plan, with its file and line") {
    const auto result = rehearsed(head + "step a { $$ CREATE TABLE a (id int) $$ }",
                                  "CREATE TABLE one (a int);\n\nINSERT INTO two VALUES (1);\n");
    CHECK(result.ran.exit == 1);
    CHECK_THAT(result.ran.out + result.ran.err,
               Catch::Contains("p.cairn.sql") && Catch::Contains("line 3") &&
                   Catch::Contains("two") && Catch::Contains("C0780"));
}

TEST_CASE("cairn.toml names the fixture where there is none beside the plan") {
    const Folder folder;
    folder.write("p.cairn", head + "step a { $$ ALTER TABLE users ADD COLUMN phone text $$ }");
    folder.write("data/start.sql", fixture);
    folder.write("cairn.toml", "[rehearse.erp]\nfixture = \"data/start.sql\"\n");
    const auto ran = run_cairn(folder, {"rehearse", "p.cairn"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK_THAT(ran.out, Catch::Contains("proved"));
}

TEST_CASE("a fixture that is not there is an error before anything runs") {
    const std::string plan = head + "step a { $$ CREATE TABLE a (id int) $$ }";
    const auto missing = rehearsed(plan, "", "[rehearse.erp]\nfixture = \"nowhere.sql\"\n");
    CHECK(missing.ran.exit == 1);
    CHECK_THAT(missing.ran.out + missing.ran.err,
               Catch::Contains("C0781") && Catch::Contains("nowhere.sql"));
}

TEST_CASE("a TMPDIR that can't hold a socket is passed over") {
    const Folder folder;
    folder.write("p.cairn", head + "step a { $$ CREATE TABLE a (id int) $$ }");
    const auto ran =
        run_cairn(folder, {"rehearse", "p.cairn"}, {{"TMPDIR", "/" + std::string(120, 'x')}});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
}

TEST_CASE("an interrupt ends a rehearsal and its server") {
    const Folder folder;
    // The server's own account writes there.
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    folder.write("p.cairn", head + "step nap { $$ COPY (SELECT pg_backend_pid()) TO '" +
                                folder.path() +
                                "/pid'; SELECT pg_sleep(600) $$ rollback none \"a nap\" }");
    Cairn program(folder, {"rehearse", "p.cairn"});
    await("the step under way",
          [&] { return folder.read("pid").ends_with('\n') || !program.running(); });
    program.signal(SIGINT);
    const auto ran = program.wait();
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 4);
    REQUIRE(folder.read("pid") != "");
    CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(std::stoi(folder.read("pid")))));
}

TEST_CASE("a rehearsal leaves nothing behind it in the plan's folder") {
    const Folder folder;
    folder.write(
        "p.cairn",
        "plan p \"a plan\"\nrun say { command \"touch\" \"said\"  rollback none \"said\" }\n");
    const auto ran = run_cairn(folder, {"rehearse", "p.cairn"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/said"));
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/.cairn"));
}

TEST_CASE("killed between two actions and resumed, a run and its rollback end as undisturbed") {
    const auto result = rehearsed(head + R"(
        step add_phone { $$ ALTER TABLE users ADD COLUMN phone text $$ }
        step index_email { $$ CREATE INDEX CONCURRENTLY users_email ON users (email) $$ }
        step reader { $$ CREATE ROLE reader $$ rollback $$ DROP ROLE reader $$ }
    )",
                                  fixture, {}, {"--crash=5", "--seed", "7"});
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
                                  fixture, {}, {"--crash=2"});
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

TEST_CASE("a preview takes in what a rehearsal has measured, of the same plan only") {
    const Folder folder;
    const std::string plan =
        head +
        "step widen { $$ ALTER TABLE users ALTER COLUMN id TYPE bigint $$\n"
        "rollback $$ ALTER TABLE users ALTER COLUMN id TYPE int $$ }\n"
        "validate there { table users exists }\n";
    folder.write("p.cairn", plan);
    folder.write("p.cairn.sql", fixture);
    const auto rehearsed = run_cairn(folder, {"rehearse", "p.cairn", "--format", "json"});
    INFO(rehearsed.out << rehearsed.err);
    REQUIRE(rehearsed.exit == 0);
    folder.write("result.json", rehearsed.out);
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
    const auto absent = run_cairn(folder, {"preview", "p.cairn", "--rehearsal", "nowhere.json"});
    CHECK(absent.exit == 1);
    CHECK_THAT(absent.err, Catch::Contains("C0783") && Catch::Contains("nowhere.json"));
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
                                  fixture, {}, {"--mutate"});
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
                                  fixture, {}, {"--mutate", "--crash"});
    INFO(result.ran.out << result.ran.err);
    CHECK(result.ran.exit == 3);
    CHECK_FALSE(result.report.contains("checks"));
    CHECK_FALSE(result.report.contains("crash"));
    CHECK(result.report.at("notes").size() == 2);
}

TEST_CASE("a profile's database is taken over: its schema whole, some rows, and no key broken") {
    Database live;
    live.execute(R"(
        CREATE TYPE mood AS ENUM ('sad', 'glad');
        CREATE TABLE parents (id int PRIMARY KEY, name text, twice int GENERATED ALWAYS AS (id * 2) STORED);
        CREATE TABLE children (id serial PRIMARY KEY, parent int REFERENCES parents, m mood, "Note" text);
        CREATE TABLE grandchildren (child int NOT NULL REFERENCES children);
        CREATE TABLE parted (k int, v text) PARTITION BY RANGE (k);
        CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (100);
        INSERT INTO parents SELECT n, E'a\tb\\c' FROM generate_series(1, 500) n;
        INSERT INTO children (parent, m, "Note") SELECT 501 - n, 'glad', NULL FROM generate_series(1, 500) n;
        INSERT INTO grandchildren SELECT n FROM generate_series(1, 500) n;
        INSERT INTO parted SELECT n, n FROM generate_series(1, 50) n;
        CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM parents;
        CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''fired''; END';
        CREATE TRIGGER noted BEFORE INSERT ON children FOR EACH ROW EXECUTE FUNCTION noted();
        ALTER TABLE children ENABLE ROW LEVEL SECURITY;
        CREATE POLICY all_of_them ON children USING (true);
    )");
    const Folder folder;
    folder.write("p.cairn", head + R"(
        validate taken {
            rows of parents = 300
            "consistent" $$ SELECT * FROM children c WHERE NOT EXISTS (SELECT FROM parents p WHERE p.id = c.parent) $$ returns nothing
            "and their children" $$ SELECT * FROM grandchildren g WHERE NOT EXISTS (SELECT FROM children c WHERE c.id = g.child) $$ returns nothing
            rows of children >= 100
            rows of grandchildren >= 50
            rows of parted = 50
            "values" $$ SELECT DISTINCT name FROM parents $$ = $$ SELECT E'a\tb\\c' $$
            "generated" $$ SELECT * FROM parents WHERE twice <> id * 2 $$ returns nothing
            "sequence" $$ SELECT last_value FROM children_id_seq $$ = 500
            "view" $$ SELECT count FROM counted $$ = 300
            policy all_of_them on children exists
            foreign keys valid
        }
        step more { $$ ALTER TABLE children ADD COLUMN more int $$ }
    )");
    const std::string toml =
        "[profile.staging.db]\nerp = \"" + live.conninfo() + "\"\n[rehearse.erp]\nprofile = \"staging\"\n";
    folder.write("cairn.toml", toml + "rows = 300\n");
    const auto ran = run_cairn(folder, {"rehearse", "p.cairn"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
    CHECK_THAT(ran.err, Catch::Contains("profile staging"));
    CHECK(live.query("SELECT count(*) FROM children") == "500");
    CHECK(live.query("SELECT to_regnamespace('cairn')") == "NULL");

    folder.write("cairn.toml", toml + "rows = \"many\"\n");
    const auto wrong = run_cairn(folder, {"rehearse", "p.cairn"});
    CHECK(wrong.exit == 1);
    CHECK_THAT(wrong.err, Catch::Contains("C0604") && Catch::Contains("rows"));
    folder.write("cairn.toml", "[rehearse.erp]\nprofile = \"nowhere\"\n");
    const auto unknown = run_cairn(folder, {"rehearse", "p.cairn"});
    CHECK(unknown.exit == 1);
    CHECK_THAT(unknown.err, Catch::Contains("C0607"));
    folder.write("cairn.toml", "[profile.staging.db]\nerp = \"host=/nowhere dbname=x\"\n[rehearse.erp]\nprofile = \"staging\"\n");
    const auto away = run_cairn(folder, {"rehearse", "p.cairn"});
    CHECK(away.exit == 8);
    CHECK_THAT(away.err, Catch::Contains("C0701"));
}
