// Tokens: blanks, keywords, names, strings and SQL literals. Every token takes the blanks behind
// it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <tao/pegtl.hpp>

#include "grammar/builder.hpp"
#include "grammar/codes.hpp"
#include "grammar/words.hpp"

namespace cairn::grammar::rules {

using namespace tao::pegtl;

using Input = memory_input<tracking_mode::lazy, eol::lf>;

// A word of the language as a template argument: key<"step">.
template <std::size_t N>
struct Word {
    char chars[N]{};
    constexpr Word(const char (&s)[N]) { std::copy_n(s, N, chars); }  // NOLINT: implicit on purpose
    [[nodiscard]] constexpr std::string_view view() const { return {chars, N - 1}; }
};

inline std::string_view rest_of(const Input& in) {
    return {in.current(), in.size()};
}

inline void skip_blanks(Input& in) {
    in.bump(blank_length(rest_of(in)));
}

// Whether `word` stands here, and no longer word that only starts with it.
inline bool stands_here(std::string_view rest, std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return rest.empty() || !(is_word_char(rest[0]) || placeholder_length(rest) != 0);
}

inline void take_token(Input& in, std::size_t length, Builder& b) {
    const std::uint32_t begin = b.offset(in.current());
    in.bump(length);
    b.token_end = b.offset(in.current());
    b.lay_token(b.since(begin));
    skip_blanks(in);
}

// A rule that only looks at text and state; its actions, if any, belong to the rule derived from
// it.
template <typename Derived>
struct handmade {
    using rule_t = Derived;
    using subs_t = empty_list;

    template <apply_mode, rewind_mode, template <typename...> class, template <typename...> class>
    static bool match(Input& in, Builder& b) {
        return Derived::scan(in, b);
    }
};

struct blanks : handmade<blanks> {
    static bool scan(Input& in, Builder&) {
        skip_blanks(in);
        return true;
    }
};

// R, then the blanks behind it, which are no part of the token.
template <typename R>
struct token {
    using rule_t = token;
    using subs_t = type_list<R>;

