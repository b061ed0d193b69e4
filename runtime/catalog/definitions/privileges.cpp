// Privileges that hang on no object of their own kind, and large objects, which have little else.
#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

std::string nameless(const std::string& catalog) {
    return "SELECT r.oid, NULL, NULL, NULL, NULL, '', NULL::oid, NULL::aclitem[], NULL::\"char\", "
           "NULL FROM " +
           catalog + " r WHERE r.oid = ANY ($1)";
}

// Without a schema the list starts from what every new object gets, and the row goes when it is
// that again; the one of a schema starts from nothing. All is given anew, so that it stands in the
// same order as before.
constexpr const char* defaults = R"(
SELECT d.oid, '', d.defaclacl::text,
       concat_ws(E'\x1e',
           CASE WHEN d.defaclnamespace = 0 THEN a.prefix || format('REVOKE ALL ON %s FROM PUBLIC, %I', a.kinds, a.role) END,
           (SELECT string_agg(a.prefix || format('GRANT %s ON %s TO %s%s', g.privileges, a.kinds,
                       CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                       CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), E'\x1e' ORDER BY g.n)
            FROM (SELECT i.n, x.grantee, x.is_grantable, string_agg(x.privilege_type, ', ') AS privileges
                  FROM unnest(d.defaclacl) WITH ORDINALITY i(item, n), aclexplode(ARRAY[i.item]) x
                  GROUP BY i.n, x.grantee, x.is_grantable) g)),
       concat_ws(E'\x1e',
           a.prefix || format('REVOKE ALL ON %s FROM %s', a.kinds, (
               SELECT string_agg(DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, ', ')
               FROM aclexplode(d.defaclacl) x)),
           CASE WHEN d.defaclnamespace = 0 THEN a.prefix || format('GRANT ALL ON %s TO %I', a.kinds, a.role) END,
           CASE WHEN d.defaclnamespace = 0 AND d.defaclobjtype = 'f' THEN a.prefix || 'GRANT EXECUTE ON FUNCTIONS TO PUBLIC'
                WHEN d.defaclnamespace = 0 AND d.defaclobjtype = 'T' THEN a.prefix || 'GRANT USAGE ON TYPES TO PUBLIC' END),
       NULL, NULL
FROM pg_default_acl d CROSS JOIN LATERAL (
    SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %s', pg_get_userbyid(d.defaclrole),
                  coalesce('IN SCHEMA ' || nullif(d.defaclnamespace, 0)::regnamespace || ' ', '')),
           CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
                                ELSE 'SCHEMAS' END,
           pg_get_userbyid(d.defaclrole)) a(prefix, kinds, role)
WHERE d.oid = ANY ($1))";

// The row is there as long as somebody but the bootstrap superuser, who gives them, holds a
// privilege.
constexpr const char* parameters = R"(
SELECT p.oid, '', p.paracl::text,
       (SELECT string_agg(format('GRANT %s ON PARAMETER %I TO %s%s', g.privileges, p.parname,
                   CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
                   CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), E'\x1e' ORDER BY g.n)
        FROM (SELECT i.n, x.grantee, x.is_grantable, string_agg(x.privilege_type, ', ') AS privileges
              FROM unnest(p.paracl) WITH ORDINALITY i(item, n), aclexplode(ARRAY[i.item]) x
              WHERE x.grantee <> x.grantor
              GROUP BY i.n, x.grantee, x.is_grantable) g),
       format('REVOKE ALL ON PARAMETER %I FROM %s CASCADE', p.parname, (
           SELECT string_agg(DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, ', ')
           FROM aclexplode(p.paracl) x WHERE x.grantee <> x.grantor)), NULL, NULL
FROM pg_parameter_acl p WHERE p.oid = ANY ($1))";

constexpr const char* large_objects = R"(
SELECT l.oid, 'LARGE OBJECT', NULL, NULL, l.oid::text, '', l.lomowner, l.lomacl, 'L'::"char", NULL
FROM pg_largeobject_metadata l WHERE l.oid = ANY ($1))";

// What it holds is read by those who may, and put back in pieces.
constexpr const char* large_object_contents = R"(
SELECT l.oid, '', 'large object', format('SELECT pg_catalog.lo_create(%s)', l.oid), format('SELECT pg_catalog.lo_unlink(%s)', l.oid),
       NULL, NULL
FROM pg_largeobject_metadata l WHERE l.oid = ANY ($1))";

}  // namespace

std::vector<Family> privilege_families() {
    return {{"pg_default_acl", nameless("pg_default_acl"), {defaults}},
            {"pg_parameter_acl", nameless("pg_parameter_acl"), {parameters}},
            {"pg_largeobject_metadata", large_objects, {large_object_contents}}};
}

}  // namespace cairn::catalog
