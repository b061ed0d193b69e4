// A plan of one step that goes in batches, with its database, and what such a step works on.
#pragma once

#include <string>
#include <vector>

#include "runtime/catalog/state.hpp"
#include "tests/cluster/harness.hpp"

namespace cairn::cluster {

// SQL that makes table `t`: `id` 3, 6, 9 …, `n` 0, `v` a text; analyzed.
[[nodiscard]] std::string batch_table(int rows = 95);
// The same with columns of all kinds, some of which a copy keeps as text.
[[nodiscard]] std::string batch_table_of_all_kinds(int rows = 25);

// A batch without a way back: `n` tells how often a row was changed.
inline constexpr const char* counting =
    "batch on t.id by 10\n$$ UPDATE t SET n = n + 1 WHERE :batch $$\nrollback none \"counted\"";
// A batch that keeps the rows of its ranges, three of them for 25 rows of all kinds.
inline constexpr const char* keeping =
    "batch on t.id by 10\n$$ UPDATE t SET n = n + 1, v = upper(v), m = 'b', w = NULL "
    "WHERE :batch AND id % 2 = 0 $$";

// A database as `before` leaves it, and a folder with plan `b.cairn`, whose one step is `step`.
struct Batch {
    Database database;
    Folder folder;

    explicit Batch(const std::string& step, const std::string& before = batch_table());
    // cairn on this database, with short waits before it tries again.
    Ran run(std::vector<std::string> arguments, Environment environment = {});
    // Runs to its end; at so many points it could have been killed.
    [[nodiscard]] int fault_points(const std::vector<std::string>& arguments);
    void kill_at(int point, const std::vector<std::string>& arguments);
    // What a person would do after a crash: resume; if nothing had been journalled yet, apply.
    Ran go_on();
    // Definitions and rows are these, and no kept rows are left.
    void is_as(const catalog::State& wanted);
};

}  // namespace cairn::cluster
