#include "runtime/catalog/definitions/relations.hpp"

namespace cairn::catalog {
namespace {

// 'column 0003' by its number: a rename is a rename. What follows is set in the order of the names.
// What a column has from its table's type is changed there; so is what it has from a parent, which the plan sees to.
std::string columns() {
    return R"(
WITH rel AS MATERIALIZED (
    SELECT oid, relkind, relispartition, reloftype, oid::regclass::text AS named FROM pg_class
    WHERE oid = ANY ($1::oid[]) AND relkind IN ('r', 'p', 'f', 'v', 'm')
), col AS (
    SELECT a.*, 'column ' || lpad(a.attnum::text, 4, '0') AS facet, c.relkind, 'ALTER TABLE ' || c.named AS alter,
           'ALTER TABLE ' || c.named || ' ALTER COLUMN ' || quote_ident(a.attname) AS change,
           -- Each child has its own.
           CASE WHEN c.relkind IN ('r', 'p') THEN 'ALTER TABLE ONLY ' ELSE 'ALTER TABLE ' END || c.named ||
               ' ALTER COLUMN ' || quote_ident(a.attname) AS change_one,
           a.attinhcount > 0 AND NOT a.attislocal OR c.reloftype <> 0 AS inherited, c.reloftype,
           ' TYPE ' || format_type(a.atttypid, a.atttypmod) ||
               CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END AS type, c.relispartition, d.adbin, t.typstorage, t.typcollation,
           )" +
           column_definition(false) + R"( AS definition,
           CASE WHEN t.typtype = 'd' THEN ARRAY(WITH RECURSIVE chain AS (SELECT t.oid, t.typbasetype, t.typnotnull UNION ALL
               SELECT b.oid, b.typbasetype, b.typnotnull FROM chain n JOIN pg_type b ON b.oid = n.typbasetype AND b.typtype = 'd')
               SELECT 'ALTER DOMAIN ' || format_type(oid, NULL) FROM chain WHERE typnotnull) ELSE '{}' END AS domains
    FROM rel c JOIN pg_attribute a ON a.attrelid = c.oid
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         LEFT JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attnum > 0 AND NOT a.attisdropped)
-- NOT NULL stands apart: rows may have to be put back first.
SELECT attrelid, facet, coalesce('generated ' || )" +
           facet::tree("CASE attgenerated WHEN 's' THEN adbin END") + R"(, 'plain'),
       (SELECT coalesce(string_agg(d || E' DROP NOT NULL\x1e', ''), '') FROM unnest(domains) d) || alter || ' ADD COLUMN ' || definition,
       alter || ' DROP COLUMN ' || quote_ident(attname), NULL, 'given'
FROM col WHERE relkind IN ('r', 'p', 'f')
UNION ALL
SELECT attrelid, facet || ' expression', pg_get_expr(adbin, attrelid), NULL, NULL, NULL, 'fresh' FROM col WHERE attgenerated = 's' AND adbin IS NOT NULL
UNION ALL
SELECT attrelid, facet || ' as type', concat_ws(' ', atttypid, atttypmod, attcollation),
       change || type,
       CASE WHEN reloftype = 0 THEN format('%s%s USING %I::text::%s', change, type, attname, format_type(atttypid, atttypmod)) END, 'alter', 'retype'
FROM col WHERE relkind IN ('r', 'p', 'f')
UNION ALL
-- ALTER COLUMN TYPE writes another row of the catalog and makes the column's indexes again: of a table that was
-- rewritten its values may be others, of the same type.
SELECT a.attrelid, 'column ' || lpad(a.attnum::text, 4, '0') || v.facet, v.value, NULL, NULL, NULL, 'fresh'
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN LATERAL (VALUES
    (' version', concat_ws(' ', a.xmin, a.ctid)),
    (' indexes', (SELECT string_agg(i.indexrelid::text, ' ' ORDER BY i.indexrelid) FROM pg_index i
                  WHERE i.indrelid = a.attrelid AND a.attnum = ANY (i.indkey)))) v(facet, value)
WHERE a.attrelid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND v.value <> ''
UNION ALL
-- PostgreSQL refuses to alter the type of these.
SELECT c.attrelid, c.facet || ' in partition key', '', NULL, NULL, NULL, 'fresh'
FROM col c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.attrelid AND d.objsubid = c.attnum
     AND d.refclassid = d.classid AND d.refobjid = c.attrelid AND d.refobjsubid = 0 AND d.deptype = 'i'
WHERE c.relkind = 'p'
UNION ALL
SELECT DISTINCT c.attrelid, c.facet || ' in publication', '', NULL, NULL, NULL, 'fresh'
FROM col c JOIN pg_depend d ON d.classid = 'pg_publication_rel'::regclass AND d.refclassid = 'pg_class'::regclass
     AND d.refobjid = c.attrelid AND d.refobjsubid = c.attnum
UNION ALL
-- Nor of these, while the generated column is there.
SELECT DISTINCT c.attrelid, c.facet || ' computed from ' || lpad(d.refobjsubid::text, 4, '0'), '', NULL, NULL, NULL, 'fresh'
FROM col c JOIN pg_attrdef e ON e.adrelid = c.attrelid AND e.adnum = c.attnum
     JOIN pg_depend d ON (d.classid, d.objid, d.objsubid) IN (('pg_class'::regclass, c.attrelid, c.attnum), ('pg_attrdef'::regclass, e.oid, 0))
     AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.attrelid AND d.refobjsubid NOT IN (0, c.attnum)
WHERE c.attgenerated <> ''
UNION ALL
SELECT attrelid, facet || ' name', quote_ident(attname), alter || ' RENAME COLUMN ' || quote_ident(attname) || ' TO ', NULL, NULL, 'rename'
FROM col
UNION ALL
-- NO INHERIT makes it the child's own, and no statement takes that back.
SELECT attrelid, facet || ' local', 'no',
       CASE WHEN superuser THEN format('UPDATE pg_catalog.pg_attribute SET attislocal = false WHERE attrelid = %L::regclass AND attname = %L',
                                       attrelid::regclass, attname)
            ELSE format('only a superuser can make column `%s` of `%s` its parent''s again', attname, attrelid::regclass) END,
       NULL, NULL, CASE WHEN superuser THEN 'created' ELSE 'lasting' END
FROM col, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me(superuser)
WHERE NOT attislocal AND NOT relispartition AND attinhcount > 0
UNION ALL
SELECT attrelid, facet || ' not null', 'set', change || ' SET NOT NULL', change || ' DROP NOT NULL', NULL,
       CASE WHEN inherited AND NOT relispartition AND reloftype = 0 THEN NULL ELSE 'created' END
FROM col WHERE attnotnull AND relkind IN ('r', 'p', 'f')
UNION ALL
-- And so does that of a domain.
SELECT attrelid, facet || ' domain not null', 'set', (SELECT string_agg(d || ' SET NOT NULL', E'\x1e') FROM unnest(domains) d), NULL, NULL, 'created'
FROM col WHERE domains <> '{}' AND relkind IN ('r', 'p', 'f')
UNION ALL
-- A child takes the default of its parent.
SELECT attrelid, facet || ' default', 'none', change_one || ' DROP DEFAULT', NULL, 'none', 'fresh'
FROM col WHERE adbin IS NULL AND inherited AND NOT relispartition AND EXISTS (
    SELECT FROM pg_inherits i JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = col.attname
    WHERE i.inhrelid = col.attrelid AND p.atthasdef)
UNION ALL
SELECT attrelid, facet || ' storage', attstorage::text,
       change_one || ' SET STORAGE ' || CASE attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END,
       change_one || ' SET STORAGE ' || CASE typstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END,
       'set', NULL
FROM col WHERE relkind IN ('r', 'p', 'f', 'm') AND attstorage <> typstorage
UNION ALL
SELECT attrelid, facet || ' compression', attcompression::text,
       change_one || ' SET COMPRESSION ' || CASE attcompression WHEN 'p' THEN 'pglz' ELSE 'lz4' END, change_one || ' SET COMPRESSION DEFAULT', 'set', NULL
FROM col WHERE attcompression <> ''
UNION ALL
SELECT attrelid, facet || ' statistics', attstattarget::text, change_one || ' SET STATISTICS ' || attstattarget, change_one || ' SET STATISTICS -1', 'set', NULL
FROM col WHERE attstattarget >= 0
UNION ALL
SELECT attrelid, facet || ' option ' || o.option_name, o.option_value, change_one || format(' SET (%I = %L)', o.option_name, o.option_value),
       change_one || format(' RESET (%I)', o.option_name), 'set', NULL
FROM col CROSS JOIN LATERAL pg_options_to_table(attoptions) o WHERE attoptions IS NOT NULL AND o.option_name <> 'pg_attver'  -- nobody has set that one
UNION ALL
SELECT attrelid, facet || ' foreign option ' || o.option_name, o.option_value,
       replace(change, 'ALTER TABLE', 'ALTER FOREIGN TABLE') || format(' OPTIONS (ADD %I %L)', o.option_name, o.option_value),
       replace(change, 'ALTER TABLE', 'ALTER FOREIGN TABLE') || format(' OPTIONS (DROP %I)', o.option_name), NULL, 'given'
FROM col CROSS JOIN LATERAL pg_options_to_table(attfdwoptions) o WHERE attfdwoptions IS NOT NULL
UNION ALL
SELECT attrelid, facet || ' comment', d.description,
       format('COMMENT ON COLUMN %s.%I IS %L', attrelid::regclass, attname, d.description),
       format('COMMENT ON COLUMN %s.%I IS NULL', attrelid::regclass, attname), 'set', NULL
FROM col JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = attrelid AND d.objsubid = attnum)";
}

