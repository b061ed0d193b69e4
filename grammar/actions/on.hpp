// Names a rule to the overloads of put() that act on it.
#pragma once

#include "grammar/rules/declarations.hpp"

namespace cairn::grammar {

// put(on<rules::R>, builder, span) runs when the rule R has matched, with the text that it took.
template <typename Rule>
struct on {};

}  // namespace cairn::grammar
