// What a step's names and objects lead to in the database, as its transaction sees them.
#pragma once

#include <set>
#include <string>
#include <variant>
#include <vector>

#include "runtime/catalog/definitions.hpp"

namespace cairn::undo {

[[nodiscard]] inline catalog::ObjectId relation(std::uint32_t oid) { return {"pg_class", oid}; }

void add_ids(std::set<catalog::ObjectId>& into, const catalog::Definitions& of);

// The relations among `names` that are there, under the step's own search_path, if their relkind is one of `relkinds`.
[[nodiscard]] std::variant<std::set<std::uint32_t>, compiler::Diagnostic> resolve(postgres::Session&, const std::vector<std::string>& names,
                                                                                  const char* relkinds);

// The defaults of these relations: nobody outside can read them once a step has locked their table. `with_triggers`: also what serves
// their foreign keys, which DISABLE TRIGGER ALL changes, and a second try would draw other numbers from sequences.
[[nodiscard]] std::variant<std::set<catalog::ObjectId>, compiler::Diagnostic> hidden_parts_of(postgres::Session&, const std::set<std::uint32_t>& relations,
                                                                                             bool with_triggers);

// How many catalog rows this transaction has written so far, by its own counters; not those that keeping rows has written.
[[nodiscard]] std::variant<std::int64_t, compiler::Diagnostic> catalog_writes(postgres::Session&);

}  // namespace cairn::undo
