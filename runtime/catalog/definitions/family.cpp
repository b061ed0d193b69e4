#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog::facet {

std::string then(const std::string& a, const std::string& b) {
    return "concat_ws(E'\\x1e', " + a + ", " + b + ")";
}

std::string qualified(const std::string& schema, const std::string& name) {
    return "format('%I.%I', " + schema + ", " + name + ")";
}

std::string tree(const std::string& expression) {
    return "md5(regexp_replace(" + expression +
           R"(::text, ' :(location|stmt_location|stmt_len) -?\d+', '', 'g')))";
}

std::string privileges(const std::string& from) {
    // Those of other grantors hang on the owner's grant options: they come second, and go first.
    return R"(
WITH o(oid, prefix, acl, base, owner, target) AS ()" +
           from + R"(),
g AS (
    SELECT o.oid, o.prefix, o.owner, o.target, e.grantee, e.grantor, e.privilege,
           bool_or(now) AS now, bool_or(now AND e.is_grantable) AS grantable, bool_or(NOT now) AS base
    FROM o CROSS JOIN LATERAL (SELECT true, x.* FROM aclexplode(o.acl) x UNION ALL SELECT false, x.* FROM aclexplode(o.base) x)
         e(now, grantor, grantee, privilege, is_grantable)
    GROUP BY 1, 2, 3, 4, 5, 6, 7),
w AS (
    SELECT g.*, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS whom,
           prefix || concat_ws(' ', 'privilege', CASE WHEN grantor = owner THEN 1 ELSE 2 END, privilege, 'to',
                               CASE WHEN grantee = owner THEN 'owner' ELSE grantee::text END,
                               CASE WHEN grantor <> owner THEN 'from ' || grantor END) AS facet,
           CASE WHEN grantor <> owner THEN 'SET LOCAL ROLE ' || quote_ident(pg_get_userbyid(grantor)) END AS as_role,
           CASE WHEN grantor <> owner THEN 'RESET ROLE' END AS back
    FROM g)
SELECT oid, facet, 'granted', concat_ws(E'\x1e', as_role, 'GRANT ' || privilege || target || ' TO ' || whom, back),
       concat_ws(E'\x1e', as_role, 'REVOKE ' || privilege || target || ' FROM ' || whom, back), NULL, NULL
FROM w WHERE now AND NOT base
UNION ALL
SELECT oid, facet, 'revoked', 'REVOKE ' || privilege || target || ' FROM ' || whom, 'GRANT ' || privilege || target || ' TO ' || whom, NULL, NULL
FROM w WHERE base AND NOT now
UNION ALL
SELECT oid, facet || ' grant option', 'granted',
       concat_ws(E'\x1e', as_role, 'GRANT ' || privilege || target || ' TO ' || whom || ' WITH GRANT OPTION', back),
       concat_ws(E'\x1e', as_role, 'REVOKE GRANT OPTION FOR ' || privilege || target || ' FROM ' || whom, back), NULL, NULL
FROM w WHERE grantable)";
}

std::string options(const std::string& oid, const std::string& array, const std::string& alter,
                    const std::string& from, const std::string& where) {
    return "SELECT " + oid + ", 'option ' || option_name, option_value, " + alter +
           " || format(' SET (%I = %L)', option_name, option_value), " + alter +
           " || format(' RESET (%I)', option_name), 'set', NULL FROM " + from +
           " CROSS JOIN LATERAL pg_options_to_table(" + array + ") WHERE " + where;
}

}  // namespace cairn::catalog::facet
