#include "runtime/undo/rows/parking.hpp"

#include <fmt/format.h>

#include <set>

#include "runtime/journal/arrays.hpp"
#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {

namespace {

// One column an index, NULL before anything else. A column of a foreign key is out: what it holds is another row's, or other
// rows would follow it. What `max` takes part in is of the column's own type.
constexpr const char* columns_query = R"sql(
SELECT DISTINCT ON (i.indexrelid) pg_catalog.quote_ident(a.attname), v.value
FROM pg_catalog.pg_index i CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
     JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     JOIN pg_catalog.pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
     CROSS JOIN LATERAL (SELECT CASE
         WHEN NOT a.attnotnull AND NOT t.typnotnull AND pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct' IS DISTINCT FROM 'true' THEN 'NULL'
         WHEN i.indisexclusion AND b.typtype = 'r' THEN '''empty'''
         WHEN b.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace THEN NULL
         WHEN b.typname IN ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8') THEN '{most} + k.cairn_n'
         WHEN b.typname = 'date' THEN '{most} + k.cairn_n::int'
         WHEN b.typname IN ('timestamp', 'timestamptz') THEN '{most} + k.cairn_n * ''1 day''::interval'
         WHEN b.typname = 'uuid' THEN 'pg_catalog.gen_random_uuid()'
         WHEN b.typname IN ('text', 'varchar', 'bpchar') THEN 'pg_catalog.left(pg_catalog.md5(pg_catalog.random() || '' '' || k.cairn_n), ' ||
             CASE WHEN greatest(a.atttypmod, t.typtypmod) > 4 THEN greatest(a.atttypmod, t.typtypmod) - 4 ELSE 32 END || ')' END) v(value)
WHERE i.indrelid = ANY ($1::oid[]) AND (i.indisunique OR i.indisexclusion) AND i.indimmediate AND k.n <= i.indnkeyatts
  AND v.value IS NOT NULL AND a.attgenerated = '' AND a.attidentity <> 'a' AND pg_catalog.quote_ident(a.attname) <> ALL ($2::text[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.contype = 'f' AND
      (f.conrelid = i.indrelid AND a.attnum = ANY (f.conkey) OR f.confrelid = i.indrelid AND a.attnum = ANY (f.confkey)))
ORDER BY i.indexrelid, v.value = 'NULL' DESC, k.n DESC)sql";

std::string with_most(std::string value, const std::string& most) {
    const std::string hole = "{most}";
    if (const auto at = value.find(hole); at != std::string::npos) value.replace(at, hole.size(), most);
    return value;
}

}  // namespace

std::variant<std::string, compiler::Diagnostic> park_changed(postgres::Session& session, const KeptRows& rows, const std::string& own,
                                                             const std::vector<std::uint32_t>& members) {
    journal::TextArray key;
    for (const auto& k : rows.key) key.add(column(rows, k.number).name);
    const auto found = session.query(columns_query, {oid_array(members), key.literal()});
    if (!found.ok()) return server_refused(found, 865, "looking for unique indexes");
    std::set<std::string> done;
    std::string sets;
    for (const auto& row : found.rows) {
        if (!done.insert(*row[0]).second) continue;
        const std::string most = fmt::format("(SELECT pg_catalog.max(m.{}) FROM {} m)", *row[0], from(rows));
        sets += fmt::format("{}{} = {}", sets.empty() ? "" : ", ", *row[0], with_most(*row[1], most));
    }
    if (sets.empty()) return std::string();
    return fmt::format("UPDATE {} t SET {} FROM (SELECT k.*, k.xmin, pg_catalog.row_number() OVER () AS cairn_n FROM {} k WHERE k.cairn_op = 'u') k WHERE {}{}",
                       from(rows), sets, rows.kept_table, same_key(rows, "t", "k"), own.empty() ? "" : " AND " + is_own(rows, own, "t", "k"));
}

}  // namespace cairn::undo
