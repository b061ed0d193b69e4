#include "runtime/catalog/definitions/relations.hpp"

#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

// It takes views, sequences and the rest as well.
const std::string alter = "'ALTER TABLE ' || c.oid::regclass";
const std::string one = "c.oid = ANY ($1::oid[])";

// Temporary ones have no way back. An owned sequence follows its table, and so does an index; see `follows` in read.cpp.
std::string objects() {
    return R"(
SELECT c.oid, CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE'
                             WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' ELSE 'TABLE' END,
       n.nspname, c.relname, '',
       -- The index of a constraint is renamed with it.
       CASE WHEN )" + is_of_constraint("c.oid") + R"( THEN '' END,
       CASE WHEN c.relkind NOT IN ('i', 'I') THEN c.relowner END, c.relacl,
       CASE WHEN c.relkind = 'S' THEN 's'::"char" WHEN c.relkind NOT IN ('i', 'I') THEN 'r'::"char" END,
       CASE WHEN c.relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'i', 'I') AND c.relpersistence <> 't' AND )" +
           one;
}

std::string tables() {
    return R"(
SELECT c.oid, '', c.relkind::text,
       concat_ws(E'\x1e', concat_ws(' ',
           CASE c.relpersistence WHEN 'u' THEN 'CREATE UNLOGGED' ELSE 'CREATE' END ||
           CASE c.relkind WHEN 'f' THEN ' FOREIGN TABLE ' ELSE ' TABLE ' END || c.oid::regclass,
           '(' || concat_ws(', ',
               (SELECT string_agg()" +
           column_definition() + R"(, ', ' ORDER BY a.attnum)
                FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attislocal OR c.relispartition)),
               -- ATTACH PARTITION asks for them.
               (SELECT string_agg('CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname)
                FROM pg_constraint k
                WHERE k.conrelid = c.oid AND k.contype = 'c' AND NOT k.conislocal AND c.relispartition AND k.convalidated)) || ')',
           CASE WHEN NOT c.relispartition THEN 'INHERITS (' ||
               (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid) || ')' END,
           'PARTITION BY ' || pg_get_partkeydef(c.oid),
           (SELECT 'SERVER ' || quote_ident(s.srvname) FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid),
           CASE WHEN c.relkind = 'r' THEN (SELECT 'USING ' || quote_ident(am.amname) FROM pg_am am WHERE am.oid = c.relam) END,
           (SELECT 'TABLESPACE ' || quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace)),
           -- CREATE TABLE makes none that is NOT VALID.
           (SELECT string_agg(format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.oid::regclass, k.conname, pg_get_constraintdef(k.oid)), E'\x1e' ORDER BY k.conname)
            FROM pg_constraint k
            WHERE k.conrelid = c.oid AND k.contype = 'c' AND NOT k.conislocal AND c.relispartition AND NOT k.convalidated)),
       CASE c.relkind WHEN 'f' THEN 'DROP FOREIGN TABLE ' ELSE 'DROP TABLE ' END || c.oid::regclass, NULL, NULL
FROM pg_class c WHERE c.relkind IN ('r', 'p', 'f') AND )" +
           one;
}

// Another file: the table has been rewritten, and what its columns held may be other values.
std::string files() {
    return "SELECT c.oid, 'file', c.relfilenode::text, NULL, NULL, NULL, 'fresh' FROM pg_class c "
           "WHERE c.relkind = 'r' AND " +
           one;
}

std::string table_properties() {
    return R"(
SELECT c.oid, v.*
FROM pg_class c CROSS JOIN LATERAL (VALUES
    ('logged', c.relpersistence::text, )" +
           alter +
           R"( || CASE c.relpersistence WHEN 'u' THEN ' SET UNLOGGED' ELSE ' SET LOGGED' END, NULL, 'alter', 'given'),
    ('access method', c.relam::text,
     )" + alter +
           R"( || ' SET ACCESS METHOD ' || (SELECT quote_ident(amname) FROM pg_am WHERE pg_am.oid = c.relam), NULL, 'alter', 'given'),
    ('tablespace', c.reltablespace::text,
     )" + alter +
           R"( || ' SET TABLESPACE ' || (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = coalesce(nullif(c.reltablespace, 0),
         (SELECT dattablespace FROM pg_database WHERE datname = current_database()))), NULL, 'alter', 'given'),
    ('of type', c.reloftype::text,
     )" + alter +
           R"( || CASE c.reloftype WHEN 0 THEN '' ELSE ' OF ' || format_type(c.reloftype, NULL) END, )" +
           alter + R"( || ' NOT OF', NULL, NULL),
    ('replica identity', c.relreplident::text, )" +
           alter +
           R"( || CASE c.relreplident WHEN 'n' THEN ' REPLICA IDENTITY NOTHING' WHEN 'f' THEN ' REPLICA IDENTITY FULL' END,
     )" + alter +
           R"( || ' REPLICA IDENTITY DEFAULT', 'set', NULL),
    ('row level security', 'on', )" +
           alter + R"( || ' ENABLE ROW LEVEL SECURITY', )" + alter +
           R"( || ' DISABLE ROW LEVEL SECURITY', NULL, NULL),
    ('row level security forced', 'on', )" +
           alter + R"( || ' FORCE ROW LEVEL SECURITY', )" + alter +
           R"( || ' NO FORCE ROW LEVEL SECURITY', NULL, NULL))
    v(facet, value, set, reset, in_place, how)
