// What a review leaves alone: the database, its server, and who else works there.
#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <regex>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/review_harness.hpp"

using namespace cairn::cluster;
using Catch::Contains;
using Json = nlohmann::json;

TEST_CASE("review: programs and files of the server are left alone", "[review]") {
    Database database;
    database.execute(reviewed_schema);
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
    database.execute(reviewed_schema);
    const auto before = state_of(database);
    const auto log_before = read_file(own.log_file()).size();
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
    const auto log = read_file(own.log_file()).substr(log_before);
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

TEST_CASE("review: an interrupt ends it at once, and nobody of it stays at the database",
          "[review]") {
    Database database;
    database.execute(reviewed_schema);
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
