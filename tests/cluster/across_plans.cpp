// Plans that compare two databases: reviewed, rehearsed and run, on two servers too.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>

#include "tests/cluster/rehearse_harness.hpp"

namespace cairn::cluster {
namespace {

using Catch::Contains;

const std::string customers = "CREATE TABLE customers (id int PRIMARY KEY, email text);\n"
                              "INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 100) n;\n";
const std::string old_customers = "CREATE TABLE old_customers (id bigint, email varchar(99));\n"
                                  "INSERT INTO old_customers SELECT n, 'c' || n FROM generate_series(1, 120) n;\n";
const std::string plan = R"(plan move "two databases"
database erp
database legacy { read only }
step rest on erp { $$ INSERT INTO customers SELECT n, 'c' || n FROM generate_series(101, 120) n $$ }
validate same on erp {
  "same customers" $$ SELECT id, email FROM customers $$ = legacy $$ SELECT id, email FROM old_customers $$
}
)";

}  // namespace

TEST_CASE("across: a review prepares each query against the schema of its own database") {
    Database erp, legacy;
    erp.execute(customers);
    legacy.execute(old_customers);
    const Folder folder;
    folder.write("p.cairn", plan);
    std::vector<std::string> preview{"preview", "p.cairn", "--format", "json", "--db", "erp=" + erp.conninfo(), "--db", "legacy=" + legacy.conninfo()};
    const auto ran = run_cairn(folder, preview);
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == 0);
    const auto json = nlohmann::json::parse(ran.out);
    CHECK(json.at("items")[1].at("prepared").at("state") == "checked");
    CHECK(json.at("items")[1].at("statements")[1].at("database") == "legacy");
    bool seen = false;
    for (const auto& fact : json.at("facts")) {
        if (fact.at("relation") != "public.old_customers") continue;
        seen = true;
        CHECK(fact.at("database") == "legacy");
        CHECK(fact.at("items") == nlohmann::json({"same"}));
    }
    CHECK(seen);

    legacy.execute("ALTER TABLE old_customers RENAME COLUMN email TO e_mail");
    const auto again = run_cairn(folder, preview);
    CHECK(again.exit == 1);
    CHECK_THAT(again.out + again.err, Contains("C0760") && Contains("column \\\"email\\\" does not exist"));

    folder.write("approved.json", ran.out);
    preview.erase(preview.begin() + 2, preview.begin() + 4);
    preview[0] = "apply";
    for (const auto* more : {"--preview", "approved.json", "--yes"}) preview.emplace_back(more);
    const auto refused = run_cairn(folder, preview);
    CHECK(refused.exit == 1);
    CHECK_THAT(refused.err, Contains("old_customers") && Contains("e_mail"));
    CHECK(erp.query("SELECT count(*) FROM customers") == "100");
}

TEST_CASE("across: a review counts the columns that `*` hides") {
    Database erp, legacy;
    erp.execute(customers);
    legacy.execute(old_customers + "ALTER TABLE old_customers ADD COLUMN note text");
    const Folder folder;
    folder.write("p.cairn", R"(plan p "two databases"
database erp
database legacy { read only }
validate same on erp { $$ SELECT * FROM customers $$ = legacy $$ SELECT * FROM old_customers $$ }
)");
    const auto ran = run_cairn(folder, {"check", "p.cairn", "--db", "erp=" + erp.conninfo(), "--db", "legacy=" + legacy.conninfo()});
    CHECK(ran.exit == 1);
    CHECK_THAT(ran.out, Contains("p.cairn:4:24: error[C0760]: the query on the left gives 2 columns, the one of `legacy` 3\n"));
}

TEST_CASE("across: a rehearsal starts each database from its own fixture") {
    const Folder folder;
    folder.write("p.cairn", plan);
    folder.write("p.cairn.sql", customers);
    folder.write("p.cairn.legacy.sql", old_customers);
    const auto proved = rehearsed_in(folder, {"--mutate"});
    INFO(proved.ran.out << proved.ran.err);
    CHECK(proved.ran.exit == 0);
    CHECK(proved.report.at("proved") == true);
    CHECK(proved.item("same").at("state") == "applied");
    CHECK(proved.report.at("checks")[0].at("tripped_by").is_string());

    folder.write("p.cairn.legacy.sql", old_customers + "UPDATE old_customers SET email = 'other' WHERE id = 7;\n");
    const auto differs = rehearsed_in(folder);
    CHECK(differs.ran.exit == 3);
    CHECK(differs.item("same").at("state") == "failed");
    CHECK_THAT(differs.ran.out + differs.ran.err, Contains("1 only on the left"));
}

TEST_CASE("across: two servers, and another database that is away at first") {
    auto second = own_server();
    Database erp, legacy(second);
    erp.execute(customers);
    legacy.execute(old_customers);
    const Folder folder;
    folder.write("p.cairn", plan + R"(transaction on erp {
  step one_more { $$ UPDATE customers SET email = lower(email) $$ }
  validate still { "still the same" $$ SELECT id, email FROM customers $$ = legacy $$ SELECT id, email FROM old_customers $$ }
}
)");
    const auto with = [&](const std::string& address) {
        return std::vector<std::string>{"apply", "p.cairn", "--yes", "--db", "erp=" + erp.conninfo(), "--db", "legacy=" + address};
    };
    const auto away = run_cairn(folder, with("host=/nowhere"));
    INFO(away.err);
    CHECK(away.exit == 8);
    CHECK_THAT(away.err, Contains("error[C0701]: database `legacy` can't be reached"));
    CHECK(erp.query("SELECT count(*) FROM customers") == "120");

    auto resume = with(legacy.conninfo());
    resume[0] = "resume";
    resume.erase(resume.begin() + 1);
    const auto done = run_cairn(folder, resume);
    INFO(done.err);
    CHECK(done.exit == 0);
    CHECK_THAT(done.err, Contains("2 items done") || Contains("3 items done") || Contains("finished"));
    CHECK(legacy.query("SELECT count(*), to_regnamespace('cairn') FROM old_customers") == "120|NULL");
}

