// `s IN ('a', 'b')` of a varchar column, as PostgreSQL writes it back, is read as something else.
#pragma once

#include <string>

namespace cairn::catalog {

// (ARRAY['a'::character varying])::text[] is written for an array that is cast as a whole; read again, each
// of its elements is cast instead. With a cast to what it is in between it is read as it was.
[[nodiscard]] std::string with_array_casts(const std::string& sql);

}  // namespace cairn::catalog
