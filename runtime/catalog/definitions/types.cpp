#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {
namespace {

// A range's multirange type and everybody's array type come and go with it.
constexpr const char* type_objects = R"(
SELECT t.oid, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname, '', NULL, t.typowner, t.typacl,
       'T'::"char", 'TYPE'
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.oid = ANY ($1) AND (c.oid IS NULL OR c.relkind = 'c') AND t.typtype <> 'm'
  AND t.typsubscript <> 'array_subscript_handler'::regproc)";

// A new label can only go by making the type again: its value holds the labels by OID, their names
// are facets.
constexpr const char* enums = R"(
SELECT t.oid, '', 'enum ' || coalesce(string_agg(e.oid::text, ' ' ORDER BY e.enumsortorder), ''),
       'CREATE TYPE ' || format_type(t.oid, NULL) || ' AS ENUM (' ||
           coalesce(string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder), '') || ')',
       'DROP TYPE ' || format_type(t.oid, NULL), NULL, NULL
FROM pg_type t LEFT JOIN pg_enum e ON e.enumtypid = t.oid
WHERE t.typtype = 'e' AND t.oid = ANY ($1)
GROUP BY t.oid)";

constexpr const char* enum_labels = R"(
SELECT e.enumtypid, 'label ' || e.oid, quote_literal(e.enumlabel),
       'ALTER TYPE ' || format_type(e.enumtypid, NULL) || ' RENAME VALUE ' || quote_literal(e.enumlabel) || ' TO ',
       NULL, NULL, 'rename'
FROM pg_enum e WHERE e.enumtypid = ANY ($1))";

constexpr const char* composites = R"(
SELECT t.oid, '', 'composite',
       'CREATE TYPE ' || format_type(t.oid, NULL) || ' AS (' || coalesce((
           SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) ||
                  CASE WHEN a.attcollation <> b.typcollation THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END,
                  ', ' ORDER BY a.attnum)
           FROM pg_attribute a JOIN pg_type b ON b.oid = a.atttypid
           WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')',
       'DROP TYPE ' || format_type(t.oid, NULL), NULL, NULL
FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
WHERE t.oid = ANY ($1))";

constexpr const char* attribute_names = R"(
SELECT t.oid, 'attribute ' || a.attnum, quote_ident(a.attname),
       'ALTER TYPE ' || format_type(t.oid, NULL) || ' RENAME ATTRIBUTE ' || quote_ident(a.attname) || ' TO ',
       NULL, NULL, 'rename'
FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE t.oid = ANY ($1))";

