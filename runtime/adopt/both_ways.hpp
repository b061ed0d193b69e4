// Files without a tool's name on them that hold both ways, told apart by comments that say so and nothing else:
// `-- Up Migration` and `-- Down Migration` (node-pg-migrate), `-- !Downs`, `-- //@UNDO`, `-- rambler down`.
#pragma once

#include <optional>

#include "runtime/adopt/migration.hpp"

namespace cairn::adopt {

struct BothWays {
    sql::MappedSql up, down;
    Location back;        // the comment from which on the file leads back
    bool is_told = false;  // a comment of the file says where the way up begins, too
};

// Nothing for a file of which no comment says that the rest leads back, or nothing follows it.
[[nodiscard]] std::optional<BothWays> both_ways(const Folder&, const File&);

}  // namespace cairn::adopt
