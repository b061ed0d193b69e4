// What several kinds of item share: where they work, selections, timeouts, ways back.
#pragma once

#include "grammar/actions/on.hpp"

namespace cairn::grammar {

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

}  // namespace cairn::grammar
