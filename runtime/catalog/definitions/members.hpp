// Members of extensions: which of their properties are the extension's own affair.
#pragma once

#include "runtime/catalog/definitions.hpp"

namespace cairn::catalog {

// An extension makes its members, changes them and drops them: of those nothing stays here but what users have
// done to them since, their privileges and comments. What ALTER EXTENSION … ADD and DROP have moved stays whole.
void leave_to_extensions(Definitions& before, Definitions& after);

}  // namespace cairn::catalog
