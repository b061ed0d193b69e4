#include "runtime/catalog/families.hpp"

namespace cairn::catalog {
namespace {

using namespace part;

// `public` is made by initdb, but belongs to users.
std::string schemas() {
    return with_users + R"(
SELECT 'schema ' || n.oid::regnamespace, concat_ws(', ', )" +
           owner("n.nspowner") + ", " + grants("n.nspacl", 'n', "n.nspowner") + R"()
FROM pg_namespace n JOIN ns ON ns.oid = n.oid)";
}

// Without the database's name: states of two databases are compared too.
std::string settings() {
    return R"(
SELECT 'database', concat_ws(', ', )" +
           owner("d.datdba") + R"(,
           'connection limit ' || nullif(d.datconnlimit, -1), )" +
           grants("d.datacl", 'd', "d.datdba") + R"(,
           'comment ' || quote_literal(shobj_description(d.oid, 'pg_database')))
FROM pg_database d WHERE d.datname = current_database()
UNION ALL
SELECT 'settings of ' || CASE s.setrole WHEN 0 THEN 'the database' ELSE quote_ident(pg_get_userbyid(s.setrole)) END,
       (SELECT string_agg(c, ', ' ORDER BY c) FROM unnest(s.setconfig) c)
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
WHERE d.datname = current_database())";
}

std::string extensions() {
    return R"(
SELECT 'extension ' || quote_ident(e.extname),
       concat_ws(', ', 'version ' || e.extversion, 'schema ' || e.extnamespace::regnamespace, )" +
           owner("e.extowner") + R"(,
           -- Too many to name: a digest of their names.
           (SELECT 'members ' || count(*) || ' ' || md5(string_agg(m.name, ' ' ORDER BY m.name))
            FROM pg_depend d CROSS JOIN LATERAL (SELECT o.type || ' ' || o.identity
                                                 FROM pg_identify_object(d.classid, d.objid, 0) o) m(name)
            WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'))
FROM pg_extension e
UNION ALL
SELECT 'language ' || quote_ident(l.lanname),
       concat_ws(', ', CASE WHEN l.lanpltrusted THEN 'trusted' END, 'handler ' || nullif(l.lanplcallfoid, 0)::regproc,
           'inline ' || nullif(l.laninline, 0)::regproc, 'validator ' || nullif(l.lanvalidator, 0)::regproc,
           )" +
           owner("l.lanowner") + ", " + grants("l.lanacl", 'l', "l.lanowner") + R"()
FROM pg_language l WHERE l.lanname NOT IN ('internal', 'c')
UNION ALL
SELECT 'access method ' || quote_ident(a.amname), 'type ' || a.amtype::text || ', handler ' || a.amhandler
FROM pg_am a WHERE a.oid >= 16384)";
}

std::string event_triggers() {
    return with_users + R"(
SELECT 'event trigger ' || quote_ident(e.evtname),
       concat_ws(', ', 'on ' || e.evtevent, 'tags ' || (SELECT string_agg(t, ', ' ORDER BY t) FROM unnest(e.evttags) t),
           'function ' || e.evtfoid::regprocedure,
           CASE e.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled in replicas' WHEN 'A' THEN 'enabled always' END,
           )" +
           owner("e.evtowner") + R"()
FROM pg_event_trigger e)";
}

std::string publications(int server_version) {
    const bool filters =
        server_version >= 150'000;  // row filters, column lists, FOR TABLES IN SCHEMA
    const std::string table = filters ? R"(r.prrelid::regclass ||
               coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a
                                 WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) || ')', '') ||
               coalesce(' where ' || pg_get_expr(r.prqual, r.prrelid), ''))"
                                      : "r.prrelid::regclass";
    const std::string in_schemas =
        filters
            ? R"('schemas ' || (SELECT string_agg(s.pnnspid::regnamespace::text, ', ' ORDER BY 1)
                         FROM pg_publication_namespace s WHERE s.pnpubid = p.oid),)"
            : "";
    return with_users + R"(
