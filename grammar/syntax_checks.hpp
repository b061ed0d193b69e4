// The forms of a check, as written.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "grammar/syntax_words.hpp"

namespace cairn::grammar {

enum class Comparison { equal, not_equal, less, less_equal, greater, greater_equal };

struct QueryReturns {  // $$ … $$ returns nothing | something
    Sql query;
    bool something = false;
};
struct QueryCompares {  // $$ … $$ OP value
    Sql query;
    Comparison op = Comparison::equal;
    Span op_span;
    Value value;
};
struct QueryAgainstQuery {  // $$ … $$ = [DB] $$ … $$ | within [DB] $$ … $$
    Sql left;
    bool within = false;
    std::optional<Template> database;  // of the right side
    Sql right;
};
struct Show {  // show "title" $$ … $$
    Sql query;
};

enum class ObjectKind { table, column, constraint, index, function, policy };
enum class ObjectState { exists, absent, valid, not_null, is_type };
struct ObjectCheck {  // KIND NAME [on TABLE] exists | absent | valid | not null | is TYPE
    ObjectKind kind = ObjectKind::table;
    Template name;               // for a column: relation.column
    std::optional<Template> on;  // constraint, policy
    ObjectState state = ObjectState::exists;
    std::optional<Template> type;  // with is_type
};
struct ForeignKeysValid {};
struct RowLevelSecurity {  // row level security on T, …
    std::vector<Template> tables;
};
struct RowsOf {  // rows of T OP value
    Template table;
    Comparison op = Comparison::equal;
    Value value;
};
struct Match {  // tables A, B match DB | schemas S match DB | … match backup NAME
    bool schemas = false;
    std::vector<Template> names;
    bool backup = false;
    Template source;
};
struct UsesIndex {  // query $$ … $$ uses index I
    Sql query;
    Template index;
};
struct BackupVerified {  // backup [PLAN.]NAME verified within 1h
    Template backup;
    Value within;
};
struct FreeSpace {  // free space on "path" >= 2x DB | >= 20GB
    Template path;
    Comparison op = Comparison::greater_equal;
    std::optional<Value> factor;       // 2 of `2x erp`
    std::optional<Template> database;  // erp of `2x erp`
    std::optional<Value> size;
};
struct SessionsOf {  // sessions of ROLE OP n
    Template role;
    Comparison op = Comparison::equal;
    Value value;
};
struct NoTransactionsOlder {  // no transactions older than 5min
    Value than;
};
struct ServerVersion {  // server version >= 14
    Comparison op = Comparison::greater_equal;
    Value value;
};
struct LongRunningQueries {  // long running queries over 5min <= 2
    Value over;
    Comparison op = Comparison::less_equal;
    Value value;
};

struct Check {
    Span span;
    bool warn = false;
    std::optional<Template> title;
    std::variant<QueryReturns, QueryCompares, QueryAgainstQuery, Show, ObjectCheck,
                 ForeignKeysValid, RowLevelSecurity, RowsOf, Match, UsesIndex, BackupVerified,
                 FreeSpace, SessionsOf, NoTransactionsOlder, ServerVersion, LongRunningQueries>
        form;
};

}  // namespace cairn::grammar
