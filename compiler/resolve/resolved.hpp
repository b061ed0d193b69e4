// A plan with its names resolved, its loops turned and its SQL read: what the rules look at and lowering takes.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/compile.hpp"
#include "compiler/graph/step_graph.hpp"
#include "compiler/resolve/words.hpp"
#include "compiler/sql/batch.hpp"
#include "grammar/syntax.hpp"

namespace cairn::compiler {

// SQL of the plan or of a file, variables replaced, taken apart by PostgreSQL's parser.
struct Body {
    sql::MappedSql text;
    std::vector<Statement> statements;
    bool usable = false;         // false: an error was reported; nothing more is to be said about it
    bool has_variables = false;  // what it says depends on parameters or loop variables
    Location where;              // of the whole literal, or of the file's path
    std::vector<sql::BatchUse> batch;  // of a step with a `batch` clause: one for each statement
};

struct ResolvedCheck {
    const grammar::Check* syntax = nullptr;
    std::vector<Body> queries;  // those that the form holds, in the order written
};

struct ResolvedItem {
    const grammar::Item* syntax = nullptr;  // owned by the parsed plan
    const Turn* turn = nullptr;
    std::string name;                     // given, or made: `wait_1`
    std::string kind;                     // as written: "step", "point of no return"
    std::optional<std::string> database;  // absent too when an error was reported
    std::optional<std::uint32_t> transaction;
    std::optional<std::uint32_t> parallel;  // the block it stands in; items with the same number stand next to each other
    Location where;  // of the keyword and name
    std::optional<milliseconds> lock_timeout, statement_timeout;  // steps: own clause, else the plan's defaults
    std::optional<milliseconds> strong_locks_wait;              // of the plan's defaults
    int retries = 0;

    std::optional<sql::BatchKey> batch;  // of `batch on T.COLUMN`; absent too when it names none
    std::optional<Body> when;
    Body sql;                         // of a step
    std::optional<Body> undo;         // of `rollback $$ … $$`
    std::vector<Body> queries;        // of an export or copy
    std::vector<ResolvedCheck> checks;

    template <class Kind>
    [[nodiscard]] const Kind* as() const {
        return std::get_if<Kind>(&syntax->body);
    }
};

// A `transaction { … }`, one for each turn of the loops around it.
struct TransactionBlock {
    const grammar::Item* syntax = nullptr;
    const Turn* turn = nullptr;
};

struct ResolvedPlan {
    const grammar::PlanFile* syntax = nullptr;
    std::string name, title;
    Words words;
    std::vector<ParameterValue> parameters;
    std::vector<DatabaseRole> databases;
    std::deque<Turn> turns;  // stable addresses
    std::vector<ResolvedItem> items;
    std::vector<TransactionBlock> transactions;
    std::vector<std::pair<std::string, std::string>> files;

    [[nodiscard]] const DatabaseRole* find_database(std::string_view role) const;
    [[nodiscard]] std::string text(const grammar::Template& t, const ResolvedItem& i) const {
        return words.text(t, i.turn);
    }
};

// What a run does when the plan says nothing about retries.
inline constexpr int default_retries = 5;

}  // namespace cairn::compiler
