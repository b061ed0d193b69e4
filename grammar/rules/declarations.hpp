// The file: its header, the declarations, and the items with what holds them together.
#pragma once

#include "grammar/nearest.hpp"
#include "grammar/rules/items.hpp"

namespace cairn::grammar::rules {

// ---------------------------------------------------------------- declarations

template <Word W>
struct declaration_keyword : handmade<declaration_keyword<W>> {
    static bool scan(Input& in, Builder& b) {
        if (!phrase<W>::scan(in, b)) return false;
        b.begin_clause();
        b.frames.back().declares = true;
        b.item().keyword = b.phrase;
        if (b.in_block()) {
            b.report(code::misplaced_header, b.phrase,
                     "`" + std::string{W.view()} + "` does not stand inside a block");
        }
        return true;
    }
};
template <Word W, typename... R>
struct declaration : seq<declaration_keyword<W>, needed<R>...> {};

struct repeatable : once_phrase<"repeatable"> {};
struct once : once_phrase<"once"> {};
struct plan_name : name {};
struct plan_title : string {};
struct plan : declaration<"plan", plan_name, opt<plan_title>, opt<star<sor<repeatable, once>>>> {};

struct parameter_name : name {};
struct parameter_default : seq<sign<'='>, must<value>> {};
struct parameter : declaration<"param", parameter_name, opt<parameter_default>> {};

struct database_name : name {};
struct read_only : seq<sign<'{'>, must<phrase<"read only">>, must<sign<'}'>>> {};
struct database : declaration<"database", database_name, opt<read_only>> {};

struct window : declaration<"window", instant, phrase<"to">, instant> {};

struct defaults_strong_locks : clause<"before strong locks wait", duration> {};
struct defaults_body : body<"defaults", lock_timeout<Defaults>, statement_timeout<Defaults>,
                            retry<Defaults>, defaults_strong_locks> {};
struct defaults_begin : success {};
struct defaults : seq<declaration_keyword<"defaults">, defaults_begin, must<defaults_body>> {};

struct to_checkpoint : seq<key<"to">, must<name>> {};
struct failure_rollback : seq<key<"rollback">, opt<to_checkpoint>> {};
struct failure_stop : key<"stop"> {};
struct failure_way : sor<failure_rollback, failure_stop> {};
struct on_failure : declaration<"on failure", failure_way> {};

// ---------------------------------------------------------------- items, one after the other

inline constexpr const char* no_header = "a plan file starts with `plan NAME \"title\"`";
inline constexpr const char* header = "plan my_plan \"what it does\"";

struct unknown_item : handmade<unknown_item> {
    static bool scan(Input& in, Builder& b) {
        const std::uint32_t at = b.offset(in.current());
        const Span found = b.found_at(at);
        if (b.in(found) == "}") {
            if (!b.has_skipped()) b.fail(code::unexpected, found, "this `}` closes nothing");
            b.frames.back().declares = true;
            take_token(in, 1, b);
            return true;
        }
        const bool first = b.parsed.errors.empty() && !b.parsed.plan.plan_keyword;
        if (first && !is_near(b.in(found), "plan"))
            b.fail(code::no_header, found, no_header, header);
        b.fail(code::unknown_item, found,
               "expected an item, found `" + std::string{b.in(found)} + "`",
               std::string{b.suggestion(at)});
    }
};
struct statement
    : sor<item, parameter, database, window, defaults, on_failure, plan, unknown_item> {};

// A statement, or the error of one that is skipped. False at the end of the file.
struct recovered_statement {
    using rule_t = recovered_statement;
    using subs_t = type_list<statement>;

    template <apply_mode A, rewind_mode M, template <typename...> class Action,
              template <typename...> class Control>
    static bool match(Input& in, Builder& b) {
        if (in.empty()) return false;
        const std::uint32_t begin = b.offset(in.current());
        b.lay_begin(begin);
        b.open_item(begin);
        try {
            (void)Control<statement>::template match<A, rewind_mode::dontcare, Action, Control>(in,
                                                                                                b);
            b.close_item();
        } catch (Broken& broken) {
            in.iterator() = in.begin() + b.resume_item(std::move(broken.error));
        }
        return true;
    }
};

struct block {
    using rule_t = block;
    using subs_t = type_list<recovered_statement>;

    template <apply_mode A, rewind_mode M, template <typename...> class Action,
              template <typename...> class Control>
    static bool match(Input& in, Builder& b) {
        const std::uint32_t brace = b.offset(in.current());
        if (!sign<'{'>::match<A, M, Action, Control>(in, b)) return false;
        while (!sign<'}'>::match<A, M, Action, Control>(in, b)) {
            if (left_behind(b.offset(in.current()), b)) return true;
            if (!recovered_statement::match<A, M, Action, Control>(in, b)) {
                b.fail_clause(b.offset(in.current()), b.in(b.item().keyword), brace);
            }
        }
        return true;
    }

private:
    // Whether a broken item took this block's `}` with it: the end of the file, or an item that
    // stands no further right than the block itself.
    static bool left_behind(std::uint32_t at, const Builder& b) {
        const Frame& frame = b.frames.back();
        if (!frame.inner_broken) return false;
        if (at == b.text().size()) return true;
        return b.first_on_line(at) && b.first_on_line(frame.begin) &&
               b.column(at) <= b.column(frame.begin);
    }
};

// Says so when the file starts with something else; a word that is none is an unknown item's
// matter.
struct expected_header : handmade<expected_header> {
    static bool scan(Input& in, Builder& b) {
        const std::uint32_t at = b.offset(in.current());
        const std::string_view first = b.in(b.found_at(at));
        if (first.empty() || (first != "plan" && is_item_keyword(first))) {
            b.record({code::no_header, b.found_at(at), no_header, header});
        }
        return true;
    }
};

struct file : seq<blanks, expected_header, star<recovered_statement>> {};

}  // namespace cairn::grammar::rules
