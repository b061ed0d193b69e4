#include "runtime/undo/composite_values.hpp"

#include <fmt/format.h>

#include "compiler/sql/facts.hpp"

namespace cairn::undo {
namespace {

using postgres::Session;

// What has the field: the relation, its heirs, tables of the type.
const std::string has = R"sql(
WITH RECURSIVE has(oid) AS (
    SELECT $1::oid
    UNION
    SELECT n.oid FROM has h CROSS JOIN LATERAL (
        SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = h.oid
        UNION ALL SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_type t ON t.oid = c.reloftype WHERE t.typrelid = h.oid) n(oid)
))sql";

// From the row types of these up to columns of tables; the words on the way tell how a value is got at, from the column on.
const std::string holders = has + R"sql(, of(type, way) AS (
    SELECT c.reltype, '{}'::text[] COLLATE "C" FROM has h JOIN pg_catalog.pg_class c ON c.oid = h.oid
    UNION ALL
    SELECT n.type, n.step || o.way FROM of o CROSS JOIN LATERAL (
        SELECT t.oid, 'elements' FROM pg_catalog.pg_type t WHERE t.typelem = o.type AND t.typsubscript = 'pg_catalog.array_subscript_handler'::pg_catalog.regproc
        UNION ALL SELECT t.oid, pg_catalog.format('base %I.%I', bn.nspname, b.typname) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
            JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace WHERE t.typbasetype = o.type
        UNION ALL SELECT r.rngtypid, 'bounds' FROM pg_catalog.pg_range r WHERE r.rngsubtype = o.type
        UNION ALL SELECT r.rngmultitypid, 'elements' FROM pg_catalog.pg_range r WHERE r.rngtypid = o.type
        UNION ALL SELECT c.reltype, pg_catalog.format('field %I', a.attname) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
            WHERE a.atttypid = o.type AND NOT a.attisdropped AND c.reltype <> 0) n(type, step)
), found(oid, column_name, way) AS (
    SELECT h.oid, NULL::name, '{}'::text[] COLLATE "C" FROM has h WHERE h.oid <> $1
    UNION ALL
    SELECT a.attrelid, a.attname, o.way FROM of o JOIN pg_catalog.pg_attribute a ON a.atttypid = o.type AND NOT a.attisdropped
)
SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind, pg_catalog.quote_ident(f.column_name), pg_catalog.array_to_string(f.way, E'\n'),
       c.relkind = 'r' AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
FROM found f JOIN pg_catalog.pg_class c ON c.oid = f.oid AND c.relkind IN ('r', 'm') JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE (f.column_name IS NOT NULL OR NOT EXISTS (SELECT FROM pg_catalog.pg_class r WHERE r.oid = $1 AND r.relkind <> 'c'))
  AND c.relispopulated AND NOT pg_catalog.pg_is_other_temp_schema(c.relnamespace)
ORDER BY 2, 4, 5)sql";

const std::string dependents = has + R"sql(
SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
FROM has h JOIN pg_catalog.pg_attribute a ON a.attrelid = h.oid AND a.attname = $2
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = h.oid AND d.refobjsubid = a.attnum)sql";
constexpr const char* made_by_others = " WHERE d.xmin::text NOT IN ({}) ORDER BY 1 LIMIT 10";

// From the outside in: "elements", "field q", "base public.d".
void unwrap(FieldHolder& holder, std::string_view way, const std::string& field) {
    std::string value = "t." + holder.column;
    for (int n = 1; !way.empty();) {
        const auto end = way.find('\n');
        const std::string step(way.substr(0, end));
        way.remove_prefix(end == std::string_view::npos ? way.size() : end + 1);
        if (step.starts_with("field ")) {
            value = fmt::format("({}).{}", value, step.substr(6));
        } else if (step.starts_with("base ")) {
            value = fmt::format("({})::{}", value, step.substr(5));
        } else {
            const std::string each = step == "elements" ? fmt::format("SELECT pg_catalog.unnest({})", value) : fmt::format("VALUES (pg_catalog.lower({0})), (pg_catalog.upper({0}))", value);
            holder.unwrapped += fmt::format("{}LATERAL ({}) v{}(v)", n == 1 ? "" : ", ", each, n);
            value = fmt::format("v{}.v", n++);
        }
    }
    holder.field = fmt::format("({}).{}", value, field);
}

}  // namespace

std::string FieldHolder::where(const std::string& condition) const {
    return unwrapped.empty() ? condition : fmt::format("EXISTS (SELECT FROM {} WHERE {})", unwrapped, condition);
}

std::variant<std::vector<FieldHolder>, postgres::Answer> holders_of_field(Session& session, std::uint32_t relation, const std::string& field) {
    // Compiling the query takes a hundred times as long as running it.
    const auto answers = session.pipeline({{"SELECT pg_catalog.set_config('cairn.jit', pg_catalog.current_setting('jit'), true), pg_catalog.set_config('jit', 'off', true)", {}, true},
                                           {holders, {std::to_string(relation)}, true},
                                           {"SELECT pg_catalog.set_config('jit', pg_catalog.current_setting('cairn.jit'), true)", {}, true}});
    for (const auto& answer : answers) {
        if (!answer.ok()) return answer;
    }
    const auto& a = answers[1];
    const std::string quoted = sql::quote_identifier(field);
    std::vector<FieldHolder> all;
    for (const auto& row : a.rows) {
        FieldHolder holder{.table = static_cast<std::uint32_t>(std::stoul(*row[0])), .name = *row[1], .column = row[3].value_or(quoted),
                           .from = (*row[2] == "r" ? "ONLY " : "") + *row[1], .may_lock = row[5] == "t", .field = "t." + quoted, .unwrapped = {}};
        if (row[3]) unwrap(holder, *row[4], quoted);
        all.push_back(std::move(holder));
    }
    return all;
}

std::variant<std::vector<std::string>, postgres::Answer> dependents_of_field(Session& session, std::uint32_t relation, const std::string& field,
                                                                             const std::string& own_xids) {
    const auto a = session.query(dependents + fmt::format(made_by_others, own_xids), {std::to_string(relation), field});
    if (!a.ok()) return a;
    std::vector<std::string> all;
    for (const auto& row : a.rows) all.push_back(row[0].value_or(""));
    return all;
}

}  // namespace cairn::undo
