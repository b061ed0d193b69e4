#include "runtime/catalog/families.hpp"

namespace cairn::catalog {
namespace {

using namespace part;

// A password is told by its digest's digest, to those who may read it; the others see none, before
// as after. The server puts that query together where it may: one that names pg_authid fails for
// all others. Without an end and valid until the end of time are the same, and the first can't be
// set.
std::string roles() {
    return R"(
SELECT 'role ' || quote_ident(r.rolname),
       concat_ws(', ', CASE WHEN r.rolsuper THEN 'superuser' END, CASE WHEN NOT r.rolinherit THEN 'no inherit' END,
           CASE WHEN r.rolcreaterole THEN 'create roles' END, CASE WHEN r.rolcreatedb THEN 'create databases' END,
           CASE WHEN r.rolcanlogin THEN 'login' END, CASE WHEN r.rolreplication THEN 'replication' END,
           CASE WHEN r.rolbypassrls THEN 'bypass row level security' END,
           'connection limit ' || nullif(r.rolconnlimit, -1), 'valid until ' || nullif(r.rolvaliduntil, 'infinity'),
           CASE WHEN has_table_privilege('pg_authid', 'SELECT') THEN 'password ' || md5(nullif(query_to_xml(format(
               'SELECT rolpassword FROM pg_catalog.pg_authid WHERE oid = %s AND rolpassword IS NOT NULL', r.oid),
               false, true, '')::text, '')) END,
           'member of ' || (SELECT string_agg(quote_ident(pg_get_userbyid(m.roleid)) ||
                                   CASE WHEN m.admin_option THEN ' with admin option' ELSE '' END ||
                                   ' by ' || pg_get_userbyid(m.grantor), ', ' ORDER BY pg_get_userbyid(m.roleid))
                            FROM pg_auth_members m WHERE m.member = r.oid),
           'comment ' || quote_literal(shobj_description(r.oid, 'pg_authid')))
FROM pg_roles r
UNION ALL
SELECT 'settings of ' || coalesce(quote_ident(r.rolname), 'everybody') || ' everywhere',
       (SELECT string_agg(c, ', ' ORDER BY c) FROM unnest(s.setconfig) c)
FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = 0)";
}

// Of other databases there is nothing here: they come and go.
std::string tablespaces() {
    return R"(
SELECT 'tablespace ' || quote_ident(s.spcname), concat_ws(', ', )" +
           options("s.spcoptions") + ", " + owner("s.spcowner") + ", " +
           grants("s.spcacl", 't', "s.spcowner") + R"(,
           'comment ' || quote_literal(shobj_description(s.oid, 'pg_tablespace')))
FROM pg_tablespace s
UNION ALL
SELECT 'the database''s access', concat_ws(', ', CASE WHEN NOT d.datallowconn THEN 'no connections' END,
                                           CASE WHEN d.datistemplate THEN 'template' END)
FROM pg_database d WHERE d.datname = current_database())";
}

std::string parameters() {
    return R"(
SELECT 'parameter ' || p.parname, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(p.paracl) a)
FROM pg_parameter_acl p)";
}

}  // namespace

std::vector<std::string> cluster_queries(int server_version) {
    std::vector<std::string> queries = {roles(), tablespaces()};
    if (server_version >= 150'000) queries.push_back(parameters());
    return queries;
}

}  // namespace cairn::catalog
