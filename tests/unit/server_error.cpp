// What a server said, in the plan's terms: the place, the words, and what to type.
#include <catch2/catch.hpp>

#include "runtime/execute/checks.hpp"
#include "runtime/execute/grant.hpp"

using namespace cairn;

namespace {

// A statement that begins at byte 100 of the plan.
compiler::Statement statement(const std::string& sql) {
    compiler::Statement s;
    s.sql.append(sql, {{0}, {100, 100 + static_cast<std::uint32_t>(sql.size())}});
    return s;
}

// What `error` points at in `sql`.
std::string pointed(const std::string& sql, const postgres::ServerError& error) {
    const auto d = execute::server_diagnostic(error, statement(sql), 708);
    const auto span = d.where->span;
    return sql.substr(span.begin - 100, span.end - span.begin);
}
std::string token(const std::string& sql, std::uint32_t position) {
    postgres::ServerError error;
    error.message = "x";
    error.position = position;
    return pointed(sql, error);
}

postgres::ServerError refused(const std::string& message) {
    postgres::ServerError error;
    error.sqlstate = "42501";
    error.message = message;
    return error;
}

}  // namespace

TEST_CASE("a server's error points at the whole token it names") {
    CHECK(token("SELECT nothing FROM t", 8) == "nothing");
    CHECK(token("SELECT a.b, c FROM t", 8) == "a.b");
    CHECK(token("SELECT * FROM public.\"Or\"\"der\" o", 15) == "public.\"Or\"\"der\"");
    CHECK(token("SELECT 'it''s' + 1", 8) == "'it''s'");
    CHECK(token("SELECT 'it''s' + 1", 16) == "+");
    CHECK(token("SELECT a <@ b", 10) == "<@");
    CHECK(token("SELECT (1", 8) == "(");
    CHECK(token("SELECT $1", 8) == "$1");
    CHECK(token("SELECT t. FROM", 8) == "t");
}

TEST_CASE("positions count characters, spans bytes") {
    CHECK(token("SELECT 'ä€😀', wrong", 15) == "wrong");
    CHECK(token("SELECT naïve", 8) == "naïve");
}

TEST_CASE("an error at the end of input points at what was written last") {
    CHECK(token("SELECT 1 +  ", 99) == "+");
    CHECK(token("SELECT ä ", 99) == "ä");
    CHECK(token("SELECT (", 9) == "(");
}

TEST_CASE("an error without a place points at the statement's first line") {
    CHECK(token("UPDATE t\n  SET a = 1", 0) == "UPDATE t");
    CHECK(token("DELETE FROM t", 0) == "DELETE FROM t");
}

TEST_CASE("an error inside a DO block points at its line") {
    const std::string sql = "DO $x$\nBEGIN\n  PERFORM 1 / 0;  \nEND $x$";
    postgres::ServerError error;
    error.message = "division by zero";
    error.sqlstate = "22012";
    error.context =
        "SQL statement \"SELECT 1 / 0\"\nPL/pgSQL function inline_code_block line 3 at PERFORM";
    CHECK(pointed(sql, error) == "PERFORM 1 / 0;");
    CHECK(execute::server_diagnostic(error, statement(sql), 708).message ==
          "division by zero (22012)");
    error.context =
        "PL/pgSQL function f(integer) line 7 at RAISE\n"
        "SQL statement \"SELECT f(1)\"\nPL/pgSQL function inline_code_block line 3 at PERFORM";
    CHECK(pointed(sql, error) == "PERFORM 1 / 0;");
    CHECK(execute::server_diagnostic(error, statement(sql), 708).message ==
          "division by zero, in PL/pgSQL function f(integer) line 7 at RAISE (22012)");
    error.context = "PL/pgSQL function inline_code_block line 99 at PERFORM";
    CHECK(pointed(sql, error) == "DO $x$");
}