    template <apply_mode A, rewind_mode M, template <typename...> class Action,
              template <typename...> class Control>
    static bool match(Input& in, Builder& b) {
        const std::uint32_t begin = b.offset(in.current());
        if (!Control<R>::template match<A, M, Action, Control>(in, b)) return false;
        b.token_end = b.offset(in.current());
        b.lay_token(b.since(begin));
        skip_blanks(in);
        return true;
    }
};

template <char C>
struct sign : token<one<C>> {};

template <Word W>
struct key : handmade<key<W>> {
    static bool scan(Input& in, Builder& b) {
        constexpr std::string_view word = W.view();
        if (!stands_here(rest_of(in), word)) {
            b.tried(b.offset(in.current()), word, word);
            return false;
        }
        take_token(in, word.size(), b);
        return true;
    }
};

// Keywords that belong together, `before strong locks wait`: the first one commits to the others.
template <Word W>
struct phrase : handmade<phrase<W>> {
    static bool scan(Input& in, Builder& b) {
        constexpr std::string_view whole = W.view();
        const std::uint32_t begin = b.offset(in.current());
        for (std::size_t at = 0; at < whole.size();) {
            const std::string_view word = whole.substr(at, whole.find(' ', at) - at);
            if (!stands_here(rest_of(in), word)) {
                b.tried(b.offset(in.current()), word, whole);
                if (at == 0) return false;
                b.fail_expected(b.offset(in.current()), quoted(word));
            }
            take_token(in, word.size(), b);
            at += word.size() + 1;
        }
        b.phrase = b.since(begin);
        return true;
    }
};

// One of a few words, kept as a name.
template <Word... W>
struct choice : handmade<choice<W...>> {
    static bool scan(Input& in, Builder& b) { return (take(in, b, W.view()) || ...); }

private:
    static bool take(Input& in, Builder& b, std::string_view word) {
        const std::uint32_t begin = b.offset(in.current());
        if (!stands_here(rest_of(in), word)) {
            b.tried(begin, word, word);
            return false;
        }
        take_token(in, word.size(), b);
        b.add_name(b.since(begin));
        return true;
    }
};

// ---------------------------------------------------------------- names

struct placeholder : handmade<placeholder> {
    static bool scan(Input& in, Builder&) {
        const std::size_t length = placeholder_length(rest_of(in));
        in.bump(length);
        return length != 0;
    }
};

struct name_start : ranges<'a', 'z', '_'> {};
struct name_char : ranges<'a', 'z', '0', '9', '_'> {};
struct name_parts : seq<sor<name_start, placeholder>, star<sor<name_char, placeholder>>> {};

// What goes on behind a name and spoils it: upper case, hyphens, letters beyond ASCII.
struct spoiling : sor<ranges<'A', 'Z', '\x80', '\xff'>, seq<one<'-'>, ranges<'a', 'z', 'A', 'Z'>>> {
};
struct good_name : seq<name_parts, not_at<spoiling>> {};
struct bad_name_shape : seq<sor<name_start, placeholder, ranges<'A', 'Z', '\x80', '\xff'>>,
                            star<sor<name_char, placeholder, spoiling>>> {};
struct bad_name : bad_name_shape {};
struct name_text : sor<good_name, bad_name> {};
struct name : token<name_text> {};

// `schema.table`, `table.column`, `plan.backup`
struct sql_name : seq<one<'"'>, plus<not_one<'"', '\n'>>, one<'"'>> {};  // as SQL would have it
struct spoiled_relation
    : sor<spoiling, seq<one<'.'>, sor<one<'"'>, ranges<'A', 'Z', '\x80', '\xff'>>>> {};
struct dotted_text : seq<name_parts, star<one<'.'>, name_parts>, not_at<spoiled_relation>> {};
struct bad_dotted_shape : seq<bad_name_shape, star<one<'.'>, sor<bad_name_shape, sql_name>>> {};
struct bad_dotted_text : bad_dotted_shape {};
struct bad_dotted : token<bad_dotted_text> {};
struct dotted : sor<token<dotted_text>, bad_dotted> {};

// `table.column` and nothing shorter, unless a placeholder may hold the dot
struct column_text : seq<name_parts, plus<one<'.'>, name_parts>, not_at<spoiled_relation>> {};
struct bad_column_text : seq<at<bad_name_shape, one<'.'>>, bad_dotted_shape> {};

// `logs.*`
struct pattern_text : seq<name_parts, star<one<'.'>, name_parts>, opt<one<'.'>, one<'*'>>,
                          not_at<spoiled_relation>> {};

// ---------------------------------------------------------------- strings and SQL

// "…" with escapes or '…' without; both end on their line.
struct quoted_text : handmade<quoted_text> {
    static bool scan(Input& in, Builder& b) {
        const std::string_view rest = rest_of(in);
        if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return false;
        const char quote = rest[0];
        for (std::size_t at = 1; at < rest.size() && rest[at] != '\n'; ++at) {
            if (rest[at] == quote) {
                in.bump(at + 1);
                return true;
            }
            const bool escapes = quote == '"' && rest[at] == '\\' && at + 1 < rest.size();
            if (escapes && rest[at + 1] != '\n') ++at;
        }
        const std::uint32_t begin = b.offset(in.current());
        b.fail(code::open_string, {begin, begin + 1}, "this string does not end on its line");
    }
};
struct string_text : quoted_text {};
struct string : token<string_text> {};

// $$ … $$ or $tag$ … $tag$
struct sql_text : handmade<sql_text> {
    static bool scan(Input& in, Builder& b) {
        const std::string_view rest = rest_of(in);
        const std::size_t dollars = dollar_length(rest);
        if (dollars == 0) return false;
        const std::string_view delimiter = rest.substr(0, dollars);
        const std::uint32_t begin = b.offset(in.current());
        const std::size_t close = b.close_of(delimiter, begin + dollars);
        if (close == std::string_view::npos) {
            b.fail(code::open_sql, {begin, begin + static_cast<std::uint32_t>(dollars)},
                   "unterminated `" + std::string{delimiter} + "`");
        }
        in.bump(close + dollars - begin);
        return true;
    }
};
struct sql : token<sql_text> {};

// A relation, role or function; what PostgreSQL must quote stands in a string.
struct relation : sor<dotted, string> {};
struct column : sor<token<column_text>, token<bad_column_text>, string> {};
struct pattern : sor<token<pattern_text>, bad_dotted, string> {};

template <typename R>
struct list : seq<R, star<sign<','>, must<R>>> {};

}  // namespace cairn::grammar::rules