WHERE c.relkind IN ('r', 'p', 'f') AND )" +
           one +
           R"( AND CASE v.facet WHEN 'logged' THEN c.relkind = 'r' WHEN 'tablespace' THEN c.relkind = 'r'
    WHEN 'access method' THEN c.relkind = 'r' WHEN 'of type' THEN c.reloftype <> 0 WHEN 'row level security' THEN c.relrowsecurity
    WHEN 'row level security forced' THEN c.relforcerowsecurity ELSE c.relkind <> 'f' AND c.relreplident IN ('n', 'f') END)";
}

// A partition is made as a table of its own, then attached: so do its indexes and constraints keep
// their names.
std::string ancestors() {
    return R"(
SELECT c.oid, CASE WHEN c.relispartition THEN 'partition' ELSE 'inherits ' || i.inhparent END,
       concat_ws(' ', i.inhparent, md5(c.relpartbound::text)),
       CASE WHEN c.relispartition THEN 'ALTER TABLE ' || i.inhparent::regclass || ' ATTACH PARTITION ' || c.oid::regclass || ' ' ||
                                       pg_get_expr(c.relpartbound, c.oid)
            ELSE )" +
           alter + R"( || ' INHERIT ' || i.inhparent::regclass END,
       CASE WHEN c.relispartition THEN 'ALTER TABLE ' || i.inhparent::regclass || ' DETACH PARTITION ' || c.oid::regclass
            ELSE )" +
           alter + R"( || ' NO INHERIT ' || i.inhparent::regclass END,
       NULL, 'last'
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE c.relkind IN ('r', 'p', 'f') AND )" +
           one;
}

std::string views() {
    return R"(
SELECT c.oid, '', )" +
           facet::tree("r.ev_action") + R"(,
       CASE c.relkind WHEN 'm' THEN 'CREATE MATERIALIZED VIEW ' ELSE 'CREATE OR REPLACE VIEW ' END || c.oid::regclass ||
       -- pg_get_viewdef() says nothing of names that a view's columns have been given.
       coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum > 0) || ')', '') ||
       CASE WHEN c.relkind = 'm' THEN ' USING ' || (SELECT quote_ident(am.amname) FROM pg_am am WHERE am.oid = c.relam) ||
                coalesce(' TABLESPACE ' || (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace), '') ELSE '' END ||
       ' AS ' || rtrim(pg_get_viewdef(c.oid), ';') || CASE c.relkind WHEN 'm' THEN ' WITH NO DATA' ELSE '' END,
       CASE c.relkind WHEN 'm' THEN 'DROP MATERIALIZED VIEW ' ELSE 'DROP VIEW ' END || c.oid::regclass,
       CASE c.relkind WHEN 'v' THEN (SELECT string_agg(concat_ws(' ', a.atttypid, a.atttypmod, a.attcollation), ', ' ORDER BY a.attnum)
                                     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) END, NULL
FROM pg_class c JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
WHERE c.relkind IN ('v', 'm') AND )" +
           one + R"(
UNION ALL
SELECT c.oid, 'filled', c.relfilenode::text, NULL, NULL, NULL, 'fresh' FROM pg_class c WHERE c.relkind = 'm' AND )" +
           one + R"(
UNION ALL
-- Refreshing runs as the owner.
SELECT c.oid, 'populated', c.relispopulated::text,
       CASE WHEN o.may_read THEN 'REFRESH MATERIALIZED VIEW ' || c.oid::regclass || CASE WHEN c.relispopulated THEN '' ELSE ' WITH NO DATA' END
            ELSE format('`%s` would have to be filled again, and its owner may not read what it is made of', c.oid::regclass) END,
       NULL, 'refresh', CASE WHEN o.may_read THEN 'contents' ELSE 'lasting' END
FROM pg_class c CROSS JOIN LATERAL (SELECT NOT c.relispopulated OR NOT EXISTS (
         SELECT FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
         WHERE r.ev_class = c.oid AND d.refobjid <> c.oid AND NOT has_any_column_privilege(c.relowner, d.refobjid, 'SELECT'))) o(may_read)
WHERE c.relkind = 'm' AND )" +
           one;
}

