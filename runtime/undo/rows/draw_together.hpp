// Several changes of one key, by several statements or by one that moved keys about, drawn together to one.
#pragma once

#include "runtime/undo/rows/kept.hpp"

namespace cairn::undo {

// Query: whether some key stands in the kept table more than once, or as one that was moved.
[[nodiscard]] std::string needs_drawing_together(const KeptRows&);
// Makes `into`, with one row a key and `cairn_xmin`: within the transaction that changed the rows.
[[nodiscard]] std::string draw_together(const KeptRows&, const std::string& into);

}  // namespace cairn::undo
