// Folders as the tools themselves make them.
#include <catch2/catch.hpp>

#include "tests/unit/adopted.hpp"

using namespace cairn;
using in_memory::adopted;

namespace {

adopt::Options back() {
    adopt::Options options;
    options.hand_written_rollback = true;
    return options;
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("diesel: versions without dashes, in the order of their text", "[adopt]") {
    const auto result =
        adopted({{"2024-01-05-101500_b/up.sql", "SELECT 2;"},
                 {"2024-01-05-101500_b/down.sql", "SELECT -2;"},
                 {"20231231000000_a/up.sql", "SELECT 1;"},
                 {"00000000000000_diesel_initial_setup/up.sql", "-- nothing"},
                 {"2024-02-01-000000_c/up.sql", "SELECT 3; SELECT 4;"},
                 {"2024-02-01-000000_c/metadata.toml", "# why\n run_in_transaction=false # so\n"},
                 {"2024-02-01-000000_c/notes.txt", ""}},
                back());
    CHECK(result.adoption.tool == "diesel");
    CHECK(result.names() ==
          "v20231231000000_a v20240105101500_b v20240201000000_c_1 v20240201000000_c_2");
    CHECK(holds(result.steps(), "SELECT 2;\n$$\nrollback $$\nSELECT -2;\n$$\n}"));
    CHECK(result.told() ==
          "C0905 m/00000000000000_diesel_initial_setup/up.sql:1:1\n"
          "C0925 m/20231231000000_a/up.sql:1:1\n"
          "C0906 m/2024-02-01-000000_c/notes.txt:1:1\n"
          "C0925 m/2024-02-01-000000_c/up.sql:1:1\n"
          "C0917 m/2024-02-01-000000_c/up.sql:1:11\n");
}

TEST_CASE("golang-migrate: versions as numbers", "[adopt]") {
    const auto result = adopted({{"000010_c.up.sql", "SELECT 3;"},
                                 {"000010_c.down.sql", "SELECT -3;"},
                                 {"9_b.up.sql", "SELECT 2;"},
                                 {"8_a.up.SQL", "SELECT 1;"},
                                 {"notes.sql", "SELECT"}},
                                back());
    CHECK(result.adoption.tool == "golang-migrate");
    CHECK(result.names() == "v8_a v9_b v000010_c");
    CHECK(holds(result.steps(), "SELECT 3;\n$$\nrollback $$\nSELECT -3;\n$$\n}"));
}

TEST_CASE("dbmate: options stand behind the directive", "[adopt]") {
    const auto result =
        adopted({{"20240101_a.sql",
                  "-- A comment.\n\n--migrate:up\nSELECT 1;\n-- migrate:down\nSELECT -1;\n"},
                 {"20240102_b.sql",
                  "-- migrate:up transaction:false\nVACUUM t;\n-- migrate:down "
                  "transaction:false\nVACUUM t;"},
                 {"schema.sql", "nothing of a migration"}},
                back());
    CHECK(result.adoption.tool == "dbmate");
    CHECK(result.names() == "v20240101_a v20240102_b");
    CHECK(result.told() == "C0906 m/schema.sql:1:1\n");
    CHECK(holds(result.steps(),
                "step v20240101_a {\n$$\nSELECT 1;\n$$\nrollback $$\nSELECT -1;\n$$\n}"));
}

TEST_CASE("goose: sections, and sql-migrate's way of writing them", "[adopt]") {
    const auto goose = adopted({{"1_a.sql",
                                 "-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM t;\n-- +goose "
                                 "Down\nVACUUM u;\nVACUUM t;"},
                                {"2_b.sql",
                                 "-- +goose Up\n-- +goose StatementBegin\nSELECT 1; SELECT 2;\n-- "
                                 "+goose StatementEnd\nSELECT 3;"}},
                               back());
    CHECK(goose.adoption.tool == "goose");
    CHECK(goose.steps() ==
          "# 1_a.sql\nstep v1_a {\n$$\nVACUUM t;\n$$\nrollback $$\nVACUUM u;\nVACUUM t;\n$$\n}\n\n"
          "# 2_b.sql\nstep v2_b {\n$$\nSELECT 1; SELECT 2;\nSELECT 3;\n$$\n}\n");
    const auto other = adopted(
        {{"1-a.sql", "-- +migrate Up notransaction\nVACUUM t;\n-- +migrate Down\nSELECT 1;"}},
        back());
    CHECK(other.steps() ==
          "# 1-a.sql\nstep v1_a {\n$$\nVACUUM t;\n$$\nrollback $$\nSELECT 1;\n$$\n}\n");
}

TEST_CASE("goose: values of the environment, with what stands in for them", "[adopt]") {
    adopt::Options options;
    options.values = {{"A", "1"}};
    const auto result = adopted({{"1_a.sql",
                                  "-- +goose Up\n-- +goose ENVSUB ON\n"
                                  "SELECT $A, ${A}, '${B:-b}', ${C-3}, $$ $A $$, $tag$ $1 $tag$;\n"
                                  "-- +goose ENVSUB OFF\nSELECT '$A';"}},
                                options);
    CHECK(holds(result.steps(), "SELECT 1, 1, 'b', 3, $$ 1 $$, $tag$ $1 $tag$;\nSELECT '$A';"));
}

TEST_CASE("Flyway: versions part by part, in folders too; what is repeatable comes last",
          "[adopt]") {
    const auto result = adopted({{"V1__a.sql", "SELECT 1;"},
                                 {"V1.10__c.sql", "SELECT 3;"},
                                 {"more/V1_9__b.sql", "SELECT 2;"},
                                 {"more/U1.9.0__b.sql", "SELECT -2;"},
                                 {"R__z.sql", "SELECT 5;"},
                                 {"R__y.sql", "SELECT 4;"}},
                                back());
    CHECK(result.adoption.tool == "flyway");
    CHECK(result.names() == "v1_a v1_9_b v1_10_c r_y r_z");
    CHECK(holds(result.steps(), "SELECT 2;\n$$\nrollback $$\nSELECT -2;\n$$\n}"));
    CHECK(adopted({{"V1.0__a.sql", "SELECT 1;"}, {"V1__b.sql", "SELECT 2;"}}).told() ==
          "C0903 m/V1__b.sql:1:1\n");
}

TEST_CASE("Flyway: placeholders stand anywhere, and have values, or not", "[adopt]") {
    adopt::Options options;
    options.values = {{"Schema", "app"}};
    CHECK(holds(
        adopted({{"V1__a.sql", "SELECT '${schema}', $$${flyway:filename}$$ FROM \"${schema}\".t;"}},
                options)
            .steps(),
        "SELECT 'app', $$V1__a.sql$$ FROM \"app\".t;"));
    CHECK(adopted({{"V1__a.sql", "SELECT '${schema}'; /* ${other} */"}}).told() ==
          "C0913 m/V1__a.sql:1:9\n");
    CHECK(adopted({{"V1__a.sql", "SELECT '${schema}';"},
                   {"V1__a.sql.conf", "placeholderReplacement = false"}})
              .told()
              .empty());
    CHECK(holds(adopted({{"V1__a.sql", "SELECT '#[a]';"},
                         {"flyway.toml",
                          "[flyway]\nplaceholderPrefix = \"#[\"\nplaceholderSuffix = "
                          "\"]\"\n[flyway.placeholders]\na = \"b\"\n"}})
                    .steps(),
                "SELECT 'b';"));
}

TEST_CASE("Sqitch: the order of its plan, tags as checkpoints, scripts of what was reworked",
          "[adopt]") {
    const auto result =
        adopted({{"sqitch.conf", "[core]\n\tengine = pg\n\ttop_dir = db\n"},
                 {"db/sqitch.plan",
                  "%syntax-version=1.0.0\n%project=p\n\n"
                  "z 2024-01-01T00:00:00Z A <a@b.c> # first\n"
                  "a/b [z] 2024-01-01T00:00:00Z A <a@b.c>\n"
                  "@v1 2024-01-01T00:00:00Z A <a@b.c>\n"
                  "z [z@v1 p:a/b] 2024-01-01T00:00:00Z A <a@b.c>\n"},
                 {"db/deploy/z@v1.sql", "BEGIN; SELECT 1; COMMIT;"},
                 {"db/deploy/z.sql", "BEGIN; SELECT 3; COMMIT;"},
                 {"db/deploy/a/b.sql", "SELECT 2;"},
                 {"db/revert/a/b.sql", "SELECT -2;"},
                 {"db/verify/z.sql", "BEGIN; SELECT 1/count(*) FROM t; SELECT 1/0; ROLLBACK;"}},
                back());
    CHECK(result.adoption.tool == "sqitch");
    CHECK(result.steps() ==
          "# db/deploy/z@v1.sql\nstep z {\n$$\nSELECT 1;\n$$\n}\n\n"
          "# db/deploy/a/b.sql\nstep a_b {\n$$\nSELECT 2;\n$$\nrollback $$\nSELECT "
          "-2;\n$$\n}\n\ncheckpoint v1\n\n"
          "# db/deploy/z.sql\nstep z_2 {\n$$\nSELECT 3;\n$$\n}\n\n"
          "validate verify_z {\n"
          "\"query 1 of 2\" $$\nWITH verified AS MATERIALIZED (\nSELECT 1/count(*) FROM t\n) "
          "SELECT (SELECT count(*) FROM verified) >= 0\n$$ = true\n"
          "\"query 2 of 2\" $$\nWITH verified AS MATERIALIZED (\nSELECT 1/0\n) SELECT (SELECT "
          "count(*) FROM verified) >= 0\n$$ = true\n}\n");
}

TEST_CASE("plain files: by their numbers, by their names, by their folders", "[adopt]") {
    CHECK(adopted({{"b.sql", "SELECT 2;"}, {"a.sql", "SELECT 1;"}}).names() == "a b");
    CHECK(adopted({{"2_b.sql", "SELECT 2;"}, {"10_a.sql", "SELECT 1;"}, {"1_c.sql", "SELECT 1;"}})
              .names() == "v1_c v2_b v10_a");
    CHECK(adopted({{"2/1_a.sql", "SELECT 2;"}, {"10/1_a.sql", "SELECT 1;"}}).names() ==
          "v1_a v1_a_2");
    const auto pairs = adopted({{"a.up.sql", "SELECT 1;"},
                                {"a.down.sql", "SELECT -1;"},
                                {"b.sql", "SELECT 2;"},
                                {"rollback/b.sql", "SELECT -2;"}},
                               back());
    CHECK(pairs.adoption.tool == "plain");
    CHECK(pairs.steps() ==
          "# a.up.sql\nstep a {\n$$\nSELECT 1;\n$$\nrollback $$\nSELECT -1;\n$$\n}\n\n"
          "# b.sql\nstep b {\n$$\nSELECT 2;\n$$\nrollback $$\nSELECT -2;\n$$\n}\n");
}

TEST_CASE("a plan may take in scripts by their path, where they can stay as they are", "[adopt]") {
    adopt::Options options;
    options.files = true;
    options.files_prefix = "db/";
    const auto result = adopted({{"1_a.sql", "SELECT 1;\n"},
                                 {"2_b.sql", "BEGIN; SELECT 2; COMMIT;"},
                                 {"3_c.sql", "SELECT a[:n] FROM t;"}},
                                options);
    CHECK(result.steps() ==
          "# 1_a.sql\nstep v1_a {\n  file \"db/1_a.sql\"\n}\n\n"
          "# 2_b.sql\nstep v2_b {\n$$\nSELECT 2;\n$$\n}\n\n"
          "# 3_c.sql\nstep v3_c {\n$$\nSELECT a[: n] FROM t;\n$$\n}\n");
    const auto wrong = adopted(
        {{"1_a.sql", "SELECT 1;\nSELECT lo_unlink(1); SET TRANSACTION READ ONLY;"}}, options);
    CHECK(wrong.told() == "C0551 m/1_a.sql:2:22\n");
}

TEST_CASE("several tools in one folder are told apart, or one is named", "[adopt]") {
    const in_memory::Files mixed{{"1_a.up.sql", "SELECT 1;"}, {"V2__b.sql", "SELECT 2;"}};
    CHECK(adopted(mixed).told() == "C0902 m/1_a.up.sql:1:1\n");
    adopt::Options options;
    options.from = "flyway";
    CHECK(adopted(mixed, options).names() == "v2_b");
}

TEST_CASE("holes in a count are told, not those between instants or tens", "[adopt]") {
    CHECK(
        adopted(
            {{"1_a.up.sql", "SELECT 1;"}, {"2_b.up.sql", "SELECT 1;"}, {"4_c.up.sql", "SELECT 1;"}})
            .told() == "C0904 m/4_c.up.sql:1:1\n");
    CHECK(adopted({{"10_a.up.sql", "SELECT 1;"}, {"20_b.up.sql", "SELECT 1;"}}).told().empty());
    CHECK(adopted({{"20240101_a.up.sql", "SELECT 1;"},
                   {"20240102_b.up.sql", "SELECT 1;"},
                   {"20240105_c.up.sql", "SELECT 1;"}})
              .told()
              .empty());
}