std::string sequences() {
    return R"(
WITH s AS (
    SELECT s.*, c.oid::regclass AS name, c.relpersistence, d.deptype, d.refobjid, d.refobjsubid,
           c.relfilenode, concat_ws(' ', 'AS', format_type(s.seqtypid, NULL), 'MINVALUE', s.seqmin, 'MAXVALUE', s.seqmax) AS bounds,
           concat_ws(' ', 'INCREMENT BY', s.seqincrement, 'START WITH', s.seqstart, 'CACHE', s.seqcache,
                     CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END) AS options
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
         LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
              AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    WHERE s.seqrelid = ANY ($1::oid[]))
SELECT s.seqrelid, '', '', CASE WHEN s.deptype IS DISTINCT FROM 'i' THEN
           CASE s.relpersistence WHEN 'u' THEN 'CREATE UNLOGGED SEQUENCE ' ELSE 'CREATE SEQUENCE ' END || concat_ws(' ', s.name, s.bounds, s.options) END,
       CASE WHEN s.deptype IS DISTINCT FROM 'i' THEN 'DROP SEQUENCE ' || s.name END, NULL, NULL
FROM s
UNION ALL
-- Where the bounds change, the value may not fit between them.
SELECT s.seqrelid, 'bounds', concat_ws(' ', s.seqtypid, s.seqmin, s.seqmax),
       )" +
           facet::then(
               "concat_ws(' ', 'ALTER SEQUENCE', s.name, s.bounds, s.options, 'RESTART WITH', "
               "v.value)",
               "format('SELECT setval(%L, %s, %L)', s.name, v.value, v.called)") +
           R"(, NULL, 'alter', 'given'
FROM s CROSS JOIN LATERAL )" +
           sequence_value("s.seqrelid") + R"( v
UNION ALL
SELECT s.seqrelid, 'options', s.options, 'ALTER SEQUENCE ' || s.name || ' ' || s.options, NULL, 'alter', 'given'
FROM s
UNION ALL
-- Forward only: a value that has been given out is not given again. nextval() and setval() leave relfilenode.
SELECT s.seqrelid, 'value', s.relfilenode::text,
       format('SELECT setval(%L, %s, %L) FROM %s WHERE last_value %s %s OR last_value = %2$s AND NOT is_called AND %3$L',
              s.name, v.value, v.called, s.name, CASE WHEN s.seqincrement > 0 THEN '<' ELSE '>' END, v.value),
       NULL, 'set', 'contents'
FROM s CROSS JOIN LATERAL )" +
           sequence_value("s.seqrelid") + R"( v
UNION ALL
SELECT s.seqrelid, 'logged', s.relpersistence::text, 'ALTER SEQUENCE ' || s.name || CASE s.relpersistence WHEN 'u' THEN ' SET UNLOGGED' ELSE ' SET LOGGED' END,
       NULL, 'alter', 'given'
FROM s
UNION ALL
SELECT s.seqrelid, 'owned by', concat(s.refobjid, '.', s.refobjsubid),
       'ALTER SEQUENCE ' || s.name || ' OWNED BY ' || s.refobjid::regclass || '.' || quote_ident(a.attname),
       'ALTER SEQUENCE ' || s.name || ' OWNED BY NONE', NULL, 'last'
FROM s JOIN pg_attribute a ON a.attrelid = s.refobjid AND a.attnum = s.refobjsubid
WHERE s.deptype = 'a')";
}

// Beside the options of relations in general: `toast.…`.
std::string toast_options() {
    return R"(
SELECT c.oid, 'option toast.' || o.option_name, o.option_value,
       )" + alter +
           R"( || format(' SET (toast.%I = %L)', o.option_name, o.option_value),
       )" + alter +
           R"( || format(' RESET (toast.%I)', o.option_name), 'set', NULL
FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid CROSS JOIN LATERAL pg_options_to_table(t.reloptions) o
WHERE )" + one;
}

// pg_get_indexdef() tells those of an index; the index of a constraint is made without them.
std::string relation_options() {
    return R"(
SELECT c.oid, 'option ' || o.option_name, o.option_value,
       a.alter || format(' SET (%I = %L)', o.option_name, o.option_value),
       a.alter || format(' RESET (%I)', o.option_name), 'set',
       CASE WHEN c.relkind IN ('i', 'I') AND NOT )" + is_of_constraint("c.oid") + R"(
            THEN 'given' END
FROM pg_class c CROSS JOIN LATERAL pg_options_to_table(c.reloptions) o
     CROSS JOIN LATERAL (SELECT CASE c.relkind WHEN 'i' THEN 'ALTER INDEX ' WHEN 'I' THEN 'ALTER INDEX ' WHEN 'v' THEN 'ALTER VIEW '
                                               WHEN 'm' THEN 'ALTER MATERIALIZED VIEW ' ELSE 'ALTER TABLE ' END || c.oid::regclass) a(alter)
WHERE )" + one;
}

