#include "runtime/catalog/families.hpp"

namespace cairn::catalog {
namespace {

using namespace part;

std::string types() {
    return with_users + R"(
SELECT CASE t.typtype WHEN 'd' THEN 'domain ' ELSE 'type ' END || format_type(t.oid, NULL),
       concat_ws(', ',
           CASE t.typtype
               WHEN 'e' THEN 'enum (' || coalesce((SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                                                   FROM pg_enum e WHERE e.enumtypid = t.oid), '') || ')'
               WHEN 'd' THEN concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
                   CASE WHEN t.typcollation <> b.typcollation THEN 'collate ' || t.typcollation::regcollation END,
                   CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault)
               WHEN 'c' THEN 'composite (' || coalesce((SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                   FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')'
               WHEN 'r' THEN (SELECT concat_ws(' ', 'range of', format_type(r.rngsubtype, NULL),
                       'opclass ' || o.opcnamespace::regnamespace || '.' || quote_ident(o.opcname),
                       'collation ' || nullif(r.rngcollation, 0)::regcollation,
                       'canonical ' || nullif(r.rngcanonical::text, '-'), 'subtype_diff ' || nullif(r.rngsubdiff::text, '-'),
                       'multirange ' || format_type(r.rngmultitypid, NULL))
                   FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc WHERE r.rngtypid = t.oid)
               WHEN 'b' THEN concat_ws(' ', 'base', t.typinput, t.typoutput, nullif(t.typreceive::text, '-'), nullif(t.typsend::text, '-'),
                   nullif(t.typmodin::text, '-'), nullif(t.typmodout::text, '-'), nullif(t.typanalyze::text, '-'),
                   'length', t.typlen, 'by value', t.typbyval, 'align', t.typalign, 'storage', t.typstorage,
                   'category', t.typcategory, t.typispreferred, 'delimiter', t.typdelim, 'default ' || t.typdefault,
                   'of ' || format_type(nullif(t.typelem, 0), NULL), 'subscript ' || nullif(t.typsubscript::text, '-'),
                   CASE WHEN t.typcollation <> 0 THEN 'collatable' END)
               ELSE CASE WHEN t.typisdefined THEN t.typtype::text ELSE 'shell' END END,
           )" +
           owner("t.typowner") + ", " + grants("t.typacl", 'T', "t.typowner") + R"()
FROM pg_type t
     JOIN ns ON ns.oid = t.typnamespace
     LEFT JOIN pg_type b ON b.oid = t.typbasetype
     LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.typtype <> 'm' AND (c.oid IS NULL OR c.relkind = 'c')
  AND NOT EXISTS (SELECT FROM pg_type el WHERE el.typarray = t.oid))";
}

std::string operators() {
    return with_users + R"(
SELECT 'operator ' || o.oid::regoperator,
       concat_ws(', ', 'function ' || o.oprcode, 'commutator ' || nullif(o.oprcom, 0)::regoperator,
           'negator ' || nullif(o.oprnegate, 0)::regoperator, 'restrict ' || nullif(o.oprrest::text, '-'),
           'join ' || nullif(o.oprjoin::text, '-'), CASE WHEN o.oprcanmerge THEN 'merges' END,
           CASE WHEN o.oprcanhash THEN 'hashes' END, )" +
           owner("o.oprowner") + R"()
FROM pg_operator o JOIN ns ON ns.oid = o.oprnamespace)";
}

std::string operator_families() {
    return with_users + R"(
SELECT 'operator family ' || f.opfnamespace::regnamespace || '.' || quote_ident(f.opfname) || ' using ' || am.amname,
       concat_ws(', ',
           (SELECT string_agg(x, ', ' ORDER BY x) FROM (
               SELECT 'operator ' || o.amopstrategy || ' ' || o.amopopr::regoperator ||
                      coalesce(' order by ' || (SELECT opfname FROM pg_opfamily s WHERE s.oid = o.amopsortfamily), '')
               FROM pg_amop o WHERE o.amopfamily = f.oid
               UNION ALL
               SELECT 'function ' || p.amprocnum || ' (' || format_type(p.amproclefttype, NULL) || ', ' ||
                      format_type(p.amprocrighttype, NULL) || ') ' || p.amproc::regprocedure
               FROM pg_amproc p WHERE p.amprocfamily = f.oid) parts(x)),
           )" +
           owner("f.opfowner") + R"()
FROM pg_opfamily f JOIN ns ON ns.oid = f.opfnamespace JOIN pg_am am ON am.oid = f.opfmethod)";
}

