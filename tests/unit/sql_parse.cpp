#include <catch2/catch.hpp>

#include "compiler/sql/facts.hpp"

using namespace cairn::sql;

namespace {

std::string repeated(const std::string& part, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += part;
    return out;
}

std::vector<std::string> statements(const std::string& text) {
    const Analysis analysis = analyse(text);
    REQUIRE_FALSE(analysis.failure);
    std::vector<std::string> out;
    for (const StatementFacts& facts : analysis.statements) {
        out.push_back(text.substr(facts.begin, facts.end - facts.begin));
    }
    return out;
}

struct Failed {
    std::string message, at, help;
};
Failed failure(const std::string& text) {
    const Analysis analysis = analyse(text);
    REQUIRE(analysis.failure);
    const ParseFailure& f = *analysis.failure;
    REQUIRE(f.begin <= f.end);
    REQUIRE(f.end <= text.size());
    return {f.message, text.substr(f.begin, f.end - f.begin), f.help};
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("statements are told apart without blanks, comments and semicolons") {
    CHECK(statements(" -- x\n SELECT 1 /* y */ ; ;\n SELECT ';' -- z") ==
          Texts{"SELECT 1", "SELECT ';'"});
    CHECK(statements("").empty());
    CHECK(statements(" ; -- nothing\n").empty());
}

TEST_CASE("escaped Unicode strings and names are whole") {
    CHECK(statements("SELECT U&'\\0041''b' ; SELECT U&'a'\n 'b'; DROP TABLE U&\"d\\0061t\"") ==
          Texts{"SELECT U&'\\0041''b'", "SELECT U&'a'\n 'b'", "DROP TABLE U&\"d\\0061t\""});
    CHECK(failure("SELECT 1, U&'\\zz' AS x").message == "invalid Unicode escape");
    CHECK(failure("SELECT 1, U&'\\zz' AS x").at == "U&'\\zz'");
    CHECK(analyse("DROP TABLE U&\"d\\0061t\"").statements.at(0).writes == Texts{"dat"});
}

TEST_CASE("semicolons inside a rule or a function body do not end the statement") {
    const std::string rule =
        "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)";
    const std::string function =
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; "
        "END";
    CHECK(statements(rule + ";" + function + "; SELECT 1") == Texts{rule, function, "SELECT 1"});
}

TEST_CASE("a syntax error points at the refused token, in bytes") {
    const Failed f = failure("SELECT 'é'; SELECT 'é' frm x y");
    CHECK(f.message == "syntax error at or near `x`");
    CHECK(f.at == "x");
    CHECK(analyse("SELECT 'é'; SELECT 'é' frm x y").failure->begin == 29);
    CHECK(analyse("SELECT 'é'; SELECT 'é' frm x y").statements.size() == 1);
}

TEST_CASE("an error at the end of the input points at the last token") {
    const Failed f = failure("SELECT 1; CREATE TABLE t (a int  -- open\n");
    CHECK(f.message == "syntax error at end of input");
    CHECK(f.at == "int");
    CHECK(f.help == "close the parenthesis with `)`");
}

TEST_CASE("helps are given where the mended statement parses") {
    CHECK(failure("CREATE TABLE t (a int b int)").help == "put a comma before `b`");
    CHECK(failure("CREATE TABLE t (a int,)").help == "leave out the comma before `)`");
    CHECK(failure("CREATE TABLE user (a int)").help ==
          "`user` is a reserved word; as a name it is written `\"user\"`");
    CHECK(failure("SELECT 1)").help == "leave out this `)`");
    CHECK(failure("DELETE FROM a DELETE FROM b").help == "put a semicolon before `DELETE`");
    CHECK(failure("frobnicate the database").help.empty());
}

TEST_CASE("syntax of newer servers is named as what it may be") {
    CHECK(failure("SELECT * FROM JSON_TABLE(x, '$' COLUMNS (a int))").help.find("PostgreSQL 16") !=
          std::string::npos);
}

TEST_CASE("psql's commands are not SQL") {
    const Failed f = failure("\\i other.sql\nSELECT 1");
    CHECK(f.message == "`\\i` is a command of psql, not SQL");
    CHECK(f.at == "\\i");
    CHECK(f.help == "a step takes in a file with `file \"…\"`");
}

TEST_CASE("rows of COPY can't stand in SQL") {
    const Failed f = failure("COPY t FROM stdin;\n1\tone\n\\.\n");
    CHECK(f.message == "rows of COPY … FROM STDIN can't stand in SQL");
    CHECK(f.at == "1");
}

TEST_CASE("what is not closed is pointed at where it opens") {
    CHECK(failure("SELECT 1, 'abc\n def").at == "'");
    CHECK(failure("SELECT 1, 'abc\n def").message == "unterminated quoted string");
    CHECK(failure("SELECT $a$ abc").at == "$a$");
    CHECK(failure("SELECT /* abc").at == "/*");
    CHECK(failure("SELECT \"abc").at == "\"");
}

TEST_CASE("a NUL byte is refused") {
    CHECK(failure(std::string("SELECT 1\0;", 10)).message == "there is a NUL byte in this SQL");
}

TEST_CASE("statements that would overflow the parser are refused") {
    CHECK(failure("SELECT " + repeated("(", 10'000) + "1" + repeated(")", 10'000)).message ==
          "this statement is nested more than 1,000 levels deep");
    CHECK(failure("SELECT 1" + repeated("+1", 100'000)).message ==
          "this statement has more than 100,000 tokens");
    CHECK(failure("SELECT 1" + repeated("||1", 20'000)).message ==
          "this expression chains more than 10,000 operators");
    CHECK(failure("SELECT 1" + repeated(" UNION SELECT 1", 20'000)).message ==
          "this expression chains more than 10,000 operators");
    CHECK(failure("SELECT " + repeated("(SELECT ", 2'000) + "1" + repeated(")", 2'000)).message ==
          "this statement is nested more than 1,000 levels deep");
}

TEST_CASE("long but flat statements are taken") {
    CHECK(statements("INSERT INTO t VALUES (1)" + repeated(", (-1)", 15'000)).size() == 1);
    CHECK(statements("SELECT a" + repeated(" AND a", 40'000)).size() == 1);
    CHECK(statements("SELECT 1" + repeated("+1", 9'000)).size() == 1);
    CHECK(statements("SELECT " + repeated("(", 900) + "1" + repeated(")", 900)).size() == 1);
    CHECK(statements(repeated("SELECT 1;", 50'000)).size() == 50'000);
}

TEST_CASE("names come out of the parse tree as they were written") {
    const Analysis analysis = analyse("DROP TABLE \"a<b>\\\"\"\t\", \"é→😀\", \"{,:[]}\"");
    REQUIRE(analysis.statements.size() == 1);
    CHECK(analysis.statements[0].writes == Texts{"\"a<b>\\\"\"\t\"", "\"é→😀\"", "\"{,:[]}\""});
}

TEST_CASE("a mistyped keyword is recognised, also where it was taken for a name") {
    CHECK(failure("SELCT 1").help == "write `SELECT` for `SELCT`");
    CHECK(failure("SELECT a FORM t").help == "write `FROM` for `FORM`");
    CHECK(failure("ALTER TABEL t ADD a int").help == "write `TABLE` for `TABEL`");
    CHECK(failure("SELECT a from from t").help.empty());
}
