// Looks at the kept rows of many stretches at once: a batch keeps rows once a range, and to compare each range with all later ones
// takes the cube of their number.
#pragma once

#include <string>
#include <vector>

#include "runtime/undo/rows/kept.hpp"

namespace cairn::undo {

// Rows kept by one stretch, with the table and columns as they are called now.
struct Asked {
    std::size_t index = 0;
    KeptRows rows;
    std::string own;  // literal of xid[]: whose rows are no later writes
};

// All of one table, oldest first, under the same key. Query of (index, ctid): of each key the row that was kept last, where others
// have written it since.
[[nodiscard]] std::string latest_written_since(const std::vector<Asked>&);

// All of one table, oldest first, without a key, of the same columns and own. Query of one boolean: false, and others have replaced
// none of these rows; true, and it has to be looked at closely.
[[nodiscard]] std::string may_be_replaced(const std::vector<Asked>&);

}  // namespace cairn::undo
