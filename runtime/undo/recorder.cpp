#include "runtime/undo/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/ways_out.hpp"
#include "runtime/journal/arrays.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/run/context.hpp"
#include "runtime/undo/fingerprint.hpp"
#include "runtime/undo/made_anew.hpp"
#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/sequences.hpp"

namespace cairn::undo {

using catalog::Definitions;
using catalog::ObjectId;
using compiler::Diagnostic;
using compiler::Statement;
using compiler::StepItem;
using postgres::Answer;
using postgres::Session;

namespace {

Stretch::Kind kind_of(const Statement& statement) {
    switch (statement.facts.effect) {
        case sql::Effect::rows: return Stretch::Kind::rows;
        case sql::Effect::anything: return Stretch::Kind::anything;
        default: return Stretch::Kind::schema;
    }
}

void insert_keys(std::set<ObjectId>& into, const Definitions& from) {
    for (const auto& [id, object] : from) into.insert(id);
}

RowOps both(RowOps a, const RowOps& b) {
    return {a.inserts || b.inserts, a.updates || b.updates, a.deletes || b.deletes, a.truncates || b.truncates};
}

RowOps ops_of(const sql::StatementFacts& facts) {
    if (facts.effect != sql::Effect::rows) return facts.effect == sql::Effect::anything ? RowOps{} : RowOps{false, false, false, false};
    if (facts.kind == "UPDATE") return {false, true, false, false};
    if (facts.kind == "DELETE") return {false, false, true, false};
    if (facts.kind == "TRUNCATE TABLE" || facts.kind == "TRUNCATE") return {false, false, false, true};
    if (facts.kind == "COPY" || facts.only_inserts) return {true, false, false, false};
    return {true, true, true, false};  // DO UPDATE, MERGE, WITH
}

// A foreign key's triggers are named by their OIDs: where the key was made again they are others.
bool is_internal_trigger(const catalog::Object& object) { return object.id.catalog == "pg_trigger" && object.word.empty(); }

}  // namespace

std::size_t Learned::size() const {
    std::size_t n = objects.size() + images.size() + sequences.size() + (hidden_schema_changes ? 1 : 0);
    for (const auto& [oid, ops] : tables) n += 1U + ops.inserts + ops.updates + ops.deletes + ops.truncates;
    // The whole of a table is more than any of its columns, of which PostgreSQL allows 1,600.
    constexpr std::size_t whole = 2000;
    for (const auto& [oid, columns] : images) n += columns.empty() ? whole : columns.size();
    return n;
}

std::vector<Stretch> stretches(const StepItem& step) {
    std::vector<Stretch> out;
    for (std::size_t i = 0; i < step.statements.size(); ++i) {
        const Statement& statement = step.statements[i];
        const bool idle = statement.facts.effect == sql::Effect::none;
        const auto kind = kind_of(statement);
        const bool joins = !out.empty() && (idle || (kind == out.back().kind && kind != Stretch::Kind::anything));
        if (!joins) out.push_back({.kind = kind, .statements = {}});
        out.back().statements.push_back(i);
    }
    return out;
}

std::optional<Diagnostic> Recorder::before(const Stretch& stretch, const StepItem& step) {
    if (auto error = look_for_hiding(step)) return error;
    number_ = next_++;
    if (learned_of_all_.size() < next_) learned_of_all_.resize(next_);
    std::vector<std::string> changed, named;
    for (const std::size_t i : stretch.statements) {
        const auto& facts = step.statements[i].facts;
        auto& names = facts.effect == sql::Effect::schema ? named : changed;
        names.insert(names.end(), facts.writes.begin(), facts.writes.end());
        if (facts.effect == sql::Effect::schema) {
            for (const auto& lock : facts.locks) named.push_back(lock.relation);
        }
    }
    if (stretch.kind == Stretch::Kind::anything) changed.insert(changed.end(), step.changes.begin(), step.changes.end());
    auto found = resolve(session_, changed, "rpv");
    if (auto* error = std::get_if<Diagnostic>(&found)) return *error;
    auto tables = std::get<std::set<std::uint32_t>>(std::move(found));
    watch_schema_ = stretch.kind != Stretch::Kind::rows || lesson().hidden_schema_changes || counts_hidden_;
    // Definitions change no rows, but for those that event triggers and functions of a conversion
    // write.
    for (const auto& [oid, ops] : lesson().tables) tables.insert(oid);
    if (auto error = leave_out_made(tables)) return error;

    before_.clear();
    if (watch_schema_) {
        auto relations = resolve(session_, named, "rpvmfSiIc");
        if (auto* error = std::get_if<Diagnostic>(&relations)) return *error;
        for (const auto oid : std::get<std::set<std::uint32_t>>(relations)) roots_.insert(relation(oid));
        auto defaults = defaults_of(session_, std::get<std::set<std::uint32_t>>(relations));
        if (auto* error = std::get_if<Diagnostic>(&defaults)) return *error;
        roots_.merge(std::get<std::set<ObjectId>>(defaults));
        for (const auto oid : tables) roots_.insert(relation(oid));
        roots_.insert(lesson().objects.begin(), lesson().objects.end());
        // What steps that a rule undoes have changed before in this transaction is not this stretch's doing.
        auto so_far = catalog_writes(session_);
        if (auto* error = std::get_if<Diagnostic>(&so_far)) return *error;
        is_first_ = std::get<std::int64_t>(so_far) == 0 && !counts_hidden_;
        if (number_ == 0) counted_from_zero_ = is_first_;
        catalog::Pinned pinned;
        if (std::get<std::int64_t>(so_far) != catalog_writes_ || counts_hidden_) {
            auto touched = catalog::touched(session_, roots_, &pinned);
            if (auto* error = std::get_if<Diagnostic>(&touched)) return *error;
            const auto& objects = std::get<catalog::Touched>(touched).objects;
            roots_.insert(objects.begin(), objects.end());
        }
        auto read = catalog::read_definitions(session_, roots_, pinned);
        if (auto* error = std::get_if<Diagnostic>(&read)) return *error;
        before_ = std::get<Definitions>(std::move(read));
        insert_keys(roots_, before_);
        insert_keys(seen_, before_);
    }
    if (step.keep_rows) {
        if (auto error = begin_capture(stretch, step, tables)) return error;
    }
    auto writes = catalog_writes(session_);
    if (auto* error = std::get_if<Diagnostic>(&writes)) return *error;
    catalog_writes_ = std::get<std::int64_t>(writes);
    return std::nullopt;
}

std::optional<Diagnostic> Recorder::look_for_hiding(const StepItem& step) {
    if (step_ == &step) return std::nullopt;
    step_ = &step;
    // Only a superuser can switch the counters off: what runs no code of users is not asked about.
    const bool runs_code = std::any_of(step.statements.begin(), step.statements.end(), [](const compiler::Statement& s) {
        return s.facts.effect != sql::Effect::schema || s.facts.opaque || s.facts.may_run_unseen_code;
    });
    counts_hidden_ = false;
    if (!runs_code) return std::nullopt;
    std::vector<const std::string*> texts;
    for (const auto& statement : step.statements) texts.push_back(&statement.sql.text);
    const auto hidden = may_hide_counts(session_, texts);
    if (const auto* error = std::get_if<Diagnostic>(&hidden)) return *error;
    counts_hidden_ = std::get<bool>(hidden);
    return std::nullopt;
}

// Rows of a table that the transaction has made go with it; but for those of one that refers to an older table, whose
// rows may have to go before that: then theirs go first.
std::optional<Diagnostic> Recorder::leave_out_made(std::set<std::uint32_t>& tables) {
    const bool any = std::any_of(tables.begin(), tables.end(), [&](std::uint32_t oid) { return made_.contains(relation(oid)); });
    if (!any) return std::nullopt;
    std::string made;
    for (const auto& id : made_) {
        if (id.catalog == "pg_class") made += fmt::format("{}{}", made.empty() ? "" : ",", id.oid);
    }
    const Answer a = session_.query(postgres::Command{
        "WITH RECURSIVE refers AS ("
        "  SELECT k.conrelid FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.conrelid = ANY ($1::oid[]) AND k.confrelid <> ALL ($1::oid[])"
        "  UNION SELECT k.conrelid FROM refers r JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.confrelid = r.conrelid"
        "  WHERE k.conrelid = ANY ($1::oid[])) SELECT conrelid FROM refers",
        {"{" + made + "}"}, true});
    if (!a.ok()) return journal::journal_error(a, "looking for what refers to a step's tables");
    std::set<std::uint32_t> referring;
    for (const auto& row : a.rows) referring.insert(static_cast<std::uint32_t>(std::stoul(*row[0])));
    std::erase_if(tables, [&](std::uint32_t oid) { return made_.contains(relation(oid)) && !referring.contains(oid); });
    return std::nullopt;
}

std::variant<Entry, Recorder::Again, Diagnostic> Recorder::after(const StepItem& step) {
    const std::size_t known = lesson().size();
    Entry entry;
    auto writes = catalog_writes(session_);
    if (auto* error = std::get_if<Diagnostic>(&writes)) return *error;
    const bool schema_changed = std::get<std::int64_t>(writes) != catalog_writes_ || counts_hidden_;
    if (schema_changed && !watch_schema_) lesson().hidden_schema_changes = true;

    Alarm alarm;
    if (capture_) {
        auto ended = capture_->end(session_);
        if (auto* error = std::get_if<Diagnostic>(&ended)) return *error;
        auto& captured = std::get<Captured>(ended);
        alarm = std::move(captured.alarm);
        if (!alarm.refused.empty()) return alarm.refused.front();
        entry.kept = std::move(captured.kept);
        ended_.push_back(std::move(*capture_));
        capture_.reset();
    }
    const Learned former = lesson();
    if (schema_changed && watch_schema_) {
        if (auto error = see_schema(step, entry)) return *error;
    }
    if (auto error = heed(alarm, former)) return *error;
    auto& tries = lesson().sequences_of_tries;
    for (const auto& moved : entry.kept.sequences) {
        tries.first.try_emplace(moved.oid, SequenceValue{.value = moved.before, .is_called = moved.called_before});
        tries.left[moved.oid] = {.value = moved.after, .is_called = moved.called_after};
    }
    if (lesson().size() == known) return entry;
    if (!tries.first.empty()) {
        if (auto error = write_down_movable(session_, true, tries.left)) return *error;
    }
    return Again{};
}

std::optional<Diagnostic> Recorder::close() {
    for (auto& capture : ended_) {
        if (auto error = capture.close(session_)) return error;
    }
    ended_.clear();
    return std::nullopt;
}

std::optional<Diagnostic> Recorder::begin_capture(const Stretch& stretch, const StepItem& step, const std::set<std::uint32_t>& tables) {
    CaptureRequest request;
    request.prefix = fmt::format("{}_{}", of_.prefix, number_);
    RowOps named{false, false, false, false};
    for (const std::size_t i : stretch.statements) named = both(named, ops_of(step.statements[i].facts));
    for (const auto oid : tables) {
        const auto learned = lesson().tables.find(oid);
        request.tables.push_back({.oid = oid, .ops = learned == lesson().tables.end() ? named : both(named, learned->second)});
    }
    const auto changing = [&](std::size_t i) { return step.statements[i].facts.effect != sql::Effect::none; };
    if (std::count_if(stretch.statements.begin(), stretch.statements.end(), changing) == 1) {
        const auto& facts = step.statements[*std::find_if(stretch.statements.begin(), stretch.statements.end(), changing)].facts;
        for (auto& table : request.tables) table.every_row = facts.updates_all && tables.size() == 1;
    }
    for (auto [oid, columns] : lesson().images) {
        if (made_.contains(relation(oid)) || stretch.kind == Stretch::Kind::rows) continue;
        // Code that changes rows as well: whether before or after the columns, who knows.
        const auto also = [oid](const CaptureTable& one) { return one.oid == oid; };
        if (stretch.kind == Stretch::Kind::anything && std::erase_if(request.tables, also) > 0) columns.clear();
        request.images.push_back({.oid = oid, .columns = {columns.begin(), columns.end()}});
    }
    // PostgreSQL 15 tells no trigger which rows MERGE moves from one partition to another.
    std::vector<std::string> merged;
    for (const std::size_t i : stretch.statements) {
        const auto& facts = step.statements[i].facts;
        if (facts.kind == "MERGE") merged.insert(merged.end(), facts.writes.begin(), facts.writes.end());
    }
    auto trees = resolve(session_, merged, "p");
    if (auto* error = std::get_if<Diagnostic>(&trees)) return *error;
    for (const auto oid : std::get<0>(trees)) {
        if (std::erase_if(request.tables, [oid](const CaptureTable& one) { return one.oid == oid; }) > 0) request.images.push_back({.oid = oid, .columns = {}});
    }
    std::vector<std::string> drawn;
    bool unseen = false;
    for (const std::size_t i : stretch.statements) {
        const auto& facts = step.statements[i].facts;
        drawn.insert(drawn.end(), facts.sequences.begin(), facts.sequences.end());
        unseen = unseen || facts.may_run_unseen_code;
        request.moves_sequences = request.moves_sequences || (facts.draws && facts.sequences.empty());
    }
    auto sequences = resolve(session_, drawn, "S");
    if (auto* error = std::get_if<Diagnostic>(&sequences)) return *error;
    std::get<0>(sequences).insert(lesson().sequences.begin(), lesson().sequences.end());
    request.sequences.assign(std::get<0>(sequences).begin(), std::get<0>(sequences).end());
    request.within_definitions = stretch.kind == Stretch::Kind::schema && unseen;
    request.opaque = stretch.kind == Stretch::Kind::anything ||
                     (stretch.kind == Stretch::Kind::schema && (unseen || !lesson().tables.empty()));
    request.counts_hidden = counts_hidden_;
    request.of_tries = &lesson().sequences_of_tries;
    request.earlier = of_.earlier;
    // ALTER TABLE may write every row anew.
    std::vector<std::string> rewritten;
    for (const std::size_t i : stretch.statements) {
        for (const auto& lock : step.statements[i].facts.locks) {
            if (step.statements[i].facts.effect == sql::Effect::schema && lock.mode == sql::LockMode::access_exclusive) rewritten.push_back(lock.relation);
        }
    }
    auto found = resolve(session_, rewritten, "rp");
    if (auto* error = std::get_if<Diagnostic>(&found)) return *error;
    auto& older = std::get<0>(found);
    std::erase_if(older, [&](std::uint32_t oid) { return made_.contains(relation(oid)); });
    // That matters to rows which have been kept of it, and mostly there are none.
    if (!older.empty()) {
        auto kept = of_.earlier(older);
        if (auto* error = std::get_if<Diagnostic>(&kept)) return *error;
        if (!std::get<0>(kept).empty()) request.rewritten.assign(older.begin(), older.end());
    }
    capture_.emplace();
    return capture_->begin(session_, request);
}

std::optional<Diagnostic> Recorder::heed(const Alarm& alarm, const Learned& former) {
    for (const auto& table : alarm.tables) {
        if (made_.contains(relation(table.oid))) continue;
        // Another file: when its definition has changed, the image of what that loses tells whether rows are gone, and the next try
        // whether there is anything to lose.
        const auto id = relation(table.oid);
        const bool next_try = lesson().objects.contains(id) && !former.objects.contains(id);
        if (!table.whole && table.ops == RowOps{false, false, false, true} && (next_try || lesson().images.contains(table.oid))) continue;
        bool no_news = false;
        if (table.whole) {
            lesson().images[table.oid].clear();
            const auto knew = former.images.find(table.oid);
            no_news = knew != former.images.end() && knew->second.empty();
        } else {
            auto [at, is_new] = lesson().tables.try_emplace(table.oid, table.ops);
            if (!is_new) at->second = both(at->second, table.ops);
            const auto knew = former.tables.find(table.oid);
            no_news = knew != former.tables.end() && knew->second == at->second;
        }
        if (no_news)
            return run::problem(828, fmt::format("rows of `{}` were changed in a way that could not be kept", table.name), "changes " + table.name);
    }
    lesson().sequences.insert(alarm.sequences.begin(), alarm.sequences.end());
    return std::nullopt;
}

std::optional<Diagnostic> Recorder::see_schema(const StepItem& step, Entry& entry) {
    catalog::Pinned pinned;
    auto written = catalog::touched(session_, roots_, &pinned, counted_from_zero_);
    if (auto* error = std::get_if<Diagnostic>(&written)) return *error;
    const auto& touched = std::get<catalog::Touched>(written);
    if (!touched.unknown.empty())
        return run::problem(841, fmt::format("the step writes to `{}`, and what stands there can't be taken back", touched.unknown.front()), compiler::ways_out);
    // What was there before and has been changed or dropped: who is outside of this transaction still sees it as it was.
    auto asked = of_.outside();
    if (auto* error = std::get_if<Diagnostic>(&asked)) return *error;
    auto former = catalog::touched_by_aborted(*std::get<Session*>(asked), touched, roots_);
    if (auto* error = std::get_if<Diagnostic>(&former)) return *error;
    const auto& replaced = std::get<std::set<ObjectId>>(former);
    std::set<ObjectId> missed;
    for (const auto& id : replaced) {
        if (!seen_.contains(id)) missed.insert(id);
    }
    // A comment, a label of an enum, a dependency: of an object whose own row has stayed.
    std::set<ObjectId> unknown;
    for (const auto& id : touched.objects) {
        if (!seen_.contains(id) && !replaced.contains(id) && !made_.contains(id)) unknown.insert(id);
    }
    auto found = catalog::standing(*std::get<Session*>(asked), unknown);
    if (auto* error = std::get_if<Diagnostic>(&found)) return *error;
    const auto& there = std::get<std::set<ObjectId>>(found);
    missed.insert(there.begin(), there.end());
    if (!see_from_outside(*std::get<Session*>(asked), missed)) lesson().objects.insert(missed.begin(), missed.end());
    roots_.insert(missed.begin(), missed.end());
    roots_.insert(touched.objects.begin(), touched.objects.end());
    auto read = catalog::read_definitions(session_, roots_, pinned);
    if (auto* error = std::get_if<Diagnostic>(&read)) return *error;
    const auto after = std::get<Definitions>(std::move(read));
    insert_keys(roots_, after);
    for (const auto& id : touched.objects) {
        if (unknown.contains(id) && !there.contains(id)) made_.insert(id);
    }
    auto way = catalog::way_back(before_, after);
    if (!way.refused.empty()) {
        way.refused.front().help = compiler::ways_out;
        return way.refused.front();
    }
    if (step.keep_rows && !way.losses.empty()) {
        // A table that nobody outside sees was made by this transaction, each time it is tried under another OID.
        std::set<ObjectId> tables;
        for (const auto& loss : way.losses) tables.insert(relation(loss.table));
        auto older = catalog::standing(*std::get<Session*>(asked), tables);
        if (auto* error = std::get_if<Diagnostic>(&older)) return *error;
        for (const auto& loss : way.losses) {
            if (std::get<std::set<ObjectId>>(older).contains(relation(loss.table))) learn(loss, entry.kept);
        }
    }
    entry.before_rows = std::move(way.before_rows);
    entry.after_rows = std::move(way.after_rows);
    guard(after, way.guards, entry);
    for (const auto& id : way.rebuilt) entry.remade.push_back({.was = id, .identity = before_.at(id).identity, .columns = {}});
    add_columns(after, entry);
    return std::nullopt;
}

// What the first stretch of a transaction has changed unforeseen still stands outside as it was before, and spares running the step
// again, which may have rewritten a large table. False: it can't be told from there. Reading a view's definition waits for a table
// that this transaction has locked, and so must not wait long.
bool Recorder::see_from_outside(Session& outside, const std::set<ObjectId>& missed) {
    if (missed.empty()) return true;
    if (!is_first_) return false;
    bool seen = outside.script("BEGIN READ ONLY; SET LOCAL lock_timeout = '100ms'").ok();
    if (seen) {
        auto read = catalog::read_definitions(outside, missed);
        auto* definitions = std::get_if<Definitions>(&read);
        seen = definitions != nullptr;
        if (seen) {
            for (auto& [id, object] : *definitions) {
                const bool root = object.root;
                auto& into = before_.try_emplace(id, std::move(object)).first->second;
                into.root = into.root || root;
            }
            insert_keys(roots_, before_);
            insert_keys(seen_, before_);
        }
    }
    if (outside.alive()) (void)outside.script("ROLLBACK");
    return seen;
}

// Columns that the undo will drop again.
void Recorder::add_columns(const Definitions& after, Entry& entry) {
    for (const auto& [id, table] : after) {
        const auto former = before_.find(id);
        if (former == before_.end() || made_.contains(id) || !table.word.ends_with("TABLE")) continue;
        const auto& were = former->second.columns;
        for (const auto& [name, number] : table.columns) {
            const bool there = std::any_of(were.begin(), were.end(), [&](const auto& c) { return c.second == number; });
            if (!there) entry.added.push_back({.table = id, .relation = table.identity, .column = name, .number = number});
        }
    }
}

// Rows that go with what was dropped or converted are kept before; where they were not, the next try does.
void Recorder::learn(const catalog::RowLoss& loss, const Kept& kept) {
    const ObjectId table = relation(loss.table);
    if (made_.contains(table)) return;
    const std::set<std::int16_t> columns(loss.columns.begin(), loss.columns.end());
    const auto covers = [&](const KeptRows& rows) {
        if (rows.oid != loss.table) return false;
        if (rows.how == KeptRows::How::table) return true;
        return !loss.columns.empty() && std::all_of(columns.begin(), columns.end(), [&](std::int16_t column) {
            return std::find(rows.restored.begin(), rows.restored.end(), column) != rows.restored.end();
        });
    };
    if (std::any_of(kept.rows.begin(), kept.rows.end(), covers)) return;
    const auto [at, is_new] = lesson().images.try_emplace(loss.table);
    if (loss.columns.empty()) {
        at->second.clear();
    } else if (is_new || !at->second.empty()) {
        at->second.insert(columns.begin(), columns.end());
    }
}

// What the undo changes or drops must still be what the step has left; what it makes again is remembered by its name.
void Recorder::guard(const Definitions& after, const std::vector<catalog::Guard>& guards, Entry& entry) {
    for (const auto& one : guards) {
        const auto object = after.find(one.id);
        if (object == after.end() || is_internal_trigger(object->second)) continue;
        entry.guards.push_back({.id = one.id, .what = in_words(object->second), .digest = fingerprint(object->second),
                                .made = !before_.contains(one.id), .parts = fingerprints_of_parts(object->second)});
    }
    for (const auto& [id, object] : before_) {
        if (!after.contains(id) && !is_internal_trigger(object))
            entry.gone.push_back({.was = id, .what = in_words(object), .name = object.name, .identity = object.identity});
    }
    for (const auto& [id, object] : after) entry.known.push_back(id);
    // Whatever was read may be made again: a constraint that was validated, what depends on a column of another type.
    for (const auto& [id, object] : before_) {
        entry.remade.push_back({.was = id, .identity = object.identity, .columns = object.columns});
    }
}

}  // namespace cairn::undo
