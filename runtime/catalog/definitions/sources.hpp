// Which objects the rows of PostgreSQL's catalogs say something about.
#pragma once

#include <string>

namespace cairn::catalog {

// What each catalog's rows `r` say something about.
struct Source {
    const char* catalog;
    const char* object;          // (classid, objid)
    const char* key = nullptr;   // objid, where an index finds it
    const char* class_key = nullptr;  // classid, where that index asks for it first
};
// nullptr: nothing is read of it.
[[nodiscard]] const Source* source_of(const std::string& catalog);

}  // namespace cairn::catalog
