// What stands in a database beside its schemas' contents, and the database itself.
#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

constexpr const char* schema_objects = R"(
SELECT n.oid, 'SCHEMA', NULL, n.nspname, '', NULL, n.nspowner, n.nspacl, 'n'::"char", NULL
FROM pg_namespace n WHERE n.oid = ANY ($1))";

constexpr const char* schemas = R"(
SELECT n.oid, '', 'schema', format('CREATE SCHEMA %I', n.nspname), format('DROP SCHEMA %I', n.nspname), NULL, NULL
FROM pg_namespace n WHERE n.oid = ANY ($1))";

constexpr const char* language_objects = R"(
SELECT l.oid, 'LANGUAGE', NULL, l.lanname, '', NULL, l.lanowner, l.lanacl, 'l'::"char", NULL
FROM pg_language l WHERE l.oid = ANY ($1))";

constexpr const char* languages = R"(
SELECT l.oid, '', concat_ws(' ', l.lanpltrusted, l.lanplcallfoid, l.laninline, l.lanvalidator),
       concat_ws(' ', CASE WHEN l.lanpltrusted THEN 'CREATE OR REPLACE TRUSTED LANGUAGE' ELSE 'CREATE OR REPLACE LANGUAGE' END,
           quote_ident(l.lanname), 'HANDLER', l.lanplcallfoid::regproc, 'INLINE ' || nullif(l.laninline, 0)::regproc,
           'VALIDATOR ' || nullif(l.lanvalidator, 0)::regproc),
       format('DROP LANGUAGE %I', l.lanname), 'replaced', NULL
FROM pg_language l WHERE l.lanplcallfoid <> 0 AND l.oid = ANY ($1))";

constexpr const char* access_method_objects = R"(
SELECT a.oid, 'ACCESS METHOD', NULL, a.amname, '', '', NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_am a WHERE a.oid = ANY ($1))";

constexpr const char* access_methods = R"(
SELECT a.oid, '', concat_ws(' ', a.amtype, a.amhandler::oid),
       format('CREATE ACCESS METHOD %I TYPE %s HANDLER %s', a.amname, CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END,
              a.amhandler),
       format('DROP ACCESS METHOD %I', a.amname), NULL, NULL
FROM pg_am a WHERE a.oid = ANY ($1))";

constexpr const char* event_trigger_objects = R"(
SELECT e.oid, 'EVENT TRIGGER', NULL, e.evtname, '', NULL, e.evtowner, NULL::aclitem[], NULL::"char", NULL
FROM pg_event_trigger e WHERE e.oid = ANY ($1))";

constexpr const char* event_triggers = R"(
SELECT e.oid, '', concat_ws(' ', e.evtevent, e.evtfoid, e.evttags::text),
       format('CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s()', e.evtname, e.evtevent,
              (SELECT ' WHEN TAG IN (' || string_agg(quote_literal(t), ', ' ORDER BY n) || ')'
               FROM unnest(e.evttags) WITH ORDINALITY u(t, n)), e.evtfoid::regproc),
       format('DROP EVENT TRIGGER %I', e.evtname), NULL, NULL
FROM pg_event_trigger e WHERE e.oid = ANY ($1)
UNION ALL
SELECT e.oid, 'enabled', e.evtenabled::text,
       format('ALTER EVENT TRIGGER %I %s', e.evtname,
              CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END),
       format('ALTER EVENT TRIGGER %I ENABLE', e.evtname), 'set', NULL
FROM pg_event_trigger e WHERE e.evtenabled <> 'O' AND e.oid = ANY ($1))";

constexpr const char* database_objects = R"(
SELECT d.oid, 'DATABASE', NULL, d.datname, '', NULL, d.datdba, d.datacl, 'd'::"char", NULL
FROM pg_database d WHERE d.oid = ANY ($1))";

// ALTER DATABASE … SET of one role belongs to the role.
constexpr const char* databases = R"(
SELECT d.oid, lower(p.word), p.value, format('ALTER DATABASE %I WITH %s %s', d.datname, p.word, p.value),
       format('ALTER DATABASE %I WITH %s %s', d.datname, p.word, p.usual), 'set', NULL
FROM pg_database d, LATERAL (VALUES ('CONNECTION LIMIT', d.datconnlimit::text, '-1'),
                                    ('ALLOW_CONNECTIONS', d.datallowconn::text, 'true'),
                                    ('IS_TEMPLATE', d.datistemplate::text, 'false')) p(word, value, usual)
WHERE p.value <> p.usual AND d.oid = ANY ($1)
)";

constexpr const char* tablespace_objects = R"(
SELECT s.oid, 'TABLESPACE', NULL, s.spcname, '', NULL, s.spcowner, s.spcacl, 't'::"char", NULL
FROM pg_tablespace s WHERE s.oid = ANY ($1))";

}  // namespace

std::vector<Family> database_families() {
    const auto of_database = facet::settings(
        "d.oid", "CASE s.setdatabase WHEN 0 THEN 'everywhere ' ELSE '' END",
        "CASE s.setdatabase WHEN 0 THEN 'ALTER ROLE ALL' ELSE format('ALTER DATABASE %I', "
        "d.datname) END",
        "JOIN pg_database d ON d.oid = s.setdatabase OR s.setdatabase = 0 AND d.datname = "
        "current_database() WHERE s.setrole = 0 AND d.oid = ANY ($1)");
    return {{"pg_namespace", schema_objects, {schemas}},
            {"pg_language", language_objects, {languages}},
            {"pg_am", access_method_objects, {access_methods}},
            {"pg_event_trigger", event_trigger_objects, {event_triggers}},
            {"pg_database", database_objects, {databases, of_database}},
            {"pg_tablespace",
             tablespace_objects,
             {facet::options("s.oid", "s.spcoptions", "format('ALTER TABLESPACE %I', s.spcname)",
                             "pg_tablespace s", "s.oid = ANY ($1)")}}};
}

}  // namespace cairn::catalog
