#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

// A function is named by the types of its
// arguments, which stay when their names change; a procedure's OUT arguments belong to its
// identity. ALTER, COMMENT and GRANT take an aggregate for a function.
constexpr const char* objects = R"(
SELECT p.oid, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, n.nspname, p.proname,
       '(' || CASE WHEN p.prokind = 'p' THEN pg_get_function_identity_arguments(p.oid)
                   ELSE coalesce((SELECT string_agg(format_type(a.type, NULL), ', ' ORDER BY a.n)
                                  FROM unnest(p.proargtypes) WITH ORDINALITY a(type, n)), '') END || ')',
       NULL, p.proowner, p.proacl, 'f'::"char", CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid = ANY ($1))";

// The constructors of a range type, which come and go with it.
const std::string made_by_type =
    "EXISTS (SELECT FROM pg_depend m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid AND m.deptype = 'i')";

// What CREATE OR REPLACE keeps apart: a function that differs in any of this is dropped and made
// again. The expressions of defaults have the type of their argument, except where that depends on
// the call.
const std::string replaceable =
    R"(concat_ws(' ', p.prokind, p.proretset, p.prorettype, p.proargtypes, p.proallargtypes::text,
           p.proargmodes::text, p.proargnames::text, p.provariadic, p.pronargdefaults,
           CASE WHEN EXISTS (SELECT FROM pg_type t WHERE t.typtype = 'p' AND t.oid = ANY (p.proargtypes))
                THEN p.proargdefaults::text END))";

const std::string own_row =
    facet::tree("(to_jsonb(p) - '{oid,proname,pronamespace,proowner,proacl}'::text[])");

const std::string identity =
    R"(format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)))";

// The functions of a base type, and the one that gives a range its canonical form, can be made of a
// shell of it, and go with it, in a circle that only the type's drop can open.
std::string functions() {
    return "SELECT p.oid, '', " + own_row + R"(,
       concat_ws(E'\x1e', CASE WHEN circle.name IS NOT NULL THEN 'DO ' || quote_literal(format($do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
                   WHERE t.typname = %L AND n.nspname = %L) THEN
        CREATE TYPE %s;
    END IF;
END$do$, circle.typname, circle.schema, circle.name)) END, rtrim(pg_get_functiondef(p.oid), E'\n')),
       CASE p.prokind WHEN 'p' THEN 'DROP PROCEDURE ' ELSE 'DROP FUNCTION ' END ||
           CASE WHEN circle.name IS NOT NULL THEN 'IF EXISTS ' ELSE '' END || )" +
           identity + ", " + replaceable + R"(, NULL
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     LEFT JOIN LATERAL (SELECT t.typname, s.nspname AS schema, format_type(t.oid, NULL) AS name
                        FROM pg_type t JOIN pg_namespace s ON s.oid = t.typnamespace LEFT JOIN pg_range r ON r.rngtypid = t.oid
                        WHERE t.oid >= 16384 AND t.oid = ANY (p.proargtypes::oid[] || p.prorettype)
                          AND p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin,
                                                           t.typmodout, r.rngcanonical)
                        LIMIT 1) circle ON true
WHERE p.prokind <> 'a' AND p.oid = ANY ($1) AND NOT )" + made_by_type;
}

// They get their type's owner and name and the schema of the range, and keep these when it gets others. CREATE OR REPLACE would cut them off from it.
std::string constructors() {
    return R"(
SELECT p.oid, v.* FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     CROSS JOIN LATERAL (SELECT t.typname, s.nspname,
                                '(' || coalesce((SELECT string_agg(format_type(a.type, NULL), ', ' ORDER BY a.n)
                                                 FROM unnest(p.proargtypes) WITH ORDINALITY a(type, n)), '') || ')' AS arguments
                         FROM pg_type t LEFT JOIN pg_range r ON r.rngmultitypid = t.oid JOIN pg_type own ON own.oid = coalesce(r.rngtypid, t.oid)
                              JOIN pg_namespace s ON s.oid = own.typnamespace
                         WHERE t.oid = p.prorettype) t
     CROSS JOIN LATERAL (VALUES
         ('', '', concat_ws(E'\x1e',
              format('ALTER FUNCTION %I.%I%s OWNER TO %I', t.nspname, t.typname, t.arguments, pg_get_userbyid(p.proowner)),
              CASE WHEN p.proname <> t.typname THEN format('ALTER FUNCTION %I.%I%s RENAME TO %I', t.nspname, t.typname, t.arguments, p.proname) END,
              CASE WHEN n.nspname <> t.nspname THEN format('ALTER FUNCTION %I.%I%s SET SCHEMA %I', t.nspname, p.proname, t.arguments, n.nspname) END),
          NULL, NULL, NULL),
         ('definition', )" + own_row + R"(,
          format('`%s` came with its type, and can''t be defined otherwise than PostgreSQL has', p.oid::regprocedure), NULL, NULL, 'lasting'))
         v(facet, value, set, reset, in_place, how)
WHERE p.oid = ANY ($1) AND )" + made_by_type;
}

