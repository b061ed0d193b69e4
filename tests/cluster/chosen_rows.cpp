// `rehearse --from`: the rows that come along from a live database hang together by their foreign keys.
#include <catch2/catch.hpp>

#include <algorithm>

#include "runtime/rehearse/chosen_rows.hpp"
#include "tests/cluster/harness.hpp"

using namespace cairn;
using namespace cairn::cluster;
using Catch::Contains;

namespace {

// A rehearsal of these checks, from `live` with at most `rows` of each table.
Ran rehearsed(const Database& live, int rows, const std::string& checks) {
    const Folder folder;
    folder.write("p.cairn", head + "validate v { foreign keys valid\n" + checks + "\n}\n");
    folder.write("cairn.toml", "[profile.live.db]\nerp = \"" + live.conninfo() + "\"\n[rehearse.erp]\nrows = " + std::to_string(rows) + "\n");
    return run_cairn(folder, {"rehearse", "p.cairn", "--from", "live"});
}

void holds(const Database& live, int rows, const std::string& checks) {
    const auto ran = rehearsed(live, rows, checks);
    INFO(ran.out << ran.err);
    CHECK(ran.exit == 0);
}

}  // namespace

TEST_CASE("--from: rows bring along those that they point at, which a limit of each table alone would not", "[chosen]") {
    Database live;
    // Physical order says nothing about who belongs to whom: of 100 rows of each table, hardly one order would find its customer.
    live.execute(R"(
        CREATE TABLE customers (region text, id int, PRIMARY KEY (region, id));
        INSERT INTO customers SELECT CASE WHEN i % 2 = 0 THEN 'it''s "north"' ELSE 'south' END, i FROM generate_series(1, 20000) i;
        CREATE TABLE products (id int PRIMARY KEY, sku text UNIQUE);
        INSERT INTO products SELECT i, 's' || i FROM generate_series(1, 20000) i;
        CREATE TABLE orders (id bigint PRIMARY KEY, region text NOT NULL, customer bigint NOT NULL,
                             FOREIGN KEY (region, customer) REFERENCES customers);
        INSERT INTO orders SELECT i, region, id FROM (SELECT i, 1 + (i * 7919) % 20000 AS c FROM generate_series(1, 30000) i) x JOIN customers ON id = c;
        CREATE TABLE lines (order_id int NOT NULL REFERENCES orders, n int, sku text REFERENCES products (sku), PRIMARY KEY (order_id, n));
        INSERT INTO lines SELECT 1 + (i * 7907) % 30000, i, CASE WHEN i % 3 > 0 THEN 's' || 1 + (i * 7901) % 20000 END FROM generate_series(1, 60000) i;
        CREATE TABLE alone (id int);
        INSERT INTO alone SELECT generate_series(1, 1000);
        ANALYZE)");
    holds(live, 100, "rows of lines = 100 rows of orders = 100 rows of customers = 100 rows of products = 100 rows of alone = 100");
    // A table that is smaller than the limit comes whole.
    live.execute("DELETE FROM lines WHERE n > 30");
    holds(live, 100, "rows of lines = 30 rows of orders = 100");
    CHECK(live.query("SELECT to_regnamespace('cairn')") == "NULL");
}

TEST_CASE("--from: self references and cycles are followed to their end, or fewer rows are taken", "[chosen]") {
    Database live;
    live.execute(R"(
        CREATE TABLE folders (id int PRIMARY KEY, parent int REFERENCES folders);
        INSERT INTO folders SELECT i, CASE WHEN i > 1 THEN 1 + (i * 31) % (i - 1) END FROM generate_series(1, 20000) i ORDER BY i % 997;
        CREATE TABLE departments (id int PRIMARY KEY, head int NOT NULL);
        CREATE TABLE employees (id int PRIMARY KEY, boss int REFERENCES employees, department int NOT NULL REFERENCES departments);
        INSERT INTO departments SELECT i, i FROM generate_series(1, 500) i;
        INSERT INTO employees SELECT i, CASE WHEN i > 500 THEN 1 + i % 500 END, 1 + (i * 17) % 500 FROM generate_series(1, 20000) i ORDER BY -i;
        ALTER TABLE departments ADD FOREIGN KEY (head) REFERENCES employees;
        CREATE TABLE pointing (id int PRIMARY KEY, next int REFERENCES pointing, also int REFERENCES folders);
        INSERT INTO pointing SELECT i, CASE WHEN i < 20000 THEN i + 1 END, i FROM generate_series(1, 20000) i;
        ANALYZE)");
    holds(live, 100, R"(
        rows of folders >= 100 rows of folders <= 1200
        rows of employees >= 100 rows of employees <= 1300 rows of departments >= 50
        "a list that never ends within the limit: where it ends" $$ SELECT id FROM pointing $$ = $$ VALUES (20000) $$)");
    // With room for the whole list, it comes.
    holds(live, 2000, "rows of pointing = 20000");
}

