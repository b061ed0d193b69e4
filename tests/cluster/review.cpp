// Previews and checks against a database: what they find, and what they leave alone.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <iterator>
#include <regex>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"

using namespace cairn::cluster;
using Catch::Contains;
using Json = nlohmann::json;

namespace {

const char* const schema = R"(
CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL, made timestamptz DEFAULT now());
INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, 200) n;
CREATE INDEX users_email ON users (email);
CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, note text);
CREATE VIEW active AS SELECT id, email FROM users WHERE email <> '';
CREATE TABLE "We""ird
one" ("a ""b" int);
CREATE FUNCTION touch() RETURNS int LANGUAGE plpgsql AS 'BEGIN UPDATE users SET made = now(); RETURN 1; END';
CREATE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM orders';
ANALYZE;
)";

struct Reviewed {
    Ran ran;
    Json json;

    [[nodiscard]] Json item(const std::string& name) const {
        for (const auto& item : json.at("items"))
            if (item.at("name") == name) return item;
        FAIL("no item " << name);
        return {};
    }
    [[nodiscard]] std::string prepared(const std::string& name) const {
        return item(name).at("prepared").at("state");
    }
    [[nodiscard]] Json not_checked(const std::string& name) const {
        return item(name).at("prepared").at("not_checked");
    }
    [[nodiscard]] Json facts_of(const std::string& relation) const {
        for (const auto& one : json.at("facts"))
            if (one.at("relation") == relation) return one;
        FAIL("no facts of " << relation << " in " << json.at("facts").dump());
        return {};
    }
    [[nodiscard]] std::string messages(const std::string& code) const {
        std::string out;
        for (const auto& d : json.at("diagnostics"))
            if (d.at("code") == code) out += d.at("message").get<std::string>() + "\n";
        return out;
    }
};

Reviewed reviewed(const Database& database, const std::string& plan,
                  const std::string& address = {}) {
    const Folder folder;
    folder.write("p.cairn", plan);
    const std::string conninfo = address.empty() ? database.conninfo() : address;
    Reviewed out{
        run_cairn(folder, {"preview", "p.cairn", "--db", "erp=" + conninfo, "--format", "json"}),
        {}};
    out.json = Json::parse(out.ran.out, nullptr, false);
    INFO(out.ran.out << out.ran.err);
    REQUIRE_FALSE(out.json.is_discarded());
    return out;
}

