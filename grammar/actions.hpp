// What the rules put into the syntax tree: first the words of a clause, then the clause itself.
//
// An overload of put() for a rule runs when the rule has matched, with the text that it took.
#pragma once

#include "grammar/rules/declarations.hpp"

namespace cairn::grammar {

template <typename Rule>
struct on {};

// ---------------------------------------------------------------- words

inline void put(on<rules::good_name>, Builder& b, Span s) {
    b.add_name(s);
}
inline void put(on<rules::bad_name>, Builder& b, Span s) {
    b.add_bad_name(s);
}
inline void put(on<rules::dotted_text>, Builder& b, Span s) {
    b.add_name(s);
}
inline void put(on<rules::bad_dotted_text>, Builder& b, Span s) {
    b.add_bad_relation(s);
}
inline void put(on<rules::bad_column_text>, Builder& b, Span s) {
    b.add_bad_relation(s);
}
inline void put(on<rules::column_text>, Builder& b, Span s) {
    b.add_name(s);
}
inline void put(on<rules::pattern_text>, Builder& b, Span s) {
    b.add_name(s);
}
inline void put(on<rules::string_text>, Builder& b, Span s) {
    b.add_string(s);
}
inline void put(on<rules::sql_text>, Builder& b, Span s) {
    b.add_sql(s, dollar_length(b.in(s)));
}
template <ValueKind Kind>
void put(on<rules::numeral<Kind>>, Builder& b, Span s) {
    b.add_numeral(s, Kind);
}
inline void put(on<rules::value_string_text>, Builder& b, Span s) {
    b.add_string_value(s);
}
inline void put(on<rules::boolean_text>, Builder& b, Span s) {
    b.add_word(s);
}
inline void put(on<rules::word_text>, Builder& b, Span s) {
    b.add_word(s);
}
inline void put(on<rules::factor_text>, Builder& b, Span s) {
    b.add_numeral({s.begin, s.end - 1}, ValueKind::number);
}
inline void put(on<rules::type_text>, Builder& b, Span s) {
    b.add_type(b.since(s.begin));
}
inline void put(on<rules::comparison_sign>, Builder& b, Span s) {
    b.set_comparison(s);
}

// ---------------------------------------------------------------- checks

inline void put(on<rules::check_begin>, Builder& b, Span s) {
    b.begin_clause();
    b.check = Check{.span = s, .warn = false, .title = std::nullopt, .form = {}};
}
inline void put(on<rules::warn>, Builder& b, Span) {
    b.check.warn = true;
}
inline void put(on<rules::title>, Builder& b, Span) {
    b.check.title = b.take_name();
}
inline void put(on<rules::check>, Builder& b, Span s) {
    b.check.span = b.since(s.begin);
    b.frames.back().checks.push_back(std::move(b.check));
}

inline void put(on<rules::returns_nothing>, Builder& b, Span) {
    b.check.form = QueryReturns{.query = b.take_sql(), .something = false};
}
inline void put(on<rules::returns_something>, Builder& b, Span) {
    b.check.form = QueryReturns{.query = b.take_sql(), .something = true};
}
inline void compare_queries(Builder& b, bool within) {
    QueryAgainstQuery form{.left = b.take_sql(), .within = within, .database = {}, .right = {}};
    form.right = b.take_sql();
    if (!b.names.empty()) form.database = b.take_name();
    b.check.form = std::move(form);
}
inline void put(on<rules::within>, Builder& b, Span) {
    compare_queries(b, true);
}
inline void put(on<rules::compared_query>, Builder& b, Span) {
    if (b.op != Comparison::equal) {
        b.report(code::ill_suited, b.op_span, "two queries are compared by `=` or `within`", "=");
    }
    compare_queries(b, false);
}
inline void compare_with_value(Builder& b) {
    b.check.form = QueryCompares{
        .query = b.take_sql(), .op = b.op, .op_span = b.op_span, .value = b.take_value()};
}
inline void put(on<rules::compared_boolean>, Builder& b, Span) {
    compare_with_value(b);
}
inline void put(on<rules::compared_value>, Builder& b, Span) {
    compare_with_value(b);
}
inline void put(on<rules::show>, Builder& b, Span) {
    b.check.form = Show{.query = b.take_sql()};
}
inline void put(on<rules::uses_index>, Builder& b, Span) {
    b.check.form = UsesIndex{.query = b.take_sql(), .index = b.take_name()};
}

// The last name is the table of `on TABLE`, if there are two.
inline void object(Builder& b, ObjectKind kind, ObjectState state) {
    ObjectCheck form{.kind = kind, .name = b.take_name(), .on = {}, .state = state, .type = {}};
    if (state == ObjectState::is_type) {
        form.type = b.take_name();
    } else if (!b.names.empty()) {
        form.on = b.take_name();
    }
    b.check.form = std::move(form);
}
inline void put(on<rules::state_exists>, Builder& b, Span) {
    b.state = ObjectState::exists;
}
inline void put(on<rules::state_absent>, Builder& b, Span) {
    b.state = ObjectState::absent;
}
inline void put(on<rules::state_valid>, Builder& b, Span) {
    b.state = ObjectState::valid;
}
inline void put(on<rules::state_not_null>, Builder& b, Span) {
    b.state = ObjectState::not_null;
}
inline void put(on<rules::state_type>, Builder& b, Span) {
    b.state = ObjectState::is_type;
}
inline void put(on<rules::table_check>, Builder& b, Span) {
    object(b, ObjectKind::table, b.state);
}
inline void put(on<rules::column_check>, Builder& b, Span) {
    object(b, ObjectKind::column, b.state);
}
inline void put(on<rules::constraint_check>, Builder& b, Span) {
    object(b, ObjectKind::constraint, b.state);
}
inline void put(on<rules::index_check>, Builder& b, Span) {
    object(b, ObjectKind::index, b.state);
}
inline void put(on<rules::function_check>, Builder& b, Span) {
    object(b, ObjectKind::function, b.state);
}
inline void put(on<rules::policy_check>, Builder& b, Span) {
    object(b, ObjectKind::policy, b.state);
}
inline void put(on<rules::foreign_keys_check>, Builder& b, Span) {
    b.check.form = ForeignKeysValid{};
}
inline void put(on<rules::row_security_check>, Builder& b, Span) {
    b.check.form = RowLevelSecurity{.tables = b.take_names()};
}

inline void put(on<rules::rows_check>, Builder& b, Span) {
    b.check.form = RowsOf{.table = b.take_name(), .op = b.op, .value = b.take_value()};
}
inline void put(on<rules::from_backup>, Builder& b, Span) {
    b.from_backup = true;
}
inline void match(Builder& b, bool schemas) {
    Match form{.schemas = schemas, .names = b.take_names(), .backup = b.from_backup, .source = {}};
    form.source = std::move(form.names.back());
    form.names.pop_back();
    b.check.form = std::move(form);
}
inline void put(on<rules::tables_match>, Builder& b, Span) {
    match(b, false);
}
inline void put(on<rules::schemas_match>, Builder& b, Span) {
    match(b, true);
}

inline void put(on<rules::backup_check>, Builder& b, Span) {
    b.check.form = BackupVerified{.backup = b.take_name(), .within = b.take_value()};
}
inline void put(on<rules::space_check>, Builder& b, Span) {
    FreeSpace form{.path = b.take_name(), .op = b.op, .factor = {}, .database = {}, .size = {}};
    (b.names.empty() ? form.size : form.factor) = b.take_value();
    if (!b.names.empty()) form.database = b.take_name();
    b.check.form = std::move(form);
}
inline void put(on<rules::sessions_check>, Builder& b, Span) {
    b.check.form = SessionsOf{.role = b.take_name(), .op = b.op, .value = b.take_value()};
}
inline void put(on<rules::transactions_check>, Builder& b, Span) {
    b.check.form = NoTransactionsOlder{.than = b.take_value()};
}
inline void put(on<rules::version_check>, Builder& b, Span) {
    b.check.form = ServerVersion{.op = b.op, .value = b.take_value()};
}
inline void put(on<rules::queries_check>, Builder& b, Span) {
    LongRunningQueries form{.over = b.take_value(), .op = b.op, .value = {}};
    form.value = b.take_value();
    b.check.form = std::move(form);
}

// ---------------------------------------------------------------- between the keyword and the `{`

inline void put(on<rules::item_name>, Builder& b, Span) {
    b.item().name = b.take_name();
}
inline void database_of_item(Builder& b) {
    b.item().database = b.take_name();
    b.item().on_keyword = b.phrase;
}
inline void put(on<rules::on_database>, Builder& b, Span) {
    database_of_item(b);
}
inline void put(on<rules::of_database>, Builder& b, Span) {
    database_of_item(b);
}
inline void put(on<rules::after>, Builder& b, Span) {
    b.item().after = b.take_names();
    b.item().after_keyword = b.phrase;
}
inline void put(on<rules::when>, Builder& b, Span) {
    b.item().when = b.take_sql();
    b.item().when_keyword = b.phrase;
}

// ---------------------------------------------------------------- clauses of several kinds

template <typename Where>
void put(on<rules::lock_timeout<Where>>, Builder& b, Span) {
    b.home<Where>().lock_timeout = b.setting();
}
template <typename Where>
void put(on<rules::statement_timeout<Where>>, Builder& b, Span) {
    b.home<Where>().statement_timeout = b.setting();
}
template <typename Where>
void put(on<rules::retry<Where>>, Builder& b, Span) {
    b.home<Where>().retry = b.setting();
}
template <typename Where>
void put(on<rules::jobs<Where>>, Builder& b, Span) {
    b.home<Where>().jobs = b.setting();
}

inline void put(on<rules::only_schema>, Builder& b, Span) {
    b.selection().only_schema = true;
}
inline void put(on<rules::only_data>, Builder& b, Span) {
    b.selection().only_data = true;
}
inline void put(on<rules::selection_schemas>, Builder& b, Span) {
    b.selection().schemas = b.take_names();
}
inline void put(on<rules::selection_tables>, Builder& b, Span) {
    b.selection().tables = b.take_names();
}
inline void put(on<rules::selection_except>, Builder& b, Span) {
    b.selection().except = b.take_names();
}
inline void put(on<rules::selection>, Builder& b, Span s) {
    b.widen_selection(b.since(s.begin));
}

inline void put(on<rules::rollback_generated>, Builder& b, Span s) {
    b.rollback() = RollbackGenerated{.span = b.since(s.begin)};
}
inline void put(on<rules::rollback_none>, Builder& b, Span s) {
    b.rollback() = RollbackNone{.reason = b.take_name(), .span = b.since(s.begin)};
}
inline void put(on<rules::rollback_sql>, Builder& b, Span s) {
    b.rollback() = RollbackSql{.sql = b.take_sql(), .span = b.since(s.begin)};
}
inline void put(on<rules::rollback_command>, Builder& b, Span s) {
    b.rollback() = RollbackCommand{.argv = b.take_names(), .span = b.since(s.begin)};
}

// ---------------------------------------------------------------- step, gate, watch

inline void put(on<rules::step_sql>, Builder& b, Span) {
    b.body<Step>().sql.push_back(b.take_sql());
}
inline void put(on<rules::step_file>, Builder& b, Span) {
    b.body<Step>().file = b.take_name();
    b.body<Step>().file_keyword = b.phrase;
}
inline void put(on<rules::step_changes>, Builder& b, Span) {
    b.body<Step>().changes = b.take_names();
}
inline void put(on<rules::step_keep>, Builder& b, Span s) {
    b.body<Step>().keep_no_rows = b.since(s.begin);
}
inline void put(on<rules::batch_keyword>, Builder& b, Span) {
    b.body<Step>().batch = {b.phrase, {}, {}, {}};
}
inline void put(on<rules::step_batch>, Builder& b, Span) {
    auto& batch = *b.body<Step>().batch;
    batch.column = b.take_name();
    batch.by = b.take_value();
    if (!b.values.empty()) batch.pause = b.take_value();
}

inline void put(on<rules::else_stop>, Builder& b, Span) {
    b.body<Gate>().otherwise = OnFailureKind::stop;
}
inline void put(on<rules::else_rollback>, Builder& b, Span) {
    b.body<Gate>().otherwise = OnFailureKind::rollback;
}
inline void put(on<rules::gate_else>, Builder& b, Span s) {
    b.body<Gate>().else_span = b.since(s.begin);
}
inline void put(on<rules::gate_confirm>, Builder& b, Span) {
    b.body<Gate>().confirms.push_back(b.take_name());
}

inline void put(on<rules::watch_for>, Builder& b, Span) {
    b.body<Watch>().for_time = b.take_value();
}
inline void put(on<rules::watch_every>, Builder& b, Span) {
    b.body<Watch>().every = b.take_value();
}
inline void put(on<rules::watch_complete>, Builder& b, Span s) {
    b.require(s.begin, "for", "for 30min");
    b.require(s.begin, "every", "every 15s");
}

// ---------------------------------------------------------------- snapshot, backup, restore

inline void put(on<rules::snapshot_keep>, Builder& b, Span) {
    auto& snapshot = b.body<Snapshot>();
    const ValueKind kind = b.values.front().kind;
    if (kind == ValueKind::duration) {
        snapshot.keep = b.retention();
    } else {
        snapshot.keep_count = b.take_value();
    }
}

inline void put(on<rules::to_store>, Builder& b, Span) {
    auto& places = b.body<Backup>().places;
    places.emplace_back();
    places.back().store = b.take_name();
    places.back().path = b.take_name();
}
inline void put(on<rules::to_folder>, Builder& b, Span) {
    b.body<Backup>().places.push_back({.store = {}, .path = b.take_name(), .keep = {}});
}
inline void put(on<rules::retention>, Builder& b, Span) {
    b.body<Backup>().places.back().keep = b.retention();
}
inline void put(on<rules::backup_compress>, Builder& b, Span) {
    if (!b.values.empty()) b.body<Backup>().compress_level = b.take_value();
}
inline void put(on<rules::backup_encrypt>, Builder& b, Span) {
    b.body<Backup>().encrypt_to = b.take_name();
}
inline void put(on<rules::verify_checksums>, Builder& b, Span) {
    b.body<Backup>().verify = Backup::Verify::checksums;
}
inline void put(on<rules::verify_restore>, Builder& b, Span) {
    b.body<Backup>().verify = Backup::Verify::restore;
}
inline void put(on<rules::backup_engine>, Builder& b, Span) {
    b.body<Backup>().engine = b.take_name();
}
inline void put(on<rules::backup_stanza>, Builder& b, Span) {
    b.body<Backup>().stanza = b.take_name();
}
inline void put(on<rules::backup_type>, Builder& b, Span) {
    b.body<Backup>().type = b.take_name();
}

inline void put(on<rules::restore_latest>, Builder& b, Span) {
    b.body<Restore>().latest = true;
}
inline void put(on<rules::restore_within>, Builder& b, Span) {
    b.body<Restore>().within = b.take_value();
}
inline void put(on<rules::restore_from_path>, Builder& b, Span) {
    b.body<Restore>().source = Restore::Source::path;
}
inline void put(on<rules::restore_from>, Builder& b, Span) {
    b.body<Restore>().from = b.take_name();
}
inline void put(on<rules::restore_complete>, Builder& b, Span s) {
    b.require(s.begin, "from", "from backup NAME");
}

// ---------------------------------------------------------------- export, copy, clone

inline void put(on<rules::export_to>, Builder& b, Span) {
    b.body<Export>().to = b.take_name();
}
inline void put(on<rules::export_complete>, Builder& b, Span s) {
    b.require(s.begin, "to", "to \"csv/{run}\"");
}
inline void put(on<rules::export_compress>, Builder& b, Span) {
    b.body<Export>().compress = b.take_name();
}
inline void put(on<rules::export_entry>, Builder& b, Span) {
    b.body<Export>().entries.push_back({.name = b.take_name(), .query = b.take_sql()});
}

inline void put(on<rules::copy_from_database>, Builder& b, Span) {
    b.body<Copy>().from_database = b.take_name();
}
inline void put(on<rules::copy_from_file>, Builder& b, Span) {
    b.body<Copy>().from_file = b.take_name();
}
inline void put(on<rules::to_database>, Builder& b, Span) {
    Item& item = b.item();
    auto* copy = std::get_if<Copy>(&item.body);
    (copy != nullptr ? copy->to_database : b.body<Clone>().to_database) = b.take_name();
}
inline void put(on<rules::copy_query>, Builder& b, Span s) {
    if (b.once("$$ … $$", b.since(s.begin))) b.body<Copy>().query = b.take_sql();
}
inline void put(on<rules::into_table>, Builder& b, Span) {
    b.body<Copy>().into = b.take_name();
}
inline void put(on<rules::copy_into>, Builder& b, Span) {
    b.body<Copy>().columns = b.take_names();
}
inline void put(on<rules::conflict_skip>, Builder& b, Span) {
    b.body<Copy>().conflict_skip = true;
}
inline void put(on<rules::conflict_keys>, Builder& b, Span) {
    b.body<Copy>().conflict_keys = b.take_names();
}
inline void put(on<rules::conflict_update>, Builder& b, Span) {
    b.body<Copy>().conflict_updates = b.take_names();
}
inline void put(on<rules::copy_rejects>, Builder& b, Span) {
    b.body<Copy>().rejects_to = b.take_name();
    if (!b.values.empty()) b.body<Copy>().at_most = b.take_value();
}

inline void put(on<rules::clone_from>, Builder& b, Span) {
    b.body<Clone>().from_database = b.take_name();
}
inline void put(on<rules::clone_existing>, Builder& b, Span) {
    b.body<Clone>().existing = b.take_name();
}
inline void put(on<rules::clone_verify>, Builder& b, Span) {
    b.body<Clone>().verify = b.take_name();
}

// ---------------------------------------------------------------- run, wait, notify, order

inline void put(on<rules::run_command>, Builder& b, Span) {
    b.body<Run>().command = b.take_names();
    b.body<Run>().command_keyword = b.phrase;
}
inline void put(on<rules::run_timeout>, Builder& b, Span) {
    b.body<Run>().timeout = b.setting();
}
inline void put(on<rules::run_output>, Builder& b, Span) {
    b.body<Run>().output_to = b.take_name();
}
inline void put(on<rules::run_rehearse>, Builder& b, Span) {
    b.body<Run>().rehearse = b.take_names();
}

inline void put(on<rules::wait_duration>, Builder& b, Span) {
    b.body<Wait>().duration = b.take_value();
}
inline void put(on<rules::wait_instant>, Builder& b, Span) {
    b.body<Wait>().until = b.take_value();
}
inline void put(on<rules::wait_window>, Builder& b, Span) {
    b.body<Wait>().until_window = true;
    if (!b.values.empty()) b.body<Wait>().before_window = b.take_value();
}
inline void put(on<rules::notify_words>, Builder& b, Span) {
    b.body<Notify>().channel = b.take_name();
    b.body<Notify>().message = b.take_name();
}
inline void put(on<rules::no_return_mark>, Builder& b, Span) {
    b.body<Checkpoint>().no_return = true;
}
inline void put(on<rules::loop_head>, Builder& b, Span) {
    b.body<For>().variable = b.take_name();
    b.body<For>().values = std::exchange(b.values, {});
}

// ---------------------------------------------------------------- declarations

inline void put(on<rules::repeatable>, Builder& b, Span) {
    b.parsed.plan.repeatable = b.phrase;
}
inline void put(on<rules::once>, Builder& b, Span) {
    b.parsed.plan.once = b.phrase;
}
inline void put(on<rules::plan_name>, Builder& b, Span) {
    PlanFile& plan = b.parsed.plan;
    const Span keyword = b.item().keyword;
    if (plan.plan_keyword) {
        b.report(code::misplaced_header, keyword, "a file holds one plan");
    } else {
        plan.plan_keyword = keyword;
        plan.name = b.take_name();
    }
}
inline void put(on<rules::plan_title>, Builder& b, Span) {
    if (!b.parsed.plan.title) b.parsed.plan.title = b.names.back();
}

inline void put(on<rules::parameter_name>, Builder& b, Span) {
    b.item().name = b.take_name();
}
inline void put(on<rules::parameter>, Builder& b, Span s) {
    if (b.frames.back().broken) return;
    Parameter out{.name = b.item().name, .default_value = {}, .span = b.since(s.begin)};
    if (!b.values.empty()) out.default_value = b.take_value();
    b.parsed.plan.parameters.push_back(std::move(out));
}
inline void put(on<rules::database_name>, Builder& b, Span) {
    b.item().name = b.take_name();
    if (b.item().name.written() == "failure") {
        b.report(code::reserved_name, b.item().name.span,
                 "a database may not be named `failure`: `on failure` is a declaration");
    }
}
inline void put(on<rules::database>, Builder& b, Span s) {
    if (b.frames.back().broken) return;
    const Span span = b.since(s.begin);
    b.parsed.plan.databases.push_back(
        {.name = b.item().name, .read_only = b.in(span).ends_with('}'), .span = span});
}
inline void put(on<rules::window>, Builder& b, Span) {
    Window out{.keyword = b.item().keyword, .from = b.take_value(), .to = {}};
    out.to = b.take_value();
    if (!b.frames.back().broken) b.parsed.plan.windows.push_back(std::move(out));
}
inline void put(on<rules::defaults_begin>, Builder& b, Span) {
    b.defaults = Defaults{};
    b.defaults.keyword = b.item().keyword;
}
inline void put(on<rules::defaults_strong_locks>, Builder& b, Span) {
    b.defaults.before_strong_locks_wait = b.setting();
}
inline void put(on<rules::defaults>, Builder& b, Span) {
    if (!b.frames.back().broken) b.parsed.plan.defaults.push_back(std::move(b.defaults));
}
inline void put(on<rules::failure_stop>, Builder& b, Span) {
    b.parsed.plan.on_failure.push_back(
        {.keyword = b.item().keyword, .kind = OnFailureKind::stop, .checkpoint = {}});
}
inline void put(on<rules::failure_rollback>, Builder& b, Span) {
    OnFailure out{.keyword = b.item().keyword, .kind = OnFailureKind::rollback, .checkpoint = {}};
    if (!b.names.empty()) {
        out.kind = OnFailureKind::rollback_to;
        out.checkpoint = b.take_name();
    }
    b.parsed.plan.on_failure.push_back(std::move(out));
}

// ---------------------------------------------------------------- rule to overload

template <typename Rule>
struct action : tao::pegtl::nothing<Rule> {};

template <typename Rule>
requires requires(Builder& b) {
    put(on<Rule>{}, b, Span{});
}
struct action<Rule> {
    template <typename In>
    static void apply(const In& in, Builder& b) {
        put(on<Rule>{}, b, Span{b.offset(in.begin()), b.offset(in.end())});
    }
};

}  // namespace cairn::grammar
