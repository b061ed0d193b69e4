// Checks: what each form takes from its words.
#pragma once

#include "grammar/actions/on.hpp"

namespace cairn::grammar {

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

}  // namespace cairn::grammar
