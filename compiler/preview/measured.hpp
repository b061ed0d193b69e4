// What a rehearsal has measured, for a preview to show beside what it knows by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>


namespace cairn::compiler {

struct MeasuredLock {
    std::string relation;  // `public.users`
    std::string mode;      // "ACCESS EXCLUSIVE"
    std::chrono::milliseconds held{0};
};
struct MeasuredStatement {
    std::size_t statement = 0;  // its place in the step, from 1
    std::string sql;
    std::chrono::milliseconds took{0};
    std::optional<std::int64_t> rows, wal_bytes;
    std::vector<MeasuredLock> locks;
    std::vector<std::string> rewrites;
};
struct MeasuredItem {
    std::string state;  // "applied"
    std::optional<std::chrono::milliseconds> took, undo_took;
    std::optional<std::int64_t> rows, wal_bytes;
    std::vector<MeasuredLock> locks;
    std::vector<std::string> rewrites;
    std::vector<MeasuredStatement> statements;
    std::string rollback;  // "exact", "column order" …; empty: none was asked for
};
// Of one plan with one digest.
struct Measured {
    bool proved = false;
    std::map<std::string, MeasuredItem> items;  // by name
};

}  // namespace cairn::compiler
