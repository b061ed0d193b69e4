// A review sees what its role may see, by the names that mean something to it.
#include <catch2/catch.hpp>

#include "tests/cluster/review_harness.hpp"

using namespace cairn::cluster;
using Catch::Contains;

TEST_CASE("review: a role that may not read a table still has its plan looked at", "[review]") {
    auto own = own_server();
    Database database(own);
    database.execute(reviewed_schema);
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

TEST_CASE("review: a right that keeping rows would lack is said, as apply would refuse it", "[review]") {
    auto own = own_server();
    Database database(own);
    database.execute(reviewed_schema);
    database.execute("CREATE ROLE writer LOGIN; GRANT SELECT, UPDATE ON users TO writer");
    const std::string plan = head + "step change { $$ UPDATE users SET email = 'x' WHERE id = 1 $$ }";
    const auto seen = reviewed(database, plan, database.conninfo() + " user=writer");
    INFO(seen.ran.out);
    CHECK(seen.ran.exit == 0);
    CHECK_THAT(seen.ran.out, Contains("C0860") && Contains("`writer` may not create triggers on `public.users`") && Contains("GRANT TRIGGER ON public.users TO writer"));
    CHECK_THAT(seen.ran.out, !Contains("whether its role may create triggers"));
    CHECK_THAT(reviewed(database, plan, database.conninfo()).ran.out, !Contains("C0860"));
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
