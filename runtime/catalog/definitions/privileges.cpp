// Privileges that hang on no object of their own kind, and large objects, which have little else.
#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

constexpr const char* default_objects = R"(
SELECT d.oid, NULL, NULL, NULL,
       concat_ws(' ', 'default privileges of', quote_ident(pg_get_userbyid(d.defaclrole)), 'for', d.defaclobjtype,
                 'in ' || nullif(d.defaclnamespace, 0)::regnamespace), '', NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_default_acl d WHERE d.oid = ANY ($1))";

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

constexpr const char* parameter_objects = R"(
SELECT p.oid, NULL, NULL, NULL, 'parameter ' || p.parname, '', NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_parameter_acl p WHERE p.oid = ANY ($1))";

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

// pg_largeobject is the catalog under whose name comments and privileges speak of them.
constexpr const char* large_object_objects = R"(
SELECT l.oid, 'LARGE OBJECT', NULL, NULL, l.oid::text, '', l.lomowner, l.lomacl, 'L'::"char", NULL
FROM pg_largeobject_metadata l WHERE l.oid = ANY ($1))";

// Sixteen megabytes are kept in the journal as they are; more is not.
constexpr const char* large_objects = R"(
WITH l AS (
    SELECT l.oid, c.bytes, length(c.bytes) > 16777216 AS large,
           format('the large object %s holds %s bytes: too much to keep', l.oid, length(c.bytes)) AS reason
    FROM pg_largeobject_metadata l CROSS JOIN LATERAL lo_get(l.oid) c(bytes)
    WHERE l.oid = ANY ($1))
SELECT oid, '', 'large object', CASE WHEN large THEN reason ELSE format('SELECT pg_catalog.lo_create(%s)', oid) END,
       format('SELECT pg_catalog.lo_unlink(%s)', oid), NULL, CASE WHEN large THEN 'lasting' END
FROM l
UNION ALL
SELECT oid, 'content', length(bytes) || ' ' || md5(bytes),
       CASE WHEN large THEN reason
            ELSE concat_ws(E'\x1e', format('SELECT pg_catalog.lo_truncate(pg_catalog.lo_open(%s, 131072), 0)', oid),
                           format('SELECT pg_catalog.lo_put(%s, 0, %L)', oid, bytes)) END,
       NULL, NULL, CASE WHEN large THEN 'lasting' ELSE 'contents' END
FROM l)";

}  // namespace

std::vector<Family> privilege_families() {
    return {{"pg_default_acl", default_objects, {defaults}},
            {"pg_parameter_acl", parameter_objects, {parameters}},
            {"pg_largeobject", large_object_objects, {large_objects}}};
}

}  // namespace cairn::catalog