// The order of attributes is part of what a value looks like, and ADD ATTRIBUTE adds at the end:
// from the first one that differs on they are all taken away and added again. Columns of this type,
// which would lose what they hold in them, meanwhile have a type of the attributes as they shall
// be. What is done depends on what the type has become, so it is found out when it is done.
constexpr const char* attributes = R"(
SELECT t.oid, 'attributes',
       coalesce(string_agg(concat_ws(' ', a.attnum, a.atttypid, a.atttypmod, a.attcollation), ', ' ORDER BY a.attnum), ''),
       format('DO %L', format($do$-- the attributes of %4$s, as they were
DECLARE
    wanted text[] := %1$L;
    types text[] := %2$L;
    comments text[] := %3$L;
    given text[];
    given_types text[];
    same int := 0;
    meanwhile text := 'cairn_meanwhile_' || %4$L::pg_catalog.regtype::oid;
    uses record;
    moved text[] := '{}';
    typed text[];
    holder text;
    statement text;
    path text := pg_catalog.current_setting('search_path');
BEGIN
    -- As the types are written above.
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog', true);
    SELECT coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}'),
           coalesce(array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> b.typcollation
               THEN ' COLLATE ' || a.attcollation::pg_catalog.regcollation ELSE '' END ORDER BY a.attnum), '{}')
    INTO given, given_types
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
         JOIN pg_catalog.pg_type b ON b.oid = a.atttypid
    WHERE t.oid = %4$L::pg_catalog.regtype;
    PERFORM pg_catalog.set_config('search_path', path, true);
    WHILE same < cardinality(wanted) AND wanted[same + 1] = given[same + 1] LOOP
        same := same + 1;
        IF types[same] <> given_types[same] THEN
            -- A column of a typed table takes no USING, and few types are converted without.
            typed := ARRAY(SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_class c WHERE c.reloftype = %4$L::pg_catalog.regtype);
            FOREACH holder IN ARRAY typed LOOP
                EXECUTE format('ALTER TABLE %%s NOT OF', holder);
            END LOOP;
            EXECUTE format('ALTER TYPE %4$s ALTER ATTRIBUTE %%I TYPE %%s CASCADE', wanted[same], types[same]);
            FOREACH holder IN ARRAY typed LOOP
                EXECUTE format('ALTER TABLE %%1$s ALTER COLUMN %%2$I TYPE %%3$s USING %%2$I::text::%%4$s', holder, wanted[same], types[same],
                               pg_catalog.split_part(types[same], ' COLLATE ', 1));
                EXECUTE format('ALTER TABLE %%s OF %4$s', holder);
            END LOOP;
        END IF;
    END LOOP;
    IF given[same + 1:] && wanted[same + 1:] THEN
        FOR uses IN SELECT a.attrelid::pg_catalog.regclass AS holder, a.attname FROM pg_catalog.pg_attribute a
                    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                    WHERE a.atttypid = %4$L::pg_catalog.regtype AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
                      AND a.attinhcount = 0 LOOP
            IF moved = '{}' THEN
                EXECUTE format('CREATE TYPE pg_temp.%%I AS (%%s)', meanwhile,
                    (SELECT string_agg(format('%%I %%s', w.name, w.type), ', ') FROM unnest(wanted, types) w(name, type)));
            END IF;
            EXECUTE format('ALTER TABLE %%1$s ALTER COLUMN %%2$I TYPE pg_temp.%%3$I USING CASE WHEN %%2$I IS DISTINCT FROM NULL '
                'THEN ROW(%%4$s)::pg_temp.%%3$I END', uses.holder, uses.attname, meanwhile,
                (SELECT string_agg(CASE WHEN w.name = ANY (given) THEN format('(%%I).%%I', uses.attname, w.name) ELSE 'NULL' END,
                                   ', ') FROM unnest(wanted) w(name)));
            moved := moved || format('ALTER TABLE %%1$s ALTER COLUMN %%2$I TYPE %4$s USING %%2$I::%4$s',
                                     uses.holder, uses.attname);
        END LOOP;
    END IF;
    FOR n IN REVERSE cardinality(given)..same + 1 LOOP
        EXECUTE format('ALTER TYPE %4$s DROP ATTRIBUTE %%I CASCADE', given[n]);
    END LOOP;
    FOR n IN same + 1..cardinality(wanted) LOOP
        EXECUTE format('ALTER TYPE %4$s ADD ATTRIBUTE %%I %%s CASCADE', wanted[n], types[n]);
        EXECUTE format('COMMENT ON COLUMN %4$s.%%I IS %%L', wanted[n], comments[n]);
    END LOOP;
    FOREACH statement IN ARRAY moved LOOP
        EXECUTE statement;
    END LOOP;
    IF moved <> '{}' THEN EXECUTE format('DROP TYPE pg_temp.%%I', meanwhile); END IF;
END$do$,
           coalesce(array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL), '{}'),
           coalesce(array_agg(format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> b.typcollation
               THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END ORDER BY a.attnum)
               FILTER (WHERE a.attnum IS NOT NULL), '{}'),
           coalesce(array_agg(col_description(a.attrelid, a.attnum) ORDER BY a.attnum)
               FILTER (WHERE a.attnum IS NOT NULL), '{}'),
           format_type(t.oid, NULL))),
       NULL, NULL, 'given'
FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     LEFT JOIN pg_type b ON b.oid = a.atttypid
WHERE t.oid = ANY ($1)
GROUP BY t.oid)";

constexpr const char* attribute_comments = R"(
SELECT t.oid, 'comment on attribute ' || a.attnum, d.description,
       'COMMENT ON COLUMN ' || format_type(t.oid, NULL) || '.' || quote_ident(a.attname) || ' IS ' || quote_literal(d.description),
       'COMMENT ON COLUMN ' || format_type(t.oid, NULL) || '.' || quote_ident(a.attname) || ' IS NULL', 'set', NULL
FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = a.attnum
WHERE t.oid = ANY ($1))";

const std::string domains = R"(
SELECT t.oid, '', concat_ws(' ', 'domain', t.typbasetype, t.typtypmod, t.typcollation),
       'CREATE DOMAIN ' || format_type(t.oid, NULL) || ' AS ' || format_type(t.typbasetype, t.typtypmod) ||
           CASE WHEN t.typcollation <> b.typcollation THEN ' COLLATE ' || t.typcollation::regcollation ELSE '' END,
       'DROP DOMAIN ' || format_type(t.oid, NULL), NULL, NULL
FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype
WHERE t.typtype = 'd' AND t.oid = ANY ($1)
UNION ALL
SELECT t.oid, 'default', coalesce()" +
                            facet::tree("t.typdefaultbin") + R"(, t.typdefault),
       'ALTER DOMAIN ' || format_type(t.oid, NULL) || ' SET DEFAULT ' ||
           coalesce(pg_get_expr(t.typdefaultbin, 'pg_type'::regclass), quote_literal(t.typdefault)),
       'ALTER DOMAIN ' || format_type(t.oid, NULL) || ' DROP DEFAULT', 'set', NULL
