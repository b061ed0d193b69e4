// What holds through a transaction pooler, and what is refused there.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <csignal>
#include <sstream>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"
#include "tests/cluster/pooler.hpp"

namespace {

using namespace cairn::cluster;

constexpr const char* before = "CREATE TABLE trace (step text NOT NULL); CREATE TABLE big (k int PRIMARY KEY, v text); "
                               "INSERT INTO big SELECT i, md5(i::text) FROM generate_series(1, 3000) i";

// Written rollbacks, undo by rule and by difference, a block, a batch, and settings of its own.
std::string many_steps() {
    std::string plan = "plan many \"Many steps\"\ndatabase erp\ndefaults { lock timeout 3s }\n";
    for (int i = 1; i <= 8; ++i) {
        plan += fmt::format("step s{0} {{ $$ INSERT INTO trace (step) VALUES ('s{0}') $$ rollback $$ DELETE FROM trace WHERE step = 's{0}' $$ }}\n", i);
    }
    plan += "step made { $$ CREATE TABLE t (id int PRIMARY KEY); CREATE INDEX IF NOT EXISTS x ON t (id); $$ }\n"
            "step elsewhere { $$ SET search_path = pg_temp, public; SET work_mem = '5MB'; ALTER TABLE big ADD COLUMN n int NOT NULL DEFAULT 7 $$ }\n"
            "step changed { $$ UPDATE big SET v = upper(v) WHERE k < 500; ALTER TABLE big ALTER k TYPE bigint $$ }\n"
            "step slowly { batch on big.k by 1000 $$ UPDATE big SET n = n + 1 WHERE :batch $$ }\n"
            "transaction {\n"
            "  step last { $$ INSERT INTO trace VALUES ('last') $$ rollback $$ DELETE FROM trace WHERE step = 'last' $$ }\n"
            "  validate seen { \"it is there\" $$ SELECT count(*) FROM trace $$ >= 9 }\n"
            "}\n";
    return plan;
}

Pooler& pooler() {
    static Pooler one(server());
    return one;
}

struct Pooled {
    Database database;
    Folder folder;
    Pooled() {
        database.execute(before);
        folder.write("many.cairn", many_steps());
    }
    [[nodiscard]] std::string conninfo() const { return pooler().conninfo(database.name()); }
    [[nodiscard]] std::vector<std::string> arguments(std::vector<std::string> words) const {
        words.insert(words.end(), {"--db", "erp=" + conninfo()});
        return words;
    }
    Ran run(const std::vector<std::string>& words, const Environment& environment = {}) { return run_cairn(folder, arguments(words), environment); }
    std::string rows() {
        return database.query("SELECT (SELECT string_agg(step, ' ' ORDER BY step) FROM trace), (SELECT md5(string_agg(b::text, ' ' ORDER BY k)) FROM big b)");
    }
    void is_as(const cairn::catalog::State& wanted, const std::string& wanted_rows) {
        CHECK(cairn::catalog::compare(wanted, state_of(database)).lines == std::vector<std::string>{});
        CHECK(rows() == wanted_rows);
    }
};

}  // namespace

TEST_CASE("a transaction pooler is recognised, and a server behind none is not taken for one", "[pooler]") {
    Database database;
    CHECK_FALSE(database.connect().pooled());
    auto through = cairn::postgres::Session::connect(pooler().conninfo(database.name()), "test");
    REQUIRE(std::holds_alternative<cairn::postgres::Session>(through));
    CHECK(std::get<cairn::postgres::Session>(through).pooled());
}

TEST_CASE("applied and rolled back through a pooler as directly, one run after the other", "[pooler]") {
    Pooled pooled;
    const auto clean = state_of(pooled.database);
    const auto rows = pooled.rows();
    for (int run = 0; run < 2; ++run) {
        const Ran applied = pooled.run({"apply", "many.cairn"});
        INFO(applied.out << applied.err);
        REQUIRE(applied.exit == 0);
        CHECK(pooled.database.query("SELECT min(n), max(n), count(*) FILTER (WHERE v = upper(v) AND v <> lower(v)) > 400 FROM big") == "8|8|t");
        const Ran back = pooled.run({"rollback", "--yes"});
        INFO(back.out << back.err);
        CHECK(back.exit == 0);
        CHECK(cairn::catalog::compare(clean, state_of(pooled.database)).lines == std::vector<std::string>{});
        CHECK(pooled.rows() == rows);
    }
}

