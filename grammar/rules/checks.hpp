// The one list of checks: for validate, gate, watch and `verify restore`.
#pragma once

#include "grammar/rules/values.hpp"

namespace cairn::grammar::rules {

struct check_begin : success {};

struct warn : key<"warn"> {};
struct title : string {};

// ---------------------------------------------------------------- queries

struct returns_nothing : key<"nothing"> {};
struct returns_something : key<"something"> {};
struct rows_returned : sor<returns_nothing, returns_something> {};
struct returns : seq<key<"returns">, must<rows_returned>> {};

struct other_database : seq<at<name, one<'$'>>, name> {};
struct other_query : seq<opt<other_database>, sql> {};
struct within : seq<key<"within">, must<other_query>> {};

struct compared_boolean : boolean {};  // first, or it would be a database before SQL
struct compared_query : other_query {};
struct compared_value : literal {};
struct right_side : sor<compared_boolean, compared_query, compared_value> {};
struct compares : seq<comparison, must<right_side>> {};

struct verdict : sor<returns, within, compares> {};
struct query_check : seq<sql, must<verdict>> {};
struct show : seq<phrase<"show">, opt<title>, must<sql>> {};
struct uses_index : seq<phrase<"query">, must<sql>, must<phrase<"uses index">>, must<relation>> {};

// ---------------------------------------------------------------- objects

struct state_exists : key<"exists"> {};
struct state_absent : key<"absent"> {};
struct state_valid : key<"valid"> {};
struct state_not_null : phrase<"not null"> {};
struct state_type : seq<key<"is">, must<type>> {};

struct presence : sor<state_exists, state_absent> {};
struct presence_or_valid : sor<state_exists, state_absent, state_valid> {};
struct column_state : sor<state_exists, state_absent, state_not_null, state_type> {};
struct on_table : seq<key<"on">, must<relation>> {};

struct table_check : seq<phrase<"table">, must<relation>, must<presence>> {};
struct column_check : seq<phrase<"column">, must<column>, must<column_state>> {};
struct constraint_check
    : seq<phrase<"constraint">, must<relation>, opt<on_table>, must<presence_or_valid>> {};
struct index_check : seq<phrase<"index">, must<relation>, must<presence_or_valid>> {};
struct function_check : seq<phrase<"function">, must<relation>, must<presence>> {};
struct policy_check : seq<phrase<"policy">, must<relation>, opt<on_table>, must<presence>> {};
struct foreign_keys_check : phrase<"foreign keys valid"> {};
struct row_security_check : seq<phrase<"row level security on">, must<list<relation>>> {};

// ---------------------------------------------------------------- rows and copies

struct rows_check : seq<phrase<"rows of">, must<relation>, must<comparison>, must<literal>> {};
struct from_backup : key<"backup"> {};
struct match_backup : seq<at<key<"backup">, name_parts>, from_backup, must<dotted>> {};
struct match_source : sor<match_backup, name> {};
struct matches : seq<phrase<"match">, must<match_source>> {};
struct tables_match : seq<phrase<"tables">, must<list<pattern>>, must<matches>> {};
struct schemas_match : seq<phrase<"schemas">, must<list<pattern>>, must<matches>> {};

// ---------------------------------------------------------------- the server and its surroundings

struct backup_check
    : seq<phrase<"backup">, must<dotted>, must<phrase<"verified within">>, must<duration>> {};
struct times_database : seq<factor, must<name>> {};
struct space_wanted : sor<times_database, size> {};
struct space_check
    : seq<phrase<"free space on">, must<string>, must<comparison>, must<space_wanted>> {};
struct sessions_check : seq<phrase<"sessions of">, must<relation>, must<comparison>, must<number>> {
};
struct transactions_check : seq<phrase<"no transactions older than">, must<duration>> {};
struct version_check : seq<phrase<"server version">, must<comparison>, must<number>> {};
struct queries_check
    : seq<phrase<"long running queries over">, must<duration>, must<comparison>, must<number>> {};

struct check_form
    : sor<query_check, uses_index, table_check, column_check, constraint_check, index_check,
          function_check, policy_check, foreign_keys_check, row_security_check, rows_check,
          tables_match, schemas_match, backup_check, space_check, sessions_check,
          transactions_check, version_check, queries_check> {};
struct warned_check : seq<warn, opt<title>, must<check_form>> {};
struct titled_check : seq<title, must<check_form>> {};
struct check : seq<check_begin, sor<show, warned_check, titled_check, check_form>> {};

}  // namespace cairn::grammar::rules
