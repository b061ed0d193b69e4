#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {

namespace facet {

std::string settings(const std::string& oid, const std::string& where, const std::string& alter,
                     const std::string& from) {
    // Lists are kept as names, quoted where they must be; they are set as strings. Everything else
    // is one string.
    return "SELECT " + oid + ", 'setting ' || " + where + R"sql( || name, value,
       )sql" +
           alter + R"sql( || format(' SET %I TO %s', name, CASE
           WHEN name NOT IN ('local_preload_libraries', 'search_path', 'session_preload_libraries', 'shared_preload_libraries',
                             'temp_tablespaces', 'unix_socket_directories') THEN quote_literal(value)
           ELSE coalesce((SELECT string_agg(quote_literal(coalesce(replace(part[1], '""', '"'), part[2])), ', ' ORDER BY n)
                          FROM regexp_matches(value, '"((?:[^"]|"")*)"|([^", ]+)', 'g') WITH ORDINALITY m(part, n)), '''''') END),
       )sql" +
           alter + R"sql( || format(' RESET %I', name), 'set', NULL
FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) c(setting)
     CROSS JOIN LATERAL (VALUES (split_part(c.setting, '=', 1), substr(c.setting, strpos(c.setting, '=') + 1))) p(name, value)
     )sql" +
           from;
}

}  // namespace facet

namespace {

constexpr const char* objects = R"(
SELECT r.oid, 'ROLE', NULL, r.rolname, '', NULL, NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_roles r WHERE r.oid = ANY ($1))";

constexpr const char* roles = R"(
SELECT r.oid, '', 'role', format('CREATE ROLE %I', r.rolname), format('DROP ROLE %I', r.rolname), NULL, NULL
FROM pg_roles r WHERE r.oid = ANY ($1)
UNION ALL
SELECT r.oid, lower(p.word), 'yes', format('ALTER ROLE %I %s', r.rolname, p.word),
       format('ALTER ROLE %I %s', r.rolname, CASE p.word WHEN 'NOINHERIT' THEN 'INHERIT' ELSE 'NO' || p.word END), 'set', NULL
FROM pg_roles r, LATERAL (VALUES ('SUPERUSER', r.rolsuper), ('NOINHERIT', NOT r.rolinherit), ('CREATEROLE', r.rolcreaterole),
                                 ('CREATEDB', r.rolcreatedb), ('LOGIN', r.rolcanlogin), ('REPLICATION', r.rolreplication),
                                 ('BYPASSRLS', r.rolbypassrls)) p(word, holds)
WHERE p.holds AND r.oid = ANY ($1)
UNION ALL
SELECT r.oid, 'connection limit', r.rolconnlimit::text, format('ALTER ROLE %I CONNECTION LIMIT %s', r.rolname, r.rolconnlimit),
       format('ALTER ROLE %I CONNECTION LIMIT -1', r.rolname), 'set', NULL
FROM pg_roles r WHERE r.rolconnlimit <> -1 AND r.oid = ANY ($1)
UNION ALL
SELECT r.oid, 'valid until', r.rolvaliduntil::text, format('ALTER ROLE %I VALID UNTIL %L', r.rolname, r.rolvaliduntil),
       -- No statement says "without an end" again.
       CASE WHEN superuser THEN format('UPDATE pg_catalog.pg_authid SET rolvaliduntil = NULL WHERE rolname = %L', r.rolname)
            ELSE format('ALTER ROLE %I VALID UNTIL ''infinity''', r.rolname) END, 'set', NULL
FROM pg_roles r, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me(superuser) WHERE r.rolvaliduntil IS NOT NULL AND r.oid = ANY ($1))";

// Only superusers may read pg_authid, and a query that names it fails for all others: the server
// puts a query together where it may. What is kept there is a digest without a character that XML
// would change. A rename takes an MD5 digest away, because it is made with the name.
constexpr const char* passwords = R"(
SELECT r.oid, 'password', p.password, format('ALTER ROLE %I PASSWORD %L', r.rolname, p.password),
       format('ALTER ROLE %I PASSWORD NULL', r.rolname), 'set', NULL
FROM pg_roles r CROSS JOIN LATERAL (
    SELECT substring(query_to_xml(format('SELECT rolpassword FROM pg_catalog.pg_authid WHERE oid = %s', r.oid), false, false, '')::text
                     FROM '<rolpassword>(.*)</rolpassword>')
    WHERE has_table_privilege('pg_authid', 'SELECT')) p(password)
WHERE p.password IS NOT NULL AND r.oid = ANY ($1))";

// Only a superuser may grant in another's name.
constexpr const char* memberships = R"(
SELECT m.member, 'member of ' || m.roleid, m.admin_option || ' ' || m.grantor,
       format('GRANT %I TO %I', pg_get_userbyid(m.roleid), pg_get_userbyid(m.member)) ||
           CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END ||
           CASE WHEN g.rolname <> current_user THEN ' GRANTED BY ' || quote_ident(g.rolname) ELSE '' END,
       format('REVOKE %I FROM %I', pg_get_userbyid(m.roleid), pg_get_userbyid(m.member)), NULL, 'last'
FROM pg_auth_members m LEFT JOIN pg_roles g ON g.oid = m.grantor
WHERE m.member = ANY ($1))";

}  // namespace

std::vector<Family> role_families() {
    const std::string role = "JOIN pg_roles r ON r.oid = s.setrole";
    const std::string database =
        " LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE r.oid = ANY ($1)";
    return {{"pg_authid",
             objects,
             {roles, passwords, memberships,
              facet::settings(
                  "r.oid", "CASE WHEN d.oid IS NULL THEN '' ELSE 'in ' || d.oid || ' ' END",
                  "format('ALTER ROLE %I%s', r.rolname, ' IN DATABASE ' || quote_ident(d.datname))",
                  role + database)}}};
}

}  // namespace cairn::catalog