std::string slurp(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("review: each item is prepared against the schema as the items before leave it",
          "[review]") {
    Database database;
    database.execute(schema);
    const auto seen = reviewed(database, head + R"(
        step phone { $$ ALTER TABLE users ADD COLUMN phone text $$ }
        step fill {
            $$ UPDATE users SET phone = email WHERE id < 10 $$
            rollback $$ UPDATE users SET phone = NULL WHERE id < 10 $$
        }
        step index_it { $$ CREATE INDEX CONCURRENTLY users_phone ON users (phone) $$ }
        step weird { $$ UPDATE "We""ird
one" SET "a ""b" = 1 WHERE "a ""b" = 2 $$ }
        transaction {
            step make { $$ CREATE TABLE notes (id int, told text) $$ }
            validate told { $$ SELECT told FROM notes $$ returns nothing }
        }
        step into { $$ SELECT id INTO taken FROM users $$ rollback none "x" }
        step of_it { $$ CREATE TABLE more AS SELECT id FROM taken; DELETE FROM more WHERE id = 1 $$ }
        step slowly { batch on users.id by 10 $$ UPDATE users SET phone = email WHERE :batch $$ }
    )");
    INFO(seen.ran.out << seen.ran.err);
    CHECK(seen.ran.exit == 0);
    for (const auto* item :
         {"phone", "fill", "index_it", "weird", "make", "told", "into", "of_it", "slowly"})
        CHECK(seen.prepared(item) == "checked");
    const auto users = seen.facts_of("public.users");
    CHECK(users.at("rows") == 200);
    CHECK(users.at("kind") == "table");
    CHECK(users.at("bytes").get<int>() > 0);
    CHECK(users.at("dependents") == Json({"foreign key of public.orders", "view public.active"}));
    std::map<std::string, Json> columns;
    for (const auto& column : users.at("columns")) columns[column.at("name")] = column.at("type");
    CHECK(columns.at("email") == "text");
    CHECK(columns.at("id") == "integer");
    CHECK(columns.at("phone").is_null());
    CHECK_FALSE(columns.contains("made"));  // no statement reads it
    CHECK(seen.facts_of("public.\"We\"\"ird\none\"").at("columns")[0].at("name") == "a \"b");
    CHECK(seen.facts_of("public.notes").at("exists") == false);
}

TEST_CASE("review: a misspelt name is found wherever it stands, with its place", "[review]") {
    Database database;
    database.execute(schema);
    const auto one = [&](const std::string& items, const std::string& word,
                         const std::string& help) {
        const auto plan = head + items;
        const auto seen = reviewed(database, plan);
        INFO(items << "\n" << seen.ran.out);
        CHECK(seen.ran.exit == 1);
        bool found = false;
        for (const auto& d : seen.json.at("diagnostics")) {
            if (d.at("code") != "C0760" || d.at("severity") != "error") continue;
            found = true;
            std::size_t at = 0;
            for (std::size_t line = 1; line < d.at("line").get<std::size_t>(); ++line)
                at = plan.find('\n', at) + 1;
            CHECK_THAT(plan.substr(at + d.at("column").get<std::size_t>() - 1),
                       Catch::StartsWith(word));
            CHECK_THAT(d.at("help").is_null() ? "" : d.at("help").get<std::string>(),
                       Contains(help));
        }
        CHECK(found);
    };
    one("step a { $$ UPDATE users SET email = emial WHERE id = 1 $$ }", "emial", "email");
    one("step a { $$ INSERT INTO users (emal) VALUES ('x') $$ }", "emal", "email");
    one("step a { $$ ALTER TABLE users ALTER COLUMN emial TYPE varchar(20) $$ }", "ALTER TABLE",
        "email");
    one("step a { $$ DELETE FROM ordres WHERE id = 1 $$ }", "ordres", "orders");
    one("validate v { $$ SELECT emial FROM users $$ returns nothing }", "emial", "email");
    one("gate g { \"none\" $$ SELECT count(*) FROM users WHERE emial = '' $$ = 0 }", "emial",
        "email");
    one("step a when $$ SELECT EXISTS (SELECT FROM users WHERE emial = 'x') $$ { $$ UPDATE users "
        "SET email = 'y' WHERE id = 1 $$ }",
        "emial", "email");
    one("step a { $$ UPDATE users SET email = 'y' WHERE id = 1 $$ rollback $$ UPDATE users SET "
        "emial = 'x' WHERE id = 1 $$ }",
        "emial", "email");
    one("step a { batch on users.idd by 5 $$ UPDATE users SET email = 'y' WHERE :batch $$ }",
        ":batch", "id");
}

TEST_CASE(
    "review: what fails because of an item before says so shortly, and later items are still "
    "looked at",
    "[review]") {
    Database database;
    database.execute(schema);
    const auto seen = reviewed(database, head + R"(
        step bad { $$ CREATE TABLE late (id int); ALTER TABLE users DROP COLUMN emial $$ }
        step worse { $$ INSERT INTO late VALUES (1) $$ }
        step also { $$ UPDATE orders SET nte = '' WHERE id = 1 $$ }
    )");
    CHECK(seen.ran.exit == 1);
    CHECK_THAT(seen.messages("C0760"),
               Contains("nor can step `worse` be prepared, as long as `bad` can't") &&
                   Contains("\"emial\"") && Contains("\"nte\""));
    for (const auto* item : {"bad", "worse", "also"}) CHECK(seen.prepared(item) == "failed");
}

TEST_CASE("review: what a false when skips is not prepared; code is named as not checked",
          "[review]") {
    Database database;
    database.execute(schema);
    const auto seen = reviewed(database, head + R"(
        step never when $$ SELECT EXISTS (SELECT FROM users WHERE email = 'nobody') $$ { $$ UPDATE nowhere SET x = 1 WHERE y $$ }
        step made when $$ SELECT to_regclass('public.made') IS NULL $$ { $$ CREATE TABLE made (id int) $$ }
        step again when $$ SELECT to_regclass('public.made') IS NULL $$ { $$ CREATE TABLE made (id int, other nonsense) $$ }
        step late when $$ SELECT EXISTS (SELECT FROM made) $$ { $$ INSERT INTO made VALUES (1) $$ }
        step code { $$ CALL tidy(); DO 'BEGIN CREATE TABLE dynamic (id int); END' $$ rollback none "x" }
        step after_code { $$ INSERT INTO dynamic VALUES (1) $$ }
    )");
    INFO(seen.ran.out);
    CHECK(seen.ran.exit == 0);
    CHECK(seen.prepared("never") == "skipped by its `when`");
    CHECK(seen.prepared("made") == "checked");
    CHECK(seen.prepared("again") ==
          "skipped by its `when`");             // asked of the schema as `made` leaves it
    CHECK(seen.prepared("late") == "checked");  // who knows
    CHECK(seen.prepared("code") == "not checked in full");
    CHECK(seen.not_checked("code") ==
          Json({"CALL is code that only a run can check", "DO is code that only a run can check"}));
    CHECK_THAT(
        seen.messages("C0761"),
        Contains("step `after_code` is not checked: `code`, which would come before, is not run"));
    CHECK(database.query("SELECT to_regclass('dynamic') IS NULL") == "t");
}

TEST_CASE("review: programs and files of the server are left alone", "[review]") {
    Database database;
    database.execute(schema);
    const Folder marks;
    const auto seen = reviewed(database, head + "step out { $$ COPY users TO PROGRAM 'touch " +
                                             marks.path() + "/mark' $$ rollback none \"x\" }\n");
    INFO(seen.ran.out);
    CHECK(seen.not_checked("out") == Json({"COPY reaches beyond the schema"}));
    CHECK_FALSE(std::ifstream(marks.path() + "/mark").good());
}

TEST_CASE("review: the database is as before, nothing is written there, and nobody waits",
          "[review]") {
    auto own = own_server({.bin = {}, .settings = {{"log_statement", "all"}}});
    Database database(own);
    database.execute(schema);
    const auto before = state_of(database);
    const auto log_before = slurp(own.log_file()).size();
    auto holder = database.connect();
    // Whatever is more than ACCESS SHARE would wait for this, and give up.
    REQUIRE(holder.script("BEGIN; LOCK TABLE users, orders, \"We\"\"ird\none\" IN EXCLUSIVE MODE")
                .ok());
    const auto next = database.query("SELECT pg_current_xact_id()");
    const std::string items = R"(
        step phone when $$ SELECT EXISTS (SELECT FROM users) $$ { $$ ALTER TABLE users ADD COLUMN phone text $$ }
        step touch { $$ SELECT touch() $$ changes users }
        step gone { $$ DELETE FROM orders; DROP TABLE orders; DROP VIEW active; TRUNCATE users $$ }
        step built { $$ CREATE INDEX CONCURRENTLY users_made ON users (made) $$ }
    )";
    const auto seen = reviewed(database, head + items);
    INFO(seen.ran.out << seen.ran.err);
    CHECK(seen.ran.exit == 0);
    const Folder folder;
    folder.write("p.cairn", head + items);
    const auto checked =
        run_cairn(folder, {"check", "p.cairn", "--db", "erp=" + database.conninfo()});
    INFO(checked.out << checked.err);
    CHECK(checked.exit == 0);
    // Nobody but the question itself has taken a number.
    CHECK(std::stol(database.query("SELECT pg_current_xact_id()")) == std::stol(next) + 1);
    REQUIRE(holder.script("ROLLBACK").ok());
    CHECK(cairn::catalog::compare(before, state_of(database)).lines == std::vector<std::string>{});
    // What cairn and pg_dump have sent, in the server's log; pg_dump prepares some of its catalog
    // queries.
    const auto log = slurp(own.log_file()).substr(log_before);
    const std::regex sent(
        R"(/(cairn preview|pg_dump) LOG: +(?:statement|execute [^:]*): *(\w+)([^\n]*))");
    int statements = 0;
    for (auto at = std::sregex_iterator(log.begin(), log.end(), sent); at != std::sregex_iterator();
         ++at) {
        const std::string word = (*at)[2];
        INFO(at->str());
        const bool reads = word == "SELECT" || word == "SET" || word == "BEGIN" || word == "WITH" ||
                           word == "SAVEPOINT" || word == "ROLLBACK" || word == "PREPARE" ||
                           word == "EXECUTE";
        const bool locks =
            word == "LOCK" && log.substr(static_cast<std::size_t>(at->position()), 4000)
                                      .find("IN ACCESS SHARE MODE") != std::string::npos;
        CHECK((reads || locks));
        ++statements;
    }
    CHECK(statements > 40);
}

TEST_CASE(
    "review: an extension that is not installed here has a stand-in, and what uses it is not "
    "checked",
    "[review]") {
    auto own = own_server({.bin = {}, .settings = {{"allow_system_table_mods", "on"}}});
    Database database(own);
    database.execute(
        "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION cube SCHEMA ext;");
    database.execute(
        "CREATE TABLE users (id int PRIMARY KEY, email ext.citext, spot ext.cube, note text)");
    database.execute("CREATE VIEW mails AS SELECT email FROM users WHERE email <> 'x'::ext.citext");
    database.execute(
        "UPDATE pg_extension SET extname = 'nowhere_' || extname WHERE extname IN ('citext', "
        "'cube')");
    const auto seen = reviewed(database, head + R"(
        step plain { $$ UPDATE users SET note = email::text WHERE id = 1 $$ }
        step near { $$ UPDATE users SET spot = ext.cube(1.0, 2.0) WHERE id = 1 $$ }
        step more { $$ ALTER TABLE users ADD COLUMN other ext.cube $$ }
        step by_view { $$ DELETE FROM users WHERE id IN (SELECT id FROM users JOIN mails USING (email)) $$ }
        step bad { $$ UPDATE users SET note = nte WHERE id = 1 $$ }
    )");
    INFO(seen.ran.out);
    CHECK(seen.ran.exit == 1);
    CHECK(seen.prepared("plain") == "checked");
    CHECK(seen.prepared("near") == "not checked in full");
    CHECK(seen.prepared("more") == "not checked in full");
    CHECK(seen.prepared("by_view") != "failed");
    CHECK(seen.prepared("bad") == "failed");
    CHECK_THAT(seen.not_checked("near").dump(),
               Contains("`cube`, a ") && Contains("extension nowhere_cube"));
    CHECK_THAT(seen.json.at("stand_ins").dump(), Contains("nowhere_citext"));
}

TEST_CASE("review: a locale that this machine does not have orders as C, and is named",
          "[review]") {
    auto own = own_server({.bin = {}, .settings = {{"allow_system_table_mods", "on"}}});
    Database database(own);
    database.execute(R"(CREATE TABLE words (id int, word text COLLATE "C.utf8"))");
    database.execute("UPDATE pg_collation SET collname = 'nowhere.utf8' WHERE collname = 'C.utf8'");
    const auto seen = reviewed(database, head + R"(
        step plain { $$ UPDATE words SET word = upper(word) WHERE id = 1 $$ }
        step sorted { $$ DELETE FROM words WHERE word > 'm' COLLATE "nowhere.utf8" $$ }
        step bad { $$ UPDATE words SET wrod = '' WHERE id = 1 $$ }
    )");
    INFO(seen.ran.out);
    CHECK(seen.prepared("plain") == "checked");
    CHECK(seen.not_checked("sorted") ==
          Json({"uses `nowhere.utf8`, a locale that this machine does not have"}));
    CHECK(seen.prepared("bad") == "failed");
}

TEST_CASE("review: a role that may not read a table still has its plan looked at", "[review]") {
    auto own = own_server();
    Database database(own);
    database.execute(schema);
    database.execute(
        "CREATE ROLE reviewer LOGIN; GRANT SELECT ON users, orders TO reviewer; CREATE SCHEMA "
        "hidden; "
        "CREATE TABLE hidden.deep (id int); CREATE VIEW over_hidden AS SELECT id FROM hidden.deep; "
        "GRANT SELECT ON over_hidden TO reviewer");
    const auto seen = reviewed(database, head + R"(
        step shown { $$ UPDATE users SET email = 'x' WHERE id = 1 $$ }
        step shown_wrong { $$ UPDATE users SET emial = 'x' WHERE id = 1 $$ }
        step hid { $$ DELETE FROM hidden.deep WHERE id = 1 $$ }
        step over { $$ SELECT id FROM over_hidden $$ }
    )",
                               database.conninfo() + " user=reviewer");
    INFO(seen.ran.out);
    CHECK(seen.ran.exit == 1);
    CHECK(seen.prepared("shown") == "checked");
    CHECK(seen.prepared("shown_wrong") == "failed");
    CHECK(seen.prepared("hid") == "not checked in full");
    CHECK(seen.prepared("over") == "checked");
    CHECK_THAT(seen.not_checked("hid").dump(), Contains("`deep`, which `reviewer` may not read"));
}

