#include "tests/cluster/review_harness.hpp"

#include <catch2/catch.hpp>

#include "tests/cluster/report.hpp"

namespace cairn::cluster {

using Json = nlohmann::json;

const char* const reviewed_schema = R"(
CREATE TABLE users (id serial PRIMARY KEY, email text NOT NULL, made timestamptz DEFAULT now());
INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, 200) n;
CREATE INDEX users_email ON users (email);
CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users, note text);
CREATE VIEW active AS SELECT id, email FROM users WHERE email <> '';
CREATE TABLE "We""ird
one" ("a ""b" int);
CREATE FUNCTION touch() RETURNS int LANGUAGE plpgsql AS 'BEGIN UPDATE users SET made = now(); RETURN 1; END';
CREATE PROCEDURE tidy() LANGUAGE sql AS 'DELETE FROM orders';
ANALYZE;
)";

Json Reviewed::item(const std::string& name) const {
    return entry(json.at("items"), "name", name);
}

Json Reviewed::facts_of(const std::string& relation) const {
    return entry(json.at("facts"), "relation", relation);
}

std::string Reviewed::prepared(const std::string& name) const {
    return item(name).at("prepared").at("state");
}

Json Reviewed::not_checked(const std::string& name) const {
    return item(name).at("prepared").at("not_checked");
}

std::string Reviewed::messages(const std::string& code) const {
    std::string out;
    for (const auto& d : json.at("diagnostics"))
        if (d.at("code") == code) out += d.at("message").get<std::string>() + "\n";
    return out;
}

Reviewed reviewed(const Database& database, const std::string& plan, const std::string& conninfo) {
    const Folder folder;
    folder.write("p.cairn", plan);
    const std::string where = "erp=" + (conninfo.empty() ? database.conninfo() : conninfo);
    Reviewed out{run_cairn(folder, {"preview", "p.cairn", "--db", where, "--format", "json"}), {}};
    out.json = Json::parse(out.ran.out, nullptr, false);
    INFO(out.ran.out << out.ran.err);
    REQUIRE_FALSE(out.json.is_discarded());
    return out;
}

}  // namespace cairn::cluster
