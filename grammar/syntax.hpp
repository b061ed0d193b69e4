// The syntax tree of a plan file: what was written, with the span of every part, and no meaning
// yet.
//
// Plain structs that own their text. Names, strings and relations keep their `{placeholders}`
// unresolved as a Template; SQL is verbatim. See grammar/README.md for the language.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "grammar/span.hpp"
#include "grammar/syntax_checks.hpp"
#include "grammar/syntax_words.hpp"

namespace cairn::grammar {

// ---------------------------------------------------------------- clauses shared by items

struct RollbackGenerated {
    Span span;
};
struct RollbackNone {  // rollback none "reason"
    Template reason;
    Span span;
};
struct RollbackSql {  // rollback $$ … $$
    Sql sql;
    Span span;
};
struct RollbackCommand {  // rollback "program" "argument" …
    std::vector<Template> argv;
    Span span;
};
using Rollback =
    std::variant<std::monostate, RollbackGenerated, RollbackNone, RollbackSql, RollbackCommand>;

// [only schema | only data] [schemas …] [tables …] [except tables …]
struct Selection {
    Span span;
    bool only_schema = false, only_data = false;
    std::vector<Template> schemas, tables, except;
};

struct Retention {  // keep 30d, at least 3
    Value age;
    std::optional<Value> at_least;
};

struct Setting {  // a clause of one value: `lock timeout 3s`, `jobs 2`
    Value value;
    Span keyword;
};

// ---------------------------------------------------------------- items

struct Step {
    struct Batch {
        Span keyword;
        Template column;  // table.column, [schema.]table.column
        Value by;
        std::optional<Value> pause;
    };
    std::vector<Sql> sql;          // inline; the grammar takes several, the compiler wants one body
    std::optional<Template> file;  // instead of inline SQL
    std::optional<Span> file_keyword;
    std::optional<Setting> lock_timeout, statement_timeout, retry;
    std::vector<Template> changes;
    std::optional<Span> keep_no_rows;
    std::optional<Batch> batch;
    Rollback rollback;
};
struct Validate {
    std::vector<Check> checks;
};
enum class OnFailureKind { rollback, rollback_to, stop };
struct Gate {
    std::vector<Check> checks;
    std::optional<OnFailureKind> otherwise;  // else stop | else rollback
    Span else_span;
    std::vector<Template> confirms;  // at most one is legal; several are kept to be reported
};
struct Watch {
    Value for_time, every;
    std::vector<Check> checks;
};
struct Run {
    std::vector<Template> command;
    std::optional<Span> command_keyword;
    std::optional<Setting> timeout;
    std::optional<Template> output_to;
    std::vector<Template> rehearse;
    Rollback rollback;
};
struct Wait {  // wait 5min | wait until INSTANT | wait until window [- 15min]
    std::optional<Value> duration;
    std::optional<Value> until;
    bool until_window = false;
    std::optional<Value> before_window;
};
struct Notify {
    Template channel;
    Template message;
};
struct Checkpoint {
    bool no_return = false;  // point of no return
};
struct Snapshot {
    Selection selection;
    std::optional<Value> keep_count;
    std::optional<Retention> keep;
};
struct Backup {
    struct Place {
        std::optional<Template> store;
        Template path;
        std::optional<Retention> keep;
    };
    std::vector<Place> places;
    Selection selection;
    std::optional<Value> compress_level;
    std::optional<Template> encrypt_to;
    std::optional<Setting> jobs;
    enum class Verify { none, checksums, restore } verify = Verify::none;
    std::vector<Check> verify_checks;
    std::optional<Template> engine, stanza, type;
};
struct Restore {
    enum class Source { backup, path } source = Source::backup;
    Template from;  // NAME, PLAN.NAME, or a path
    bool latest = false;
    std::optional<Value> within;
    Selection selection;
    std::optional<Setting> jobs;
    Rollback rollback;
};
struct RestorePoint {};
struct Export {
    struct Entry {
        Template name;
        Sql query;
    };
    Template to;
    std::optional<Template> compress;  // gzip | zstd
    std::vector<Entry> entries;
};
struct Copy {
    std::optional<Template> from_database, from_file;
    Template to_database;
    std::optional<Sql> query;
    std::optional<Template> into;
    std::vector<Template> columns;
    std::vector<Template> conflict_keys, conflict_updates;
    bool conflict_skip = false;
    std::optional<Template> rejects_to;
    std::optional<Value> at_most;
    Rollback rollback;
};
struct Clone {
    Template from_database, to_database;
    Selection selection;
    std::optional<Template> existing;  // fail | skip | refill | replace
    std::optional<Setting> jobs;
    std::optional<Template> verify;  // contents | counts
    Rollback rollback;
};

struct Item;
struct For {
    Template variable;
    std::vector<Value> values;
    std::vector<Item> items;
};
struct Parallel {
    std::vector<Item> items;
};
struct Transaction {
    std::vector<Item> items;
};

struct Item {
    Span span;                         // the whole item
    Span keyword;                      // `step`, `point of no return`, …
    Template name;                     // empty parts where the kind has no name
    std::optional<Template> database;  // on DB, of DB
    std::vector<Template> after;
    std::optional<Sql> when;
    std::optional<Span> when_keyword, after_keyword, on_keyword;
    std::variant<Step, Validate, Gate, Watch, Run, Wait, Notify, Checkpoint, Snapshot, Backup,
                 Restore, RestorePoint, Export, Copy, Clone, For, Parallel, Transaction>
        body;
};

// ---------------------------------------------------------------- the plan

struct Parameter {
    Template name;
    std::optional<Value> default_value;
    Span span;
};
struct Database {
    Template name;
    bool read_only = false;
    Span span;
};
struct Window {
    Span keyword;
    Value from, to;
};
struct Defaults {
    Span keyword;
    std::optional<Setting> lock_timeout, statement_timeout, retry, before_strong_locks_wait;
};
struct OnFailure {
    Span keyword;
    OnFailureKind kind = OnFailureKind::stop;
    std::optional<Template> checkpoint;
};

struct PlanFile {
    std::optional<Span> plan_keyword;  // absent when the header is missing or broken
    Template name;
    std::optional<Template> title;
    std::optional<Span> repeatable, once;
    std::vector<Parameter> parameters;
    std::vector<Database> databases;
    std::vector<Window> windows;  // several of one kind are kept, the compiler reports them
    std::vector<Defaults> defaults;
    std::vector<Item> items;
    std::vector<OnFailure> on_failure;
};

}  // namespace cairn::grammar
