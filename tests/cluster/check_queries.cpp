// The queries that the compiler composes for checks, asked of a server: each passes where it should, fails where it should,
// and tells what it found.
#include <catch2/catch.hpp>

#include "compiler/compile.hpp"
#include "runtime/execute/checks.hpp"
#include "tests/cluster/harness.hpp"

using namespace cairn;
using namespace cairn::cluster;

namespace {

constexpr const char* schema = R"sql(
    CREATE TABLE tenants (id bigint PRIMARY KEY);
    INSERT INTO tenants SELECT generate_series(1, 20);
    CREATE TABLE leases (id bigint PRIMARY KEY, rental_type text, fee numeric(12,2), at timestamptz, local timestamp(3),
                         tags text[], name varchar(20), tenant bigint);
    INSERT INTO leases (id, tenant) SELECT i, i + 10 FROM generate_series(1, 15) AS i;
    ALTER TABLE leases ENABLE ROW LEVEL SECURITY;
    CREATE POLICY member_read ON leases USING (true);
    CREATE TABLE copies AS SELECT id, tenant FROM leases;
    CREATE TABLE changed AS SELECT id, CASE WHEN id = 3 THEN NULL ELSE tenant END AS tenant FROM leases WHERE id <> 5;
    CREATE TABLE twice AS SELECT id, tenant FROM leases UNION ALL SELECT id, tenant FROM leases WHERE id = 1;
    CREATE TABLE "Order" ("Id" int PRIMARY KEY, "Ref" bigint REFERENCES tenants);
    CREATE VIEW a_view AS SELECT 1 AS x;
    CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE TABLE measures (id int, part text) PARTITION BY LIST (part);
    CREATE TABLE measures_a PARTITION OF measures FOR VALUES IN ('a');
)sql";

struct Answers {
    compiler::Compiled compiled;
    std::vector<run::CheckOutcome> outcomes;
};

Answers ask(Database& database, const std::vector<std::string>& checks) {
    std::string text = "plan checks \"checks\"\ndatabase erp\nvalidate v {\n";
    for (const std::string& check : checks) text += check + "\n";
    Answers answers{compiler::compile("checks.cairn", text + "}\n", compiler::file_loader("."), {}), {}};
    std::string said;
    for (const auto& d : answers.compiled.diagnostics.list()) said += to_text(d, answers.compiled.sources, false);
    INFO(said);
    REQUIRE_FALSE(answers.compiled.diagnostics.has_errors());
    auto session = database.connect();
    REQUIRE(session.query("BEGIN READ ONLY").ok());
    const auto& item = std::get<compiler::ValidateItem>(answers.compiled.graph.items.at(0).body);
    execute::OtherDatabases none({}, "test");
    answers.outcomes = execute::run_checks(session, none, item.checks, false, ".");
    REQUIRE(answers.outcomes.size() == checks.size());
    return answers;
}

void all_pass(Database& database, const std::vector<std::string>& checks) {
    const Answers answers = ask(database, checks);
    for (std::size_t i = 0; i < checks.size(); ++i) {
        INFO(checks[i] << ": " << answers.outcomes[i].message);
        CHECK(answers.outcomes[i].passed);
    }
}

// The evidence of a failed check: its rows' values, separated by blanks.
std::string evidence(const run::CheckOutcome& outcome) {
    std::string all;
    for (const auto& row : outcome.rows) {
        for (const auto& value : row) all += (all.empty() ? "" : " ") + value.value_or("NULL");
    }
    return all;
}

void all_fail(Database& database, const std::vector<std::pair<std::string, std::string>>& expected) {
    std::vector<std::string> checks;
    for (const auto& [check, seen] : expected) checks.push_back(check);
    const Answers answers = ask(database, checks);
    for (std::size_t i = 0; i < checks.size(); ++i) {
        INFO(checks[i] << ": " << answers.outcomes[i].message << "\n" << evidence(answers.outcomes[i]));
        CHECK_FALSE(answers.outcomes[i].passed);
        CHECK_THAT(evidence(answers.outcomes[i]) + answers.outcomes[i].message, Catch::Contains(expected[i].second));
    }
}

}  // namespace

TEST_CASE("checks of objects pass where the object is as they say") {
    Database database;
    database.execute(schema);
    all_pass(database,
             {"table leases exists", "table public.leases exists", "table 'public.\"Order\"' exists", "table measures exists",
              "table nope absent", "table nope.nope absent", "column leases.rental_type exists", "column public.leases.id exists",
              "column leases.nope absent", "column 'public.\"Order\".\"Id\"' exists", "column leases.id is bigint",
              "column leases.id is int8", "column leases.fee is numeric(12,2)", "column leases.fee is decimal(12,2)",
              "column leases.at is timestamp with time zone", "column leases.at is timestamptz",
              "column leases.local is timestamp(3)", "column leases.tags is text[]", "column leases.name is varchar(20)",
              "column leases.id not null", "constraint leases_pkey on leases valid", "constraint leases_pkey on leases exists",
              "constraint nope on leases absent", "foreign keys valid", "index leases_pkey valid", "index leases_pkey exists",
              "index nope absent", "function f exists", "function 'public.f(integer)' exists", "function 'f(text)' exists",
              "function g absent", "policy member_read on leases exists", "policy nope on leases absent",
              "row level security on leases", "rows of leases >= 15", "rows of 'public.\"Order\"' = 0"});
}

