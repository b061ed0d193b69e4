#include "runtime/undo/batch/copies.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/journal/silence.hpp"
#include "runtime/undo/out_of_sight.hpp"
#include "runtime/undo/rows/sql.hpp"
#include "runtime/undo/rows/table.hpp"

namespace cairn::undo {

using compiler::BatchRange;
using compiler::Diagnostic;
using postgres::Command;

namespace {

// Foreign keys that act on other rows when this table's change. The batch's own key does not change.
constexpr const char* acting_keys = R"sql(
SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.contype = 'f' AND f.confrelid = $1::oid
    AND CASE WHEN $2::boolean THEN f.confdeltype IN ('c', 'n', 'd')
             ELSE f.confupdtype IN ('c', 'n', 'd') AND f.confkey <> ARRAY[$3::int2] END))sql";

std::string columns_of(const KeptRows& rows, const std::string& prefix) {
    return joined(rows.columns, "", [&](const KeptColumn& c) { return ", " + prefix + kept_name(c); });
}

std::string layout(const KeptRows& rows) {
    return joined(rows.columns, "", [](const KeptColumn& c) { return fmt::format(", {} {}", kept_name(c), kept_type(c)); });
}

}  // namespace

std::variant<std::optional<RangeCopies>, Diagnostic> RangeCopies::of(postgres::Session& session, const compiler::StepItem& step,
                                                                     std::uint32_t table, const std::string& name) {
    const std::optional<RangeCopies> none;
    if (step.statements.size() != 1 || !step.changes.empty()) return none;
    const auto& facts = step.statements.front().facts;
    const bool deletes = facts.kind == "DELETE";
    if ((!deletes && facts.kind != "UPDATE") || facts.opaque || facts.writes.size() != 1) return none;

    auto read = read_tables(session, {table});
    if (auto* error = std::get_if<Diagnostic>(&read)) return *error;
    const auto& tables = std::get<Tables>(read);
    const auto found = tables.find(table);
    if (found == tables.end()) return none;
    const Table& t = found->second;
    const bool plain = t.kind == 'r' && t.root == t.oid && !t.has_heirs && !t.is_heir && !t.has_code && t.is_owned && !t.hides_rows;
    if (!plain || t.key.size() != 1) return none;

    RangeCopies copies;
    copies.rows_ = keeping(t);
    copies.rows_.has_xmin = true;
    copies.rows_.kept_table = "cairn." + sql::quote_identifier(name);
    copies.before_ = "pg_temp." + sql::quote_identifier(name);
    const KeptColumn& key = column(copies.rows_, t.key.front().number);
    copies.column_ = key.name;
    if (key.name != step.batch->column) return none;
    copies.pins_ = std::any_of(copies.rows_.columns.begin(), copies.rows_.columns.end(), [](const KeptColumn& c) { return c.as_text; });

    // The statement's target is the table: a name of the search path can't be told from the text. Copies need a temporary table.
    const postgres::Answer target = session.query("SELECT pg_catalog.to_regclass($1)::oid = $2::oid AND "
                                                  "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMPORARY')", {facts.writes.front(), std::to_string(table)});
    if (!target.ok()) return server_refused(target, 862, "looking at the batch's table");
    if (target.rows[0][0] != "t") return none;
    const postgres::Answer acts = session.query(acting_keys, {std::to_string(table), deletes ? "t" : "f", std::to_string(key.number)});
    if (!acts.ok()) return server_refused(acts, 862, "looking at the foreign keys of the batch's table");
    if (acts.rows[0][0] == "t") return none;
    auto calling = tables_with_writing_code(session, {table});
    if (auto* error = std::get_if<Diagnostic>(&calling)) return *error;
    if (!std::get<0>(calling).empty()) return none;
    return std::optional(std::move(copies));
}