TEST_CASE("review: names mean what they mean to the role that will run them", "[review]") {
    auto own = own_server();
    Database database(own);
    database.execute(
        "CREATE ROLE app LOGIN SUPERUSER; CREATE SCHEMA app; CREATE TABLE app.own (id int); "
        "CREATE SCHEMA sales; CREATE TABLE sales.deals (id int)");
    database.execute("ALTER ROLE app SET search_path = '$user', sales");
    const auto seen = reviewed(
        database,
        head + "step a { $$ DELETE FROM own WHERE id = 1; DELETE FROM deals WHERE id = 1 $$ }",
        database.conninfo() + " user=app");
    INFO(seen.ran.out);
    CHECK(seen.ran.exit == 0);
    CHECK(seen.facts_of("app.own").at("exists") == true);
    CHECK(seen.facts_of("sales.deals").at("exists") == true);
}

TEST_CASE("review: two databases, each against its own", "[review]") {
    Database erp, legacy;
    erp.execute("CREATE TABLE here (id int)");
    legacy.execute("CREATE TABLE there (id int)");
    const Folder folder;
    folder.write("p.cairn",
                 "plan p \"a plan\"\ndatabase erp\ndatabase legacy { read only }\ndefaults { lock "
                 "timeout 3s }\n"
                 "step a on erp { $$ DELETE FROM here WHERE id = 1 $$ }\n"
                 "validate v on legacy { $$ SELECT id FROM there $$ returns nothing }\n"
                 "validate w on legacy { $$ SELECT id FROM here $$ returns nothing }\n");
    const auto ran = run_cairn(folder, {"check", "p.cairn", "--db", "erp=" + erp.conninfo(), "--db",
                                        "legacy=" + legacy.conninfo()});
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 1);
    CHECK_THAT(ran.out, Contains("p.cairn:7:") && Contains("C0760") && Contains("1 error"));
    CHECK_THAT(ran.out, !Contains("p.cairn:6:") && !Contains("p.cairn:5:"));
}

