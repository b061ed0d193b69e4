// Constraints that stand against rows that come back: others have added them since the step ran, or taken unique values.
#include "runtime/undo/rows/restoration.hpp"

#include <fmt/format.h>

#include "compiler/sql/facts.hpp"
#include "runtime/undo/rows/give_back.hpp"
#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo::restoring {

// What is NOT VALID lets rows stand only that were there before it.
std::variant<LeftAway, Diagnostic> Restoration::read_unproved_then() {
    auto all = read_unproved(session_, members_, acting_);
    const auto* found = std::get_if<LeftAway>(&all);
    if (found == nullptr || found->constraints.empty()) return all;
    std::string ages;
    for (const auto& r : rows_) ages += fmt::format("{}(SELECT min(pg_catalog.age({})) FROM {} k)", ages.empty() ? "" : ", ", writer_of_kept(r, "k"), r.kept_table);
    std::vector<std::uint32_t> oids;
    for (const auto& one : found->constraints) oids.push_back(static_cast<std::uint32_t>(std::stoul(one.oid)));
    const Answer journal = exec("SELECT pg_catalog.to_regclass('cairn.remade') IS NOT NULL");
    if (!journal.ok()) return server_refused(journal, 865, "reading constraints");
    // A rollback that has made one again has added nothing.
    const std::string remade = journal.rows[0][0] == "t" ? "AND NOT EXISTS (SELECT FROM cairn.remade m WHERE m.\"is\" = 'pg_constraint ' || k.oid)" : "";
    const Answer a = session_.query(fmt::format("SELECT k.oid FROM pg_catalog.pg_constraint k WHERE k.oid = ANY ($1::oid[]) AND pg_catalog.age(k.xmin) < LEAST({}) "
                                                "AND k.xmin OPERATOR(pg_catalog.<>) ALL ({}) {}", ages, own_, remade), {oid_array(oids)});
    if (!a.ok()) return server_refused(a, 865, "reading constraints");
    if (a.rows.empty()) return all;
    LeftAway but = acting_;
    for (const auto& row : a.rows) but.constraints.push_back({.oid = *row[0], .table = {}, .name = {}});
    return read_unproved(session_, members_, but);
}

// Which rows it refuses: they stay away, whoever is told to go on.
Outcome Restoration::leave_refused(const Answer& why, const KeptRows& r, char op, const std::string& one) {
    if (!exec(all_refused(r, op, one)).ok()) return std::nullopt;
    const Answer stuck = exec("SELECT pg_catalog.current_setting('cairn.stuck', true)");
    if (!stuck.ok() || stuck.rows[0][0].value_or("{}") == "{}") return std::nullopt;
    const std::string these = fmt::format("k.ctid = ANY ({}::pg_catalog.tid[])", sql::quote_literal(*stuck.rows[0][0]));
    (void)exec("ROLLBACK TO SAVEPOINT cairn_rows");
    result_.restored = 0;
    const Answer a = exec(listed(fmt::format("{}, {}", shown_key(r, "k"), shown_kept(r, "k")), fmt::format("FROM {} k WHERE {}", r.kept_table, these)));
    if (!a.ok()) return refused(a, r);
    for (const auto& row : a.rows)
        add({.table = r.table, .key = row[0].value_or(""), .kept = row[1].value_or(""), .now = fmt::format("what refuses that row: {}", why.error.message), .stays = true}, 0);
    if (!a.rows.empty()) result_.conflict_count += std::stoull(*a.rows[0][2]);
    if (mode_ == OnConflict::stop) return conflict_stop();
    const Answer marked = exec(fmt::format("UPDATE {} k SET cairn_op = pg_catalog.upper(k.cairn_op::text)::\"char\" WHERE {}", r.kept_table, these));
    if (!marked.ok()) return refused(marked, r);
    if (auto stopped = leave_moved(r)) return stopped;
    return Stopped{.problem = std::nullopt, .again = true};
}

// Checked at the end, unique values don't tell which row has them already: where they are taken, each statement is checked.
Outcome Restoration::check_unique_at_once() {
    if (!unique_at_once_) return std::nullopt;
    const Answer found = session_.query("SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, k.conname), ', ') FROM pg_catalog.pg_constraint k "
                                        "JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace WHERE k.condeferrable AND k.contype IN ('p', 'u', 'x') AND k.conrelid = ANY ($1::oid[])",
                                        {oid_array(members_)});
    if (!found.ok()) return Stopped{.problem = server_refused(found, 865, "looking for deferrable constraints")};
    if (!found.rows[0][0]) return std::nullopt;
    const Answer set = exec("SET CONSTRAINTS " + *found.rows[0][0] + " IMMEDIATE");
    return set.ok() ? Outcome{} : Stopped{.problem = server_refused(set, 865, "checking deferrable constraints")};
}

Outcome Restoration::taken_at_the_end(const Answer& why) {
    if (why.error.sqlstate != "23505" && why.error.sqlstate != "23P01") return std::nullopt;
    if (trusts()) return conflict_stop();
    if (unique_at_once_) return std::nullopt;
    unique_at_once_ = true;
    (void)exec("ROLLBACK TO SAVEPOINT cairn_rows");
    result_ = before_attempt_;
    return Stopped{.problem = std::nullopt, .again = true};
}

}  // namespace cairn::undo::restoring