FROM pg_type t
WHERE t.typtype = 'd' AND t.typdefault IS NOT NULL AND t.oid = ANY ($1)
UNION ALL
SELECT t.oid, 'not null', 'not null', 'ALTER DOMAIN ' || format_type(t.oid, NULL) || ' SET NOT NULL',
       'ALTER DOMAIN ' || format_type(t.oid, NULL) || ' DROP NOT NULL', 'set', NULL
FROM pg_type t
WHERE t.typtype = 'd' AND t.typnotnull AND t.oid = ANY ($1))";

constexpr const char* domain_constraint_objects = R"(
SELECT c.oid, 'CONSTRAINT', NULL, c.conname, ' ON DOMAIN ' || format_type(c.contypid, NULL),
       'ALTER DOMAIN ' || format_type(c.contypid, NULL) || ' RENAME CONSTRAINT ' || quote_ident(c.conname) || ' TO ',
       NULL::oid, NULL::aclitem[], NULL::"char", NULL
FROM pg_constraint c WHERE c.contypid <> 0 AND c.oid = ANY ($1))";

// Validated once is validated for good: a constraint that was not valid is made again.
const std::string domain_constraints = R"(
SELECT c.oid, '', )" + facet::tree("c.conbin") +
                                       R"( || c.convalidated,
       'ALTER DOMAIN ' || format_type(c.contypid, NULL) || ' ADD CONSTRAINT ' || quote_ident(c.conname) || ' ' ||
           pg_get_constraintdef(c.oid),
       'ALTER DOMAIN ' || format_type(c.contypid, NULL) || ' DROP CONSTRAINT ' || quote_ident(c.conname), NULL, NULL
FROM pg_constraint c WHERE c.contypid <> 0 AND c.oid = ANY ($1))";

// A type and its functions need each other. Each of these makes a shell of the type when it is made
// (see routines.cpp), the type is made of it when they are there; and only CASCADE drops such a
// circle, of which nothing else may go.
std::string drop_circle(const std::string& functions) {
    return R"(CASE WHEN NOT EXISTS (SELECT FROM unnest()" + functions + R"() f WHERE f >= 16384)
            THEN 'DROP TYPE ' || format_type(t.oid, NULL)
            ELSE format('DO %L', format($do$
DECLARE
    circle regtype := %L;
    others text;
BEGIN
    SELECT string_agg(pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), ', ') INTO others
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_type t ON t.oid = circle LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = circle
    WHERE d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid = circle AND d.deptype <> 'i'
      AND NOT (d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
               AND d.objid IN (t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, r.rngcanonical));
    IF others IS NOT NULL THEN
        RAISE dependent_objects_still_exist USING MESSAGE = format('type %%s is still used by %%s', circle, others);
    END IF;
    EXECUTE format('DROP TYPE %%s CASCADE', circle);
END$do$, format_type(t.oid, NULL))) END)";
}

std::string ranges() {
    const std::string whole =
        R"('CREATE TYPE ' || format_type(t.oid, NULL) || ' AS RANGE (' || concat_ws(', ',
               'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
               format('SUBTYPE_OPCLASS = %s.%I', o.opcnamespace::regnamespace, o.opcname),
               'COLLATION = ' || nullif(r.rngcollation, 0)::regcollation, 'CANONICAL = ' || nullif(r.rngcanonical::oid, 0)::regproc,
               'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff::oid, 0)::regproc,
               'MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, NULL)) || ')')";
    // The difference of two values knows nothing of the range; the canonical form takes and gives
    // one.
    const std::string circle = "ARRAY[r.rngcanonical::oid]";
    return R"(
SELECT t.oid, '', concat_ws(' ', 'range', r.rngsubtype, r.rngsubopc, r.rngcollation, r.rngcanonical::oid, r.rngsubdiff::oid),
       )" + whole +
           ", " + drop_circle(circle) + R"(, NULL, NULL
FROM pg_type t JOIN pg_range r ON r.rngtypid = t.oid JOIN pg_opclass o ON o.oid = r.rngsubopc
WHERE t.oid = ANY ($1)
UNION ALL
SELECT r.rngtypid, 'multirange', quote_ident(m.typname), 'ALTER TYPE ' || format_type(m.oid, NULL) || ' RENAME TO ', NULL, NULL, 'rename'
FROM pg_range r JOIN pg_type m ON m.oid = r.rngmultitypid WHERE r.rngtypid = ANY ($1)
UNION ALL
SELECT r.rngtypid, 'comment on multirange', d.description,
       format('COMMENT ON TYPE %s IS %L', format_type(r.rngmultitypid, NULL), d.description),
       format('COMMENT ON TYPE %s IS NULL', format_type(r.rngmultitypid, NULL)), 'set', NULL