TEST_CASE("--from: keys from and to partitions, and keys that are not validated", "[chosen]") {
    Database live;
    live.execute(R"(
        CREATE TABLE accounts (id int, kind int, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
        CREATE TABLE accounts_1 PARTITION OF accounts FOR VALUES IN (1);
        CREATE TABLE "accounts 2" PARTITION OF accounts FOR VALUES IN (2);
        INSERT INTO accounts SELECT i, 1 + i % 2 FROM generate_series(1, 5000) i;
        CREATE TABLE "Entries" (id int, account int, kind int, made date, FOREIGN KEY (account, kind) REFERENCES accounts) PARTITION BY RANGE (made);
        CREATE TABLE entries_old PARTITION OF "Entries" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        CREATE TABLE entries_new PARTITION OF "Entries" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        INSERT INTO "Entries" SELECT i, a, 1 + a % 2, date '2025-01-01' + i % 700
            FROM (SELECT i, 1 + (i * 4999) % 5000 AS a FROM generate_series(1, 5000) i) x;
        CREATE TABLE notes (id int, account int, kind int);
        INSERT INTO notes VALUES (1, 4321, 2), (2, -1, 1);
        ALTER TABLE notes ADD CONSTRAINT notes_account FOREIGN KEY (account, kind) REFERENCES accounts NOT VALID;
        ANALYZE)");
    const auto ran = rehearsed(live, 50, R"(rows of entries_old = 50 rows of entries_new = 50 rows of notes = 2
        rows of accounts_1 <= 150 rows of 'public."accounts 2"' <= 150
        "the note finds its account" $$ SELECT 1 FROM accounts WHERE id = 4321 $$ returns something)");
    INFO(ran.out << ran.err);
    // The key that is not validated has the orphan that it has there, and nothing else is wrong.
    CHECK(ran.exit == 3);
    CHECK_THAT(ran.err, Contains("notes_account") && Contains("1 of 7 checks failed"));
}

TEST_CASE("--from: names with quotes and line ends, values that look like the end of a COPY, tables without rows or columns", "[chosen]") {
    Database live;
    live.execute("CREATE TABLE \"it's \"\"a\"\"\nname :x\" (\"the \"\"key\"\"\n\" int PRIMARY KEY, v text); "
                 "CREATE TABLE refers (k int REFERENCES \"it's \"\"a\"\"\nname :x\", t text); CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; "
                 "CREATE TABLE nothing (i int); "
                 "INSERT INTO \"it's \"\"a\"\"\nname :x\" SELECT i, E'\\\\.\\n\\\\N\\t:x' FROM generate_series(1, 300) i; "
                 "INSERT INTO refers SELECT 301 - i, NULLIF(i, 3)::text FROM generate_series(1, 300) i");
    holds(live, 10, R"(rows of refers = 10 "found" $$ SELECT v FROM "it's ""a""
name :x" GROUP BY v $$ = $$ SELECT E'\\.\n\\N\t:x' $$ "null" $$ SELECT count(*) FROM refers WHERE t IS NULL $$ = 1)");
}

TEST_CASE("--from: a role that may not read all tables is told which, and what it takes", "[chosen]") {
    auto own = own_server();
    Database live(own);
    live.execute("CREATE ROLE reader LOGIN; CREATE TABLE open (i int); CREATE TABLE \"Shut\" (i int); GRANT SELECT ON open TO reader;"
                 "CREATE SCHEMA hidden; CREATE TABLE hidden.more (i int); GRANT SELECT ON hidden.more TO reader");
    const Folder folder;
    folder.write("p.cairn", head + "validate v { rows of open <= 1 }\n");
    folder.write("cairn.toml", "[profile.live.db]\nerp = \"" + live.conninfo() + " user=reader\"\n");
    const auto ran = run_cairn(folder, {"rehearse", "p.cairn", "--from", "live"});
    CHECK(ran.exit == 1);
    CHECK_THAT(ran.err, Contains("C0780") && Contains("role `reader` may not read 2 tables of profile live: ") && Contains("\"Shut\"") &&
                            Contains("hidden.more") && Contains("GRANT USAGE ON SCHEMA"));
    live.execute("GRANT USAGE ON SCHEMA hidden TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA public, hidden TO reader");
    CHECK(run_cairn(folder, {"rehearse", "p.cairn", "--from", "live"}).exit == 0);
}

TEST_CASE("--from: rows are chosen by reading alone", "[chosen]") {
    Database live;
    live.execute(R"(CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
        ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b; INSERT INTO a SELECT generate_series(1, 5); INSERT INTO b SELECT i, i FROM generate_series(1, 5) i;
        UPDATE a SET b = id)");
    auto session = live.connect();
    REQUIRE(session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").ok());
    REQUIRE(session.query("SET LOCAL search_path = pg_catalog").ok());
    const auto chosen = rehearse::choose_rows(session, 2);
    REQUIRE(std::holds_alternative<rehearse::ChosenRows>(chosen));
    CHECK(std::get<rehearse::ChosenRows>(chosen).size() == 2);
    for (const auto& [oid, rows] : std::get<rehearse::ChosenRows>(chosen)) CHECK(std::count(rows.begin(), rows.end(), '(') == 2);
    // What the server refuses is told, not taken for no rows.
    REQUIRE_FALSE(session.query("SELECT nowhere").ok());
    const auto refused = rehearse::choose_rows(session, 2);
    REQUIRE(std::holds_alternative<postgres::ServerError>(refused));
}
