// Foreign data wrappers, servers and user mappings. Foreign tables are relations.
#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

// An option that is there is SET and one that is not is ADDed: by itself, so that a validator never
// misses one.
std::string options(const std::string& oid, const std::string& array, const std::string& alter,
                    const std::string& now, const std::string& from) {
    return "SELECT " + oid +
           ", 'option ' || o.option_name, o.option_value, format('DO %L', format($do$" + R"(
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.unnest((%1$s)) o WHERE pg_catalog.starts_with(o, %2$L)) THEN
        %3$s OPTIONS (SET %4$I %5$L);
    ELSE
        %3$s OPTIONS (ADD %4$I %5$L);
    END IF;
END$do$, )" +
           now + ", o.option_name || '=', " + alter + ", o.option_name, o.option_value)), " +
           alter + " || format(' OPTIONS (DROP %I)', o.option_name), 'set', NULL FROM " + from +
           " CROSS JOIN LATERAL pg_options_to_table(" + array + ") o WHERE " + oid + " = ANY ($1)";
}

constexpr const char* wrapper_objects = R"(
SELECT w.oid, 'FOREIGN DATA WRAPPER', NULL, w.fdwname, '', NULL, w.fdwowner, w.fdwacl, 'F'::"char", NULL
FROM pg_foreign_data_wrapper w WHERE w.oid = ANY ($1))";

constexpr const char* wrappers = R"(
SELECT w.oid, '', 'wrapper', format('CREATE FOREIGN DATA WRAPPER %I', w.fdwname), format('DROP FOREIGN DATA WRAPPER %I', w.fdwname),
       NULL, NULL
FROM pg_foreign_data_wrapper w WHERE w.oid = ANY ($1)
UNION ALL
SELECT w.oid, lower(p.word), p.function::text,
       format('ALTER FOREIGN DATA WRAPPER %I %s %s', w.fdwname, p.word, p.function::regproc),
       format('ALTER FOREIGN DATA WRAPPER %I NO %s', w.fdwname, p.word), 'set', NULL
FROM pg_foreign_data_wrapper w, LATERAL (VALUES ('HANDLER', w.fdwhandler), ('VALIDATOR', w.fdwvalidator)) p(word, function)
WHERE p.function <> 0 AND w.oid = ANY ($1))";

constexpr const char* server_objects = R"(
SELECT s.oid, 'SERVER', NULL, s.srvname, '', NULL, s.srvowner, s.srvacl, 'S'::"char", 'FOREIGN SERVER'
FROM pg_foreign_server s WHERE s.oid = ANY ($1))";

constexpr const char* servers = R"(
SELECT s.oid, '', concat_ws(' ', s.srvfdw, s.srvtype),
       format('CREATE SERVER %I%s FOREIGN DATA WRAPPER %I', s.srvname, ' TYPE ' || quote_literal(s.srvtype), w.fdwname),
       format('DROP SERVER %I', s.srvname), NULL, NULL
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE s.oid = ANY ($1)
UNION ALL
SELECT s.oid, 'version', s.srvversion, format('ALTER SERVER %I VERSION %L', s.srvname, s.srvversion),
       format('ALTER SERVER %I VERSION NULL', s.srvname), 'set', NULL
FROM pg_foreign_server s WHERE s.srvversion IS NOT NULL AND s.oid = ANY ($1))";

const std::string mapping =
    "format('USER MAPPING FOR %s SERVER %I', CASE WHEN u.umuser = 0 THEN 'PUBLIC' ELSE "
    "quote_ident(u.usename) "
    "END, u.srvname)";

// The view shows the options to those who may know them.
std::string mapping_objects() {
    return "SELECT u.umid, 'USER MAPPING', NULL, NULL, substr(" + mapping +
           R"(, 14), '', NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_user_mappings u WHERE u.umid = ANY ($1))";
}

std::string mappings() {
    return "SELECT u.umid, '', concat_ws(' ', u.umuser, u.srvid), 'CREATE ' || " + mapping +
           ", 'DROP ' || " + mapping +
           ", NULL, NULL FROM pg_user_mappings u WHERE u.umid = ANY ($1)";
}

}  // namespace

std::vector<Family> foreign_families() {
    return {{"pg_foreign_data_wrapper",
             wrapper_objects,
             {wrappers,
              options("w.oid", "w.fdwoptions", "format('ALTER FOREIGN DATA WRAPPER %I', w.fdwname)",
                      "format('SELECT fdwoptions FROM pg_catalog.pg_foreign_data_wrapper WHERE "
                      "fdwname = %L', w.fdwname)",
                      "pg_foreign_data_wrapper w")}},
            {"pg_foreign_server",
             server_objects,
             {servers, options("s.oid", "s.srvoptions", "format('ALTER SERVER %I', s.srvname)",
                               "format('SELECT srvoptions FROM pg_catalog.pg_foreign_server WHERE "
                               "srvname = %L', s.srvname)",
                               "pg_foreign_server s")}},
            {"pg_user_mapping",
             mapping_objects(),
             {mappings(), options("u.umid", "u.umoptions", "'ALTER ' || " + mapping,
                                  "format('SELECT umoptions FROM pg_catalog.pg_user_mappings WHERE "
                                  "usename = %L AND srvname = %L', "
                                  "u.usename, u.srvname)",
                                  "pg_user_mappings u")}}};
}

}  // namespace cairn::catalog