// ADD GENERATED names its sequence, which then has its own facets.
std::string identities() {
    return R"(
SELECT a.attrelid, w.facet || v.facet, v.value, v.set, v.reset, v.in_place, v.how
FROM pg_attribute a JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
          AND d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND d.deptype = 'i'
     JOIN pg_sequence s ON s.seqrelid = d.objid
     CROSS JOIN LATERAL (SELECT 'column ' || lpad(a.attnum::text, 4, '0'),
                                'ALTER TABLE ' || a.attrelid::regclass || ' ALTER COLUMN ' || quote_ident(a.attname),
                                CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END) w(facet, change, kind)
     CROSS JOIN LATERAL (VALUES
         (' sequence', s.seqrelid::text,
          w.change || ' ADD GENERATED ' || w.kind || ' AS IDENTITY (' ||
              concat_ws(' ', 'SEQUENCE NAME', s.seqrelid::regclass, 'INCREMENT BY', s.seqincrement, 'MINVALUE', s.seqmin, 'MAXVALUE', s.seqmax,
                        'START WITH', s.seqstart, 'CACHE', s.seqcache, CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END) || ')',
          w.change || ' DROP IDENTITY', NULL, 'last'),
         (' sequence kind', w.kind, w.change || ' SET GENERATED ' || w.kind, NULL, 'alter', 'given')) v(facet, value, set, reset, in_place, how)
WHERE a.attrelid = ANY ($1::oid[]) AND a.attidentity <> '')";
}

