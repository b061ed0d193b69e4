#include "runtime/undo/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "runtime/journal/schema.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using compiler::ItemId;
using postgres::Session;

namespace {

// In the order of their OIDs: two that claim several wait in a line. The first half of the key is cairn's own.
std::string claim_query(bool to_its_end) {
    return fmt::format("SELECT pg_catalog.{}((1667328370::bigint << 32) | oid::bigint) FROM (SELECT o::oid AS oid FROM "
                       "pg_catalog.unnest($1::text[]) o ORDER BY o::oid) x",
                       to_its_end ? "pg_advisory_lock" : "pg_advisory_xact_lock");
}

// $1: the run, $2: this item, $3: tables, $4: whether it is a batch. A batch that has not come to its end; or, where this one has changed
// them in a range before, whatever has ended since it began.
constexpr const char* came_between = R"(
SELECT i.name FROM cairn.item i WHERE i.run = $1 AND i.ordinal <> $2::int AND EXISTS (
    SELECT FROM cairn.undo u, pg_catalog.jsonb_array_elements(u.detail -> 'kept' -> 'rows') r
    WHERE u.run = i.run AND u.ordinal = i.ordinal AND NOT u.undone AND r ->> 'oid' = ANY ($3::text[]))
AND (i.state NOT IN ('done', 'skipped', 'rolled_back')
    OR $4::boolean AND i.ended > (SELECT me.started FROM cairn.item me WHERE me.run = $1 AND me.ordinal = $2::int) AND EXISTS (
        SELECT FROM cairn.undo u, pg_catalog.jsonb_array_elements(u.detail -> 'kept' -> 'rows') r
        WHERE u.run = $1 AND u.ordinal = $2::int AND r ->> 'oid' = ANY ($3::text[]))) LIMIT 1)";

bool is_batch(const compiler::Item& item) {
    const auto* step = std::get_if<compiler::StepItem>(&item.body);
    return step != nullptr && step->batch.has_value();
}

// What a batch's session holds already.
struct Held {
    int backend = 0;
    std::set<std::uint32_t> tables;
};

}  // namespace

Claim claim_for(run::Context& context, ItemId id) {
    const auto& item = context.item(id);
    const auto& items = context.graph().items;
    const bool beside_batch = item.parallel && std::any_of(items.begin(), items.end(), [&](const auto& other) { return other.parallel == item.parallel && is_batch(other); });
    if (!beside_batch) return {};
    const bool batch = is_batch(item);
    return [&context, &item, id, batch, held = std::make_shared<Held>()](Session& session, const std::set<std::uint32_t>& all) -> std::optional<Diagnostic> {
        if (session.backend_pid() != held->backend) *held = {.backend = session.backend_pid(), .tables = {}};
        std::set<std::uint32_t> tables;
        std::set_difference(all.begin(), all.end(), held->tables.begin(), held->tables.end(), std::inserter(tables, tables.end()));
        if (tables.empty()) return std::nullopt;
        const std::string oids = fmt::format("{{{}}}", fmt::join(tables, ","));
        const auto claimed = session.query(claim_query(batch), {oids});
        if (!claimed.ok()) {
            const bool refused = claimed.fate == postgres::Fate::failed && claimed.error.sqlstate != "CA001";
            if (!refused) return journal::journal_error(claimed, "waiting for the other items of the block");
            return run::problem(708, fmt::format("`{}` changes rows of a table, by triggers or keys that cascade, as another item of its parallel does, and waited for that: {} ({})",
                                                 item.name, claimed.error.message, claimed.error.sqlstate), "after NAME, at one of them", item.where);
        }
        const auto others = session.query(came_between, {context.run(), std::to_string(id.index), oids, batch ? "t" : "f"});
        if (!others.ok()) return journal::journal_error(others, "looking at the other items of the block");
        if (others.rows.empty()) {
            if (batch) held->tables.merge(tables);
            return std::nullopt;
        }
        return run::problem(826, fmt::format("`{}` and `{}` change rows of the same table, by triggers or keys that cascade, in transactions between each other's: "
                                             "their rollbacks could not be told apart", item.name, *others.rows[0][0]),
                            fmt::format("{} {} after {}, in the plan", item.kind, item.name, *others.rows[0][0]), item.where);
    };
}

void give_up_claims(run::Context& context, ItemId id) {
    if (!context.item(id).parallel) return;
    auto session = context.session(context.home());
    auto* home = std::get_if<Session*>(&session);
    if (home != nullptr && (*home)->alive()) (void)(*home)->query("SELECT pg_catalog.pg_advisory_unlock_all()");
}

}  // namespace cairn::undo
