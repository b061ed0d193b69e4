// What the undo trail keeps, and how a step is cut into stretches.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "runtime/undo/remade.hpp"
#include "runtime/undo/recorder.hpp"

using namespace cairn;

namespace {

compiler::StepItem step_of(const std::string& sql) {
    compiler::StepItem step;
    const auto analysis = sql::analyse(sql);
    REQUIRE(!analysis.failure);
    for (const auto& facts : analysis.statements)
        step.statements.push_back({.sql = {.text = sql.substr(facts.begin, facts.end - facts.begin), .segments = {}}, .facts = facts});
    return step;
}

std::string cut(const std::string& sql) {
    std::string out;
    for (const auto& stretch : undo::stretches(step_of(sql))) {
        out += stretch.kind == undo::Stretch::Kind::rows ? "r" : stretch.kind == undo::Stretch::Kind::schema ? "s" : "a";
        out += std::to_string(stretch.statements.size());
    }
    return out;
}

}  // namespace

TEST_CASE("a step is cut where rows and definitions alternate, and around code that can't be seen into") {
    CHECK(cut("UPDATE t SET a = 1; DELETE FROM t; INSERT INTO t VALUES (1)") == "r3");
    CHECK(cut("ALTER TABLE t ADD COLUMN b int; UPDATE t SET b = 1; ALTER TABLE t ALTER b SET NOT NULL") == "s1r1s1");
    CHECK(cut("DO 'BEGIN NULL; END'; DO 'BEGIN NULL; END'") == "a1a1");
    CHECK(cut("SET work_mem = '1MB'; UPDATE t SET a = 1; RESET work_mem; DELETE FROM t") == "s1r3");
    CHECK(cut("UPDATE t SET a = f(a)") == "a1");
}

TEST_CASE("an entry of the trail reads back as it was written; a changed one is refused") {
    undo::Entry entry;
    entry.before_rows = {"DROP VIEW v"};
    entry.after_rows = {"ALTER TABLE \"T\" ALTER a SET NOT NULL"};
    entry.guards = {{.id = {"pg_class", 17}, .what = "VIEW v", .digest = "ab", .made = true, .parts = {{"its comment", "cd"}}}};
    entry.known = {{"pg_class", 17}};
    entry.remade = {{.was = {"pg_class", 18}, .identity = "public.w", .columns = {{"x", 1}, {"ü", 3}}}};
    entry.added = {{.table = {"pg_class", 19}, .relation = "public.t", .column = "c", .number = 4}};
    const std::string text = undo::to_json(entry);
    const auto again = undo::entry_from_json(text);
    REQUIRE(again);
    CHECK(undo::to_json(*again) == text);
    CHECK(undo::summary(entry) == "2 statements");
    auto older = nlohmann::json::parse(text);
    older["guards"][0].erase("parts");
    REQUIRE(undo::entry_from_json(older.dump()));
    CHECK(undo::entry_from_json(older.dump())->guards[0].parts.empty());
    CHECK(!undo::entry_from_json("{}"));
    CHECK(!undo::entry_from_json("nonsense"));
}

TEST_CASE("what was made again is followed through every rollback") {
    const std::map<std::string, std::string> remade{{"pg_class 1", "pg_class 5"}, {"pg_class 5", "pg_class 9"}};
    CHECK(undo::now_known_as(remade, "pg_class 1") == "pg_class 9");
    CHECK(undo::now_known_as(remade, "pg_class 2") == "pg_class 2");
}