TEST_CASE("checks of objects fail with what they found") {
    Database database;
    database.execute(schema);
    all_fail(database, {{"table nope exists", "nothing of this name"},
                        {"table a_view exists", "a view"},
                        {"table leases absent", "a table"},
                        {"column leases.nope exists", "no such column"},
                        {"column nope.id exists", "no such table"},
                        {"column leases.id is uuid", "bigint"},
                        {"column leases.fee is numeric", "numeric(12,2)"},
                        {"column leases.fee is txet", "no type is called so"},
                        {"column leases.name not null", "character varying(20)"},
                        {"constraint nope on leases exists", "no such constraint"},
                        {"index nope exists", "no such index"},
                        {"function f absent", "f(text)"},
                        {"function 'f(uuid)' exists", "no such function"},
                        {"policy nope on leases exists", "no such policy"},
                        {"row level security on leases, tenants, nope", "nope (no such table)"},
                        {"rows of leases > 15", "15"}});
}

TEST_CASE("foreign keys fail when they are not validated, and when rows are orphans") {
    Database database;
    database.execute(schema);
    database.execute("ALTER TABLE leases ADD CONSTRAINT fk FOREIGN KEY (tenant) REFERENCES tenants NOT VALID");
    all_fail(database, {{"foreign keys valid", "fk leases f 5"}, {"constraint fk on leases valid", "NOT VALID"}});
    // Validated, and orphaned behind the constraint's back.
    database.execute("DELETE FROM leases WHERE tenant > 20; ALTER TABLE leases VALIDATE CONSTRAINT fk;"
                     "SET session_replication_role = replica; DELETE FROM tenants WHERE id = 11");
    all_fail(database, {{"foreign keys valid", "fk leases t 1"}});
}

TEST_CASE("an index that is not valid is found out") {
    Database database;
    database.execute(schema);
    database.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'leases_pkey'::regclass");
    all_fail(database, {{"index leases_pkey valid", "(invalid)"}});
    all_pass(database, {"index leases_pkey exists"});
}

TEST_CASE("two queries are compared as bags of rows") {
    Database database;
    database.execute(schema);
    all_pass(database, {"$$ SELECT id, tenant FROM leases ORDER BY id $$ = $$ SELECT id, tenant FROM copies ORDER BY id DESC $$",
                        "$$ SELECT id::int, NULL::text FROM leases $$ = $$ SELECT id, NULL FROM copies $$",
                        "$$ SELECT id, tenant FROM changed WHERE id <> 3 $$ within $$ SELECT id, tenant FROM leases $$",
                        "$$ SELECT id, tenant FROM twice $$ within $$ SELECT id, tenant FROM leases $$",
                        "$$ SELECT sum(tenant) FROM leases $$ = $$ SELECT sum(tenant) FROM copies $$"});
    all_fail(database,
             {{"$$ SELECT id, tenant FROM leases $$ = $$ SELECT id, tenant FROM changed $$", "right only 1 (3,)"},
              {"$$ SELECT id, tenant FROM leases $$ = $$ SELECT id, tenant FROM changed $$", "left only 1 (5,15)"},
              {"$$ SELECT id, tenant FROM leases $$ = $$ SELECT id, tenant FROM twice $$", "right only 1 (1,11)"},
              {"$$ SELECT id, tenant FROM twice $$ = $$ SELECT id, tenant FROM leases $$", "left only 1 (1,11)"},
              {"$$ SELECT id FROM leases WHERE id = 0 $$ = $$ SELECT id FROM copies WHERE id = 0 $$", "none"},
              {"$$ SELECT sum(id) FROM leases WHERE id = 0 $$ = $$ SELECT sum(id) FROM copies $$", "left only 1 ()"},
              {"$$ SELECT id, tenant FROM changed $$ within $$ SELECT id, tenant FROM leases $$", "left only 1 (3,)"}});
}

TEST_CASE("a query that returns something, and one that uses an index") {
    Database database;
    database.execute(schema);
    all_pass(database, {"$$ SELECT id FROM leases -- any\n $$ returns something",
                        "query $$ SELECT * FROM leases WHERE id = 5 $$ uses index leases_pkey"});
    all_fail(database, {{"$$ SELECT id FROM leases WHERE id = 0 $$ returns something", "none"},
                        {"query $$ SELECT * FROM leases WHERE tenant = 5 $$ uses index leases_pkey", "leases"}});
}

TEST_CASE("checks of the server") {
    Database database;
    const auto role = database.query("SELECT current_user");
    all_pass(database, {"server version >= 9.6", "server version > 10", "no transactions older than 30d",
                        "long running queries over 30d <= 2", "sessions of pg_monitor = 0"});
    all_fail(database, {{"server version < 10", "1"}, {"sessions of nobody_is_called_so = 0", "does not exist"}});
    // Those of the run itself bear its application_name.
    auto session = database.connect();
    REQUIRE(session.query("SET application_name = 'somebody else'").ok());
    all_fail(database, {{"sessions of '" + role + "' = 0", "seen"}});
}

TEST_CASE("transactions that are old are shown") {
    Database database;
    auto session = database.connect();
    REQUIRE(session.query("BEGIN").ok());
    all_fail(database, {{"no transactions older than 0s", "idle in transaction"}});
}
