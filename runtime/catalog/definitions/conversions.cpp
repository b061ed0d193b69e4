// What leads from one form of a value to another: casts, transforms, conversions of encodings,
// collations.
#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

// A range type comes with the cast to its multirange.
constexpr const char* cast_objects = R"(
SELECT c.oid, 'CAST', NULL, NULL, format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)), '',
       NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_cast c
WHERE c.oid = ANY ($1)
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i'))";

constexpr const char* casts = R"(
SELECT c.oid, '', concat_ws(' ', c.castsource, c.casttarget, c.castfunc, c.castcontext, c.castmethod),
       format('CREATE CAST (%s AS %s) %s%s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL),
              CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT'
                                ELSE 'WITHOUT FUNCTION' END,
              CASE c.castcontext WHEN 'i' THEN ' AS IMPLICIT' WHEN 'a' THEN ' AS ASSIGNMENT' ELSE '' END),
       format('DROP CAST (%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)), NULL, NULL
FROM pg_cast c WHERE c.oid = ANY ($1))";

constexpr const char* transform_objects = R"(
SELECT t.oid, 'TRANSFORM', NULL, NULL, format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname), '',
       NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE t.oid = ANY ($1))";

constexpr const char* transforms = R"(
SELECT t.oid, '', concat_ws(' ', t.trftype, t.trflang, t.trffromsql::oid, t.trftosql::oid),
       format('CREATE OR REPLACE TRANSFORM FOR %s LANGUAGE %I (%s)', format_type(t.trftype, NULL), l.lanname, concat_ws(', ',
           'FROM SQL WITH FUNCTION ' || nullif(t.trffromsql::oid, 0)::regprocedure,
           'TO SQL WITH FUNCTION ' || nullif(t.trftosql::oid, 0)::regprocedure)),
       format('DROP TRANSFORM FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname), 'replaced', NULL
FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang WHERE t.oid = ANY ($1))";

constexpr const char* conversion_objects = R"(
SELECT c.oid, 'CONVERSION', n.nspname, c.conname, '', NULL, c.conowner, NULL::aclitem[], NULL::"char", NULL
FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.oid = ANY ($1))";

constexpr const char* conversions = R"(
SELECT c.oid, '', concat_ws(' ', c.conforencoding, c.contoencoding, c.conproc::oid, c.condefault),
       format('CREATE %sCONVERSION %I.%I FOR %L TO %L FROM %s', CASE WHEN c.condefault THEN 'DEFAULT ' ELSE '' END, n.nspname,
              c.conname, pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc),
       format('DROP CONVERSION %I.%I', n.nspname, c.conname), NULL, NULL
FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.oid = ANY ($1))";

constexpr const char* collation_objects = R"(
SELECT c.oid, 'COLLATION', n.nspname, c.collname, '', NULL, c.collowner, NULL::aclitem[], NULL::"char", NULL
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = ANY ($1))";

// PostgreSQL 14 kept an ICU locale where 15 keeps that of libc; 17 gave it another name. The
// version that the library had when the collation was made is no property of its own.
constexpr const char* collations = R"(
SELECT c.oid, '', (to_jsonb(c) - '{oid,collname,collnamespace,collowner,collversion}'::text[])::text,
       format('CREATE COLLATION %I.%I (%s)', n.nspname, c.collname, concat_ws(', ',
           'provider = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
           CASE WHEN c.collprovider = 'c' THEN format('lc_collate = %L, lc_ctype = %L', c.collcollate, c.collctype)
                ELSE format('locale = %L', coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', c.collcollate)) END,
           'rules = ' || quote_literal(to_jsonb(c) ->> 'collicurules'),
           CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END)),
       format('DROP COLLATION %I.%I', n.nspname, c.collname), NULL, NULL
FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = ANY ($1))";

}  // namespace

std::vector<Family> conversion_families() {
    return {{"pg_cast", cast_objects, {casts}},
            {"pg_transform", transform_objects, {transforms}},
            {"pg_conversion", conversion_objects, {conversions}},
            {"pg_collation", collation_objects, {collations}}};
}

}  // namespace cairn::catalog
