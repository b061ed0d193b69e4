#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

constexpr const char* operator_objects = R"(
SELECT o.oid, 'OPERATOR', n.nspname, o.oprname,
       format('(%s, %s)', coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE'),
              coalesce(format_type(nullif(o.oprright, 0), NULL), 'NONE')), '', o.oprowner, NULL::aclitem[], NULL::"char", NULL
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = ANY ($1))";

// Commutator and negator are links that the partner's CREATE sets and its DROP clears: no part of
// what is compared.
constexpr const char* operators = R"(
SELECT o.oid, '', concat_ws(' ', o.oprcode::oid, o.oprleft, o.oprright, o.oprcanmerge, o.oprcanhash),
       format('CREATE OPERATOR %s.%s (%s)', o.oprnamespace::regnamespace, o.oprname, concat_ws(', ', 'FUNCTION = ' || o.oprcode,
           'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL), 'RIGHTARG = ' || format_type(nullif(o.oprright, 0), NULL),
           (SELECT format('COMMUTATOR = OPERATOR(%s.%s)', c.oprnamespace::regnamespace, c.oprname)
            FROM pg_operator c WHERE c.oid = o.oprcom),
           (SELECT format('NEGATOR = OPERATOR(%s.%s)', c.oprnamespace::regnamespace, c.oprname)
            FROM pg_operator c WHERE c.oid = o.oprnegate),
           CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END)),
       'DROP OPERATOR ' || o.oid::regoperator, NULL, NULL
FROM pg_operator o WHERE o.oprcode::oid <> 0 AND o.oid = ANY ($1)
UNION ALL
-- A promise of an operator, which the commutator or negator that names it has left: it comes with that.
SELECT o.oid, '', 'shell', 'SELECT', 'DROP OPERATOR IF EXISTS ' || o.oid::regoperator, NULL, NULL
FROM pg_operator o WHERE o.oprcode::oid = 0 AND o.oid = ANY ($1)
UNION ALL
SELECT o.oid, lower(p.word), p.function::oid::text, format('ALTER OPERATOR %s SET (%s = %s)', o.oid::regoperator, p.word, p.function),
       format('ALTER OPERATOR %s SET (%s = NONE)', o.oid::regoperator, p.word), 'set', NULL
FROM pg_operator o, LATERAL (VALUES ('RESTRICT', o.oprrest), ('JOIN', o.oprjoin)) p(word, function)
WHERE p.function::oid <> 0 AND o.oid = ANY ($1))";

constexpr const char* family_objects = R"(
SELECT f.oid, 'OPERATOR FAMILY', n.nspname, f.opfname, ' USING ' || quote_ident(am.amname), NULL, f.opfowner, NULL::aclitem[],
       NULL::"char", NULL
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod
WHERE f.oid = ANY ($1))";

constexpr const char* families = R"(
SELECT f.oid, '', 'family', format('CREATE OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname),
       format('DROP OPERATOR FAMILY %I.%I USING %I', n.nspname, f.opfname, am.amname), NULL, NULL
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod
WHERE f.oid = ANY ($1))";

constexpr const char* class_objects = R"(
SELECT c.oid, 'OPERATOR CLASS', n.nspname, c.opcname, ' USING ' || quote_ident(am.amname), NULL, c.opcowner, NULL::aclitem[],
       NULL::"char", NULL
FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am am ON am.oid = c.opcmethod
WHERE c.oid = ANY ($1))";

// The members that are the class's own, and neither loose in the family nor another class's, depend
// on it.
constexpr const char* classes = R"(
SELECT c.oid, '', concat_ws(' ', 'class', c.opcfamily, c.opcintype, c.opcdefault, c.opckeytype, m.value),
       format('CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %I FAMILY %s.%I AS %s', n.nspname, c.opcname,
              CASE WHEN c.opcdefault THEN ' DEFAULT' ELSE '' END, format_type(c.opcintype, NULL), am.amname,
              f.opfnamespace::regnamespace, f.opfname,
              concat_ws(', ', m.list, CASE WHEN c.opckeytype <> 0 OR m.list IS NULL
                  THEN 'STORAGE ' || format_type(coalesce(nullif(c.opckeytype, 0), c.opcintype), NULL) END)),
       format('DROP OPERATOR CLASS %I.%I USING %I', n.nspname, c.opcname, am.amname), NULL, NULL
FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am am ON am.oid = c.opcmethod
     JOIN pg_opfamily f ON f.oid = c.opcfamily
     CROSS JOIN LATERAL (
         SELECT string_agg(x.sql, ', ' ORDER BY x.kind, x.number, x.value) AS list,
                string_agg(x.value, ', ' ORDER BY x.kind, x.number, x.value) AS value
         FROM (SELECT 1 AS kind, a.amopstrategy AS number,
                      format('OPERATOR %s %s', a.amopstrategy, a.amopopr::regoperator) ||
                          coalesce((SELECT format(' FOR ORDER BY %s.%I', s.opfnamespace::regnamespace, s.opfname)
                                    FROM pg_opfamily s WHERE s.oid = a.amopsortfamily), '') AS sql,
                      concat_ws(' ', 'operator', a.amopstrategy, a.amopopr, a.amopsortfamily) AS value
               FROM pg_amop a JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = a.oid
                    AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid
               UNION ALL
               SELECT 2, p.amprocnum,
                      format('FUNCTION %s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, NULL),
                             format_type(p.amprocrighttype, NULL), p.amproc::regprocedure),
                      concat_ws(' ', 'function', p.amprocnum, p.amproclefttype, p.amprocrighttype, p.amproc::oid)
               FROM pg_amproc p JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = p.oid
                    AND d.refclassid = 'pg_opclass'::regclass AND d.refobjid = c.oid) x) m
WHERE c.oid = ANY ($1))";

// Members that ALTER OPERATOR FAMILY … ADD has brought; they are no class's.
constexpr const char* loose_members = R"(
SELECT f.oid, m.facet, m.value, alter.family || 'ADD ' || m.what || m.rest, alter.family || 'DROP ' || m.place, NULL, 'last'
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod
     CROSS JOIN LATERAL (VALUES (format('ALTER OPERATOR FAMILY %I.%I USING %I ', n.nspname, f.opfname, am.amname))) alter(family)
     CROSS JOIN LATERAL (
         SELECT 'pg_amop'::regclass AS class, a.oid, concat_ws(' ', 'operator', a.amopstrategy, a.amoplefttype, a.amoprighttype) AS facet,
                concat_ws(' ', a.amopopr, a.amopsortfamily) AS value,
                format('OPERATOR %s %s', a.amopstrategy, a.amopopr::regoperator) AS what,
                coalesce((SELECT format(' FOR ORDER BY %s.%I', s.opfnamespace::regnamespace, s.opfname)
                          FROM pg_opfamily s WHERE s.oid = a.amopsortfamily), '') AS rest,
                format('OPERATOR %s (%s, %s)', a.amopstrategy, format_type(a.amoplefttype, NULL),
                       format_type(a.amoprighttype, NULL)) AS place
         FROM pg_amop a WHERE a.amopfamily = f.oid
         UNION ALL
         SELECT 'pg_amproc'::regclass, p.oid, concat_ws(' ', 'function', p.amprocnum, p.amproclefttype, p.amprocrighttype),
                p.amproc::oid::text, t.place, ' ' || p.amproc::regprocedure, t.place
         FROM pg_amproc p CROSS JOIN LATERAL (
             VALUES (format('FUNCTION %s (%s, %s)', p.amprocnum, format_type(p.amproclefttype, NULL),
                            format_type(p.amprocrighttype, NULL)))) t(place)
         WHERE p.amprocfamily = f.oid) m
WHERE f.oid = ANY ($1)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = m.class AND d.objid = m.oid
                                            AND d.refclassid = 'pg_opclass'::regclass))";

}  // namespace

std::vector<Family> operator_families() {
    return {{"pg_operator", operator_objects, {operators}},
            {"pg_opfamily", family_objects, {families, loose_members}},
            {"pg_opclass", class_objects, {classes}}};
}

}  // namespace cairn::catalog
