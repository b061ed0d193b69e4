#include "runtime/catalog/definitions/relations.hpp"

namespace cairn::catalog {
namespace {

// What ALTER TABLE says to have a trigger `t` as it is.
constexpr const char* switched = "CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END";

// Each child has its own. A generated column's expression is part of its column.
Family defaults() {
    return {
        .catalog = "pg_attrdef",
        .objects = R"(
SELECT d.oid, NULL, NULL, a.attname, ' of ' || d.adrelid::regclass, '', NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE d.oid = ANY ($1::oid[]) AND a.attgenerated = '')",
        .facets = {
            R"(
SELECT d.oid, '', )" +
            facet::tree("d.adbin") +
            R"(, format('ALTER TABLE %s%s ALTER COLUMN %I SET DEFAULT %s', w.one, d.adrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid)),
       format('ALTER TABLE %s%s ALTER COLUMN %I DROP DEFAULT', w.one, d.adrelid::regclass, a.attname), 'set', NULL
FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
     CROSS JOIN LATERAL (SELECT CASE WHEN c.relkind IN ('r', 'p') THEN 'ONLY ' ELSE '' END FROM pg_class c WHERE c.oid = d.adrelid) w(one)
WHERE d.oid = ANY ($1::oid[]) AND a.attgenerated = '')"}};
}

// A partition's foreign key comes with its parent's, and so does an inherited check; a partition's
// primary key is made by itself, and attached with its index.
Family constraints() {
    return {.catalog = "pg_constraint",
            .objects = R"(
SELECT k.oid, 'CONSTRAINT', NULL, k.conname, ' ON ' || k.conrelid::regclass,
       CASE WHEN k.coninhcount > 0 AND NOT k.conislocal AND k.contype = 'c' THEN ''
            ELSE format('ALTER TABLE %s RENAME CONSTRAINT %I TO ', k.conrelid::regclass, k.conname) END,
       NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_constraint k
WHERE k.contype <> 't' AND k.conrelid <> 0 AND k.oid = ANY ($1::oid[]))",
            .facets = {R"(
SELECT k.oid, '', concat(CASE WHEN k.contype <> 'f' OR k.conparentid = 0 THEN k.convalidated END, k.connoinherit),
       CASE WHEN NOT (k.contype = 'f' AND k.conparentid <> 0) AND NOT w.inherited THEN concat_ws(E'\x1e',
           w.alter || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid),
           (SELECT string_agg()" + switch_internal_trigger() + R"(, E'\x1e' ORDER BY t.oid) FROM pg_trigger t
            WHERE t.tgconstraint = k.oid AND t.tgisinternal AND t.tgenabled <> 'O')) END,
       -- What is there for a partition that a key refers to goes with that.
       CASE WHEN NOT w.inherited AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)
            THEN w.alter || ' DROP CONSTRAINT ' || quote_ident(k.conname) END, NULL,
       -- A clone goes when its partition has been detached.
       CASE WHEN k.contype = 'f' AND k.conparentid = 0 THEN 'last' END
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     CROSS JOIN LATERAL (SELECT CASE WHEN c.relkind = 'p' AND k.contype IN ('p', 'u', 'x') THEN 'ALTER TABLE ONLY ' ELSE 'ALTER TABLE ' END ||
                                c.oid::regclass, k.contype = 'c' AND k.coninhcount > 0 AND NOT k.conislocal) w(alter, inherited)
WHERE k.contype <> 't' AND k.oid = ANY ($1::oid[])
UNION ALL
-- What comes with its parent's has that one's name.
SELECT k.oid, 'name on a partition', '', format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', k.conrelid::regclass, p.conname, k.conname), NULL, NULL, 'fresh'
FROM pg_constraint k JOIN pg_constraint p ON p.oid = k.conparentid AND p.conname <> k.conname AND p.conrelid <> k.conrelid
WHERE k.contype = 'f' AND k.oid = ANY ($1::oid[])
UNION ALL
-- INHERIT and ATTACH PARTITION ask for it: see Way::make_inherited().
SELECT k.oid, 'by itself', '', NULL, format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)), NULL, 'fresh'
FROM pg_constraint k WHERE k.contype = 'c' AND k.coninhcount > 0 AND NOT k.conislocal AND k.oid = ANY ($1::oid[])
UNION ALL
SELECT k.oid, 'local', 'no',
       CASE WHEN superuser THEN format('UPDATE pg_catalog.pg_constraint SET conislocal = false WHERE conrelid = %L::regclass AND conname = %L',
                                       k.conrelid::regclass, k.conname)
            ELSE format('only a superuser can make constraint `%s` of `%s` its parent''s again', k.conname, k.conrelid::regclass) END,
       NULL, NULL, CASE WHEN superuser THEN 'given' ELSE 'lasting' END
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me(superuser)
WHERE k.contype = 'c' AND k.coninhcount > 0 AND NOT k.conislocal AND NOT c.relispartition AND k.oid = ANY ($1::oid[])
UNION ALL
-- A table made under a parent has its checks as valid, and no statement says otherwise.
SELECT k.oid, 'valid', 'no',
       CASE WHEN superuser THEN format('UPDATE pg_catalog.pg_constraint SET convalidated = false WHERE conrelid = %L::regclass AND conname = %L',
                                       k.conrelid::regclass, k.conname)
            ELSE format('only a superuser can make constraint `%s`, which `%s` has from its parent, NOT VALID again: validate it first', k.conname, k.conrelid::regclass) END,
       NULL, NULL, CASE WHEN superuser THEN 'given' ELSE 'lasting' END
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me(superuser)
WHERE k.contype = 'c' AND k.coninhcount > 0 AND NOT k.conislocal AND NOT k.convalidated AND NOT c.relispartition AND k.oid = ANY ($1::oid[])
UNION ALL
-- A table made under a parent whose check is NOT VALID has been checked from the start.
SELECT k.oid, 'valid for heirs', b.heirs, b.statements, NULL, NULL, NULL
FROM pg_constraint k CROSS JOIN LATERAL (
    WITH RECURSIVE below(oid) AS (
        SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = k.conrelid
        UNION SELECT i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.oid)
    SELECT string_agg(b.oid::text, ' ' ORDER BY b.oid), string_agg(format('ALTER TABLE %s VALIDATE CONSTRAINT %I', b.oid::regclass, h.conname), E'\x1e' ORDER BY b.oid)
    FROM below b JOIN pg_constraint h ON h.conrelid = b.oid AND h.conname = k.conname AND h.contype = 'c' AND h.convalidated) b(heirs, statements)