// The type of a relation's rows may have a comment of its own.
std::string row_types() {
    return R"(
SELECT c.oid, 'comment on row type', d.description, format('COMMENT ON TYPE %s IS %L', format_type(c.reltype, NULL), d.description),
       format('COMMENT ON TYPE %s IS NULL', format_type(c.reltype, NULL)), 'set', NULL
FROM pg_class c JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = c.reltype AND d.objsubid = 0
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND )" +
           one;
}

std::string foreign_options() {
    return R"(
SELECT c.oid, 'foreign option ' || o.option_name, o.option_value,
       'ALTER FOREIGN TABLE ' || c.oid::regclass || format(' OPTIONS (ADD %I %L)', o.option_name, o.option_value),
       'ALTER FOREIGN TABLE ' || c.oid::regclass || format(' OPTIONS (DROP %I)', o.option_name), NULL, NULL
FROM pg_class c JOIN pg_foreign_table f ON f.ftrelid = c.oid CROSS JOIN LATERAL pg_options_to_table(f.ftoptions) o
WHERE )" + one;
}

}  // namespace

// Most relations have none of these, and each question about them costs some time.
std::string relation_kinds(const std::string& c) {
    const std::string oid = c + ".oid";
    return c + ".relkind::text || CASE WHEN " + c + ".reloptions IS NOT NULL OR EXISTS (SELECT FROM pg_class t WHERE t.oid = " + c +
           ".reltoastrelid AND t.reloptions IS NOT NULL) THEN 'O' ELSE '' END || CASE WHEN EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = " + oid +
           ") THEN 'H' ELSE '' END || CASE WHEN EXISTS (SELECT FROM pg_attribute g WHERE g.attrelid = " + oid +
           " AND (g.attacl IS NOT NULL OR g.attidentity <> '')) OR EXISTS (SELECT FROM pg_type y WHERE y.oid = " + c +
           ".reltype AND y.typacl IS NOT NULL) THEN 'A' ELSE '' END || CASE WHEN EXISTS (SELECT FROM pg_description n WHERE n.classoid = 'pg_type'::regclass AND n.objoid = " + c +
           ".reltype AND n.objsubid = 0) THEN 'D' ELSE '' END || CASE WHEN EXISTS (SELECT FROM pg_seclabel) THEN 'L' ELSE '' END";
}

std::string column_definition(bool with_not_null) {
    return std::string(R"(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attfdwoptions IS NOT NULL THEN (
            SELECT 'OPTIONS (' || string_agg(format('%I %L', option_name, option_value), ', ') || ')' FROM pg_options_to_table(a.attfdwoptions)) END,
        (SELECT 'COLLATE ' || a.attcollation::regcollation FROM pg_type t WHERE t.oid = a.atttypid AND t.typcollation <> a.attcollation),
        CASE a.attgenerated WHEN 's' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED' END)") +
           (with_not_null ? ", CASE WHEN a.attnotnull THEN 'NOT NULL' END)" : ")");
}

std::string is_of_constraint(const std::string& index) {
    // By the index on conrelid: none is on conindid.
    return "EXISTS (SELECT FROM pg_index ki JOIN pg_constraint k ON k.conrelid = ki.indrelid WHERE ki.indexrelid = " + index +
           " AND k.conindid = ki.indexrelid AND k.contype IN ('p', 'u', 'x'))";
}

std::string sequence_value(const std::string& oid) {
    return R"((SELECT coalesce(l, (xpath('//last_value/text()', x))[1]::text::bigint) AS value,
        coalesce(l IS NOT NULL OR (xpath('//is_called/text()', x))[1]::text::boolean, false) AS called
     FROM pg_sequence_last_value()" +
           oid + R"() l, LATERAL (SELECT CASE WHEN l IS NULL THEN
         query_to_xml('SELECT last_value, is_called FROM ' || )" +
           oid + R"(::regclass, false, true, '') END) row(x)))";
}

std::vector<Family> relation_families() {
    std::vector<Family> families{{
        .catalog = "pg_class",
        .objects = objects(),
        .facets = {{tables(), "rpf"}, {files(), "rpf"}, {table_properties(), "rpf"}, {ancestors(), "H"},
                   {views(), "vm"}, {sequences(), "S"}, {toast_options(), "O"}, {relation_options(), "O"},
                   {row_types(), "D"}, {foreign_options(), "f"}},
    }};
    for (auto& query : column_facets()) families.front().facets.push_back(std::move(query));
    for (auto& query : index_facets()) families.front().facets.push_back(std::move(query));
    for (auto& family : table_part_families()) families.push_back(std::move(family));
    return families;
}

}  // namespace cairn::catalog
