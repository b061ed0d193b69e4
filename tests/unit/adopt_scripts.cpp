// What becomes of a script: its cuts, its transaction control, and what stands in it that is no
// SQL.
#include <catch2/catch.hpp>

#include "runtime/adopt/lexical.hpp"
#include "runtime/adopt/names.hpp"
#include "runtime/adopt/plan.hpp"
#include "tests/unit/adopted.hpp"

using namespace cairn;
using in_memory::adopted;

TEST_CASE("parts of a script: quotes hold quotes, comments nest, dollars have tags", "[adopt]") {
    const auto shown = [](std::string_view sql) {
        std::string out;
        for (const adopt::Part& part : adopt::parts_of(sql))
            out += "csidm"[static_cast<int>(part.region)] + std::to_string(part.end) + " ";
        return out;
    };
    CHECK(shown("a 'b''c' d") == "c2 s8 c10 ");
    CHECK(shown(R"(E'a\'b' x)") == "c1 s7 c9 ");
    CHECK(shown(R"(e'a\\' x)") == "c1 s6 c8 ");
    CHECK(shown(R"(fe'a\' x)") == "c2 s6 c8 ");
    CHECK(shown(R"("a""b" x)") == "i6 c8 ");
    CHECK(shown("/* a /* b */ ' */ c") == "m17 c19 ");
    CHECK(shown("-- '\n c") == "m4 c7 ");
    CHECK(shown("$$ ' $$ c") == "d7 c9 ");
    CHECK(shown("$a$ $$ $a$ c") == "d10 c12 ");
    CHECK(shown("a$b$ c$b$") == "c9 ");
    CHECK(shown("$1 + $2") == "c7 ");
    CHECK(shown("'never") == "s6 ");
    CHECK(shown("/* never") == "m8 ");
    CHECK(shown("").empty());
}

TEST_CASE("names of items are made of what migrations are called", "[adopt]") {
    CHECK(adopt::as_name("20240101", "Add Users") == "v20240101_add_users");
    CHECK(adopt::as_name("", "été--naïf") == "t_na_f");
    CHECK(adopt::as_name("1.2", "") == "v1_2");
    CHECK(adopt::as_name("", "ё") == "migration");
    adopt::Names names;
    CHECK(names.take("a") == "a");
    CHECK(names.take("a_2") == "a_2");
    CHECK(names.take("a") == "a_3");
}

TEST_CASE("SQL stands between dollars that it does not hold, strings are strings", "[adopt]") {
    CHECK(adopt::dollar_tag("a") == "$$");
    CHECK(adopt::dollar_tag("$$") == "$sql$");
    CHECK(adopt::dollar_tag("$$ $sql$ $sql2$") == "$sql3$");
    CHECK(adopt::quoted("a b") == "\"a b\"");
    CHECK(adopt::quoted("{run}\\") == "'{run}\\'");
    CHECK(adopt::quoted("it's \"{\"") == "\"it's \\\"{\\\"\"");
}

TEST_CASE("what PostgreSQL refuses in a transaction stands in a step of its own", "[adopt]") {
    const auto result = adopted({{"1_a.up.sql",
                                  "SET search_path = app;\n"
                                  "CREATE TABLE a (id int);\n"
                                  "CREATE INDEX CONCURRENTLY i ON a (id);\n"
                                  "VACUUM a;\n"
                                  "-- At last.\n"
                                  "INSERT INTO a VALUES (1);\n"}});
    CHECK(result.told() == "C0917 m/1_a.up.sql:3:1\n");
    CHECK(result.steps() ==
          "# 1_a.up.sql\n"
          "step v1_a_1 {\n$$\nSET search_path = app;\nCREATE TABLE a (id int);\n$$\n}\n\n"
          "step v1_a_2 {\n$$\nSET search_path = app;\nCREATE INDEX CONCURRENTLY i ON a "
          "(id);\nVACUUM a;\n$$\n}\n\n"
          "step v1_a_3 {\n$$\nSET search_path = app;\n-- At last.\nINSERT INTO a VALUES "
          "(1);\n$$\n}\n");
}

TEST_CASE("what its tool sends without a transaction is cut into its statements", "[adopt]") {
    const auto result = adopted({{"1_a.up.sql",
                                  "-- no-transaction\n"
                                  "ALTER TABLE a ADD CONSTRAINT c CHECK (id > 0) NOT VALID;\n"
                                  "SET statement_timeout = 0;\n"
                                  "ALTER TABLE a VALIDATE CONSTRAINT c;\n"}});
    CHECK(result.told() == "C0917 m/1_a.up.sql:4:1\n");
    CHECK(result.steps() ==
          "# 1_a.up.sql\n"
          "step v1_a_1 {\n$$\n-- no-transaction\nALTER TABLE a ADD CONSTRAINT c CHECK (id > 0) NOT "
          "VALID;\n$$\n}\n\n"
          "step v1_a_2 {\n$$\nSET statement_timeout = 0;\nALTER TABLE a VALIDATE CONSTRAINT "
          "c;\n$$\n}\n");
}

