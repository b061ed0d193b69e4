#include "runtime/review/treatment.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace cairn::review {

namespace {

template <std::size_t N>
bool is_one_of(const std::string& kind, const std::array<std::string_view, N>& kinds) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

constexpr auto analysed = std::to_array<std::string_view>(
    {"SELECT", "VALUES", "INSERT", "UPDATE", "DELETE", "MERGE", "EXPLAIN", "DECLARE CURSOR"});
constexpr auto code = std::to_array<std::string_view>({"DO", "CALL", "EXECUTE"});
// What reaches beyond the database, or what a scratch server has no counterpart of.
constexpr auto beyond = std::to_array<std::string_view>({"COPY",
                                                         "LOAD",
                                                         "ALTER SYSTEM",
                                                         "CREATE DATABASE",
                                                         "DROP DATABASE",
                                                         "CREATE TABLESPACE",
                                                         "DROP TABLESPACE",
                                                         "ALTER TABLESPACE",
                                                         "CREATE SUBSCRIPTION",
                                                         "ALTER SUBSCRIPTION",
                                                         "DROP SUBSCRIPTION",
                                                         "IMPORT FOREIGN SCHEMA",
                                                         "NOTIFY",
                                                         "CHECKPOINT",
                                                         "FETCH",
                                                         "MOVE",
                                                         "CLOSE",
                                                         "PREPARE TRANSACTION",
                                                         "COMMIT PREPARED",
                                                         "ROLLBACK PREPARED"});
constexpr auto of_rows = std::to_array<std::string_view>({"REFRESH MATERIALIZED VIEW"});

}  // namespace

Treatment treatment_of(const compiler::Statement& statement) {
    using How = Treatment::How;
    const auto& facts = statement.facts;
    if (is_one_of(facts.kind, code))
        return {.how = How::leave, .why = facts.kind + " is code that only a run can check"};
    if (is_one_of(facts.kind, beyond) || facts.effect == sql::Effect::outside)
        return {.how = How::leave, .why = facts.kind + " reaches beyond the schema"};
    if (is_one_of(facts.kind, of_rows))
        return {.how = How::leave, .why = facts.kind + " needs rows, and here are none"};
    // SELECT … INTO makes a table: no other SELECT locks one as strongly.
    const bool makes =
        facts.kind == "SELECT" &&
        std::any_of(facts.locks.begin(), facts.locks.end(), [](const sql::Lock& lock) {
            return lock.mode == sql::LockMode::access_exclusive;
        });
    if (is_one_of(facts.kind, analysed) && !makes) return {.how = How::analyse};
    if (makes && facts.opaque)
        return {.how = How::leave, .why = "SELECT INTO calls code that only a run can check"};
    // Without the rows it is the same table, and nothing of the query is called.
    const bool as_query =
        facts.kind == "CREATE TABLE AS" || facts.kind == "CREATE MATERIALIZED VIEW";
    if (as_query && !statement.sql.text.ends_with("DATA") && !statement.sql.text.ends_with("data"))
        return {.how = How::execute, .sql = statement.sql.text + "\nWITH NO DATA"};
    return {.how = How::execute, .sql = statement.sql.text};
}

}  // namespace cairn::review