// A table's privileges come from its row in pg_class.
std::string privileges() {
    return facet::privileges(R"(
SELECT a.attrelid, 'column ' || lpad(a.attnum::text, 4, '0') || ' ', a.attacl, NULL::aclitem[], c.relowner,
       format(' (%I) ON TABLE %s', a.attname, c.oid::regclass)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE a.attrelid = ANY ($1::oid[]) AND a.attacl IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT a.attrelid, 'system column ' || a.attname || ' ', a.attacl, NULL::aclitem[], c.relowner,
       format(' (%I) ON TABLE %s', a.attname, c.oid::regclass)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE a.attrelid = ANY ($1::oid[]) AND a.attacl IS NOT NULL AND a.attnum < 0
UNION ALL
SELECT c.oid, 'row type ', t.typacl, acldefault('T', t.typowner), t.typowner, ' ON TYPE ' || format_type(t.oid, NULL)
FROM pg_class c JOIN pg_type t ON t.oid = c.reltype
WHERE c.oid = ANY ($1::oid[]) AND t.typacl IS NOT NULL AND c.relkind IN ('r', 'p', 'f', 'v', 'm'))");
}

std::string labels() {
    return R"(
SELECT a.attrelid, 'column ' || lpad(a.attnum::text, 4, '0') || ' label ' || l.provider, l.label,
       format('SECURITY LABEL FOR %I ON COLUMN %s.%I IS %L', l.provider, a.attrelid::regclass, a.attname, l.label),
       format('SECURITY LABEL FOR %I ON COLUMN %s.%I IS NULL', l.provider, a.attrelid::regclass, a.attname), 'set', NULL
FROM pg_seclabel l JOIN pg_attribute a ON a.attrelid = l.objoid AND a.attnum = l.objsubid
WHERE l.classoid = 'pg_class'::regclass AND l.objoid = ANY ($1::oid[]) AND l.objsubid > 0)";
}

}  // namespace

std::vector<FacetQuery> column_facets() {
    return {{columns(), "rpfvm"}, {identities(), "A"}, {privileges(), "A"}, {labels(), "L"}};
}

}  // namespace cairn::catalog
