// The plan that migrations become, as text whose every part knows where it was written.
#pragma once

#include <string>
#include <vector>

#include "runtime/adopt/cut.hpp"

namespace cairn::adopt {

struct Step {
    std::string name;
    Piece piece;
    std::optional<sql::MappedSql> rollback;  // of the tool's own way back
    std::string no_rollback{};               // why none can be generated
};

// A migration with what has become of it.
struct Adopted {
    std::string path;                      // of its script, below the folder
    std::string note;                      // a comment to stand beside it; may be empty
    std::vector<Step> steps;               // none for a script without statements
    std::vector<std::string> checkpoints;  // that stand after it
    std::string validation;                // name of the item below
    std::vector<sql::MappedSql> checks;    // queries that fail where the change is not there
};

[[nodiscard]] sql::MappedSql write_plan(const std::vector<Adopted>&, const std::string& folder,
                                        std::string_view tool, const Options&);

// `text` between dollars that it does not hold itself.
[[nodiscard]] std::string dollar_tag(std::string_view text);
// A string of the plan language.
[[nodiscard]] std::string quoted(std::string_view);

}  // namespace cairn::adopt