TEST_CASE("what a step sets is not left to the pooler's other clients", "[pooler]") {
    Pooler narrow(server(), 3);
    Database database;
    Folder folder;
    database.execute(before);
    folder.write("many.cairn", many_steps());
    const std::string conninfo = narrow.conninfo(database.name());
    const Ran ran = run_cairn(folder, {"apply", "many.cairn", "--db", "erp=" + conninfo});
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == 0);
    // All backends that there are, at once.
    std::vector<cairn::postgres::Session> sessions;
    for (int i = 0; i < 3; ++i) {
        sessions.push_back(std::get<cairn::postgres::Session>(cairn::postgres::Session::connect(conninfo, "other")));
        REQUIRE(sessions.back().script("BEGIN").ok());
        const auto set = sessions.back().query("SELECT string_agg(name || ' = ' || setting, ', ') FROM pg_settings WHERE source = 'session' "
                                               "AND name NOT IN ('application_name', 'client_encoding')");
        REQUIRE(set.ok());
        CHECK(set.rows[0][0].value_or("") == "");
    }
}

TEST_CASE("killed between any two actions through a pooler, then resumed", "[pooler]") {
    Pooled undisturbed;
    REQUIRE(undisturbed.run({"apply", "many.cairn"}, {{"CAIRN_FAULT_TRACE", undisturbed.folder.path() + "/trace"}}).exit == 0);
    const auto wanted = state_of(undisturbed.database);
    const auto rows = undisturbed.rows();
    const int points = count_lines(undisturbed.folder.read("trace"));
    REQUIRE(points > 20);
    for (int at = 1; at <= points; ++at) {
        Pooled pooled;
        REQUIRE(pooled.run({"apply", "many.cairn"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        INFO("killed at fault point " << at << " of " << points);
        Ran resumed = pooled.run({"resume"});
        if (resumed.err.find("C0612") != std::string::npos) resumed = pooled.run({"apply", "many.cairn"});
        INFO(resumed.out << resumed.err);
        REQUIRE((resumed.exit == 0 || resumed.exit == 1 || resumed.exit == 9));
        pooled.is_as(wanted, rows);
    }
}

TEST_CASE("killed between any two actions of a rollback through a pooler, then rolled back again", "[pooler]") {
    Pooled traced;
    const auto clean = state_of(traced.database);
    REQUIRE(traced.run({"apply", "many.cairn"}).exit == 0);
    REQUIRE(traced.run({"rollback", "--yes"}, {{"CAIRN_FAULT_TRACE", traced.folder.path() + "/trace"}}).exit == 0);
    const auto rows = traced.rows();
    const int points = count_lines(traced.folder.read("trace"));
    REQUIRE(points > 20);
    for (int at = 1; at <= points; at += 2) {
        Pooled pooled;
        REQUIRE(pooled.run({"apply", "many.cairn"}).exit == 0);
        REQUIRE(pooled.run({"rollback", "--yes"}, {{"CAIRN_FAULT_AT", std::to_string(at)}}).exit == 128 + SIGKILL);
        INFO("killed at fault point " << at << " of " << points);
        const Ran again = pooled.run({"rollback", "--yes"});
        INFO(again.out << again.err);
        CHECK((again.exit == 0 || again.err.find("C0723") != std::string::npos));
        pooled.is_as(clean, rows);
    }
}

TEST_CASE("a second runner through a pooler is told at once who holds the run", "[pooler]") {
    Pooled pooled;
    auto blocker = pooled.database.connect();
    REQUIRE(blocker.script("BEGIN; LOCK TABLE trace").ok());
    Cairn first(pooled.folder, pooled.arguments({"apply", "many.cairn"}));
    await("the first runner waits for the lock", [&] {
        return pooled.database.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "1";
    });
    for (const auto& words : {std::vector<std::string>{"apply", "many.cairn"}, {"resume"}}) {
        const Ran second = pooled.run(words);
        CHECK(second.exit == 7);
        CHECK_THAT(second.err, Catch::Contains("C0704") && Catch::Contains(std::to_string(first.pid())));
    }
    REQUIRE(blocker.script("COMMIT").ok());
    CHECK(first.wait().exit == 0);
}

TEST_CASE("a runner frozen behind a pooler can't commit when it wakes, and its backend is not ended for it", "[pooler]") {
    Pooled pooled;
    auto blocker = pooled.database.connect();
    REQUIRE(blocker.script("BEGIN; LOCK TABLE trace").ok());
    Cairn frozen(pooled.folder, pooled.arguments({"apply", "many.cairn"}), {{"CAIRN_LEASE", "600ms"}});
    await("the first runner waits for the lock", [&] {
        return pooled.database.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "1";
    });
    frozen.signal(SIGSTOP);
    CHECK(pooled.database.query("SELECT backend IS NULL FROM cairn.lease") == "t");
    REQUIRE(blocker.script("COMMIT").ok());
    Ran next;
    await("the next runner gets the lease", [&] {
        next = pooled.run({"resume"}, {{"CAIRN_LEASE", "20s"}});
        return next.exit != 7;
    });
    INFO(next.out << next.err);
    CHECK(next.exit == 0);
    const auto rows = pooled.rows();
    frozen.signal(SIGCONT);
    const Ran woken = frozen.wait();
    INFO(woken.out << woken.err);
    CHECK(woken.exit == 7);
    CHECK(pooled.rows() == rows);
}

TEST_CASE("what would run outside a transaction is refused through a pooler, by name, before anything runs", "[pooler]") {
    Pooled pooled;
    pooled.folder.write("own.cairn", "plan own \"Its own\"\ndatabase erp\nstep first { $$ INSERT INTO trace VALUES ('x') $$ }\n"
                                     "step fast { $$ CREATE INDEX CONCURRENTLY i ON big (v) $$ }\n");
    const Ran ran = pooled.run({"apply", "own.cairn"});
    INFO(ran.out << ran.err);
    CHECK(ran.exit != 0);
    CHECK_THAT(ran.err, Catch::Contains("C0727") && Catch::Contains("`fast`") && Catch::Contains("own.cairn:4:"));
    CHECK(pooled.database.query("SELECT count(*) FROM trace") == "0");
    const Ran direct = run_cairn(pooled.folder, {"apply", "own.cairn", "--db", "erp=" + pooled.database.conninfo()});
    CHECK(direct.exit == 0);
}

TEST_CASE("a database that is compared with may be behind a pooler", "[pooler]") {
    Database erp, legacy;
    erp.execute(before);
    legacy.execute("CREATE TABLE big (k bigint, v varchar(40)); INSERT INTO big SELECT i, md5(i::text) FROM generate_series(3000, 1, -1) i");
    const Folder folder;
    folder.write("p.cairn",
                 "plan p \"two databases\"\ndatabase erp\ndatabase legacy { read only }\n"
                 "validate same on erp { $$ SELECT * FROM big $$ = legacy $$ SELECT * FROM big $$ $$ SELECT k FROM big $$ within legacy $$ SELECT k FROM big $$ }\n"
                 "transaction on erp {\n  step less { $$ DELETE FROM big WHERE k > 10 $$ }\n"
                 "  validate fewer { $$ SELECT v FROM big $$ within legacy $$ SELECT v FROM big $$ }\n}\n");
    const auto ran = run_cairn(folder, {"apply", "p.cairn", "--yes", "--db", "erp=" + pooler().conninfo(erp.name()), "--db",
                                        "legacy=" + pooler().conninfo(legacy.name())});
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(erp.query("SELECT count(*) FROM big") == "10");
}