SELECT 'publication ' || quote_ident(p.pubname),
       concat_ws(', ', CASE WHEN p.puballtables THEN 'for all tables' END,
           CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
           CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END,
           CASE WHEN p.pubviaroot THEN 'via root' END,
           (SELECT string_agg(t, ', ' ORDER BY t) FROM (SELECT )" +
           table + R"( FROM pg_publication_rel r
            WHERE r.prpubid = p.oid) tables(t)),
           )" +
           in_schemas + owner("p.pubowner") + R"()
FROM pg_publication p)";
}

// The connection is told by its digest, to those who may read it: it can hold a password.
std::string subscriptions(int server_version) {
    const std::string newer =
        server_version >= 150'000
            ? "'two phase ' || s.subtwophasestate::text, CASE WHEN s.subdisableonerr THEN "
              "'disable on error' END, 'skip ' || nullif(s.subskiplsn, '0/0'),"
            : "";
    return R"(
SELECT 'subscription ' || quote_ident(s.subname),
       concat_ws(', ', CASE WHEN s.subenabled THEN 'enabled' END, 'slot ' || s.subslotname, s.subsynccommit,
           CASE WHEN s.subbinary THEN 'binary' END, CASE WHEN s.substream THEN 'streaming' END, )" +
           newer + R"(
           CASE WHEN has_column_privilege('pg_subscription', 'subconninfo', 'SELECT') THEN 'connection ' || md5(query_to_xml(format(
               'SELECT subconninfo FROM pg_catalog.pg_subscription WHERE oid = %s', s.oid), false, true, '')::text) END,
           'publications ' || (SELECT string_agg(p, ', ' ORDER BY p) FROM unnest(s.subpublications) p), )" +
           owner("s.subowner") + R"()
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
WHERE d.datname = current_database())";
}

std::string foreign_servers() {
    return with_users + R"(
SELECT 'foreign data wrapper ' || quote_ident(w.fdwname),
       concat_ws(', ', 'handler ' || nullif(w.fdwhandler, 0)::regproc, 'validator ' || nullif(w.fdwvalidator, 0)::regproc,
           )" +
           options("w.fdwoptions") + ", " + owner("w.fdwowner") + ", " +
           grants("w.fdwacl", 'F', "w.fdwowner") + R"()
FROM pg_foreign_data_wrapper w
UNION ALL
SELECT 'server ' || quote_ident(s.srvname),
       concat_ws(', ', 'wrapper ' || quote_ident(w.fdwname), 'type ' || s.srvtype, 'version ' || s.srvversion,
           )" +
           options("s.srvoptions") + ", " + owner("s.srvowner") + ", " +
           grants("s.srvacl", 'S', "s.srvowner") + R"()
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
UNION ALL
SELECT 'user mapping of ' || quote_ident(u.usename) || ' on ' || quote_ident(u.srvname), )" +
           "coalesce(" + options("u.umoptions") + ", '')" + R"(
FROM pg_user_mappings u)";
}

std::string default_privileges() {
    return R"(
SELECT 'default privileges of ' || quote_ident(pg_get_userbyid(d.defaclrole)) ||
           coalesce(' in schema ' || nullif(d.defaclnamespace, 0)::regnamespace, '') || ' on ' ||
           CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE d.defaclobjtype::text END,
       (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(d.defaclacl) a)
FROM pg_default_acl d)";
}

std::string large_objects() {
    return R"(
SELECT 'large object ' || l.oid, concat_ws(', ', )" +
           owner("l.lomowner") + ", " + grants("l.lomacl", 'L', "l.lomowner") + R"()
FROM pg_largeobject_metadata l)";
}

// What goes when an extension goes, without being a part of it.
std::string dependents_of_extensions() {
    return R"(
SELECT 'dependence of ' || o.type || ' ' || o.identity, string_agg(quote_ident(e.extname), ', ' ORDER BY e.extname)
FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
     CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) o
WHERE d.deptype = 'x'
GROUP BY o.type, o.identity)";
}