TEST_CASE("BEGIN and COMMIT are taken off, and what they cut is cut", "[adopt]") {
    const auto wrapped =
        adopted({{"1_a.sql", "\xEF\xBB\xBF-- Why.\r\nBEGIN;\r\nSELECT 'a\r\nb';\r\nEND;\r\n"}});
    CHECK(wrapped.told() == "C0916 m/1_a.sql:2:1\n");
    CHECK(wrapped.steps() == "# 1_a.sql\nstep v1_a {\n$$\n-- Why.\n\nSELECT 'a\r\nb';\n$$\n}\n");

    const auto twice =
        adopted({{"1_a.sql", "BEGIN; SELECT 1; COMMIT; START TRANSACTION; SELECT 2; COMMIT;"}});
    CHECK(twice.names() == "v1_a_1 v1_a_2");
    const auto open =
        adopted({{"1_a.sql", "SELECT 1; COMMIT;"}, {"2_b.sql", "SELECT 1;\nROLLBACK;"}});
    CHECK(open.told() == "C0915 m/1_a.sql:1:11\nC0915 m/2_b.sql:2:1\n");
    CHECK(!open.adoption.plan);
}

TEST_CASE("colons of slices are set apart from names; those of psql's variables have values",
          "[adopt]") {
    const auto slices =
        adopted({{"1_a.sql", "SELECT a[1:n], a[:n], a[x:y+1], b::text, 'x :n' FROM t;"}});
    CHECK(slices.told().empty());
    CHECK(slices.steps().find("SELECT a[1:n], a[: n], a[x:y+1], b::text, 'x :n' FROM t;") !=
          std::string::npos);

    adopt::Options options;
    options.values = {{"who", "o'hara"}, {"t", "My \"T\""}, {"n", "1 + 1"}};
    const auto filled = adopted({{"1_a.sql", "SELECT :'who', :n FROM :\"t\";"}}, options);
    CHECK(filled.steps().find("SELECT 'o''hara', 1 + 1 FROM \"My \"\"T\"\"\";") !=
          std::string::npos);
    CHECK(adopted({{"1_a.sql", "SELECT\n :n;\n\\i x\nSELECT :m"}}).told() ==
          "C0914 m/1_a.sql:2:2\nC0910 m/1_a.sql:3:1\nC0914 m/1_a.sql:4:8\n");
}

TEST_CASE("mistakes of a script are told where they were made, all of them", "[adopt]") {
    CHECK(adopted({{"1_a.sql", "SELEC 1;\nSELECT 1;\nSELECT );\n"}, {"2_b.sql", "SELECT 'open"}})
              .told() == "C0301 m/1_a.sql:1:1\nC0301 m/1_a.sql:3:8\nC0301 m/2_b.sql:1:8\n");
    // Of the plan, told at the migration: the rest is in the compiler's tests.
    CHECK(adopted({{"1_a.sql", "SELECT 1;\n\nSELECT 1; SET TRANSACTION READ ONLY;\n"}}).told() ==
          "C0551 m/1_a.sql:3:11\n");
}

TEST_CASE("what has no way back says so in the plan, and holds up nothing else", "[adopt]") {
    const auto result = adopted({{"1_a.sql", "CREATE TABLE a (id int);"},
                                 {"2_b.sql", "ALTER SYSTEM SET work_mem = '1GB';\nALTER SYSTEM SET jit = off;"}});
    CHECK(result.told() == "C0926 m/2_b.sql:1:1\n");
    CHECK(result.steps().find("$$\nrollback none \"no rollback can be generated for this ALTER SYSTEM") !=
          std::string::npos);
}

TEST_CASE("a DO block may say COMMIT, but not do it", "[adopt]") {
    CHECK(adopted({{"1_a.sql", "DO $$ BEGIN PERFORM 'COMMIT;'; -- COMMIT;\n END $$;"}})
              .told()
              .empty());
    CHECK(adopted({{"1_a.sql", "DO $x$ BEGIN LOOP EXIT; COMMIT; END LOOP; END $x$;"}}).told() ==
          "C0930 m/1_a.sql:1:1\n");
}

TEST_CASE("a file that can't be read is told once", "[adopt]") {
    compiler::Diagnostics diagnostics;
    adopt::Folder folder("m");
    folder.add_unreadable("1_a.sql", "Permission denied", diagnostics);
    folder.add("2_b.sql", "SELECT '\xC3';", diagnostics);
    folder.sort();
    (void)adopt::adopt(folder, {}, diagnostics);
    REQUIRE(diagnostics.list().size() == 2);
    CHECK(compiler::code_name(diagnostics.list()[0].code) == "C0908");
    CHECK(diagnostics.list()[0].message == "`1_a.sql` can't be read: Permission denied");
    CHECK(diagnostics.list()[1].code == 909);
}
