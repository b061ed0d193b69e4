#include "runtime/undo/settings.hpp"

namespace cairn::undo {

std::string undo_settings(bool lasting) {
    // Not TimeZone and the like, in whose light the database's checks hold: what a definition says of time, it says with its offset.
    std::string sql;
    for (const char* setting : {"standard_conforming_strings = on", "array_nulls = on", "xmloption = content", "IntervalStyle = postgres",
                                "transform_null_equals = off", "default_tablespace = ''"})
        sql += std::string(sql.empty() ? "" : "; ") + (lasting ? "SET " : "SET LOCAL ") + setting;
    return sql;
}

}  // namespace cairn::undo
