// Files that hold both ways, told apart by comments: dbmate's and goose's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/adopt/tool.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

// A line that is a directive: `-- migrate:up transaction:false`, `-- +goose Up`.
struct Directive {
    Line line;
    std::string word;                  // "migrate:up", "+goose Up"
    std::vector<std::string> options;  // what follows it
};

// The text of a file after directive `index`, as far as the next one or the end. Directives are in
// the order of their lines.
[[nodiscard]] sql::MappedSql section(const Folder&, const File&, const std::vector<Directive>&,
                                     std::size_t index);

// Whether something other than comments and blank lines stands before byte `end`; where.
[[nodiscard]] std::optional<Location> statement_before(const Folder&, const File&,
                                                       std::uint32_t end);

// Version and title of `00012_add_users.sql` or `V12__add_users.sql`'s stem: leading digits, and
// what follows the `_`.
struct Stem {
    std::string version, title;
};
[[nodiscard]] Stem stem_of(const File&);

}  // namespace cairn::adopt
