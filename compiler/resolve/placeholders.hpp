// Placeholders that nothing stands behind.
#pragma once

#include "compiler/resolve/report.hpp"
#include "compiler/resolve/words.hpp"

namespace cairn::compiler {

// Reports each placeholder of `written` that is unknown where it stands, with the nearest known one.
void report_unknown(const grammar::Template& written, const Words&, const Turn*, Report&);

}  // namespace cairn::compiler
