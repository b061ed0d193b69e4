// Whatever a step does to the schema, the way back leads to what was there: judged by the reader of
// the database's state, which shares nothing with it, and by pg_dump.
//
// tests/cluster/way_back/NAME.sql has one of everything; NAME.cases have a change of it a line:
//   name | SQL | SQL that prepares (may be left out)
// or the SQL alone. A database is used again as long as it is as it was.
// `#` begins a comment line, a line that begins with a blank continues the one before. Parts are
// separated by ` | `.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "runtime/catalog/definitions.hpp"
#include "runtime/catalog/state.hpp"
#include "tests/cluster/cases.hpp"
#include "tests/cluster/way_back_fixture.hpp"

using namespace cairn;
using cluster::Fixture;
namespace fs = std::filesystem;

namespace {

struct Case {
    std::string file, name, sql, setup;
};

std::vector<Case> changes() {
    std::vector<std::string> files;
    for (const auto& entry :
         fs::directory_iterator(fs::path(CAIRN_SOURCE_DIR) / "tests/cluster/way_back"))
        if (entry.path().extension() == ".cases") files.push_back(entry.path().stem());
    std::sort(files.begin(), files.end());
    std::vector<Case> cases;
    for (const auto& file : files) {
        for (const auto& [number, text, parts] : cluster::read_cases("way_back/" + file + ".cases")) {
            const auto part = [&](std::size_t i) { return i < parts.size() ? parts[i] : ""; };
            cases.push_back({.file = file,
                             .name = parts[0],
                             .sql = part(1).empty() ? parts[0] : part(1),
                             .setup = part(2)});
        }
    }
    return cases;
}

// As the last case has left it: what it was before.
struct Clean {
    std::string file;
    postgres::Session session;
    catalog::State state;
    std::vector<std::string> dump;
};

template <typename Read>
auto must(std::variant<Read, compiler::Diagnostic> read) {
    if (auto* why = std::get_if<compiler::Diagnostic>(&read))
        throw std::runtime_error(why->message);
    return std::get<Read>(std::move(read));
}

void must_run(postgres::Session& session, const std::string& sql) {
    const auto answer = session.script(sql);
    if (!answer.ok())
        throw std::runtime_error(answer.error.message + " " + answer.error.detail + "\n  in " +
                                 sql);
}

// Applies it and brings back its way back, as a step does: once to see what it touches, then for
// good.
catalog::WayBack apply(postgres::Session& session, const std::string& sql) {
    must_run(session, "SELECT pg_stat_force_next_flush()");
    must_run(session, "BEGIN");
    must_run(session, sql);
    const auto first = must(catalog::touched(session));
    must_run(session, "ROLLBACK");
    auto roots = must(catalog::touched_by_aborted(session, first));
    must_run(session, "SELECT pg_stat_force_next_flush()");
    must_run(session, "BEGIN");
    roots.insert(first.objects.begin(), first.objects.end());
    const auto before = must(catalog::read_definitions(session, roots));
    must_run(session, sql);
    const auto second = must(catalog::touched(session));
    roots.insert(second.objects.begin(), second.objects.end());
    for (const auto& [id, object] : before) roots.insert(id);
    const auto after = must(catalog::read_definitions(session, roots));
    must_run(session, "COMMIT");
    return catalog::way_back(before, after);
}

std::string text_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += "    " + line + "\n";
    return text;
}

// Extended statistics name their columns in the table's order.
std::vector<std::string> without_order(std::vector<std::string> lines) {
    for (auto& line : lines)
        if (line.starts_with("CREATE STATISTICS")) std::sort(line.begin(), line.end());
    std::sort(lines.begin(), lines.end());
    return lines;
}

const char* const empty_tables = R"(DO $$ DECLARE t text; BEGIN
    FOR t IN SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
    LOOP EXECUTE 'TRUNCATE ' || t || ' CASCADE'; END LOOP; END $$)";