TEST_CASE("the server's detail and hint are taken along") {
    postgres::ServerError error;
    error.sqlstate = "23503";
    error.message = "insert or update on table \"a\" violates foreign key constraint \"fk\"";
    error.detail = "Key (b)=(7) is not present in table \"b\".";
    error.hint = "Do something.";
    const auto d = execute::server_diagnostic(error, statement("INSERT INTO a VALUES (7)"), 708);
    CHECK(d.code == 708);
    CHECK(d.message ==
          "insert or update on table \"a\" violates foreign key constraint \"fk\": key (b)=(7) is "
          "not "
          "present in table \"b\" (23503)");
    CHECK(d.help == "do something");
}

TEST_CASE("a detail of many lines becomes one, and one without end is cut") {
    postgres::ServerError error;
    error.message = "deadlock detected";
    error.detail = "Process 1 waits for 2.\nProcess 2 waits for 1.";
    CHECK(execute::server_diagnostic(error, statement("LOCK a"), 708).message ==
          "deadlock detected: process 1 waits for 2; Process 2 waits for 1");
    error.detail = std::string(5000, 'x');
    CHECK(execute::server_diagnostic(error, statement("LOCK a"), 708).message.size() < 500);
}

TEST_CASE("a missing right names the GRANT that gives it") {
    auto s = statement("UPDATE orders SET a = b.x FROM b");
    s.facts.kind = "UPDATE";
    s.facts.writes = {"public.orders"};
    s.facts.reads = {"\"Web\".\"B\"\"x\""};
    CHECK(execute::grant_that_lacks(refused("permission denied for table orders"), s, "app") ==
          "GRANT SELECT, UPDATE ON public.orders TO app");
    CHECK(execute::grant_that_lacks(refused("permission denied for view B\"x"), s, "app") ==
          "GRANT SELECT ON \"Web\".\"B\"\"x\" TO app");
    CHECK(execute::grant_that_lacks(refused("permission denied for table Behind"), s, "app") ==
          "GRANT SELECT ON \"Behind\" TO app");
    CHECK(execute::grant_that_lacks(refused("permission denied for schema hidden"), s, "app") ==
          "GRANT USAGE ON SCHEMA hidden TO app");
    CHECK(execute::grant_that_lacks(refused("permission denied for function f"), s, "app") ==
          "GRANT EXECUTE ON FUNCTION f TO app");
    CHECK(execute::grant_that_lacks(refused("permission denied for sequence s"), s, "app") ==
          "GRANT USAGE, SELECT ON SEQUENCE s TO app");
    CHECK(execute::grant_that_lacks(
              refused("query would be affected by row-level security policy for table \"t\""), s,
              "app") == "ALTER ROLE app BYPASSRLS");
    auto create = statement("CREATE TABLE x.t ()");
    create.facts.kind = "CREATE TABLE";
    CHECK(execute::grant_that_lacks(refused("permission denied for schema x"), create, "app") ==
          "GRANT USAGE, CREATE ON SCHEMA x TO app");
}

TEST_CASE("where no GRANT would help none is named") {
    const auto s = statement("DROP TABLE t");
    CHECK(execute::grant_that_lacks(refused("must be owner of table t"), s, "app").empty());
    CHECK(execute::grant_that_lacks(refused("keine Berechtigung für Tabelle t"), s, "app").empty());
    auto other = refused("permission denied for table t");
    other.sqlstate = "XX000";
    CHECK(execute::grant_that_lacks(other, s, "app").empty());
}

TEST_CASE("who lacks the right is the role that is connected, unless told otherwise") {
    auto error = refused("permission denied for table t");
    error.user = "Web App";
    const auto s = statement("SELECT * FROM t");
    CHECK(execute::server_diagnostic(error, s, 708).help == "GRANT SELECT ON t TO \"Web App\"");
    CHECK(execute::server_diagnostic(error, s, 708, "other").help == "GRANT SELECT ON t TO other");
}
