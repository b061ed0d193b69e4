#include "tests/cluster/batch_harness.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <csignal>

namespace cairn::cluster {

std::string batch_table(int rows) {
    return fmt::format("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, v text); "
                       "INSERT INTO t SELECT i * 3, 0, 'row ' || i FROM generate_series(1, {}) i; ANALYZE t",
                       rows);
}

std::string batch_table_of_all_kinds(int rows) {
    return "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE DOMAIN moment AS timestamptz; " + batch_table(rows) +
           "; ALTER TABLE t ADD m mood DEFAULT 'a', ADD w moment DEFAULT '2026-01-02 03:04:05.678901+00', ADD g int GENERATED ALWAYS AS (n * 2) STORED; "
           "ALTER TABLE t DROP COLUMN v; ALTER TABLE t ADD v text DEFAULT 'it''s'";
}

Batch::Batch(const std::string& step, const std::string& before) {
    database.execute(before);
    folder.write("b.cairn", fmt::format("plan b\ndatabase erp\nstep s {{\n{}\n}}\n", step));
}

Ran Batch::run(std::vector<std::string> arguments, Environment environment) {
    arguments.insert(arguments.end(), {"--db", "erp=" + database.conninfo()});
    environment.try_emplace("CAIRN_BACKOFF", "10ms");
    return run_cairn(folder, arguments, environment);
}

int Batch::fault_points(const std::vector<std::string>& arguments) {
    REQUIRE(run(arguments, {{"CAIRN_FAULT_TRACE", folder.path() + "/trace"}}).exit == 0);
    return count_lines(folder.read("trace"));
}

void Batch::kill_at(int point, const std::vector<std::string>& arguments) {
    REQUIRE(run(arguments, {{"CAIRN_FAULT_AT", std::to_string(point)}}).exit == 128 + SIGKILL);
}

Ran Batch::go_on() {
    Ran resumed = run({"resume"});
    return resumed.err.find("C0612") != std::string::npos ? run({"apply", "b.cairn"}) : resumed;
}

void Batch::is_as(const catalog::State& wanted) {
    CHECK(catalog::compare(wanted, state_of(database)).lines == std::vector<std::string>{});
    CHECK(database.query("SELECT count(*) FROM pg_class WHERE relname LIKE 'kept%'") == "0");
}

}  // namespace cairn::cluster