WHERE k.contype = 'c' AND NOT k.convalidated AND b.heirs IS NOT NULL AND k.oid = ANY ($1::oid[])
UNION ALL
SELECT k.oid, 'deferrable', concat(k.condeferrable, k.condeferred),
       format('ALTER TABLE %s ALTER CONSTRAINT %I %s', k.conrelid::regclass, k.conname,
              CASE WHEN k.condeferred THEN 'DEFERRABLE INITIALLY DEFERRED' WHEN k.condeferrable THEN 'DEFERRABLE INITIALLY IMMEDIATE'
                   ELSE 'NOT DEFERRABLE' END), NULL, 'alter', 'given'
FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0 AND k.oid = ANY ($1::oid[]))"},
            .kinds = "cpufx"};
}

// A foreign key's own triggers and the clones of a partitioned table's come with what they serve.
// Those that keep rows for cairn are taken off when the step ends.
Family triggers() {
    return {.catalog = "pg_trigger",
            .objects = R"(
SELECT t.oid, CASE WHEN NOT t.tgisinternal THEN 'TRIGGER' END, NULL, t.tgname, ' ON ' || t.tgrelid::regclass,
       CASE WHEN t.tgisinternal OR t.tgparentid <> 0 THEN '' END, NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_trigger t
WHERE t.oid = ANY ($1::oid[])
      AND t.tgfoid NOT IN (SELECT p.oid FROM pg_proc p WHERE p.pronamespace = to_regnamespace('cairn')))",
            .facets = {R"(
SELECT t.oid, '', concat_ws(' ', t.tgfoid, t.tgtype, t.tgconstrrelid, t.tgdeferrable, t.tginitdeferred, t.tgattr, t.tgargs,
                            )" +
                       facet::tree("t.tgqual") +
                       R"(, t.tgoldtable, t.tgnewtable),
       pg_get_triggerdef(t.oid), format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass), NULL, NULL
FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.oid = ANY ($1::oid[])
UNION ALL
SELECT t.oid, 'enabled', t.tgenabled::text,
       CASE WHEN k.oid IS NULL THEN format('ALTER TABLE ONLY %s %s TRIGGER %I', t.tgrelid::regclass, )" + switched + R"(, t.tgname)
            ELSE )" + switch_internal_trigger() + R"( END,
       NULL, 'set', CASE WHEN t.tgenabled = 'O' THEN 'given' END
FROM pg_trigger t LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint AND t.tgisinternal
WHERE t.oid = ANY ($1::oid[]))"}};
}

