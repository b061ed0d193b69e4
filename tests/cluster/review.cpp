// Previews and checks against a database: what they find in the plan.
#include <catch2/catch.hpp>

#include <map>

#include "tests/cluster/review_harness.hpp"

using namespace cairn::cluster;
using Catch::Contains;
using Json = nlohmann::json;

TEST_CASE("review: each item is prepared against the schema as the items before leave it",
          "[review]") {
    Database database;
    database.execute(reviewed_schema);
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
    database.execute(reviewed_schema);
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
    database.execute(reviewed_schema);
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
    database.execute(reviewed_schema);
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

TEST_CASE("review: a parameter that was not given leaves its statements unchecked", "[review]") {
    Database database;
    database.execute(reviewed_schema);
    const auto seen =
        reviewed(database,
                 "plan p \"a plan\"\nparam who\ndatabase erp\ndefaults { lock timeout 3s }\n"
                 "step a { $$ UPDATE users SET email = :'who' WHERE id = 1 $$ }\n");
    CHECK(seen.ran.exit == 0);
    CHECK(seen.not_checked("a") == Json({"it needs --param who"}));
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

TEST_CASE("review: what CASCADE takes along weighs, and a table's size says nothing of whoever asks for its name", "[review]") {
    Database database;
    database.execute("CREATE TABLE t (id int); CREATE VIEW v AS SELECT id FROM t; CREATE MATERIALIZED VIEW m AS SELECT id FROM v; "
                     "CREATE VIEW alone AS SELECT 1 AS one; CREATE TABLE plain (id int)");
    const auto seen = reviewed(database, head + "step a { $$ DROP VIEW v CASCADE; DROP VIEW alone CASCADE; ALTER TABLE plain RENAME TO other $$ }");
    INFO(seen.ran.out);
    const auto statements = seen.item("a").at("statements");
    CHECK(statements.at(0).at("weights").dump() == R"(["weighs: on public.v hang materialized view public.m"])");
    CHECK(statements.at(1).at("weights").dump() == R"(["harmless now: nothing hangs on public.alone"])");
    CHECK(statements.at(2).at("hazards").dump() == R"(["C0509"])");
    CHECK(statements.at(2).at("weights").empty());
    const auto rows = reviewed(database, head + "step a { $$ ALTER TABLE plain ADD COLUMN a int; UPDATE t SET id = 1 WHERE id = 2; DELETE FROM plain $$ }");
    INFO(rows.ran.out);
    CHECK(rows.item("a").at("statements").at(1).at("weights").dump() == R"(["harmless now: public.t is small, 0 B"])");
    CHECK(rows.item("a").at("statements").at(2).at("weights").dump() == R"(["public.plain is small now: 0 B","harmless now: public.plain is small, 0 B"])");
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
