// The step graph: every decision of a plan, made. Preview prints it, the runtime runs it, neither composes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/source.hpp"
#include "compiler/sql/facts.hpp"
#include "compiler/sql/mapped_sql.hpp"

namespace cairn::compiler {

using std::chrono::milliseconds;

struct ItemId {
    std::uint32_t index = 0;  // position in StepGraph::items: the order in which they run
    friend auto operator<=>(const ItemId&, const ItemId&) = default;
};

// One statement as it will be sent.
struct Statement {
    sql::MappedSql sql;  // without trailing semicolon
    sql::StatementFacts facts;
};

// ---------------------------------------------------------------- checks

enum class Op { equal, not_equal, less, less_equal, greater, greater_equal };

// What a check's answer must be. Every check is one read-only query, composed at compile time.
struct ExpectNothing {};    // no row; rows found are the failure's evidence
struct ExpectSomething {};  // the query is wrapped in SELECT EXISTS(…): true
struct ExpectTrue {};       // one boolean, true; further columns of a false row are evidence
struct ExpectValue {        // one row, one column, compared by number, interval, boolean or text
    enum class Kind { number, boolean, text, interval } kind = Kind::number;
    Op op = Op::equal;
    std::string value;      // number in decimal, interval in PostgreSQL's words ("30 seconds"), true/false, text
    std::string written;    // as the plan writes it: `95%`
};
// Of one database the query gives (side text, rows bigint, row text): differences of two bags of rows, at most ten
// rows, preceded by one row ('count', left, right) with both sizes: see compiler/lower. Of two, each has its own query.
struct ExpectSameRows {
    bool within = false;
};
struct ExpectAny {};        // show: never fails
struct ExpectUsesIndex {    // EXPLAIN (FORMAT JSON), sequential scans off
    std::string index;
};
struct ExpectFreeSpace {    // of cairn's machine; the query, if any, gives the database's size in bytes
    std::string path;
    Op op = Op::greater_equal;
    double factor = 0;      // with a query
    std::int64_t bytes = 0; // without
};

// What a check asks of a database other than its item's: the right side of a comparison, or the size that free space
// is measured by.
struct AskedElsewhere {
    std::string database;
    Statement query;
};

struct Check {
    std::string title;      // given, or made from the words of the check
    bool warn = false;
    std::optional<Statement> query;  // absent only for free space that asks nothing of the item's own database
    std::optional<AskedElsewhere> elsewhere;
    // Rights without which the answer would be a lie: the check fails and names the GRANT.
    bool needs_all_stats = false;
    std::variant<ExpectNothing, ExpectSomething, ExpectTrue, ExpectValue, ExpectSameRows, ExpectAny,
                 ExpectUsesIndex, ExpectFreeSpace> expect;
    Location where;
};

// ---------------------------------------------------------------- the way back

struct Undo {
    enum class Kind {
        nothing,
        generated,   // by rule: the statements' own inverses, known offline
        difference,  // from what the step turns out to have changed: definitions read, rows kept as it runs
        written, command, none
    } kind = Kind::nothing;
    std::vector<Statement> written;     // with Kind::written, in the order to be run
    std::vector<std::string> command;   // with Kind::command
    std::string reason;                 // with Kind::none
    Location where;
};

// ---------------------------------------------------------------- items

// `:batch` of a statement: what stands there is known only when a range runs (see compiler/graph/batch.hpp).
struct BatchHole {
    std::uint32_t begin = 0, end = 0;  // bytes of the statement's text
    std::string table;                 // as SQL: the name under which the batch's table is known there
};
struct Batch {
    std::string table, column;         // as SQL
    std::string column_name;           // unquoted
    std::int64_t by = 0;               // rows a range
    milliseconds pause{0};             // between two ranges
    std::vector<std::vector<BatchHole>> holes;  // of each statement, ascending
};

struct StepItem {
    std::vector<Statement> statements;
    bool transactional = true;
    std::vector<std::string> changes;     // relations whose rows opaque code changes, as the plan declares them
    bool keep_rows = true;                // false: the way back gives definitions back, not rows
    std::optional<milliseconds> lock_timeout, statement_timeout;  // sent with SET LOCAL; never for non-transactional ones
    std::optional<milliseconds> strong_locks_wait;  // how long it waits before a lock behind which others would queue
    int retries = 0;
    std::optional<Batch> batch;  // each range of the key is a transaction of its own
};
struct ValidateItem {
    std::vector<Check> checks;
};
struct GateItem {
    std::vector<Check> checks;
    bool else_rollback = false;
    std::optional<std::string> confirm;
};
struct RunItem {
    std::vector<std::string> argv;
    std::optional<milliseconds> timeout;
    std::optional<std::string> output_to;
    std::vector<std::string> rehearse;
};
struct WaitItem {
    std::optional<milliseconds> duration;
    std::optional<std::chrono::sys_seconds> until;
    std::optional<milliseconds> before_window;  // until the window's start, less this: then `until` is that moment, once it is known
};
struct CheckpointItem {
    bool no_return = false;
};
// Parsed and checked, but without a runtime yet; a graph that holds one does not run.
struct UnsupportedItem {};

struct Item {
    std::string name;      // unique; wait has none and gets `wait_1` …
    std::string kind;      // "step", "validate", "gate", "run", "wait", "checkpoint", "point of no return"
    std::optional<std::string> database;
    std::vector<ItemId> after;                 // what it waits for
    std::optional<std::uint32_t> parallel;     // items with the same number may run side by side, but for their `after`
    std::optional<std::uint32_t> transaction;  // items with the same number commit together
    std::optional<Statement> when;             // one boolean
    std::variant<StepItem, ValidateItem, GateItem, RunItem, WaitItem, CheckpointItem, UnsupportedItem> body;
    Undo undo;
    Location where;        // of the keyword and name

    [[nodiscard]] bool changes_database() const { return std::holds_alternative<StepItem>(body); }
};

struct DatabaseRole {
    std::string name;
    bool read_only = false;
    bool changed = false;  // some item changes it: it gets a lease and a journal
    Location where;
};

struct OnFailure {
    enum class Kind { stop, rollback, rollback_to } kind = Kind::stop;
    std::string checkpoint;
};

// When items that change a database may start.
struct Window {
    std::chrono::sys_seconds from, to;
    Location where;
};

struct ParameterValue {
    std::string name, value;
};

// {run}, {date} and {time} are known only when a run begins: apply compiles with their values, check and
// preview without, and then they stand as written.
struct StepGraph {
    std::string plan, title;
    bool repeatable = false, once = false;
    std::string digest;  // "sha256:…" over the plan's text and the files of its steps, in their order
    std::vector<ParameterValue> parameters;  // declared order, with the values in force
    std::vector<DatabaseRole> databases;     // declared order
    OnFailure on_failure;
    std::optional<Window> window;  // absent too where a parameter without a value stands in it
    std::vector<Item> items;                 // each behind all that it waits for

    [[nodiscard]] std::optional<ItemId> find(std::string_view name) const;
};

}  // namespace cairn::compiler
