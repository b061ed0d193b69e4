// A table that a pg_dump reads, readers that measure how long they wait, and a plan that wants a strong lock there.
#pragma once

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "tests/cluster/harness.hpp"

namespace cairn::cluster::strong_locks {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// More than a pipe and the sockets hold, so that a dump whose reader stops can't end.
inline constexpr const char* table = "CREATE TABLE orders (id int PRIMARY KEY, note text); "
                              "INSERT INTO orders SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i; "
                              "CREATE TABLE calm AS SELECT 1 AS id";

// pg_dump of the database whose output nobody takes until drain().
class Dump {
public:
    explicit Dump(Database& database) : pipe_(popen(fmt::format("pg_dump --table=orders '{}'", database.conninfo()).c_str(), "r")) {
        REQUIRE(pipe_ != nullptr);
        await("pg_dump to lock its table", [&] {
            return database.query("SELECT count(*) > 0 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'pg_dump' "
                                  "AND l.relation = 'orders'::regclass AND l.granted") == "t";
        });
    }
    Dump(const Dump&) = delete;
    Dump& operator=(const Dump&) = delete;
    ~Dump() { drain(); }
    void drain() {
        if (pipe_ == nullptr) return;
        char buffer[65536];
        while (std::fread(buffer, 1, sizeof buffer, pipe_) > 0) {}
        CHECK(pclose(pipe_) == 0);
        pipe_ = nullptr;
    }

private:
    FILE* pipe_;
};

// Reads a row of the table over and over, and of one that nobody touches: what the machine itself takes.
class Reader {
public:
    explicit Reader(Database& database) : session_(database.connect()), thread_([this] { loop(); }) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { stop(); }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    std::atomic<milliseconds> longest{milliseconds(0)}, longest_calm{milliseconds(0)};
    std::atomic<int> reads = 0;
    [[nodiscard]] bool waited() const { return longest.load() >= 100ms + longest_calm.load(); }

private:
    void loop() {
        while (!stop_) {
            longest = std::max(longest.load(), time_of("SELECT id FROM orders LIMIT 1"));
            longest_calm = std::max(longest_calm.load(), time_of("SELECT id FROM calm"));
            ++reads;
        }
    }
    milliseconds time_of(const char* query) {
        const auto began = Clock::now();
        if (!session_.query(query).ok()) return 1h;
        return std::chrono::duration_cast<milliseconds>(Clock::now() - began);
    }
    postgres::Session session_;
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

struct Plan {
    Database database;
    Folder folder;
    Plan(const std::string& policy, const std::string& items) {
        database.execute(table);
        folder.write("p.cairn", fmt::format("plan p\ndatabase erp\ndefaults {{ lock timeout 3s {} }}\n{}\n", policy, items));
    }
    [[nodiscard]] std::vector<std::string> with_database(std::vector<std::string> arguments, const std::string& conninfo = {}) const {
        arguments.insert(arguments.end(), {"--db", "erp=" + (conninfo.empty() ? database.conninfo() : conninfo)});
        return arguments;
    }
    Ran run(std::vector<std::string> arguments) { return run_cairn(folder, with_database(std::move(arguments)), {{"CAIRN_BACKOFF", "10ms"}}); }
    std::unique_ptr<Cairn> start(std::vector<std::string> arguments, const std::string& conninfo = {}) {
        return std::make_unique<Cairn>(folder, with_database(std::move(arguments), conninfo), Environment{{"CAIRN_BACKOFF", "10ms"}});
    }
    void await_waiting(const std::string& whom, int times = 1) {
        await("cairn to wait for " + whom, [&] {
            return database.query("SELECT to_regclass('cairn.event') IS NOT NULL") == "t" &&
                   database.query("SELECT count(*) FROM cairn.event WHERE event = 'waiting' AND detail LIKE '%" + whom + "%'") == std::to_string(times);
        }, 10s);
    }
};

inline scratch::Server with_settings(std::vector<std::pair<std::string, std::string>> settings) {
    scratch::Options options;
    options.settings = std::move(settings);
    return own_server(options);
}

inline constexpr const char* add_column = "step add { $$ ALTER TABLE orders ADD COLUMN kind text $$ }";
inline constexpr const char* has_column = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'kind' AND NOT attisdropped";

}  // namespace cairn::cluster::strong_locks