TEST_CASE("review: what can't be reached or read is said", "[review]") {
    Database database;
    database.execute(schema);
    const Folder folder;
    folder.write("p.cairn", head + "step a { $$ UPDATE users SET email = 'x' WHERE id = 1 $$ }");
    folder.write("cairn.toml", "[profile.staging.db]\nerp = \"host=/nowhere dbname=x\"\n");
    for (const auto* command : {"preview", "check"}) {
        const auto away = run_cairn(folder, {command, "p.cairn", "--profile", "staging"});
        CHECK(away.exit == 8);
        CHECK_THAT(away.out + away.err, Contains("C0701"));
        const auto missing = run_cairn(folder, {command, "p.cairn", "--profile", "stagin"});
        CHECK(missing.exit == 2);
        CHECK_THAT(missing.out + missing.err, Contains("C0607") && Contains("staging"));
    }
    // A table that somebody holds: said, and not waited for for ever.
    auto holder = database.connect();
    REQUIRE(holder.script("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").ok());
    const auto held =
        run_cairn(folder, {"preview", "p.cairn", "--db", "erp=" + database.conninfo()});
    CHECK(held.exit == 8);
    CHECK_THAT(held.err, Contains("C0762"));
    REQUIRE(holder.script("ROLLBACK").ok());
}

