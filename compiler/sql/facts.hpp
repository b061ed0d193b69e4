// What PostgreSQL's parser and documentation tell about one statement, without a server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/sql/mapped_sql.hpp"

namespace cairn::sql {

// https://www.postgresql.org/docs/15/explicit-locking.html, in ascending strength.
enum class LockMode {
    access_share, row_share, row_exclusive, share_update_exclusive,
    share, share_row_exclusive, exclusive, access_exclusive
};
[[nodiscard]] const char* name(LockMode);  // "ACCESS EXCLUSIVE"

struct Lock {
    std::string relation;  // as an SQL identifier: `public."Order"`
    LockMode mode = LockMode::access_share;
    friend bool operator==(const Lock&, const Lock&) = default;
};

// A statement that PostgreSQL refuses inside a transaction block, and how a crash in it is reconciled.
enum class NonTransactional {
    no,
    create_index_concurrently,   // absent: build; invalid: drop and build; valid: done
    drop_index_concurrently,
    reindex_concurrently,        // leftovers _ccnew/_ccold are dropped, then again
    detach_concurrently,         // pending: FINALIZE
    create_database, drop_database, create_tablespace, drop_tablespace,
    create_subscription, drop_subscription,
    repeatable                   // VACUUM, ALTER SYSTEM, CLUSTER, REINDEX DATABASE …: running it again does no harm
};

// What an object is called in SQL, for cairn.identity() (runtime/journal): kind is one of
// relation, column, constraint, trigger, rule, policy, function, type, schema, extension, role, collation,
// enum_value, foreign_server, publication, event_trigger, statistics.
struct ObjectName {
    std::string kind;
    std::string name;  // as an SQL identifier or signature: `public.users`, `f(uuid, text)`
    std::string sub;   // column, constraint, trigger, rule or policy name, unquoted; else empty
    friend bool operator==(const ObjectName&, const ObjectName&) = default;
};

// The inverse of one statement by rule: shown in the preview, and run at rollback if
//  - only_if_created: the object was not there before the statement (IF NOT EXISTS found nothing);
//  - the object's identity is still the recorded one;
//  - no_foreign_rows: no row (of the relation, or with a value in the column) was written by a
//    transaction that is not this run's.
struct Inverse {
    std::string sql;     // without trailing semicolon
    ObjectName object;   // whose identity is recorded after the statement and compared before undo
    bool only_if_created = false;
    bool guard_rows = false;
};

enum class Reversal {
    nothing_to_do,   // changes nothing that a rollback would give back (SELECT, ANALYZE, SET, LOCK)
    by_rule,         // `inverse` leads back
    within_created,  // touches only what an earlier statement of the same step created
    unknown          // needs undo by difference or kept rows: `why_not` says what no rule can know
};

// What a statement may do to its database, for what has to be watched while it runs.
enum class Effect {
    none,      // reads, settings, locks
    rows,      // changes rows of relations it names, and what cascades and triggers make of that
    schema,    // changes definitions, and rows only with them
    anything,  // code that can't be seen into: DO, CALL, functions
    outside    // runs programs on the server: nothing can give that back
};

struct Hazard {
    std::uint16_t code = 0;   // C05xx
    std::string message;
    std::string help;
    std::uint32_t begin = 0, end = 0;  // bytes in the statement's text it points at
};

// As whom the statement lets the session go on: SET SESSION AUTHORIZATION, its RESET, SET ROLE, its RESET.
enum class Acts { as_before, as_session, as_session_again, as_role, as_role_again };

struct StatementFacts {
    std::uint32_t begin = 0, end = 0;       // bytes of the statement in the analysed text, trimmed, no semicolon
    std::string kind;                       // command tag in words: "CREATE TABLE", "UPDATE"
    std::vector<std::string> reads, writes; // relations as SQL identifiers
    std::vector<Lock> locks;                // one for each relation, the strongest
    NonTransactional non_transactional = NonTransactional::no;
    bool transaction_control = false;       // BEGIN, COMMIT, SAVEPOINT, PREPARE TRANSACTION …
    bool set_transaction = false;           // SET TRANSACTION …: must come before the first query
    bool is_query = false;                  // returns rows and is not data-changing: may stand in a check
    Acts acts = Acts::as_before;
    bool is_setting = false;                // SET / RESET: the inverse must be run under the same settings
    bool copies_client = false;             // COPY … FROM STDIN / TO STDOUT: no client stream in a step
    bool opaque = false;                    // DO, CALL, calls of functions that are not known to be harmless
    std::vector<std::string> calls;         // functions called that PostgreSQL's catalog doesn't list as harmless
    // Code of users may run that the text does not show as a call, and rows change by it: views, operators, casts,
    // expressions of a definition that are evaluated at once, of indexes that are built again.
    bool may_run_unseen_code = false;
    bool draws = false;                     // nextval() or setval() runs, of a sequence older than the step
    std::vector<std::string> sequences;     // then: those that a literal names, as written
    std::vector<Hazard> hazards;
    Effect effect = Effect::none;
    Reversal reversal = Reversal::unknown;
    std::vector<Inverse> inverse;           // in the order in which they are to be run
    std::string why_not;                    // with Reversal::unknown
    std::optional<ObjectName> subject;      // what a non-transactional statement is about (the index, the database)
    std::optional<std::string> subject_relation;  // the table an index belongs to
    bool only_inserts = false;              // INSERT without DO UPDATE; triggers apart
    bool updates_all = false;               // UPDATE of all rows of one table: no WHERE, no FROM; triggers and policies apart
    bool losing_rows = false;               // DROP TABLE, TRUNCATE, DROP COLUMN, DELETE …
};

struct ParseFailure {
    std::string message;
    std::uint32_t begin = 0, end = 0;  // bytes in the analysed text
    std::string help;
};

struct Analysis {
    std::vector<StatementFacts> statements;
    std::optional<ParseFailure> failure;
};

// The settings of the step the statements stand in: they decide some hazards.
struct AnalysisContext {
    bool has_lock_timeout = false;
};

// Parses all statements of `text` with PostgreSQL's own parser (libpg_query) and says what each does.
// Thread-safe. Never throws at bad SQL; more than 100,000 tokens in one statement, or nesting that would
// overflow the parser's stack, is a ParseFailure.
[[nodiscard]] Analysis analyse(const std::string& text, const AnalysisContext& = {});

// A `:name`, `:'name'`, `:"name"` of the plan in SQL, found by PostgreSQL's scanner.
struct Variable {
    std::string name;
    char quote = 0;  // 0, '\'' or '"'
    std::uint32_t begin = 0, end = 0;  // with its colon
    bool glued = false;  // the colon follows a name, number, `)`, `]` or quote: SQL's own (a slice), an error if declared
};
[[nodiscard]] std::vector<Variable> find_variables(const std::string& text);

[[nodiscard]] std::string quote_literal(const std::string&);
[[nodiscard]] std::string quote_identifier(const std::string&);  // only where needed

}  // namespace cairn::sql