TEST_CASE("across: inside a transaction that can't ask the other database nothing stays") {
    Database erp;
    erp.execute(customers);
    const Folder folder;
    folder.write("p.cairn", R"(plan p "two databases"
database erp
database legacy { read only }
transaction on erp {
  step gone { $$ DELETE FROM customers $$ }
  validate same { $$ SELECT count(*) FROM customers $$ = legacy $$ SELECT 0 FROM old_customers $$ }
}
)");
    const auto ran = run_cairn(folder, {"apply", "p.cairn", "--yes", "--db", "erp=" + erp.conninfo(), "--db", "legacy=host=/nowhere"});
    INFO(ran.err);
    CHECK(ran.exit == 8);
    CHECK_THAT(ran.err, Contains("C0701"));
    CHECK(erp.query("SELECT count(*) FROM customers") == "100");
}

TEST_CASE("across: inside a transaction a connection that broke is tried again") {
    auto second = own_server();
    Database erp, legacy(second);
    erp.execute(customers);
    legacy.execute("CREATE TABLE opened (n int)");
    const Folder folder;
    folder.write("p.cairn", R"(plan p "two databases"
database erp
database legacy { read only }
transaction on erp {
  step less { retry 3 $$ DELETE FROM customers WHERE id > 1 $$ }
  validate one { $$ SELECT id FROM customers $$ = legacy $$ SELECT 1 FROM pg_sleep(CASE WHEN EXISTS (SELECT FROM opened) THEN 0 ELSE 100 END) $$ }
}
validate one_more on erp { $$ SELECT id FROM customers $$ = legacy $$ SELECT 1 FROM pg_sleep(CASE WHEN (SELECT count(*) > 1 FROM opened) THEN 0 ELSE 100 END) $$ }
)");
    Cairn cairn(folder, {"apply", "p.cairn", "--yes", "--db", "erp=" + erp.conninfo(), "--db", "legacy=" + legacy.conninfo()});
    const std::string asked = " FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    for (int time = 1; time <= 2; ++time) {
        await("legacy is asked", [&] { return legacy.query("SELECT count(*)" + asked) == "1"; });
        legacy.execute("INSERT INTO opened VALUES (1)");
        const std::string pid = legacy.query("SELECT pid" + asked);
        CHECK(legacy.query("SELECT pg_terminate_backend(" + pid + ")") == "t");
        await("that connection is gone", [&] { return legacy.query("SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid) == "0"; });
    }
    const auto ran = cairn.wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
    CHECK(erp.query("SELECT count(*) FROM customers") == "1");
}

TEST_CASE("across: a group connects to the other database before it takes a lock, and again where it was cut off meanwhile") {
    auto second = own_server();
    Database erp, legacy(second);
    erp.execute(customers);
    legacy.execute(old_customers);
    const Folder folder;
    folder.write("p.cairn", R"(plan p "two databases"
database erp
database legacy { read only }
transaction on erp {
  step wait_here { $$ SELECT pg_advisory_xact_lock(1) $$ rollback none "nothing changes" }
  validate some { $$ SELECT id FROM customers $$ within legacy $$ SELECT id FROM old_customers $$ }
}
)");
    auto holder = erp.connect();
    REQUIRE(holder.query("SELECT pg_advisory_lock(1)").ok());
    Cairn cairn(folder, {"apply", "p.cairn", "--yes", "--db", "erp=" + erp.conninfo(), "--db", "legacy=" + legacy.conninfo()});
    await("the step waits", [&] { return erp.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "1"; });
    CHECK(legacy.query("SELECT state, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'cairn 2%'") == "idle|t");
    await("its connection is gone", [&] { return legacy.query("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'cairn 2%'") == "0"; });
    REQUIRE(holder.query("SELECT pg_advisory_unlock(1)").ok());
    const auto ran = cairn.wait();
    INFO(ran.err);
    CHECK(ran.exit == 0);
}

TEST_CASE("across: an interrupt ends both sides") {
    Database erp, legacy;
    const Folder folder;
    folder.write("p.cairn", R"(plan p "two databases"
database erp { read only }
database legacy { read only }
validate slow on erp { $$ SELECT n, pg_sleep(0.1)::text FROM generate_series(1, 10000) n $$ = legacy $$ SELECT 1, pg_sleep(1000)::text $$ }
)");
    Cairn cairn(folder, {"apply", "p.cairn", "--db", "erp=" + erp.conninfo(), "--db", "legacy=" + legacy.conninfo()});
    const std::string active = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(1%'";
    await("the right side is asked", [&] { return legacy.query(active + " AND pid <> pg_backend_pid()") == "1"; });
    cairn.signal(SIGINT);
    const auto ran = cairn.wait();
    INFO(ran.err);
    CHECK(ran.exit == 4);
    await("the right side has ended", [&] { return legacy.query(active + " AND pid <> pg_backend_pid()") == "0"; });
}

}  // namespace cairn::cluster
