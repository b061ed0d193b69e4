// The text of the function that keeps a table's rows.
#pragma once

#include <string>

#include "runtime/undo/rows/triggers.hpp"

namespace cairn::undo {

// A table's columns as one text; {}: its OID. Where they change meanwhile, rows are no longer kept, and end() sees it.
inline constexpr const char* layout_now =
    "(SELECT coalesce(pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attnum, a.attname, a.atttypid), ',' ORDER BY a.attnum), '') FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = {} AND a.attnum > 0 AND NOT a.attisdropped)";

// CREATE FUNCTION.
[[nodiscard]] std::string function_ddl(const Unit&);

// Rows `a` and `b`, by the index's own operators.
[[nodiscard]] std::string keys_equal(const KeptRows&, const std::string& a, const std::string& b);

// `, c_1, c_2` of what `each` makes of the columns; only those of the key, or all.
template <class Each>
std::string list(const KeptRows& rows, bool only_key, const Each& each) {
    std::string text;
    for (const auto& c : rows.columns) {
        bool in_key = false;
        for (const auto& k : rows.key) in_key = in_key || k.number == c.number;
        if (!only_key || in_key) text += ", " + each(c);
    }
    return text;
}

}  // namespace cairn::undo
