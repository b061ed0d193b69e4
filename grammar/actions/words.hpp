// The words of a clause: names, strings, SQL and values, kept until the clause takes them.
#pragma once

#include "grammar/actions/on.hpp"

namespace cairn::grammar {

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

}  // namespace cairn::grammar
