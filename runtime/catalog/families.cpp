#include "runtime/catalog/families.hpp"

namespace cairn::catalog::part {

const std::string with_users = R"(
WITH ns AS (
    SELECT oid FROM pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'cairn')
      AND nspname !~ '^pg_(temp|toast_temp)_'
)
)";

std::string grants(const std::string& acl, char kind, const std::string& owner) {
    // GRANT and REVOKE leave an explicit list behind that says what NULL said before.
    const std::string base = std::string("acldefault('") + kind + "', " + owner + ")";
    const auto sorted = [](const std::string& list) {
        return "array_to_string(ARRAY(SELECT a::text FROM unnest(" + list + ") a ORDER BY 1), ' ')";
    };
    return "CASE WHEN " + acl + " IS NOT NULL AND " + sorted(acl) + " <> " + sorted(base) +
           " THEN 'grants (' || " + sorted(acl) + " || ')' END";
}

std::string owner(const std::string& oid) {
    return "'owner ' || quote_ident(pg_get_userbyid(" + oid + "))";
}

std::string options(const std::string& array) {
    // Some builds of PostgreSQL mark every column with the WAL position at which it was made or
    // retyped, as an option `pg_attver` that nobody has set: it says when, not what.
    return "'with (' || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(" + array +
           ") o WHERE o NOT LIKE 'pg_attver=%') || ')'";
}

}  // namespace cairn::catalog::part
