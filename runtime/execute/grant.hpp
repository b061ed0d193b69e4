// The GRANT that would have let a statement through which the server refused for want of a right.
#pragma once

#include <string>
#include <string_view>

#include "compiler/graph/step_graph.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::execute {

// `GRANT SELECT ON public.tenants TO app`, from an error of SQLSTATE 42501; empty where the error
// is another one, where what lacks is ownership, or where the server speaks another language than
// English. `role` as an SQL identifier; empty: not known, and ROLE stands in its place.
[[nodiscard]] std::string grant_that_lacks(const postgres::ServerError&, const compiler::Statement&,
                                           const std::string& role);

// The last part of an SQL identifier, unquoted: `public."Order"` -> `Order`.
[[nodiscard]] std::string last_part(std::string_view identifier);

}  // namespace cairn::execute