// Nothing, or what went wrong.
std::string try_case(Fixture& fixture, const Case& one, std::optional<Clean>& clean) {
    const bool again = clean && clean->file == one.file && one.setup.empty();
    if (!again) clean.reset();
    auto session = again ? std::move(clean->session) : fixture.fresh(one.file);
    std::string trail;
    try {
        if (!one.setup.empty()) must_run(session, one.setup);
        auto was = again ? std::move(clean->state) : must(catalog::read_state(session));
        auto dump_was = again ? std::move(clean->dump) : fixture.dump();
        clean.reset();
        const auto way = apply(session, one.sql);
        trail = text_of(way.before_rows) + "    -- rows\n" + text_of(way.after_rows);
        for (const auto& refused : way.refused) return "  refused: " + refused.message + "\n";
        must_run(session, "BEGIN; SET LOCAL check_function_bodies = off");
        for (const auto& sql : way.before_rows) must_run(session, sql);
        // Rows that only whoever keeps them can put back.
        if (!way.losses.empty()) must_run(session, empty_tables);
        for (const auto& sql : way.after_rows) must_run(session, sql);
        must_run(session, "COMMIT");
        auto is = must(catalog::read_state(session));
        if (!way.losses.empty()) was.contents.clear(), is.contents.clear();
        const auto difference = catalog::compare(was, is);
        if (difference.likeness == catalog::Likeness::differs)
            return "  differs:\n" + text_of(difference.lines) + "  way back:\n" + trail;
        auto dump_is = fixture.dump();
        if (difference.likeness == catalog::Likeness::column_order) {
            dump_was = without_order(std::move(dump_was));
            dump_is = without_order(std::move(dump_is));
        }
        if (dump_is != dump_was) {
            std::vector<std::string> missing, more;
            std::set_difference(dump_was.begin(), dump_was.end(), dump_is.begin(), dump_is.end(),
                                std::back_inserter(missing));
            std::set_difference(dump_is.begin(), dump_is.end(), dump_was.begin(), dump_was.end(),
                                std::back_inserter(more));
            return "  pg_dump differs, was:\n" + text_of(missing) + "  is:\n" + text_of(more) +
                   "  way back:\n" + trail;
        }
        if (difference.likeness == catalog::Likeness::exact && way.losses.empty() &&
            one.setup.empty())
            clean = Clean{.file = one.file,
                          .session = std::move(session),
                          .state = std::move(is),
                          .dump = dump_is};
    } catch (const std::exception& why) {
        return std::string("  ") + why.what() + "\n  way back:\n" + trail;
    }
    return {};
}

}  // namespace

TEST_CASE("what can't be read or taken back is said", "[way_back]") {
    cluster::Database database;
    auto session = database.connect();
    must_run(session, "CREATE TABLE t (); BEGIN");
    (void)session.query("SELECT 1 / 0");
    const auto read = catalog::read_definitions(session, {{"pg_class", 16384}});
    REQUIRE(std::holds_alternative<compiler::Diagnostic>(read));
    CHECK(std::get<compiler::Diagnostic>(read).code == 840);

    catalog::Object object;
    object.id = {"pg_extension", 1};
    object.identity = "e";
    object.root = true;
    catalog::Definitions before{{object.id, object}}, after = before;
    auto& was = before[object.id].facets["version"];
    was.value = "1";
    was.set = "no script leads back";
    was.how = catalog::Facet::How::lasting;
    after[object.id].facets["version"].value = "2";
    const auto way = catalog::way_back(before, after);
    REQUIRE(way.refused.size() == 1);
    CHECK(way.refused[0].code == 841);
    CHECK(way.refused[0].message == "no script leads back");
    CHECK(catalog::way_back(before, before).refused.empty());
}

