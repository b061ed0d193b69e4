// The tools whose folders can be read, one file each.
#pragma once

#include <array>
#include <string_view>

#include "runtime/adopt/migration.hpp"

namespace cairn::adopt {

struct Tool {
    std::string_view name;   // as it is typed: `golang-migrate`
    std::string_view shown;  // as people write it: `golang-migrate`
    // Whether a file can only be this tool's.
    bool (*owns)(const Folder&, const File&);
    Reading (*read)(const Folder&, const Options&, Diagnostics&);
};

extern const Tool diesel, golang_migrate, dbmate, goose, flyway, sqitch, plain;

// `plain` last: it takes what no other does.
inline const std::array<const Tool*, 7> tools{&sqitch, &diesel, &golang_migrate, &flyway,
                                              &goose,  &dbmate, &plain};

// The tool that made the folder, or nullptr with the reason in the diagnostics (C0901, C0902).
[[nodiscard]] const Tool* find_tool(const Folder&, const Options&, Diagnostics&);

// A file's text from `begin` to `end`, in its place.
[[nodiscard]] sql::MappedSql part_of(const Folder&, const File&, std::uint32_t begin,
                                     std::uint32_t end);
// A whole file, without its byte order mark.
[[nodiscard]] Script script_of(const Folder&, const File&);
// sqlx: a file that begins with `-- no-transaction` is sent without one.
void mark_by_first_line(const Folder&, const File&, Script&);

}  // namespace cairn::adopt