// Of PostgreSQL's own objects, whose definitions are its own affair, the privileges alone; and
// those of its columns.
std::string privileges_of_others() {
    const auto sorted = [](const std::string& list) {
        return "(SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(" + list + ") a)";
    };
    const auto of = [&](const std::string& catalog, const std::string& prefix,
                        const std::string& kind) {
        const std::string acl = "x." + prefix + "acl";
        return "SELECT 'privileges of ' || o.type || ' ' || o.identity, " + sorted(acl) + " FROM " +
               catalog + " x CROSS JOIN LATERAL pg_identify_object('" + catalog +
               "'::regclass, x.oid, 0) o LEFT JOIN pg_init_privs i ON i.classoid = '" + catalog +
               "'::regclass AND i.objoid = x.oid AND i.objsubid = 0 WHERE x.oid < 16384 AND " +
               acl + " IS NOT NULL AND " + sorted(acl) + " IS DISTINCT FROM " +
               sorted("coalesce(i.initprivs, acldefault(" + kind + ", x." + prefix + "owner))") +
               (catalog == "pg_namespace" ? " AND x.nspname <> 'public'" : "");
    };
    return of("pg_proc", "pro", "'f'") + " UNION ALL " +
           of("pg_class", "rel", "CASE x.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r' END") +
           " UNION ALL " + of("pg_type", "typ", "'T'") + " UNION ALL " +
           of("pg_namespace", "nsp", "'n'") +
           " UNION ALL SELECT 'privileges of ' || o.type || ' ' || o.identity, " +
           sorted("x.attacl") + R"(
FROM pg_attribute x CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, x.attrelid, x.attnum) o
     LEFT JOIN pg_init_privs i ON i.classoid = 'pg_class'::regclass AND i.objoid = x.attrelid AND i.objsubid = x.attnum
WHERE x.attrelid < 16384 AND x.attacl IS NOT NULL AND )" +
           sorted("x.attacl") + " IS DISTINCT FROM " + sorted("i.initprivs");
}

// Comments and security labels hang on anything; pg_identify_object() names it. The thousands that
// PostgreSQL itself has given its objects are told by a digest.
std::string notes_on_objects() {
    const std::string of_users =
        R"((objoid >= 16384 OR classoid IN ('pg_namespace'::regclass, 'pg_extension'::regclass,
          'pg_language'::regclass, 'pg_largeobject'::regclass)))";
    const auto noted = [&](const std::string& word, const std::string& text,
                           const std::string& table) {
        return "SELECT '" + word + " on ' || o.type || ' ' || o.identity, " + text + R"(
FROM (SELECT * FROM )" +
               table + " WHERE " + of_users + R"() d
     CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) o
     CROSS JOIN LATERAL pg_identify_object_as_address(d.classoid, d.objoid, d.objsubid) p
WHERE (d.objoid >= 16384 OR (d.classoid = 'pg_namespace'::regclass AND o.name = 'public')
       OR d.classoid IN ('pg_extension'::regclass, 'pg_language'::regclass, 'pg_largeobject'::regclass))
  AND p.object_names[1] <> 'cairn' AND p.object_names[1] !~ '^pg_(temp|toast)')";
    };
    return noted("comment", "d.description", "pg_description") + "\nUNION ALL\n" +
           noted("security label", "d.provider || ': ' || d.label", "pg_seclabel") + R"(
UNION ALL
SELECT 'comments on what is PostgreSQL''s own',
       count(*) || ' ' || sum(hashtextextended(concat_ws(' ', classoid, objoid, objsubid, description), 0))
FROM pg_description WHERE NOT )" +
           of_users;
}

}  // namespace

std::vector<std::string> database_queries(int server_version) {
    return {schemas(),
            settings(),
            extensions(),
            event_triggers(),
            publications(server_version),
            subscriptions(server_version),
            foreign_servers(),
            default_privileges(),
            large_objects(),
            dependents_of_extensions(),
            privileges_of_others(),
            notes_on_objects()};
}

}  // namespace cairn::catalog
