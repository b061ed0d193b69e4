// What is previewed is what runs: the server's own log of statements against the preview, in order.
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>

#include "tests/cluster/harness.hpp"

namespace {

using namespace cairn::cluster;
using nlohmann::json;

constexpr const char* plan = R"(plan logged "Every kind of statement"
param region = "north"
database erp
defaults { lock timeout 3s }
step make { $$
  CREATE TABLE shops (id int PRIMARY KEY, name text NOT NULL);   -- a comment stays out
  CREATE INDEX shops_name ON shops (name);
$$ }
for t in (tills, clerks) {
  step make_{t} { $$ CREATE TABLE IF NOT EXISTS :"t" (id int PRIMARY KEY, shop_id int REFERENCES shops) $$ }
}
step fill when $$ SELECT NOT EXISTS (SELECT FROM shops) $$ {
  $$ INSERT INTO shops SELECT i, :'region' || i FROM generate_series(1, 20) i $$
  rollback $$ DELETE FROM shops $$
}
gate ready { rows of shops = 20  else stop }
transaction {
  step more { $$ INSERT INTO shops VALUES (21, 'x'), (22, 'y') $$  rollback $$ DELETE FROM shops WHERE id > 20 $$ }
  validate counted {
    "22 shops" $$ SELECT count(*) FROM shops $$ = 22
    "names"    $$ SELECT 1 FROM shops WHERE name IS NULL $$ returns nothing
    "some"     $$ SELECT 1 FROM shops $$ returns something
    "same"     $$ SELECT id FROM shops $$ = $$ SELECT id FROM shops ORDER BY id DESC $$
    table shops exists
    column shops.name not null
    foreign keys valid
  }
}
step search { $$ CREATE INDEX CONCURRENTLY shops_name_id ON shops (name, id); $$ }
)";

// Statements that are cairn's own business: its transactions, settings and journal.
bool is_own(const std::string& sql) {
    for (const char* start : {"BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "RESET", "SET LOCAL", "SET TRANSACTION", "DO $do$"}) {
        if (sql.starts_with(start)) return true;
    }
    for (const char* part : {"cairn.fence(", "cairn.identity(", "cairn.item", "cairn.run", "cairn.lease", "cairn.event", "cairn.meta",
                             "WHERE s.nspname = 'cairn'", "ON s.nspname = 'cairn'", "WHERE pid = pg_backend_pid()", "SELECT pg_catalog.pg_backend_pid()", "WHERE indexrelid = to_regclass($1) AND NOT indisvalid", "'pg_read_all_stats'",
                             "cairn.undo", "FROM pg_catalog.pg_event_trigger WHERE evtenabled",
                             "array_position(pg_catalog.current_schemas(true), 'pg_catalog'"}) {
        if (sql.find(part) != std::string::npos) return true;
    }
    return false;
}

// Per backend, the statements as the server has logged them.
std::map<int, std::vector<std::string>> logged(const std::string& file) {
    std::map<int, std::vector<std::string>> statements;
    std::ifstream in(file);
    for (std::string text; std::getline(in, text);) {
        const auto line = json::parse(text, nullptr, false);
        if (line.is_discarded() || !line.contains("message")) continue;
        if (!line.value("application_name", "").starts_with("cairn")) continue;
        std::string message = line["message"];
        const auto colon = message.find(": ");
        if (!message.starts_with("execute ") && !message.starts_with("statement: ")) continue;
        std::string sql = message.substr(colon + 2);
        if (!is_own(sql)) statements[line["pid"].get<int>()].push_back(std::move(sql));
    }
    return statements;
}

std::vector<std::string> previewed(const json& preview) {
    std::vector<std::string> all;
    for (const auto& item : preview.at("items")) {
        if (item.contains("when") && item["when"].is_string()) all.push_back(item["when"]);
        for (const auto& statement : item.at("statements")) all.push_back(statement.at("sql"));
    }
    return all;
}

std::string find_log(const std::string& folder) {
    std::ifstream current(folder + "/data/current_logfiles");
    for (std::string kind, path; current >> kind >> path;) {
        if (kind == "jsonlog") return folder + "/data/" + path;
    }
    return {};
}

}  // namespace

TEST_CASE("the server's statement log holds exactly the previewed statements, in order") {
    auto server = own_server({.bin = {}, .durable = false, .settings = {{"log_statement", "all"}, {"logging_collector", "on"}, {"log_destination", "jsonlog"}}});
    Folder folder;
    folder.write("logged.cairn", plan);
    const std::string address = "erp=" + server.conninfo("postgres");
    const Ran preview = run_cairn(folder, {"preview", "logged.cairn", "--format", "json"});
    REQUIRE(preview.exit == 0);
    const Ran ran = run_cairn(folder, {"apply", "logged.cairn", "--db", address});
    INFO(ran.out << ran.err);
    REQUIRE(ran.exit == 0);
    const std::string file = find_log(server.folder());
    REQUIRE_FALSE(file.empty());
    std::map<int, std::vector<std::string>> statements;
    await("the log is written", [&] {
        statements = logged(file);
        return !statements.empty() && statements.begin()->second.size() >= previewed(json::parse(preview.out)).size();
    });
    REQUIRE(statements.size() == 1);
    const auto& seen = statements.begin()->second;
    const auto wanted = previewed(json::parse(preview.out));
    for (std::size_t i = 0; i < std::min(seen.size(), wanted.size()); ++i) REQUIRE(seen[i] == wanted[i]);
    CHECK(seen.size() == wanted.size());
}
