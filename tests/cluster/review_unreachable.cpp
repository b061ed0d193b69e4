// What a review can't reach, and what it has to do without: said, and not taken for a mistake.
#include <catch2/catch.hpp>

#include "tests/cluster/review_harness.hpp"

using namespace cairn::cluster;
using Catch::Contains;
using Json = nlohmann::json;

TEST_CASE("review: what can't be reached or read is said", "[review]") {
    Database database;
    database.execute(reviewed_schema);
    const Folder folder;
    folder.write("p.cairn", head + "step a { $$ UPDATE users SET email = 'x' WHERE id = 1 $$ }");
    folder.write("cairn.toml", "[profile.staging.db]\nerp = \"host=/nowhere dbname=x\"\n");
    for (const auto* command : {"preview", "check"}) {
        const auto away = run_cairn(folder, {command, "p.cairn", "--profile", "staging"});
        CHECK(away.exit == 8);
        CHECK_THAT(away.out + away.err, Contains("C0701"));
        const auto missing = run_cairn(folder, {command, "p.cairn", "--profile", "stagin"});
        CHECK(missing.exit == 2);
        CHECK_THAT(missing.out + missing.err, Contains("C0607") && Contains("staging"));
    }
    // A table that somebody holds: said, and not waited for for ever.
    auto holder = database.connect();
    REQUIRE(holder.script("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").ok());
    const auto held =
        run_cairn(folder, {"preview", "p.cairn", "--db", "erp=" + database.conninfo()});
    CHECK(held.exit == 8);
    CHECK_THAT(held.err, Contains("C0762"));
    REQUIRE(holder.script("ROLLBACK").ok());
}

TEST_CASE(
    "review: an extension that is not installed here has a stand-in, and what uses it is not "
    "checked",
    "[review]") {
    auto own = own_server({.bin = {}, .settings = {{"allow_system_table_mods", "on"}}});
    Database database(own);
    database.execute(
        "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION cube SCHEMA ext;");
    database.execute(
        "CREATE TABLE users (id int PRIMARY KEY, email ext.citext, spot ext.cube, note text)");
    database.execute("CREATE VIEW mails AS SELECT email FROM users WHERE email <> 'x'::ext.citext");
    database.execute(
        "UPDATE pg_extension SET extname = 'nowhere_' || extname WHERE extname IN ('citext', "
        "'cube')");
    const auto seen = reviewed(database, head + R"(
        step plain { $$ UPDATE users SET note = email::text WHERE id = 1 $$ }
        step near { $$ UPDATE users SET spot = ext.cube(1.0, 2.0) WHERE id = 1 $$ }
        step more { $$ ALTER TABLE users ADD COLUMN other ext.cube $$ }
        step by_view { $$ DELETE FROM users WHERE id IN (SELECT id FROM users JOIN mails USING (email)) $$ }
        step bad { $$ UPDATE users SET note = nte WHERE id = 1 $$ }
    )");
    INFO(seen.ran.out);
    CHECK(seen.ran.exit == 1);
    CHECK(seen.prepared("plain") == "checked");
    CHECK(seen.prepared("near") == "not checked in full");
    CHECK(seen.prepared("more") == "not checked in full");
    CHECK(seen.prepared("by_view") != "failed");
    CHECK(seen.prepared("bad") == "failed");
    CHECK_THAT(seen.not_checked("near").dump(),
               Contains("`cube`, a ") && Contains("extension nowhere_cube"));
    CHECK_THAT(seen.json.at("stand_ins").dump(), Contains("nowhere_citext"));
}

TEST_CASE("review: a locale that this machine does not have orders as C, and is named",
          "[review]") {
    auto own = own_server({.bin = {}, .settings = {{"allow_system_table_mods", "on"}}});
    Database database(own);
    database.execute(R"(CREATE TABLE words (id int, word text COLLATE "C.utf8"))");
    database.execute("UPDATE pg_collation SET collname = 'nowhere.utf8' WHERE collname = 'C.utf8'");
    const auto seen = reviewed(database, head + R"(
        step plain { $$ UPDATE words SET word = upper(word) WHERE id = 1 $$ }
        step sorted { $$ DELETE FROM words WHERE word > 'm' COLLATE "nowhere.utf8" $$ }
        step bad { $$ UPDATE words SET wrod = '' WHERE id = 1 $$ }
    )");
    INFO(seen.ran.out);
    CHECK(seen.prepared("plain") == "checked");
    CHECK(seen.not_checked("sorted") ==
          Json({"uses `nowhere.utf8`, a locale that this machine does not have"}));
    CHECK(seen.prepared("bad") == "failed");
}
