// `${name}` in scripts of the tools that put values in: Flyway, and goose where it is told to.
#pragma once

#include <map>
#include <string>

#include "runtime/adopt/migration.hpp"

namespace cairn::adopt {

// How a tool writes its placeholders.
struct PlaceholderForm {
    std::string prefix = "${", suffix = "}";
    bool defaults = false;  // `${NAME:-default}`, and `$NAME` without braces
    std::string what = "placeholder";
};

// The script with its placeholders replaced, in quotes and function bodies too. One without a value
// is a C0913, except in a comment, where it is left as it is.
[[nodiscard]] sql::MappedSql put_values(const sql::MappedSql&, const PlaceholderForm&,
                                        const std::map<std::string, std::string>& values,
                                        Diagnostics&);

}  // namespace cairn::adopt
