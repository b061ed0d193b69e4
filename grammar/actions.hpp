// What the rules put into the syntax tree: first the words of a clause, then the clause itself.
#pragma once

#include "grammar/actions/checks.hpp"
#include "grammar/actions/clauses.hpp"
#include "grammar/actions/declarations.hpp"
#include "grammar/actions/items.hpp"
#include "grammar/actions/words.hpp"

namespace cairn::grammar {

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
