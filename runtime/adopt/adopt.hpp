// Makes a plan out of another tool's migration folder: a function from the folder's files to the
// plan's text, or diagnostics about them.
#pragma once

#include <string>
#include <vector>

#include "runtime/adopt/migration.hpp"

namespace cairn::adopt {

struct Adoption {
    std::string tool;  // "diesel"; empty where none was found
    struct Item {
        std::string version, title, path;
        std::vector<std::string> steps;  // the names of its steps
    };
    std::vector<Item> migrations;
    // Absent after an error about the migrations. With errors of the plan (one in it that does not
    // compile) it is there all the same, to be mended by hand.
    std::optional<std::string> plan;
};

[[nodiscard]] Adoption adopt(const Folder&, const Options&, Diagnostics&);

}  // namespace cairn::adopt