TEST_CASE("review: an interrupt ends it at once, and nobody of it stays at the database",
          "[review]") {
    Database database;
    database.execute(schema);
    const Folder folder;
    folder.write("p.cairn", head + "step a { $$ UPDATE users SET email = 'x' WHERE id = 1 $$ }");
    auto holder = database.connect();
    REQUIRE(holder.script("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").ok());
    Cairn cairn(folder, {"preview", "p.cairn", "--db", "erp=" + database.conninfo()});
    const std::string ours =
        "FROM pg_stat_activity WHERE datname = current_database() AND application_name IN "
        "('pg_dump', 'cairn preview')";
    await("pg_dump waits", [&] {
        return database.query("SELECT count(*) " + ours + " AND wait_event_type = 'Lock'") == "1";
    });
    cairn.signal(SIGINT);
    const auto ran = cairn.wait();
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 4);
    CHECK_THAT(ran.err, Contains("C0713"));
    await("they are gone", [&] { return database.query("SELECT count(*) " + ours) == "0"; });
    REQUIRE(holder.script("ROLLBACK").ok());
}

TEST_CASE("review: a parameter that was not given leaves its statements unchecked", "[review]") {
    Database database;
    database.execute(schema);
    const auto seen =
        reviewed(database,
                 "plan p \"a plan\"\nparam who\ndatabase erp\ndefaults { lock timeout 3s }\n"
                 "step a { $$ UPDATE users SET email = :'who' WHERE id = 1 $$ }\n");
    CHECK(seen.ran.exit == 0);
    CHECK(seen.not_checked("a") == Json({"it needs --param who"}));
}

