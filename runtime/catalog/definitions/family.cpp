#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog::facet {

std::string then(const std::string& a, const std::string& b) {
    return "concat_ws(E'\\x1e', " + a + ", " + b + ")";
}

std::string qualified(const std::string& schema, const std::string& name) {
    return "format('%I.%I', " + schema + ", " + name + ")";
}

std::string options(const std::string& oid, const std::string& array, const std::string& alter,
                    const std::string& from, const std::string& where) {
    return "SELECT " + oid + ", 'option ' || option_name, option_value, " + alter +
           " || format(' SET (%I = %L)', option_name, option_value), " + alter +
           " || format(' RESET (%I)', option_name), 'set', NULL FROM " + from +
           " CROSS JOIN LATERAL pg_options_to_table(" + array + ") WHERE " + where;
}

}  // namespace cairn::catalog::facet
