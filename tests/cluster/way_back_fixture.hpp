// One of everything in a database, and copies of it to change: tests/cluster/way_back/NAME.sql.
#pragma once

#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/cluster/harness.hpp"

namespace cairn::cluster {

namespace fs = std::filesystem;

// The server, its roles, and a database with the fixture that the others are copies of.
class Fixture {
public:
    Fixture() : server_(own_server()), admin_(connect("postgres")) {
        run(admin_, test_file("way_back/roles.sql"));
    }

    static void run(postgres::Session& session, const std::string& sql) {
        const auto answer = session.script(sql);
        if (!answer.ok()) FAIL(answer.error.message + "\nin " + sql);
    }
    postgres::Session connect(const std::string& database) {
        auto connected = postgres::Session::connect(server_.conninfo(database), "way back");
        if (auto* error = std::get_if<postgres::ServerError>(&connected)) FAIL(error->message);
        return std::get<postgres::Session>(std::move(connected));
    }
    postgres::Session fresh(const std::string& file) {
        drop_case();
        if (made_.insert(file).second) {
            run(admin_, "CREATE DATABASE way_" + file);
            auto session = connect("way_" + file);
            run(session, test_file("way_back/" + file + ".sql"));
        }
        run(admin_, "CREATE DATABASE way_case TEMPLATE way_" + file + " STRATEGY file_copy");
        return connect("way_case");
    }
    // Its lines in order, so that the order of columns does not count.
    std::vector<std::string> dump() {
        const auto own = server_.bin() + "/pg_dump";
        const auto command = (fs::exists(own) ? own : "pg_dump") + " --schema-only -d '" +
                             server_.conninfo("way_case") + "' 2>&1";
        std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
        std::string text;
        std::array<char, 65536> buffer{};
        while (const auto read = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
            text.append(buffer.data(), read);
        std::vector<std::string> lines;
        std::istringstream in(text);
        for (std::string line; std::getline(in, line);) {
            if (line.starts_with("\\restrict") || line.starts_with("\\unrestrict"))
                continue;  // a new key each time
            while (!line.empty() && (line.back() == ',' || line.back() == ' ')) line.pop_back();
            lines.push_back(line);
        }
        std::sort(lines.begin(), lines.end());
        return lines;
    }

private:
    // Subscriptions keep their database.
    void drop_case() {
        const auto found = admin_.query(
            "SELECT s.subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid "
            "WHERE d.datname = 'way_case'");
        for (const auto& row : found.rows) {
            auto session = connect("way_case");
            for (const char* end : {" DISABLE", " SET (slot_name = NONE)"})
                run(session, "ALTER SUBSCRIPTION " + *row[0] + end);
            run(session, "DROP SUBSCRIPTION " + *row[0]);
        }
        if (!admin_.query("SELECT FROM pg_database WHERE datname = 'way_case'").rows.empty())
            run(admin_, "ALTER DATABASE way_case IS_TEMPLATE false");
        run(admin_, "DROP DATABASE IF EXISTS way_case");
    }

    scratch::Server server_;
    postgres::Session admin_;
    std::set<std::string> made_;
};

}  // namespace cairn::cluster