std::string operator_classes() {
    return with_users + R"(
SELECT 'operator class ' || o.opcnamespace::regnamespace || '.' || quote_ident(o.opcname) || ' using ' || am.amname,
       concat_ws(', ', 'for type ' || format_type(o.opcintype, NULL), CASE WHEN o.opcdefault THEN 'default' END,
           'family ' || f.opfnamespace::regnamespace || '.' || quote_ident(f.opfname),
           'storage ' || format_type(nullif(o.opckeytype, 0), NULL), )" +
           owner("o.opcowner") + R"()
FROM pg_opclass o JOIN ns ON ns.oid = o.opcnamespace JOIN pg_am am ON am.oid = o.opcmethod
     JOIN pg_opfamily f ON f.oid = o.opcfamily)";
}

std::string casts() {
    return with_users + R"(
SELECT 'cast (' || format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL) || ')',
       concat_ws(', ', CASE c.castmethod WHEN 'f' THEN 'function ' || c.castfunc::regprocedure WHEN 'i' THEN 'inout'
                                         ELSE 'binary' END,
           CASE c.castcontext WHEN 'i' THEN 'implicit' WHEN 'a' THEN 'assignment' ELSE 'explicit' END)
FROM pg_cast c
WHERE c.oid >= 16384
UNION ALL
SELECT 'transform for ' || format_type(t.trftype, NULL) || ' language ' || quote_ident(l.lanname),
       concat_ws(', ', 'from sql ' || nullif(t.trffromsql::oid, 0)::regprocedure,
                 'to sql ' || nullif(t.trftosql::oid, 0)::regprocedure)
FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang)";
}

// Columns of pg_collation have come and gone between versions.
std::string collations() {
    return with_users + R"(
SELECT 'collation ' || c.oid::regcollation,
       concat_ws(', ',
           (SELECT string_agg(p.key || '=' || p.value, ', ' ORDER BY p.key)
            FROM jsonb_each_text(to_jsonb(c) - '{oid,collname,collnamespace,collowner,collversion}'::text[]) p
            WHERE p.value IS NOT NULL), )" +
           owner("c.collowner") + R"()
FROM pg_collation c JOIN ns ON ns.oid = c.collnamespace)";
}

std::string conversions() {
    return with_users + R"(
SELECT 'conversion ' || c.connamespace::regnamespace || '.' || quote_ident(c.conname),
       concat_ws(', ', pg_encoding_to_char(c.conforencoding) || ' to ' || pg_encoding_to_char(c.contoencoding),
           'function ' || c.conproc, CASE WHEN c.condefault THEN 'default' END, )" +
           owner("c.conowner") + R"()
FROM pg_conversion c JOIN ns ON ns.oid = c.connamespace)";
}

std::string text_search() {
    return with_users + R"(
SELECT 'text search configuration ' || c.oid::regconfig,
       concat_ws(', ', 'parser ' || p.prsnamespace::regnamespace || '.' || quote_ident(p.prsname),
           (SELECT string_agg(t.alias || ' ' || m.maps, ', ' ORDER BY t.alias)
            FROM (SELECT maptokentype, string_agg(mapdict::regdictionary::text, ' ' ORDER BY mapseqno) AS maps
                  FROM pg_ts_config_map WHERE mapcfg = c.oid GROUP BY maptokentype) m
                 JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype), )" +
           owner("c.cfgowner") + R"()
FROM pg_ts_config c JOIN ns ON ns.oid = c.cfgnamespace JOIN pg_ts_parser p ON p.oid = c.cfgparser
UNION ALL
SELECT 'text search dictionary ' || d.oid::regdictionary,
       concat_ws(', ', 'template ' || t.tmplnamespace::regnamespace || '.' || quote_ident(t.tmplname),
           d.dictinitoption, )" +
           owner("d.dictowner") + R"()
FROM pg_ts_dict d JOIN ns ON ns.oid = d.dictnamespace JOIN pg_ts_template t ON t.oid = d.dicttemplate
UNION ALL
SELECT 'text search parser ' || p.prsnamespace::regnamespace || '.' || quote_ident(p.prsname),
       concat_ws(' ', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype)
FROM pg_ts_parser p JOIN ns ON ns.oid = p.prsnamespace
UNION ALL
SELECT 'text search template ' || t.tmplnamespace::regnamespace || '.' || quote_ident(t.tmplname),
       concat_ws(' ', t.tmplinit, t.tmpllexize)
FROM pg_ts_template t JOIN ns ON ns.oid = t.tmplnamespace)";
}

}  // namespace

std::vector<std::string> type_queries() {
    return {types(), operators(),  operator_families(), operator_classes(),
            casts(), collations(), conversions(),       text_search()};
}

}  // namespace cairn::catalog