Family rules() {
    return {.catalog = "pg_rewrite",
            .objects = R"(
SELECT r.oid, 'RULE', NULL, r.rulename, ' ON ' || r.ev_class::regclass, NULL, NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_rewrite r
WHERE r.rulename <> '_RETURN' AND r.oid = ANY ($1::oid[]))",
            .facets = {R"(
SELECT r.oid, '', concat_ws(' ', r.ev_type, r.is_instead, )" +
                       facet::tree("r.ev_qual") + ", " + facet::tree("r.ev_action") + R"(),
       'CREATE OR REPLACE' || substr(rtrim(pg_get_ruledef(r.oid), ';'), 7), format('DROP RULE %I ON %s', r.rulename, r.ev_class::regclass), 'replace', NULL
FROM pg_rewrite r WHERE r.rulename <> '_RETURN' AND r.oid = ANY ($1::oid[])
UNION ALL
SELECT r.oid, 'enabled', r.ev_enabled::text,
       format('ALTER TABLE %s %s RULE %I', r.ev_class::regclass,
              CASE r.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END, r.rulename),
       NULL, 'set', CASE WHEN r.ev_enabled = 'O' THEN 'given' END
FROM pg_rewrite r WHERE r.rulename <> '_RETURN' AND r.oid = ANY ($1::oid[]))"}};
}

// ALTER POLICY can't take USING away again, nor change the command.
Family policies() {
    return {.catalog = "pg_policy",
            .objects = R"(
SELECT p.oid, 'POLICY', NULL, p.polname, ' ON ' || p.polrelid::regclass, NULL, NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_policy p
WHERE p.oid = ANY ($1::oid[]))",
            .facets = {R"(
SELECT p.oid, '', concat_ws(' ', p.polcmd, p.polpermissive, p.polroles, coalesce()" +
                       facet::tree("p.polqual") + ", '-'), coalesce(" +
                       facet::tree("p.polwithcheck") + R"(, '-')),
       concat_ws(' ', format('CREATE POLICY %I ON %s AS', p.polname, p.polrelid::regclass), CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
           'FOR', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
           'TO', (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ') FROM unnest(p.polroles) r),
           'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', 'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'),
       format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass), NULL, NULL
FROM pg_policy p WHERE p.oid = ANY ($1::oid[]))"}};
}

// pg_get_statisticsobjdef() names the columns in the table's order, which is another where one was
// made again.
Family statistics() {
    return {.catalog = "pg_statistic_ext",
            .objects = R"(
SELECT s.oid, 'STATISTICS', n.nspname, s.stxname, '', NULL, s.stxowner, NULL::aclitem[], NULL::"char", NULL
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE s.oid = ANY ($1::oid[]))",
            .facets = {R"(
SELECT s.oid, '', '', format('CREATE STATISTICS %I.%I %sON %s FROM %s', n.nspname, s.stxname,
           CASE WHEN cardinality(x.parts) > 1 THEN format('(%s) ',
               (SELECT string_agg(CASE k WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' ELSE 'mcv' END, ', ' ORDER BY k)
                FROM unnest(s.stxkind) k WHERE k <> 'e')) END,
           array_to_string(x.parts, ', '), s.stxrelid::regclass), format('DROP STATISTICS %I.%I', n.nspname, s.stxname), NULL, NULL
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace CROSS JOIN LATERAL (
         SELECT ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute a
                      WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys) ORDER BY 1) ||
                ARRAY(SELECT '(' || e || ')' FROM unnest(pg_get_statisticsobjdef_expressions(s.oid)) e)) x(parts)
WHERE s.oid = ANY ($1::oid[])
UNION ALL
SELECT s.oid, 'target', s.stxstattarget::text, format('ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, s.stxname, s.stxstattarget),
       format('ALTER STATISTICS %I.%I SET STATISTICS -1', n.nspname, s.stxname), 'set', NULL
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxstattarget >= 0 AND s.oid = ANY ($1::oid[]))"}};
}

}  // namespace

std::string switch_internal_trigger() {
    return R"('DO ' || quote_literal(format($do$
BEGIN
    EXECUTE (SELECT format('ALTER TABLE ONLY %%s %s TRIGGER %%I', t.tgrelid::regclass, t.tgname)
             FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint
             WHERE t.tgisinternal AND t.tgrelid = %L::regclass AND t.tgfoid = %s AND k.conrelid = %L::regclass AND k.conname = %L);
END$do$, )" + std::string(switched) + ", t.tgrelid::regclass, t.tgfoid::oid, k.conrelid::regclass, k.conname))";
}

std::vector<Family> table_part_families() {
    return {defaults(), constraints(), triggers(), rules(), policies(), statistics()};
}

}  // namespace cairn::catalog
