// What to call a rule where it was expected and something else was found.
//
// Overloads on the rule's type, so that a rule derived from another is called the same unless it
// has words of its own. A rule under `must` without words does not compile.
#pragma once

#include <string>

#include "grammar/rules/declarations.hpp"

namespace cairn::grammar {

template <rules::Word W>
std::string expected(const rules::key<W>*) {
    return quoted(W.view());
}
template <rules::Word W>
std::string expected(const rules::phrase<W>*) {
    return quoted(W.view());
}
template <rules::Word W>
std::string expected(const rules::once_phrase<W>*) {
    return quoted(W.view());
}
template <char C>
std::string expected(const rules::sign<C>*) {
    return std::string{'`', C, '`'};
}
template <rules::Word... W>
std::string expected(const rules::choice<W...>*) {
    std::string out;
    std::size_t left = sizeof...(W);
    ((out += quoted(W.view()), out += (--left > 1 ? ", " : left == 1 ? " or " : "")), ...);
    return out;
}
template <rules::Word Of, typename... C>
std::string expected(const rules::body<Of, C...>*) {
    return "`{`";
}
template <rules::Word W, typename... R>
std::string expected(const rules::clause<W, R...>*) {
    return quoted(W.view());
}

inline std::string expected(const rules::name*) {
    return "a name";
}
inline std::string expected(const rules::dotted*) {
    return "a name";
}
inline std::string expected(const rules::relation*) {
    return "a relation's name";
}
inline std::string expected(const rules::column*) {
    return "`table.column`";
}
inline std::string expected(const rules::pattern*) {
    return "a relation's name";
}
inline std::string expected(const rules::setting_word*) {
    return "a name or a string";
}
inline std::string expected(const rules::string*) {
    return "a string";
}
inline std::string expected(const rules::arguments*) {
    return "a string";
}
inline std::string expected(const rules::sql*) {
    return "SQL in `$$ … $$`";
}
inline std::string expected(const rules::type*) {
    return "a type";
}
inline std::string expected(const rules::number*) {
    return "a number";
}
inline std::string expected(const rules::duration*) {
    return "a duration such as `3s`";
}
inline std::string expected(const rules::size*) {
    return "a size such as `20GB`";
}
inline std::string expected(const rules::instant*) {
    return "an instant such as `2026-01-15T22:00+04:00`";
}
inline std::string expected(const rules::literal*) {
    return "a number or a string";
}
inline std::string expected(const rules::value*) {
    return "a value";
}
inline std::string expected(const rules::comparison*) {
    return "`=`, `<>`, `<`, `<=`, `>` or `>=`";
}

inline std::string expected(const rules::rows_returned*) {
    return "`nothing` or `something`";
}
inline std::string expected(const rules::other_query*) {
    return "SQL in `$$ … $$`";
}
inline std::string expected(const rules::right_side*) {
    return "a number, a string, `true`, `false` or SQL";
}
inline std::string expected(const rules::verdict*) {
    return "`returns`, `within` or a comparison";
}
inline std::string expected(const rules::presence*) {
    return "`exists` or `absent`";
}
inline std::string expected(const rules::presence_or_valid*) {
    return "`exists`, `absent` or `valid`";
}
inline std::string expected(const rules::column_state*) {
    return "`exists`, `absent`, `not null` or `is TYPE`";
}
inline std::string expected(const rules::matches*) {
    return "`match`";
}
inline std::string expected(const rules::match_source*) {
    return "a database or `backup NAME`";
}
inline std::string expected(const rules::space_wanted*) {
    return "a size or `2x DATABASE`";
}
inline std::string expected(const rules::check_form*) {
    return "a check";
}

inline std::string expected(const rules::only_part*) {
    return "`schema` or `data`";
}
inline std::string expected(const rules::way_back_of_step*) {
    return "`generated`, `none \"reason\"` or SQL in `$$ … $$`";
}
inline std::string expected(const rules::way_back_of_run*) {
    return "a command or `none \"reason\"`";
}
inline std::string expected(const rules::rollback_none*) {
    return "`none \"reason\"`";
}
inline std::string expected(const rules::else_way*) {
    return "`stop` or `rollback`";
}
inline std::string expected(const rules::place*) {
    return "a folder or `store NAME \"path\"`";
}
inline std::string expected(const rules::backup_proof*) {
    return "`restore` or `checksums`";
}
inline std::string expected(const rules::restore_source*) {
    return "`backup NAME` or a folder";
}
inline std::string expected(const rules::copy_source*) {
    return "a database or a file";
}
inline std::string expected(const rules::conflict_way*) {
    return "`skip` or `(keys) update columns`";
}
inline std::string expected(const rules::moment*) {
    return "`window` or an instant";
}
inline std::string expected(const rules::pastime*) {
    return "a duration or `until`";
}
inline std::string expected(const rules::loop_values*) {
    return "`(`";
}
inline std::string expected(const rules::block*) {
    return "`{`";
}
inline std::string expected(const rules::failure_way*) {
    return "`rollback` or `stop`";
}

template <typename R>
std::string expected(const rules::list<R>*) {
    return expected(static_cast<const R*>(nullptr));
}

template <typename Rule>
struct control : tao::pegtl::normal<Rule> {
    [[noreturn]] static void raise(const rules::Input& in, Builder& b) {
        b.fail_expected(b.offset(in.current()), expected(static_cast<const Rule*>(nullptr)));
    }
};

}  // namespace cairn::grammar
