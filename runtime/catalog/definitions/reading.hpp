// What reading what was touched and reading definitions share.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "runtime/postgres/session.hpp"

namespace cairn::catalog {

// C0840.
[[nodiscard]] inline compiler::Diagnostic unreadable(const postgres::Answer& answer) {
    compiler::Diagnostic diagnostic;
    diagnostic.code = 840;
    diagnostic.message =
        "the definitions of what the step changes can't be read: " + answer.error.message;
    return diagnostic;
}

[[nodiscard]] inline std::uint32_t number(const postgres::Value& value) {
    std::uint32_t read = 0;
    if (value) std::from_chars(value->data(), value->data() + value->size(), read);
    return read;
}

// Settings that shape the text of definitions, for the time of reading, local to the transaction:
// as they are now (one row, to be given to put_back_settings), then pinned.
[[nodiscard]] postgres::Command settings_now();
[[nodiscard]] postgres::Command pin_settings();
[[nodiscard]] postgres::Command put_back_settings(const std::vector<postgres::Value>& now);

// A subquery of one row (classid, objid, objsubid): the object that users know something by. An
// array's type is its element's, a row's type its table, a composite type's relation its type, a
// view's rule the view, a generated column's expression the column; `objsubid` is not NULL only for
// the last.
[[nodiscard]] inline std::string whole_object(const std::string& classid,
                                              const std::string& objid) {
    return R"((
    SELECT coalesce(wo.classid, )" +
           classid + R"(::oid) AS classid, coalesce(wo.objid, we.objid) AS objid, wo.objsubid
    FROM (SELECT coalesce((SELECT wt.typelem FROM pg_catalog.pg_type wt
                           WHERE )" +
           classid + R"( = 'pg_catalog.pg_type'::regclass AND wt.oid = )" + objid +
           R"( AND wt.typelem <> 0
                             AND wt.typsubscript = 'pg_catalog.array_subscript_handler'::regproc), )" +
           objid + R"() AS objid) we
         LEFT JOIN LATERAL (
        SELECT 'pg_catalog.pg_class'::regclass::oid, wt.typrelid, NULL::int
        FROM pg_catalog.pg_type wt JOIN pg_catalog.pg_class wc ON wc.oid = wt.typrelid
        WHERE )" +
           classid +
           R"( = 'pg_catalog.pg_type'::regclass AND wt.oid = we.objid AND wc.relkind <> 'c'
        UNION ALL
        SELECT 'pg_catalog.pg_type'::regclass, wc.reltype, NULL FROM pg_catalog.pg_class wc
        WHERE )" +
           classid +
           R"( = 'pg_catalog.pg_class'::regclass AND wc.oid = we.objid AND wc.relkind = 'c'
        UNION ALL
        SELECT 'pg_catalog.pg_type'::regclass, wr.rngtypid, NULL FROM pg_catalog.pg_range wr
        WHERE )" +
           classid + R"( = 'pg_catalog.pg_type'::regclass AND wr.rngmultitypid = we.objid
        UNION ALL
        SELECT 'pg_catalog.pg_class'::regclass, wr.ev_class, NULL FROM pg_catalog.pg_rewrite wr
        WHERE )" +
           classid +
           R"( = 'pg_catalog.pg_rewrite'::regclass AND wr.oid = we.objid AND wr.rulename = '_RETURN'
        UNION ALL
        SELECT 'pg_catalog.pg_class'::regclass, wd.adrelid, wd.adnum
        FROM pg_catalog.pg_attrdef wd JOIN pg_catalog.pg_attribute wa ON wa.attrelid = wd.adrelid AND wa.attnum = wd.adnum
        WHERE )" +
           classid +
           R"( = 'pg_catalog.pg_attrdef'::regclass AND wd.oid = we.objid AND wa.attgenerated <> '')
        wo(classid, objid, objsubid) ON true))";
}

}  // namespace cairn::catalog