FROM pg_range r JOIN pg_description d ON d.classoid = 'pg_type'::regclass AND d.objoid = r.rngmultitypid AND d.objsubid = 0
WHERE r.rngtypid = ANY ($1))";
}

std::string base_types() {
    const std::string functions =
        "ARRAY[t.typinput::oid, t.typoutput::oid, t.typreceive::oid, t.typsend::oid, "
        "t.typmodin::oid, t.typmodout::oid]";
    // ANALYZE and SUBSCRIPT come as facets.
    const std::string whole =
        R"('CREATE TYPE ' || format_type(t.oid, NULL) || ' (' || concat_ws(', ',
               'INPUT = ' || t.typinput, 'OUTPUT = ' || t.typoutput, 'RECEIVE = ' || nullif(t.typreceive::oid, 0)::regproc,
               'SEND = ' || nullif(t.typsend::oid, 0)::regproc, 'TYPMOD_IN = ' || nullif(t.typmodin::oid, 0)::regproc,
               'TYPMOD_OUT = ' || nullif(t.typmodout::oid, 0)::regproc,
               'INTERNALLENGTH = ' || CASE t.typlen WHEN -1 THEN 'VARIABLE' ELSE t.typlen::text END,
               CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END,
               'ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4' ELSE 'double' END,
               'STORAGE = ' || CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended'
                                                 ELSE 'main' END,
               'CATEGORY = ' || quote_literal(t.typcategory::text), CASE WHEN t.typispreferred THEN 'PREFERRED = true' END,
               'DEFAULT = ' || quote_literal(t.typdefault), 'ELEMENT = ' || format_type(nullif(t.typelem, 0), NULL),
               'DELIMITER = ' || quote_literal(t.typdelim::text), CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE = true' END) || ')')";
    return R"(
SELECT t.oid, '', concat_ws(' ', 'base', t.typinput::oid, t.typoutput::oid, t.typlen, t.typbyval, t.typalign, t.typcategory,
           t.typispreferred, t.typelem, t.typdelim, t.typcollation, t.typdefault),
       )" + whole +
           ", " + drop_circle(functions) + R"(, NULL, NULL
FROM pg_type t
WHERE t.typtype = 'b' AND t.oid = ANY ($1) AND t.typsubscript <> 'array_subscript_handler'::regproc
UNION ALL
SELECT t.oid, lower(p.word), p.function::oid::text, format('ALTER TYPE %s SET (%s = %s)', format_type(t.oid, NULL), p.word, p.function),
       format('ALTER TYPE %s SET (%s = NONE)', format_type(t.oid, NULL), p.word), 'set', p.how
FROM pg_type t,
     LATERAL (VALUES ('RECEIVE', t.typreceive, 'given'), ('SEND', t.typsend, 'given'), ('TYPMOD_IN', t.typmodin, 'given'),
                     ('TYPMOD_OUT', t.typmodout, 'given'), ('ANALYZE', t.typanalyze, NULL),
                     ('SUBSCRIPT', t.typsubscript, NULL)) p(word, function, how)
WHERE t.typtype = 'b' AND p.function::oid <> 0 AND t.oid = ANY ($1)
  AND t.typsubscript <> 'array_subscript_handler'::regproc
UNION ALL
SELECT t.oid, 'storage', t.typstorage::text,
       format('ALTER TYPE %s SET (STORAGE = %s)', format_type(t.oid, NULL),
              CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' ELSE 'main' END),
       NULL, NULL, 'given'
FROM pg_type t
WHERE t.typtype = 'b' AND t.oid = ANY ($1) AND t.typsubscript <> 'array_subscript_handler'::regproc
UNION ALL
SELECT t.oid, '', 'shell', 'CREATE TYPE ' || format_type(t.oid, NULL), 'DROP TYPE ' || format_type(t.oid, NULL), NULL, NULL
FROM pg_type t
WHERE t.typtype = 'p' AND NOT t.typisdefined AND t.oid = ANY ($1))";
}

}  // namespace

std::vector<Family> type_families() {
    return {{"pg_type",
             type_objects,
             {enums, enum_labels, composites, attribute_names, attributes, attribute_comments,
              domains, ranges(), base_types()}},
            {"pg_constraint", domain_constraint_objects, {domain_constraints}, "d"}};
}

}  // namespace cairn::catalog
