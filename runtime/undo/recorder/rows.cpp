// Which rows a stretch may change, and what is kept of them.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/journal/schema.hpp"
#include "runtime/run/context.hpp"
#include "runtime/undo/recorder.hpp"
#include "runtime/undo/rows/look.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using compiler::StepItem;
using postgres::Answer;

namespace {

RowOps ops_of(const sql::StatementFacts& facts) {
    if (facts.effect != sql::Effect::rows) return facts.effect == sql::Effect::anything ? RowOps{} : RowOps{false, false, false, false};
    if (facts.kind == "UPDATE") return {false, true, false, false};
    if (facts.kind == "DELETE") return {false, false, true, false};
    if (facts.kind == "TRUNCATE TABLE" || facts.kind == "TRUNCATE") return {false, false, false, true};
    if (facts.kind == "COPY" || facts.only_inserts) return {true, false, false, false};
    return {true, true, true, false};  // DO UPDATE, MERGE, WITH
}

}  // namespace

std::optional<Diagnostic> Recorder::look_for_hiding(const StepItem& step) {
    if (step_ == &step) return std::nullopt;
    step_ = &step;
    // Only a superuser can switch the counters off: what runs no code of users is not asked about.
    const bool runs_code = std::any_of(step.statements.begin(), step.statements.end(), [](const compiler::Statement& s) {
        return s.facts.effect != sql::Effect::schema || s.facts.opaque || s.facts.may_run_unseen_code;
    });
    counts_hidden_ = false;
    // The database or the role may be set so.
    const Answer counts = session_.once("SELECT pg_catalog.current_setting('track_counts')");
    if (!counts.ok()) return journal::journal_error(counts, "asking whether changes are counted");
    if (!runs_code && counts.rows[0][0] == "on") return std::nullopt;
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

std::optional<Diagnostic> Recorder::begin_capture(const Stretch& stretch, const StepItem& step, const std::set<std::uint32_t>& tables) {
    CaptureRequest request;
    request.prefix = fmt::format("{}_{}", of_.prefix, number_);
    request.counts_hidden = counts_hidden_;
    request.of_tries = &lesson().sequences_of_tries;
    request.earlier = of_.earlier;
    const bool unseen = std::any_of(stretch.statements.begin(), stretch.statements.end(), [&](std::size_t i) { return step.statements[i].facts.may_run_unseen_code; });
    request.within_definitions = stretch.kind == Stretch::Kind::schema && unseen;
    request.opaque = stretch.kind == Stretch::Kind::anything ||
                     (stretch.kind == Stretch::Kind::schema && (unseen || !lesson().tables.empty()));
    if (auto error = ask_for_tables(stretch, step, tables, request)) return error;
    if (auto error = ask_for_sequences(stretch, step, request)) return error;
    if (auto error = ask_for_rewritten(stretch, step, request)) return error;
    capture_.emplace();
    return capture_->begin(session_, request);
}

std::optional<Diagnostic> Recorder::ask_for_tables(const Stretch& stretch, const StepItem& step, const std::set<std::uint32_t>& tables, CaptureRequest& request) {
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
    return std::nullopt;
}

std::optional<Diagnostic> Recorder::ask_for_sequences(const Stretch& stretch, const StepItem& step, CaptureRequest& request) {
    std::vector<std::string> drawn;
    for (const std::size_t i : stretch.statements) {
        const auto& facts = step.statements[i].facts;
        drawn.insert(drawn.end(), facts.sequences.begin(), facts.sequences.end());
        request.moves_sequences = request.moves_sequences || (facts.draws && facts.sequences.empty());
    }
    auto sequences = resolve(session_, drawn, "S");
    if (auto* error = std::get_if<Diagnostic>(&sequences)) return *error;
    std::get<0>(sequences).insert(lesson().sequences.begin(), lesson().sequences.end());
    request.sequences.assign(std::get<0>(sequences).begin(), std::get<0>(sequences).end());
    return std::nullopt;
}

// ALTER TABLE may write every row anew.
std::optional<Diagnostic> Recorder::ask_for_rewritten(const Stretch& stretch, const StepItem& step, CaptureRequest& request) {
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
    return std::nullopt;
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

}  // namespace cairn::undo
