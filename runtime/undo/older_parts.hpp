// CREATE INDEX on a partitioned table takes in indexes that its partitions have already; dropping it drops those too.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "runtime/postgres/session.hpp"

namespace cairn::undo {

struct OlderPart {
    std::string oid, name;  // the name as regclass reads it
    std::string sql;        // makes it again, with its comment, and as part of the one above it if that is older as well
};

// The parts of a partitioned index that were there before it, those above first: the OIDs that they had at
// first are lower, since an index that is made for a partition comes after the one of the whole; what rollbacks have made again has others. Empty for any other index.
[[nodiscard]] std::variant<std::vector<OlderPart>, postgres::Answer> older_parts(postgres::Session&, const std::string& index);

}  // namespace cairn::undo
