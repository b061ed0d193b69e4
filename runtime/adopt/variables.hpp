// `:name` in scripts: what a plan would take for a variable, made to mean what it meant.
#pragma once

#include <map>
#include <string>

#include "runtime/adopt/foreign.hpp"

namespace cairn::adopt {

// A colon of a slice (`a[:n]`) is set apart from the name behind it; any other is psql's variable
// and replaced by its value, or reported (C0914).
void settle_variables(Foreign&, const std::map<std::string, std::string>& values, Diagnostics&);

}  // namespace cairn::adopt