std::vector<Command> RangeCopies::before(bool first, const BatchRange& bounds) const {
    std::vector<Command> commands;
    if (first) {
        commands.push_back({fmt::format("CREATE TABLE IF NOT EXISTS {} (cairn_range int NOT NULL, cairn_xmin xid NOT NULL, cairn_seq int, cairn_op \"char\"{})",
                                        rows_.kept_table, layout(rows_)), {}, false});
        // A publication of all tables publishes it too, and lets nothing be deleted from what has no identity.
        commands.push_back({fmt::format("ALTER TABLE {} REPLICA IDENTITY FULL", rows_.kept_table), {}, false});
        const std::string index = sql::quote_identifier(rows_.kept_table.substr(rows_.kept_table.find('.') + 1) + "_range");
        commands.push_back({fmt::format("CREATE INDEX IF NOT EXISTS {} ON {} USING brin (cairn_range)", index, rows_.kept_table), {}, false});
    }
    // A pooler may have given another session.
    commands.push_back({fmt::format("CREATE TEMPORARY TABLE IF NOT EXISTS {} (cairn_seq int{}) ON COMMIT DELETE ROWS", before_.substr(before_.find('.') + 1), layout(rows_)),
                        {}, false});
    commands = journal::in_silence(std::move(commands));
    if (pins_) {
        for (const auto& setting : pinned_settings()) commands.push_back({"SET LOCAL " + setting, {}, false});
    }
    commands.push_back({fmt::format("INSERT INTO {} SELECT 0{} FROM {} t WHERE {}", before_,
                                    joined(rows_.columns, "", [](const KeptColumn& c) { return ", " + to_keep(c, "t"); }), rows_.table,
                                    compiler::range_predicate("t", column_, bounds)),
                        {}, false});
    if (pins_) {
        for (const auto& setting : pinned_settings())
            commands.push_back({fmt::format("SET LOCAL {} TO DEFAULT", setting.substr(0, setting.find(' '))), {}, false});
    }
    return commands;
}

// The rows that this transaction has written, or taken away.
Command RangeCopies::after(int range, const BatchRange& bounds) const {
    const KeyColumn& key = rows_.key.front();
    std::string value = kept_value(column(rows_, key.number), "k");
    if (!key.collation.empty()) value = fmt::format("({} COLLATE {})", value, key.collation);
    return {fmt::format("INSERT INTO {0} (cairn_range, cairn_xmin, cairn_seq, cairn_op{1}) "
                        "SELECT {2}, (SELECT pg_catalog.pg_current_xact_id()::xid), 0, CASE WHEN t.written IS NULL THEN 'd' ELSE 'u' END{3} FROM {4} k "
                        "LEFT JOIN (SELECT o.{5} AS key, o.xmin AS written FROM {6} o WHERE {7}) t ON t.key {8} {9} "
                        "WHERE t.written IS NULL OR t.written OPERATOR(pg_catalog.=) (SELECT pg_catalog.pg_current_xact_id()::xid)",
                        rows_.kept_table, columns_of(rows_, ""), range, columns_of(rows_, "k."), before_, column_, rows_.table,
                        compiler::range_predicate("o", column_, bounds), key.equals, value),
            {}, false};
}

std::vector<Command> take_out(const KeptRows& of_all, int range, KeptRows& of_range) {
    of_range = of_all;
    const std::string name = of_all.kept_table.substr(of_all.kept_table.find('.') + 1);
    of_range.kept_table = "pg_temp.undo_" + name;
    return journal::in_silence(std::vector<Command>{
        {fmt::format("CREATE TEMPORARY TABLE undo_{} ON COMMIT DROP AS SELECT cairn_xmin, cairn_seq, cairn_op{} FROM {} WHERE cairn_range = {}", name,
                     columns_of(of_all, ""), of_all.kept_table, range), {}, false},
        {fmt::format("ANALYZE {}", of_range.kept_table), {}, false}});
}

Command drop_range(const KeptRows& of_all, int range) {
    return {fmt::format("DELETE FROM {} WHERE cairn_range = {}", of_all.kept_table, range), {}, false};
}

}  // namespace cairn::undo
