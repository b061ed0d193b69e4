// What reading what was touched and reading definitions share.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::catalog {

// C0840.
[[nodiscard]] inline compiler::Diagnostic unreadable(const postgres::Answer& answer) {
    compiler::Diagnostic diagnostic;
    diagnostic.code = 840;
    diagnostic.message = "the definitions of what the step changes can't be read: " + answer.error.message;
    return diagnostic;
}

[[nodiscard]] inline std::uint32_t number(const postgres::Value& value) {
    std::uint32_t read = 0;
    if (value) std::from_chars(value->data(), value->data() + value->size(), read);
    return read;
}

// A subquery of one row (classid, objid, objsubid): the object that users know something by. An array's type is its
// element's, a row's type its table, a composite type's relation its type, a view's rule the view, a
// generated column's expression the column; `objsubid` is not NULL only for the last.
[[nodiscard]] inline std::string whole_object(const std::string& classid, const std::string& objid) {
    return R"((
    SELECT coalesce(o.classid, )" + classid + R"(::oid) AS classid, coalesce(o.objid, e.objid) AS objid, o.objsubid
    FROM (SELECT coalesce((SELECT t.typelem FROM pg_catalog.pg_type t
                           WHERE )" + classid + R"( = 'pg_catalog.pg_type'::regclass AND t.oid = )" + objid + R"( AND t.typelem <> 0
                             AND t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc), )" + objid + R"() AS objid) e
         LEFT JOIN LATERAL (
        SELECT 'pg_catalog.pg_class'::regclass::oid, t.typrelid, NULL::int
        FROM pg_catalog.pg_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
        WHERE )" + classid + R"( = 'pg_catalog.pg_type'::regclass AND t.oid = e.objid AND c.relkind <> 'c'
        UNION ALL
        SELECT 'pg_catalog.pg_type'::regclass, c.reltype, NULL FROM pg_catalog.pg_class c
        WHERE )" + classid + R"( = 'pg_catalog.pg_class'::regclass AND c.oid = e.objid AND c.relkind = 'c'
        UNION ALL
        SELECT 'pg_catalog.pg_type'::regclass, r.rngtypid, NULL FROM pg_catalog.pg_range r
        WHERE )" + classid + R"( = 'pg_catalog.pg_type'::regclass AND r.rngmultitypid = e.objid
        UNION ALL
        SELECT 'pg_catalog.pg_class'::regclass, r.ev_class, NULL FROM pg_catalog.pg_rewrite r
        WHERE )" + classid + R"( = 'pg_catalog.pg_rewrite'::regclass AND r.oid = e.objid AND r.rulename = '_RETURN'
        UNION ALL
        SELECT 'pg_catalog.pg_class'::regclass, d.adrelid, d.adnum
        FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE )" + classid + R"( = 'pg_catalog.pg_attrdef'::regclass AND d.oid = e.objid AND a.attgenerated <> '')
        o(classid, objid, objsubid) ON true))";
}

}  // namespace cairn::catalog
