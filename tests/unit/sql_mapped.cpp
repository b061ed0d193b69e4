#include <catch2/catch.hpp>

#include "compiler/sql/mapped_sql.hpp"

using namespace cairn;
using sql::MappedSql;

namespace {

compiler::Location at(std::uint32_t begin, std::uint32_t end, std::uint32_t source = 0) {
    return {.source = {source}, .span = {begin, end}};
}

// `SELECT * FROM ` composed, then `leases` written at 100, then ` WHERE x = ` at 120, a parameter
// at 131
// (`:'day'`, six bytes) that became `'2025-01-01'`, then ` LIMIT 1` composed.
MappedSql sample() {
    MappedSql sql;
    sql.append("SELECT * FROM ");
    sql.append("leases", at(100, 106));
    sql.append(" WHERE x = ", at(120, 131));
    sql.append("'2025-01-01'", at(131, 137));
    sql.append(" LIMIT 1");
    return sql;
}

}  // namespace

TEST_CASE("written text maps byte by byte") {
    CHECK(sample().locate(16, 19) == at(102, 105));
    CHECK(sample().locate(14, 20) == at(100, 106));
}

TEST_CASE("a substituted parameter maps to the whole of its place") {
    CHECK(sample().locate(35, 37) == at(131, 137));
    CHECK(sample().locate(22, 40) == at(122, 137));
}

TEST_CASE("composed text maps to the segment before it, or the first") {
    CHECK(sample().locate(44, 49) == at(131, 137));
    CHECK(sample().locate(0, 6) == at(100, 106));
}

TEST_CASE("a range over two segments of one source covers what lies between") {
    CHECK(sample().locate(16, 23) == at(102, 123));
}

TEST_CASE("a range never leaves the source it begins in") {
    MappedSql sql;
    sql.append("SELECT ", at(10, 17));
    sql.append("1", at(0, 1, 1));
    CHECK(sql.locate(0, 8) == at(10, 17));
    CHECK(sql.locate(7, 8) == at(0, 1, 1));
}

TEST_CASE("a place between bytes stays a place") {
    CHECK(sample().locate(16, 16) == at(102, 102));
    CHECK(sample().locate(51, 51) == at(131, 131));
}

TEST_CASE("text without segments has no place") {
    CHECK(MappedSql{}.locate(0, 5) == at(0, 0));
}

TEST_CASE("a slice keeps the way back") {
    const MappedSql part = sample().slice(16, 40);
    CHECK(part.text == "ases WHERE x = '2025-01-");
    CHECK(part.locate(0, 4) == at(102, 106));
    CHECK(part.locate(16, 17) == at(131, 137));
}

TEST_CASE("appended text keeps the way back") {
    MappedSql whole;
    whole.append("-- ");
    whole.append(sample());
    CHECK(whole.text == "-- " + sample().text);
    CHECK(whole.locate(19, 22) == at(102, 105));
}

TEST_CASE("PostgreSQL's characters count from 1 and may be of several bytes") {
    MappedSql sql;
    sql.append("é→x", at(0, 6));
    CHECK(sql.byte_of_character(1) == 0);
    CHECK(sql.byte_of_character(2) == 2);
    CHECK(sql.byte_of_character(3) == 5);
    CHECK(sql.byte_of_character(4) == 6);
    CHECK(sql.byte_of_character(0) == 0);
}
