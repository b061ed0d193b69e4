#include "runtime/catalog/families.hpp"

namespace cairn::catalog {
namespace {

using namespace part;

std::string functions() {
    return with_users + R"(
SELECT CASE p.prokind WHEN 'p' THEN 'procedure ' ELSE 'function ' END || p.oid::regprocedure,
       concat_ws(', ', pg_get_functiondef(p.oid), )" +
           owner("p.proowner") + ", " + grants("p.proacl", 'f', "p.proowner") + R"()
FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace
WHERE p.prokind <> 'a'
  -- PostgreSQL makes the constructors of a range type itself.
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i'))";
}

std::string aggregates() {
    return with_users + R"(
SELECT 'aggregate ' || p.oid::regprocedure,
       concat_ws(', ',
           pg_get_function_identity_arguments(p.oid),
           concat('kind ', a.aggkind, a.aggnumdirectargs),
           'sfunc ' || a.aggtransfn, 'stype ' || format_type(a.aggtranstype, NULL), 'sspace ' || a.aggtransspace,
           'finalfunc ' || nullif(a.aggfinalfn::text, '-') || ' ' || a.aggfinalmodify::text || a.aggfinalextra,
           'combinefunc ' || nullif(a.aggcombinefn::text, '-'),
           'serialfunc ' || nullif(a.aggserialfn::text, '-'), 'deserialfunc ' || nullif(a.aggdeserialfn::text, '-'),
           'initcond ' || quote_literal(a.agginitval),
           'msfunc ' || nullif(a.aggmtransfn::text, '-'), 'minvfunc ' || nullif(a.aggminvtransfn::text, '-'),
           'mstype ' || format_type(nullif(a.aggmtranstype, 0), NULL), 'msspace ' || a.aggmtransspace,
           'mfinalfunc ' || nullif(a.aggmfinalfn::text, '-') || ' ' || a.aggmfinalmodify::text || a.aggmfinalextra,
           'minitcond ' || quote_literal(a.aggminitval),
           'sortop ' || nullif(a.aggsortop, 0)::regoperator,
           'parallel ' || p.proparallel::text,
           )" +
           owner("p.proowner") + ", " + grants("p.proacl", 'f', "p.proowner") + R"()
FROM pg_proc p
     JOIN ns ON ns.oid = p.pronamespace
     JOIN pg_aggregate a ON a.aggfnoid = p.oid)";
}

std::string triggers() {
    return with_users + R"(
SELECT 'trigger ' || t.tgrelid::regclass || '.' || quote_ident(t.tgname),
       concat_ws(', ', pg_get_triggerdef(t.oid),
           CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled in replicas' WHEN 'A' THEN 'enabled always' END,
           CASE WHEN t.tgparentid <> 0 THEN 'inherited' END)
FROM pg_trigger t
     JOIN pg_class c ON c.oid = t.tgrelid
     JOIN ns ON ns.oid = c.relnamespace
WHERE NOT t.tgisinternal)";
}

// A foreign key's own triggers have OIDs in their names; DISABLE TRIGGER ALL reaches them too.
std::string disabled_internal_triggers() {
    return with_users + R"(
SELECT 'triggers of constraint ' || t.tgrelid::regclass || '.' || quote_ident(con.conname),
       string_agg(t.tgfoid::regproc || ' ' || t.tgenabled::text, ', ' ORDER BY t.tgfoid::regproc::text)
FROM pg_trigger t
     JOIN pg_class c ON c.oid = t.tgrelid
     JOIN ns ON ns.oid = c.relnamespace
     JOIN pg_constraint con ON con.oid = t.tgconstraint
WHERE t.tgisinternal AND t.tgenabled <> 'O'
GROUP BY t.tgrelid, con.conname)";
}

std::string rules() {
    return with_users + R"(
SELECT 'rule ' || r.ev_class::regclass || '.' || quote_ident(r.rulename),
       concat_ws(', ', pg_get_ruledef(r.oid),
           CASE r.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled in replicas' WHEN 'A' THEN 'enabled always' END)
FROM pg_rewrite r
     JOIN pg_class c ON c.oid = r.ev_class
     JOIN ns ON ns.oid = c.relnamespace
WHERE r.rulename <> '_RETURN')";
}

std::string policies() {
    return with_users + R"(
SELECT 'policy ' || p.polrelid::regclass || '.' || quote_ident(p.polname),
       concat_ws(' ', CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
           'for ' || CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
                                   WHEN 'd' THEN 'delete' ELSE 'all' END,
           'to ' || (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(r)) END, ', '
                                       ORDER BY CASE r WHEN 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(r)) END)
                     FROM unnest(p.polroles) r),
           'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
           'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
FROM pg_policy p
     JOIN pg_class c ON c.oid = p.polrelid
     JOIN ns ON ns.oid = c.relnamespace)";
}

}  // namespace

std::vector<std::string> routine_queries() {
    return {functions(), aggregates(), triggers(), disabled_internal_triggers(),
            rules(),     policies()};
}

}  // namespace cairn::catalog