TEST_CASE("review: hazards weigh with the table's size, in every form", "[review]") {
    Database database;
    database.execute(
        "CREATE TABLE small (id int); CREATE TABLE big (id int) PARTITION BY RANGE (id); "
        "CREATE TABLE big_1 PARTITION OF big FOR VALUES FROM (0) TO (100000); "
        "CREATE TABLE big_2 PARTITION OF big FOR VALUES FROM (100000) TO (200000); "
        "INSERT INTO big SELECT generate_series(1, 120000); INSERT INTO small VALUES (1); ANALYZE");
    const auto plan = head +
                      "step a { $$ ALTER TABLE small ALTER COLUMN id SET NOT NULL; ALTER TABLE big "
                      "ALTER COLUMN id SET NOT NULL $$ }";
    const auto seen = reviewed(database, plan);
    INFO(seen.ran.out);
    const auto statements = seen.item("a").at("statements");
    const std::string harmless = "harmless now: public.small is small, about 1 row",
                      heavy = "weighs: public.big has about 120000 rows";
    CHECK_THAT(statements.at(0).at("weights").dump(), Contains(harmless));
    CHECK_THAT(statements.at(1).at("weights").dump(), Contains(heavy));
    CHECK(seen.facts_of("public.big").at("partitions") == 2);
    const Folder folder;
    folder.write("p.cairn", plan);
    for (const auto* format : {"text", "markdown", "html"}) {
        const auto ran = run_cairn(folder, {"preview", "p.cairn", "--db",
                                            "erp=" + database.conninfo(), "--format", format});
        INFO(format << ran.out << ran.err);
        CHECK(ran.exit == 0);
        CHECK_THAT(ran.out, Contains(harmless) && Contains(heavy) && Contains("2 partitions"));
    }
}

TEST_CASE("review: hundreds of tables, views on functions on views", "[review]") {
    Database database;
    database.execute(
        "DO $$ BEGIN FOR i IN 1..600 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, v "
        "text)', i); END LOOP; END $$;"
        "CREATE VIEW a AS SELECT id FROM t1; CREATE FUNCTION f() RETURNS SETOF a LANGUAGE sql AS "
        "'SELECT * FROM a'; "
        "CREATE VIEW b AS SELECT id FROM f(); CREATE FUNCTION g() RETURNS SETOF b LANGUAGE sql "
        "BEGIN ATOMIC SELECT id FROM b; END; "
        "CREATE VIEW c AS SELECT id FROM g()");
    const auto seen =
        reviewed(database, head +
                               "validate v { $$ SELECT id FROM c $$ returns nothing }\n"
                               "validate w { $$ SELECT idd FROM c $$ returns nothing }\n"
                               "step s { $$ UPDATE t600 SET v = '' WHERE id = 1 $$ }\n");
    CHECK(seen.prepared("v") == "checked");
    CHECK(seen.prepared("w") == "failed");
    CHECK(seen.prepared("s") == "checked");
    CHECK(seen.json.at("stand_ins").empty());
}
