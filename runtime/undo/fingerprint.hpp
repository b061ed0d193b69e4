// Tells whether an object is still defined as a step has left it, and which parts of it are not.
#pragma once

#include <map>
#include <string>

#include "runtime/catalog/definitions.hpp"

namespace cairn::undo {

// The definition of an object by names, so that it stays the same when what it refers to is made again.
[[nodiscard]] std::string fingerprint(const catalog::Object&);

// The same of each of its parts: "column b", "its comment". Short: they name what differs where the fingerprint has shown that
// something does.
using Parts = std::map<std::string, std::string>;
[[nodiscard]] Parts fingerprints_of_parts(const catalog::Object&);
// For people: "column b, its comment". Empty where nothing is known of the parts as they were.
[[nodiscard]] std::string what_differs(const Parts& were, const catalog::Object& now);

}  // namespace cairn::undo
