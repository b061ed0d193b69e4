// How items are put together: clauses that stand once, bodies in braces, and what several kinds
// share.
#pragma once

#include "grammar/rules/checks.hpp"

namespace cairn::grammar::rules {

// The keywords of a clause that may be given once an item.
template <Word W>
struct once_phrase : handmade<once_phrase<W>> {
    static bool scan(Input& in, Builder& b) {
        if (!phrase<W>::scan(in, b)) return false;
        b.begin_clause();
        b.once(W.view(), b.phrase);
        return true;
    }
};
template <Word W>
struct many_phrase : handmade<many_phrase<W>> {
    static bool scan(Input& in, Builder& b) {
        if (!phrase<W>::scan(in, b)) return false;
        b.begin_clause();
        return true;
    }
};

// What follows the keywords must be there, unless it is optional by itself.
template <typename R>
struct needed : must<R> {};
template <typename... R>
struct needed<opt<R...>> : opt<R...> {};

template <Word W, typename... R>
struct clause : seq<once_phrase<W>, needed<R>...> {};
template <Word W, typename... R>
struct repeatable_clause : seq<many_phrase<W>, needed<R>...> {};

// `{ clause… }` of an item that begins with `Of`.
template <Word Of, typename... Clauses>
struct body {
    using rule_t = body;
    using subs_t = type_list<Clauses...>;

    template <apply_mode A, rewind_mode M, template <typename...> class Action,
              template <typename...> class Control>
    static bool match(Input& in, Builder& b) {
        const std::uint32_t brace = b.offset(in.current());
        if (!sign<'{'>::match<A, M, Action, Control>(in, b)) return false;
        using clauses = sor<Clauses...>;
        while (!sign<'}'>::match<A, M, Action, Control>(in, b)) {
            const std::uint32_t begin = b.offset(in.current());
            b.lay_begin(begin);
            try {
                using match_clauses = Control<clauses>;
                if (!match_clauses::template match<A, rewind_mode::required, Action, Control>(in,
                                                                                              b)) {
                    b.fail_clause(begin, Of.view(), brace);
                }
            } catch (const Broken& broken) {
                const auto next = b.resume_clause(begin, broken.error);
                if (!next) throw;
                in.iterator() = in.begin() + *next;
            }
        }
        return true;
    }
};

// ---------------------------------------------------------------- between the keyword and the `{`

struct item_name : name {};

// `on failure` is a declaration, not the database of the item before it.
struct on_failure_ahead : handmade<on_failure_ahead> {
    static bool scan(Input& in, Builder&) {
        std::string_view rest = rest_of(in);
        if (!stands_here(rest, "on")) return false;
        rest.remove_prefix(2);
        rest.remove_prefix(blank_length(rest));
        return stands_here(rest, "failure");
    }
};
struct on_database : seq<not_at<on_failure_ahead>, clause<"on", name>> {};
struct of_database : clause<"of", name> {};
struct after : clause<"after", list<name>> {};
struct when : clause<"when", sql> {};
// Said once and clearly: these kinds have no database to ask.
struct no_when : handmade<no_when> {
    static bool scan(Input& in, Builder& b) {
        if (!stands_here(rest_of(in), "when")) return false;
        b.fail(code::ill_suited, b.found_at(b.offset(in.current())),
               "`when` does not stand on `" + std::string{b.in(b.item().keyword)} +
                   "`, which has no database");
    }
};

template <typename... R>
struct head : star<sor<R...>> {};

// ---------------------------------------------------------------- clauses of several kinds

template <typename Where>
struct lock_timeout : clause<"lock timeout", duration> {};
template <typename Where>
struct statement_timeout : clause<"statement timeout", duration> {};
template <typename Where>
struct retry : clause<"retry", number> {};
template <typename Where>
struct jobs : clause<"jobs", number> {};

// [only schema | only data] [schemas …] [tables …] [except tables …]
struct only_schema : key<"schema"> {};
struct only_data : key<"data"> {};
struct only_part : sor<only_schema, only_data> {};
struct selection_only : clause<"only", only_part> {};
struct selection_schemas : clause<"schemas", list<pattern>> {};
struct selection_tables : clause<"tables", list<pattern>> {};
struct selection_except : clause<"except tables", list<pattern>> {};
struct selection : sor<selection_only, selection_schemas, selection_tables, selection_except> {};

// keep 30d, at least 3
struct at_least : seq<sign<','>, must<phrase<"at least">>, must<number>> {};
struct retention : seq<phrase<"keep">, must<duration>, opt<at_least>> {};

struct rollback_generated : key<"generated"> {};
struct rollback_none : seq<key<"none">, must<string>> {};
struct rollback_sql : sql {};
struct rollback_command : plus<string> {};
struct way_back_of_step : sor<rollback_generated, rollback_none, rollback_sql> {};
struct way_back_of_run : sor<rollback_none, rollback_command> {};
struct rollback_step : clause<"rollback", way_back_of_step> {};
struct rollback_run : clause<"rollback", way_back_of_run> {};
struct rollback_rows : clause<"rollback", way_back_of_step> {};
struct rollback_restore : clause<"rollback", rollback_none> {};

}  // namespace cairn::grammar::rules