std::string depends_on_extension() {
    return R"(
SELECT p.oid, 'depends on extension ' || e.oid, 'on', 'ALTER ' || w.word || ' ' || )" +
           identity + R"( || ' DEPENDS ON EXTENSION ' || quote_ident(e.extname),
       'ALTER ' || w.word || ' ' || )" +
           identity + R"( || ' NO DEPENDS ON EXTENSION ' || quote_ident(e.extname), 'set', NULL
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'x'
     JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
     CROSS JOIN LATERAL (VALUES (CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END)) w(word)
WHERE p.prokind <> 'a' AND p.oid = ANY ($1))";
}

// SQL of an option of an aggregate's final function: only where there is one, for its default
// depends on the kind.
std::string final_function(const std::string& prefix, const std::string& column) {
    return "'" + prefix + "FINALFUNC = ' || nullif(a." + column +
           "fn::oid, 0)::regproc, CASE WHEN a." + column + "extra THEN '" + prefix +
           "FINALFUNC_EXTRA' END, CASE WHEN a." + column + "fn::oid <> 0 THEN '" + prefix +
           "FINALFUNC_MODIFY = ' || CASE a." + column +
           "modify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END";
}

std::string aggregates() {
    return "SELECT p.oid, '', " + own_row + R"( || (to_jsonb(a) - 'aggfnoid'),
       'CREATE OR REPLACE AGGREGATE ' ||
           format('%I.%I(%s)', n.nspname, p.proname, coalesce(nullif(pg_get_function_arguments(p.oid), ''), '*')) ||
           ' (' || concat_ws(', ', 'SFUNC = ' || a.aggtransfn, 'STYPE = ' || format_type(a.aggtranstype, NULL),
               'SSPACE = ' || nullif(a.aggtransspace, 0), )" +
           final_function("", "aggfinal") + R"(,
               'COMBINEFUNC = ' || nullif(a.aggcombinefn::oid, 0)::regproc,
               'SERIALFUNC = ' || nullif(a.aggserialfn::oid, 0)::regproc,
               'DESERIALFUNC = ' || nullif(a.aggdeserialfn::oid, 0)::regproc,
               'INITCOND = ' || quote_literal(a.agginitval), 'MSFUNC = ' || nullif(a.aggmtransfn::oid, 0)::regproc,
               'MINVFUNC = ' || nullif(a.aggminvtransfn::oid, 0)::regproc,
               'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), NULL), 'MSSPACE = ' || nullif(a.aggmtransspace, 0), )" +
           "CASE WHEN a.aggmtransfn::oid <> 0 THEN nullif(concat_ws(', ', " +
           final_function("M", "aggmfinal") + R"(), '') END,
               'MINITCOND = ' || quote_literal(a.aggminitval),
               (SELECT format('SORTOP = OPERATOR(%s.%s)', o.oprnamespace::regnamespace, o.oprname)
                FROM pg_operator o WHERE o.oid = a.aggsortop),
               CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
               CASE a.aggkind WHEN 'h' THEN 'HYPOTHETICAL' END) || ')',
       'DROP AGGREGATE ' || format('%I.%I(%s)', n.nspname, p.proname,
                                   coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*')),
       )" + replaceable +
           R"( || concat(' ', a.aggkind, a.aggnumdirectargs), NULL
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_aggregate a ON a.aggfnoid = p.oid
WHERE p.oid = ANY ($1))";
}

}  // namespace

std::vector<Family> routine_families() {
    return {{"pg_proc", objects, {functions(), constructors(), depends_on_extension(), aggregates()}}};
}

}  // namespace cairn::catalog
