// Foreign keys to and from the tables whose rows are given back: what their actions would take along, and what would be
// left without a parent.
#pragma once

#include "runtime/undo/rows/kept.hpp"

namespace cairn::undo {

struct Reference {
    std::string name;
    std::uint32_t child = 0, parent = 0;
    std::string child_table, parent_table;  // quoted and qualified
    struct Pair {
        std::string child, parent, equals;  // parent's value stands left of the operator
    };
    std::vector<Pair> columns;
    bool is_proved = true;  // not NOT VALID
    bool acts_on_delete = false, acts_on_update = false;  // CASCADE, SET NULL, SET DEFAULT: not NO ACTION, RESTRICT
};

[[nodiscard]] std::variant<std::vector<Reference>, compiler::Diagnostic> read_references(postgres::Session&,
                                                                                        const std::vector<std::uint32_t>& tables);

// Query of (kept ctid, child's row): rows that refer to what the stretch put in (`op` i) or to a value that giving back
// would replace (u), and that don't go away themselves. `child`: what is kept of the child, or nullptr.
[[nodiscard]] std::string still_referring(const Reference&, const KeptRows& parent, char op, const KeptRows* child, const std::string& own);
// Query of kept ctids: rows that would have no parent, before anything was given back.
[[nodiscard]] std::string orphans(const Reference&, const KeptRows& child, const KeptRows* parent);
// Whether giving back may change the columns referred to.
[[nodiscard]] bool refers_beyond_key(const Reference&, const KeptRows& parent);

}  // namespace cairn::undo
