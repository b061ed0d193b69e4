// The triggers that keep rows: one function a kept table, and the triggers of each table that feeds it.
#pragma once

#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

// One kept table in the making: of a plain table, or of a whole tree of partitions under the root's layout.
struct Unit {
    int index = 0;
    std::string prefix;  // of the stretch
    KeptRows rows;
    RowOps ops{};
    // Heirs and their parents: a statement that names the parent shows a transition table without the heirs' columns, so
    // their rows are caught one by one.
    bool by_row = false;
    bool is_tree = false;  // partitions: a row that moves is no UPDATE to row triggers
    bool watches_layout = false;  // the stretch may change columns while it changes rows
    bool may_create = true;       // tables in the middle of the statements
    std::string numbers{};        // the sequence that numbers statements; empty: a setting does
    std::vector<const Table*> members;  // they get the triggers
    std::string function;               // quoted and qualified
};

// CREATE TABLE, CREATE FUNCTION, CREATE TRIGGER …; and what takes the triggers off again.
[[nodiscard]] std::string set_up(const Unit&);
[[nodiscard]] std::string take_off(const Unit&);
[[nodiscard]] std::string kept_table_ddl(const KeptRows&);

// The setting that counts the statements that changed rows of the unit; 0 after set_up.
[[nodiscard]] std::string count_setting(const Unit&);

// Of a plain table the first statement's rows stand in a table of their own; the setting says which statement
// (`UPDATE 3`; `PACKED 3`: an INSERT whose keys are packed), or is empty. It becomes the kept table when it stays alone, or its rows go there.
[[nodiscard]] std::string first_setting(const Unit&);
[[nodiscard]] std::string first_table(const Unit&);
[[nodiscard]] bool is_packed(const std::string& first);
[[nodiscard]] std::string finish_first(const Unit&, const std::string& first);
[[nodiscard]] std::string merge_first(const Unit&, const std::string& first);

}  // namespace cairn::undo
