// `sqitch.plan`, read: https://sqitch.org/docs/manual/sqitchchanges/#grammar
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/adopt/folder.hpp"

namespace cairn::adopt::sqitch_plan {

// `[!][project:]change[@tag]`
struct Dependency {
    bool conflicts = false;
    std::string project, change, tag;
    Location where;
};

struct Change {
    std::string name;
    Location where;
    std::vector<Dependency> dependencies;
    std::vector<std::string> tags;           // that stand after it
    std::optional<std::size_t> reworked_by;  // index of the later change of this name
};

struct Plan {
    std::string project;
    std::vector<Change> changes;
};

// Lines that can't be read are C0920; dependencies that are not deployed before, or that conflict
// with what is, C0922; those on other projects C0923.
[[nodiscard]] Plan read(const Folder&, const File&, Diagnostics&);

}  // namespace cairn::adopt::sqitch_plan
