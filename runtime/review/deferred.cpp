#include "runtime/review/deferred.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "runtime/journal/arrays.hpp"

namespace cairn::review {

using compiler::Diagnostic;
using compiler::Statement;

namespace {

// Bits of pg_trigger.tgtype.
constexpr int inserts = 4, deletes = 8, updates = 16;

int events_of(const sql::StatementFacts& facts) {
    if (facts.kind == "UPDATE") return updates;
    if (facts.kind == "DELETE") return deletes;
    if (facts.kind.starts_with("TRUNCATE")) return 0;
    if (facts.kind == "COPY" || facts.only_inserts) return inserts;
    return inserts | deletes | updates;
}

// The tables `$1` that the statement `$4` writes to, with whether it leaves checks for later. UPDATE does so where it sets a constraint's columns.
constexpr const char* query = R"sql(
SELECT w.oid, w.oid::pg_catalog.regclass::text, EXISTS (
    SELECT FROM (SELECT w.oid UNION SELECT p.relid FROM pg_catalog.pg_partition_tree(w.oid) p) r (oid)
        JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint
    WHERE t.tgdeferrable AND (t.tginitdeferred OR $2::bool) AND (t.tgtype & $3::int) <> 0
      AND ($3::int <> 16 OR k.contype = 't' OR EXISTS (
          SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.oid
            AND (k.conrelid = r.oid AND a.attnum = ANY (k.conkey) OR k.confrelid = r.oid AND a.attnum = ANY (k.confkey))
            AND $4 ~* ('\m' || pg_catalog.regexp_replace(a.attname, '\W', '\\\&', 'g') || '\M'))))
FROM (SELECT DISTINCT pg_catalog.to_regclass(n)::oid FROM unnest($1::text[]) n) w (oid) WHERE w.oid IS NOT NULL ORDER BY 2)sql";

bool says(std::string text, std::string_view word) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text.find(word) != std::string::npos;
}

}  // namespace

void DeferredChecks::begin_transaction() {
    pending_.clear();
    all_deferred_ = false;
}

void DeferredChecks::begin_step(const compiler::Item& item, const compiler::StepItem& step) {
    keeps_ = step.keep_rows && step.transactional && !step.batch && item.undo.kind == compiler::Undo::Kind::difference;
    ++step_;
}

std::optional<Diagnostic> DeferredChecks::look(postgres::Session& scratch, const Statement& statement) {
    const auto& facts = statement.facts;
    if (facts.kind == "SET CONSTRAINTS") {
        all_deferred_ = says(statement.sql.text, "deferred");
        if (!all_deferred_) pending_.clear();
        return std::nullopt;
    }
    if (!keeps_ || facts.effect != sql::Effect::rows || facts.writes.empty()) return std::nullopt;
    journal::TextArray names;
    for (const auto& name : facts.writes) names.add(name);
    const auto a = scratch.query(query, {names.literal(), all_deferred_ ? "t" : "f", std::to_string(events_of(facts)), statement.sql.text});
    if (!a.ok()) return std::nullopt;  // whether the statement can be prepared is said by who does
    std::optional<Diagnostic> found;
    for (const auto& row : a.rows) {
        const auto before = pending_.find(*row[0]);
        if (before != pending_.end() && before->second < step_ && !found) {
            found = Diagnostic{.severity = compiler::Severity::warning, .code = 862,
                               .where = statement.sql.locate(0, static_cast<std::uint32_t>(statement.sql.text.size())),
                               .message = fmt::format("rows of `{}` are kept a second time in this transaction, where deferred checks of the first ones "
                                                      "may be pending: PostgreSQL would refuse that", *row[1]),
                               .help = "SET CONSTRAINTS ALL IMMEDIATE, in front of it"};
        }
        if (row[2] == "t") pending_.try_emplace(*row[0], step_);
    }
    return found;
}

}  // namespace cairn::review
