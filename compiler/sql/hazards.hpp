// The parts of the hazards, a file for each family. Codes are declared in
// compiler/diagnostics/catalogue.hpp.
#pragma once

#include <string>

#include "compiler/sql/statement.hpp"

namespace cairn::sql {

namespace hazard {
inline constexpr std::uint16_t rewrite = 501, scan = 502, rows_under_lock = 503,
                               no_lock_timeout = 504, concurrently_if_not_exists = 505,
                               concurrently_unnamed = 506, loss = 507, cascade = 508, rename = 509,
                               not_null_without_default = 510, all_tables = 512, server_file = 513,
                               keys_unchecked = 514, unlogged = 515, refused = 516;
}

void add_hazard(StatementFacts&, std::uint16_t code, Range where, std::string message,
                std::string help = {});

// ALTER TABLE: rewrites, scans, loss, renames of what others use.
void alter_table_hazards(const Subject&, StatementFacts&);
// CREATE INDEX, REINDEX, CLUSTER, VACUUM FULL, REFRESH MATERIALIZED VIEW and the CONCURRENTLY of
// each.
void maintenance_hazards(const Subject&, StatementFacts&);
// DROP, TRUNCATE, DELETE, UPDATE, RENAME, COPY, publications.
void loss_hazards(const Subject&, StatementFacts&);

}  // namespace cairn::sql
