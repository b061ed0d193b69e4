// What holds of versions whatever the tool: no two are equal, and a sequence has no gaps.
#pragma once

#include <functional>
#include <string_view>

#include "runtime/adopt/migration.hpp"

namespace cairn::adopt {

// Negative, 0 or positive.
using Compare = int (*)(std::string_view, std::string_view);

// Puts migrations in the order of their versions, equal ones in the order they come in.
void sort_by_version(std::vector<Migration>&, Compare);
// One C0903 for each migration whose version another one has; they are in order.
void report_duplicates(const std::vector<Migration>&, Compare, Diagnostics&);
// One C0904 for each hole in versions that count 1, 2, 3 …; they are in order.
void report_gaps(const std::vector<Migration>&, const Folder&, Diagnostics&);

}  // namespace cairn::adopt
