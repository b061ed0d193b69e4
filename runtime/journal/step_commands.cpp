// What the journal has in the transaction of a step.
#include <algorithm>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/database_journal.hpp"

namespace cairn::journal {

using compiler::ItemId;
using postgres::Command;

namespace {

std::string milliseconds(const std::optional<std::chrono::milliseconds>& limit) {
    return std::to_string(limit ? limit->count() : 0);
}

constexpr const char* finish_statement = R"sql(
WITH trail AS (
    INSERT INTO cairn.undo (run, ordinal, seq, kind, statement, object_kind, object, sub, identity, guard_rows)
    SELECT $1, $2::int, u.seq::int, 'sql', u.statement, u.kind, u.object, u.sub,
           cairn.identity(u.kind, u.object, u.sub), u.guard::boolean
    FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
         AS u (seq, statement, kind, object, sub, guard)
    WHERE coalesce(current_setting('cairn.existed_' || u.seq, true), '') = ''
), said AS (
    INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, $3, 'done', '')
)
UPDATE cairn.item SET state = 'done', started = coalesce(started, now()), ended = clock_timestamp(),
    xids = xids || pg_current_xact_id()::text::bigint, error = NULL, attempts = attempts + 1
WHERE run = $1 AND ordinal = $2::int)sql";

// The same without a trail: the frequent case is worth a statement of its own.
constexpr const char* finish_plain_statement = R"sql(
WITH said AS (
    INSERT INTO cairn.event (run, item, event, detail) VALUES ($1, $3, 'done', '')
)
UPDATE cairn.item SET state = 'done', started = coalesce(started, now()), ended = clock_timestamp(),
    xids = xids || pg_current_xact_id()::text::bigint, error = NULL, attempts = attempts + 1
WHERE run = $1 AND ordinal = $2::int)sql";

constexpr const char* note_statement = R"sql(
INSERT INTO cairn.undo (run, ordinal, seq, kind, statement, object_kind, object, sub, identity, guard_rows)
SELECT $1, $2::int, u.seq::int, 'sql', u.statement, u.kind, u.object, u.sub,
       cairn.identity(u.kind, u.object, u.sub), u.guard::boolean
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
     AS u (seq, statement, kind, object, sub, guard)
WHERE coalesce(current_setting('cairn.existed_' || u.seq, true), '') = '')sql";

std::vector<postgres::Value> undo_arrays(const std::vector<UndoRow>& rows) {
    TextArray seq, statement, kind, object, sub, guard;
    for (const auto& row : rows) {
        seq.add(std::to_string(row.seq));
        statement.add(row.statement);
        kind.add(row.object.kind);
        object.add(row.object.name);
        sub.add(row.object.sub);
        guard.add(row.guard_rows ? "t" : "f");
    }
    return {seq.literal(), statement.literal(), kind.literal(), object.literal(), sub.literal(), guard.literal()};
}

}  // namespace

Command DatabaseJournal::fence() const { return {"SELECT cairn.fence($1::bigint)", {std::to_string(token_.value)}, true}; }

Command DatabaseJournal::fence(const StepLimits& limits, Lasting lasting) const {
    // A frozen runner must not hold the lease's row past its time: the server ends a transaction whose client
    // does not go on, and notices a client that is gone.
    const auto patience = std::to_string(std::max<std::int64_t>(lease_.length.count() * 2 / 3, 100));
    return {"SELECT cairn.fence($1::bigint), set_config('lock_timeout', $2, $5::boolean), "
            "set_config('statement_timeout', $3, $5::boolean), "
            "set_config('idle_in_transaction_session_timeout', $4, $5::boolean), "
            "set_config('client_connection_check_interval', $4, $5::boolean)",
            {std::to_string(token_.value), milliseconds(limits.lock_timeout), milliseconds(limits.statement_timeout), patience,
             lasting == Lasting::transaction ? "t" : "f"},
            true};
}

Command DatabaseJournal::fence_behind(ItemId before) const {
    return {"SELECT cairn.fence($1::bigint, $2, $3::int)", {std::to_string(token_.value), run(), std::to_string(before.index)}, true};
}

Command DatabaseJournal::remember(const UndoRow& row) const {
    return {"SELECT set_config('cairn.existed_' || $1, coalesce(cairn.identity($2, $3, $4), ''), true)",
            {std::to_string(row.seq), row.object.kind, row.object.name, row.object.sub},
            true};
}

Command DatabaseJournal::note_undo(const std::vector<UndoRow>& rows) const {
    std::vector<postgres::Value> params = {run(), std::to_string(rows.front().ordinal)};
    for (auto& array : undo_arrays(rows)) params.push_back(std::move(array));
    return {note_statement, std::move(params), true};
}

Command DatabaseJournal::note_difference(ItemId item, int seq, const std::string& summary, const std::string& detail) const {
    return {"INSERT INTO cairn.undo (run, ordinal, seq, kind, statement, detail, object_kind, object, sub, guard_rows) "
            "VALUES ($1, $2::int, $3::int, 'difference', $4, $5::jsonb || pg_catalog.jsonb_build_object('journal', 'cairn.undo'::pg_catalog.regclass::oid::text), '', '', '', false)",
            {run(), std::to_string(item.index), std::to_string(seq), summary, detail}, true};
}

Command DatabaseJournal::note_filled(ItemId item, int seq, const std::string& filled) const {
    return {"UPDATE cairn.undo SET detail = detail || pg_catalog.jsonb_build_object('filled', $4::jsonb) WHERE run = $1 AND ordinal = $2::int AND seq = $3::int",
            {run(), std::to_string(item.index), std::to_string(seq), filled}, true};
}

Command DatabaseJournal::finish_item(ItemId item, const std::string& name, const std::vector<UndoRow>& rows) const {
    std::vector<postgres::Value> params = {run(), std::to_string(item.index), name};
    if (rows.empty()) return {finish_plain_statement, std::move(params), true};
    for (auto& array : undo_arrays(rows)) params.push_back(std::move(array));
    return {finish_statement, std::move(params), true};
}

}  // namespace cairn::journal
