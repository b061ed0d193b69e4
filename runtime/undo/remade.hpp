// What rollbacks have made again, and is known to earlier entries of the trail by its former OID.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/catalog/definitions.hpp"
#include "runtime/undo/rows/kept.hpp"

namespace cairn::undo {

// "pg_class 16384", as cairn.remade names objects.
[[nodiscard]] std::string remade_name(const catalog::ObjectId&);
// Where the columns of kept rows are to be found after all rollbacks so far.
void find_columns(std::vector<KeptRows>&, const std::map<std::string, std::string>& remade);
// What became of `name` through rollbacks.
[[nodiscard]] std::string now_known_as(const std::map<std::string, std::string>& remade, std::string name);

}  // namespace cairn::undo
