#include "runtime/execute/batch/key.hpp"

#include <fmt/format.h>

namespace cairn::execute {

namespace {

// A unique B-tree over all rows whose first column is the key, under the order that ORDER BY and `>` mean. That it is there
// for a table with inheritance children says nothing of the children's rows.
constexpr const char* key_query = R"sql(
SELECT c.oid, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), greatest(c.reltuples, 0),
    a.attnum IS NOT NULL, coalesce(a.attnotnull, false),
    (SELECT pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.typname)
        FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace WHERE t.oid = a.atttypid),
    NOT EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid AND t.typnamespace = 'pg_catalog'::regnamespace
        AND t.typname IN ('int2', 'int4', 'int8', 'oid', 'text', 'varchar', 'bpchar', 'name', 'uuid', 'numeric')),
    EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        JOIN pg_catalog.pg_am m ON m.oid = x.relam JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[0]
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indisready AND i.indpred IS NULL
        AND m.amname = 'btree' AND o.opcdefault AND i.indkey[0] = a.attnum AND i.indcollation[0] = a.attcollation)
    AND (c.relkind = 'p' OR NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.oid = pg_catalog.to_regclass($1))sql";

UnfitKey unfit(std::uint16_t code, std::string message, std::string help, const compiler::Location& where) {
    compiler::Diagnostic d;
    d.code = code;
    d.where = where;
    d.message = std::move(message);
    d.help = std::move(help);
    return {std::move(d)};
}

}  // namespace

std::string BatchKey::literal(const std::string& text) const { return sql::quote_literal(text) + "::" + type; }

KeyAnswer look_at_key(postgres::Session& session, const compiler::Batch& batch, const compiler::Location& where) {
    postgres::Answer a = session.query(key_query, {batch.table, batch.column_name});
    if (!a.ok()) return a;
    if (a.rows.empty()) return unfit(880, fmt::format("the batch goes over table `{}`, and there is none", batch.table), {}, where);
    const auto& row = a.rows[0];
    const auto is = [&](std::size_t column) { return row[column] == "t"; };
    if (!is(3)) return unfit(880, fmt::format("the batch goes by `{}.{}`, and there is no such column", batch.table, batch.column), {}, where);
    if (!is(7)) {
        return unfit(881, fmt::format("no unique index begins with `{}.{}`: every range would read the whole table", batch.table, batch.column),
                     fmt::format("CREATE UNIQUE INDEX CONCURRENTLY ON {} ({});", batch.table, batch.column), where);
    }
    if (!is(4)) {
        return unfit(882, fmt::format("`{}.{}` may be NULL, and a row without a key is in no range", batch.table, batch.column),
                     fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL;", batch.table, batch.column), where);
    }
    return BatchKey{.table = static_cast<std::uint32_t>(std::stoul(*row[0])), .relation = *row[1], .type = *row[5],
                    .has_settings = is(6), .rows = std::stod(*row[2])};
}

}  // namespace cairn::execute
