#include "runtime/undo/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

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

// A wrong answer costs a second try, or a longer look.
bool says_trigger(const std::string& sql) {
    constexpr std::string_view word = "trigger";
    return std::search(sql.begin(), sql.end(), word.begin(), word.end(), [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; }) != sql.end();
}

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

std::vector<Stretch> one_stretch(const StepItem& step) {
    Stretch whole{.kind = Stretch::Kind::anything, .statements = {}};
    for (std::size_t i = 0; i < step.statements.size(); ++i) whole.statements.push_back(i);
    return {whole};
}

std::optional<Diagnostic> Recorder::before(const Stretch& stretch, const StepItem& step) {
    if (auto error = look_for_hiding(step)) return error;
    number_ = next_++;
    if (learned_of_all_.size() < next_) learned_of_all_.resize(next_);
    std::vector<std::string> changed, named;
    bool may_switch_triggers = false;
    for (const std::size_t i : stretch.statements) {
        const auto& facts = step.statements[i].facts;
        may_switch_triggers = may_switch_triggers || says_trigger(step.statements[i].sql.text);
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
    if (of_.claim) {
        if (auto error = of_.claim(session_, tables)) return error;
    }

    if (auto error = note_refreshing(stretch, step)) return error;

    before_.clear();
    if (watch_schema_) {
        auto relations = resolve(session_, named, "rpvmfSiIc");
        if (auto* error = std::get_if<Diagnostic>(&relations)) return *error;
        for (const auto oid : std::get<std::set<std::uint32_t>>(relations)) roots_.insert(relation(oid));
        auto parts = hidden_parts_of(session_, std::get<std::set<std::uint32_t>>(relations), may_switch_triggers);
        if (auto* error = std::get_if<Diagnostic>(&parts)) return *error;
        roots_.merge(std::get<std::set<ObjectId>>(parts));
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
        add_ids(roots_, before_);
        add_ids(seen_, before_);
    }
    if (step.keep_rows) {
        if (auto error = begin_capture(stretch, step, tables)) return error;
    }
    auto writes = catalog_writes(session_);
    if (auto* error = std::get_if<Diagnostic>(&writes)) return *error;
    catalog_writes_ = std::get<std::int64_t>(writes);
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

}  // namespace cairn::undo
