// The locks of each kind of statement, three times: as PostgreSQL documents them
// (locks/kinds.cases, which tells its format), as the preview says, and as a rehearsal measures
// them.
#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

#include "tests/cluster/cases.hpp"
#include "tests/cluster/harness.hpp"

using namespace cairn::cluster;
using Json = nlohmann::json;

namespace {

using Locks = std::set<std::string>;  // "k1.a ACCESS SHARE"

struct Case {
    std::string sql;
    Locks in_text, taken;  // what the statement's text shows; what the server takes
    bool captured = false;
};

// Each case has tables of its own: `app` is its schema.
std::string in_schema(std::string text, std::size_t number) {
    const std::string schema = fmt::format("k{}.", number);
    for (auto at = text.find("app."); at != std::string::npos; at = text.find("app.", at))
        text.replace(at, 4, schema);
    return text;
}

std::vector<Case> locking_cases() {
    std::vector<Case> cases;
    for (const auto& line : read_cases("locks/kinds.cases")) {
        const auto parts = split(in_schema(line.text, cases.size() + 1), " | ");
        REQUIRE(parts.size() >= 2);
        Case one{.sql = parts[0], .in_text = {}, .taken = {}, .captured = parts.size() > 2};
        for (const auto& lock : split(parts[1], "; ")) {
            const bool marked = lock.starts_with('+') || lock.starts_with('-');
            if (!lock.starts_with('+')) one.in_text.insert(lock.substr(marked ? 1 : 0));
            if (!lock.starts_with('-')) one.taken.insert(lock.substr(marked ? 1 : 0));
        }
        cases.push_back(std::move(one));
    }
    return cases;
}

struct Object {
    const char* name;
    const char* sql;
};
constexpr Object objects[] = {
    {"a",
     "CREATE TABLE app.a (id int PRIMARY KEY, n int, s text);"
     "INSERT INTO app.a SELECT g, g, 'x' FROM generate_series(1, 20) g;"
     "ALTER TABLE app.a ADD CONSTRAINT a_s_check CHECK (s <> '') NOT VALID;"},
    {"f", "CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"},
    {"b",
     "CREATE TABLE app.b (id int PRIMARY KEY, a int CONSTRAINT b_a_fk REFERENCES app.a);"
     "INSERT INTO app.b VALUES (1, 1);"},
    {"c",
     "CREATE TABLE app.c (id int PRIMARY KEY, n int); CREATE INDEX c_n ON app.c (n);"
     "INSERT INTO app.c SELECT g, g FROM generate_series(1, 20) g;"},
    {"loose",
     "CREATE TABLE app.loose (id int, n int);"
     "INSERT INTO app.loose SELECT 100 + g, g FROM generate_series(1, 20) g;"},
    {"part",
     "CREATE TABLE app.part (id int, n int) PARTITION BY RANGE (id);"
     "CREATE TABLE app.part_1 PARTITION OF app.part FOR VALUES FROM (0) TO (10);"},
    {"v", "CREATE VIEW app.v AS SELECT id FROM app.a;"},
    {"mv",
     "CREATE MATERIALIZED VIEW app.mv AS SELECT id FROM app.c;"
     "CREATE UNIQUE INDEX mv_id ON app.mv (id);"},
    {"q", "CREATE SEQUENCE app.q;"},
};

std::string fixture(const std::vector<Case>& cases) {
    std::string sql;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto schema = fmt::format("k{}", i + 1);
        sql += "CREATE SCHEMA " + schema + ";\n";
        const auto names = [&](const std::string& name) {
            const auto& text = cases[i].sql;
            return text.find(schema + "." + name) != std::string::npos;
        };
        for (const auto& object : objects) {
            const std::string name = object.name;
            if (name == "a" || names(name) || (name == "c" && names("mv")))
                sql += in_schema(object.sql, i + 1) + "\n";
        }
        if (cases[i].sql.find(" tr ") != std::string::npos || cases[i].sql.ends_with(" tr"))
            sql += in_schema(std::string(objects[1].sql) +
                                 "CREATE TRIGGER tr BEFORE INSERT ON app.a FOR EACH ROW "
                                 "EXECUTE FUNCTION app.f();\n",
                             i + 1);
    }
    return sql;
}

Locks locks_of(const Json& statement) {
    Locks locks;
    for (const auto& lock : statement.at("locks"))
        locks.insert(lock.at("relation").get<std::string>() + " " +
                     lock.at("mode").get<std::string>());
    return locks;
}

// Of each relation the strongest: a rehearsal tells weaker ones too that were held for longer.
Locks strongest(const Json& statement) {
    std::set<std::string> known;
    Locks locks;
    for (const auto& lock : statement.at("locks"))
        if (known.insert(lock.at("relation").get<std::string>()).second)
            locks.insert(lock.at("relation").get<std::string>() + " " +
                         lock.at("mode").get<std::string>());
    return locks;
}

Json output_of(const Folder& folder, const std::vector<std::string>& arguments) {
    Cairn program(folder, arguments);
    const auto ran = program.wait(std::chrono::minutes(5));
    INFO(ran.out << ran.err);
    const auto json = Json::parse(ran.out, nullptr, false);
    REQUIRE(json.is_object());
    REQUIRE(json.at("items").is_array());
    return json;
}

}  // namespace

TEST_CASE("locks as documented, as previewed and as measured are the same", "[lock-kinds]") {
    const auto cases = locking_cases();
    REQUIRE(cases.size() >= 40);
    std::string plan =
        "plan locks \"kinds of statement\"\ndatabase erp\ndefaults { lock timeout 10s }\n";
    for (std::size_t i = 0; i < cases.size(); ++i)
        plan += fmt::format("step s{} {{ $$ {} $$ {} }}\n", i + 1, cases[i].sql,
                            cases[i].captured ? "" : "rollback none \"its locks are looked at\"");
    const Folder folder;
    folder.write("p.cairn", plan);
    folder.write("p.cairn.sql", fixture(cases));
    const auto previewed =
        output_of(folder, {"preview", "p.cairn", "--format", "json"}).at("items");
    const auto measured =
        output_of(folder, {"rehearse", "p.cairn", "--format", "json"}).at("items");
    REQUIRE(previewed.size() == cases.size());
    REQUIRE(measured.size() == cases.size());
    std::size_t same = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto& one = cases[i];
        INFO(one.sql << "\n" << measured[i].dump(2));
        CHECK(locks_of(previewed[i].at("statements").at(0)) == one.in_text);
        REQUIRE(measured[i].at("state") == "applied");
        REQUIRE(measured[i].at("statements").size() == 1);
        const auto taken = strongest(measured[i].at("statements").at(0));
        CHECK(taken == one.taken);
        same += taken == one.taken ? 1 : 0;
    }
    WARN(same << " of " << cases.size()
              << " kinds of statement: documented, previewed and measured alike");
}