TEST_CASE("a change that can't be taken back is refused with its reason", "[way_back]") {
    struct Refused {
        const char *setup, *sql, *message;
    };
    const Refused cases[] = {
        {"CREATE EXTENSION hstore VERSION '1.4'", "ALTER EXTENSION hstore UPDATE TO '1.5'",
         "no script of the extension hstore leads back to its version 1.4"},
        {"CREATE FUNCTION gap(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT $1 "
         "- $2';"
         "CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = gap)",
         "CREATE OR REPLACE FUNCTION gap(a float8, b float8) RETURNS float8 LANGUAGE sql IMMUTABLE "
         "AS 'SELECT a - b'",
         "range type `public.span` would have to be made again to bring back what it was: "
         "`public.gap(double precision, "
         "double precision)` is made again"},
        {"CREATE TYPE span AS RANGE (subtype = float8)", "ALTER FUNCTION span(float8, float8) COST 5",
         "`public.span(double precision,double precision)` came with its type, and can't be defined otherwise than PostgreSQL has"},
        {"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE p (n int, m mood) PARTITION BY RANGE (n); CREATE TABLE q PARTITION OF p DEFAULT PARTITION BY LIST (m)",
         "ALTER TYPE mood ADD VALUE 'b'",
         "a column of the partition key of `public.q` would have to get its type again to bring back what that was, and PostgreSQL gives such a column "
         "no other type"},
        {"CREATE TYPE mood AS ENUM ('a'); CREATE TYPE pair AS (m mood, n int); CREATE TABLE t (p pair); INSERT INTO t VALUES (ROW('a', 1))",
         "ALTER TYPE mood ADD VALUE 'b'; ALTER TYPE pair ADD ATTRIBUTE z text",
         "columns of `public.t` hold values of type `public.pair`, which would have to get its attributes again and be made again in one: two steps do that"},
        {"CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (id int PRIMARY KEY, m mood); CREATE PUBLICATION p FOR TABLE t (id, m)", "ALTER TYPE mood ADD VALUE 'b'",
         "a column of `public.t` that a publication names would have to get its type again to bring back what that was, and PostgreSQL gives such a column "
         "no other type"},
        {"CREATE TYPE row_of AS (a int, b text, c int); CREATE TABLE t OF row_of (PRIMARY KEY (a)); INSERT INTO t VALUES (1, 'x', 2)",
         "ALTER TYPE row_of DROP ATTRIBUTE b CASCADE",
         "a column of the typed table `public.t` would come back behind the others, and these could only get their places again without their values"},
        {"CREATE TYPE row_of AS (a int, b text, c int); CREATE TABLE t OF row_of", "ALTER TABLE t NOT OF; ALTER TABLE t DROP COLUMN b",
         "a column of the typed table `public.t` would come back behind the others, and these could only get their places again without their values"},
        {"SELECT lo_from_bytea(4711, convert_to(repeat('x', 17000000), 'UTF8'))",
         "SELECT lo_unlink(4711)", "the large object 4711 holds 17000000 bytes: too much to keep"},
        {"CREATE TABLE t (a int); CREATE SUBSCRIPTION refused CONNECTION 'dbname=x' PUBLICATION p "
         "WITH (connect = false, slot_name = NONE);"
         "INSERT INTO pg_subscription_rel SELECT oid, 't'::regclass, 'r' FROM pg_subscription",
         "DROP SUBSCRIPTION refused",
         "how far the subscription refused is with each of its tables is gone with it"},
    };
    for (const auto& one : cases) {
        INFO(one.sql);
        cluster::Database database;
        auto session = database.connect();
        must_run(session, one.setup);
        const auto way = apply(session, one.sql);
        REQUIRE(way.refused.size() == 1);
        CHECK(way.refused[0].code == 841);
        CHECK(way.refused[0].message == one.message);
    }
}

// CAIRN_WAY_BACK=text: only the cases whose name holds it.
TEST_CASE("every change of the schema has a way back", "[way_back]") {
    Fixture fixture;
    const char* only = std::getenv("CAIRN_WAY_BACK");
    std::size_t count = 0;
    std::optional<Clean> clean;
    for (const auto& one : changes()) {
        if (only && one.name.find(only) == std::string::npos) continue;
        ++count;
        const auto wrong = try_case(fixture, one, clean);
        INFO(one.name << "\n  " << one.sql);
        if (!wrong.empty()) FAIL_CHECK(wrong);
    }
    CHECK(count > 0);
}
