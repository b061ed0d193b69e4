#include "runtime/undo/rows/restore.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/journal/silence.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/undo/rows/give_back.hpp"
#include "runtime/undo/rows/restoration.hpp"
#include "runtime/undo/rows/sequences.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace restoring {

// A bag counts what it takes away. With a key, an UPDATE and a DELETE do, of rows that are the run's own still; who has put a key
// in again, or was found before, has to be looked for.
std::optional<Diagnostic> Restoration::count_expected() {
    if (mode_ == OnConflict::force) return std::nullopt;
    for (const auto& r : rows_) {
        if (r.how != How::changes) continue;
        if (r.key.empty()) {
            expected_[r.kept_table] = {};
            continue;
        }
        const Answer a = exec(fmt::format("SELECT count(*) FILTER (WHERE k.cairn_op = 'u'), count(*) FILTER (WHERE k.cairn_op = 'i'), "
                                          "count(*) FILTER (WHERE k.cairn_op NOT IN ('u', 'i')) FROM {} k", r.kept_table));
        if (!a.ok()) return server_refused(a, 865, fmt::format("counting the rows kept of `{}`", r.table));
        const auto& row = a.rows[0];
        const bool sets_something = row[0] == "0" || !give_back_changed(r, own_).empty();
        if (row[2] == "0" && sets_something) expected_[r.kept_table] = {.changed = *row[0], .put_in = *row[1]};
    }
    return std::nullopt;
}

// False: not all rows are as the run left them, or something stood in the way.
std::variant<bool, Diagnostic> Restoration::try_trusting() {
    if (const Answer a = exec("SAVEPOINT cairn_rows"); !a.ok()) return server_refused(a, 865, "setting a savepoint");
    const auto stopped = attempt();
    if (!stopped) {
        if (!release("cairn_rows")) return rows_problem(865, "a savepoint can't be released");
        return true;
    }
    if (stopped->problem && (!session_.alive() || process::interrupt_requested())) return *stopped->problem;
    if (const Answer a = session_.script("ROLLBACK TO SAVEPOINT cairn_rows; RELEASE SAVEPOINT cairn_rows"); !a.ok())
        return server_refused(a, 865, "going back to a savepoint");
    lenient_ = false;
    return false;
}

// Nobody has been there, as a rule: then comparing all rows beforehand costs half as much again as giving them back.
std::optional<Diagnostic> Restoration::go_on() {
    // Without a key a row that changes is taken out and put in.
    std::vector<std::uint32_t> bags;
    for (const auto& [member, root] : root_of_) {
        const bool is_bag = std::any_of(rows_.begin(), rows_.end(), [&, of = root](const KeptRows& r) { return r.oid == of && r.key.empty() && r.how == How::changes; });
        if (is_bag) bags.push_back(member);
    }
    auto acting = read_acting(session_, bags);
    if (auto* d = std::get_if<Diagnostic>(&acting)) return *d;
    acting_ = std::get<LeftAway>(std::move(acting));
    auto unproved = read_unproved_then();
    if (auto* d = std::get_if<Diagnostic>(&unproved)) return *d;
    unproved_ = std::get<LeftAway>(std::move(unproved));
    const RestoreResult before = result_;
    if (auto d = count_expected()) return d;
    if (trusts()) {
        if (auto d = find_conflicts()) return d;
        bool done = false;
        if (result_.conflict_count == 0) {
            auto tried = try_trusting();
            if (auto* d = std::get_if<Diagnostic>(&tried)) return *d;
            done = std::get<bool>(tried);
        }
        if (done) {
            result_.xids.assign(xids_.begin(), xids_.end());
            gave_back_ = true;
            return std::nullopt;
        }
        expected_.clear();
        xids_.clear();
        result_ = before;
    }
    return look_and_give_back();
}

// With the list of conflicts made, as far as they show beforehand: it is what a forced or skipping undo has to say too.
std::optional<Diagnostic> Restoration::look_and_give_back() {
    if (auto d = find_conflicts()) return d;
    if (result_.conflict_count > 0) {
        if (mode_ == OnConflict::stop) return std::nullopt;
        if (auto d = mode_ == OnConflict::skip ? mark() : unmark()) return d;
    }
    while (true) {
        if (const Answer a = exec("SAVEPOINT cairn_rows"); !a.ok()) return server_refused(a, 865, "setting a savepoint");
        const auto stopped = attempt();
        if (!stopped) {
            if (!release("cairn_rows")) return rows_problem(865, "a savepoint can't be released");
            result_.xids.assign(xids_.begin(), xids_.end());
            gave_back_ = true;
            return std::nullopt;
        }
        if (const Answer a = exec(stopped->again ? "RELEASE SAVEPOINT cairn_rows" : "ROLLBACK TO SAVEPOINT cairn_rows"); !a.ok())
            return stopped->problem ? *stopped->problem : server_refused(a, 865, "going back to a savepoint");
        if (stopped->problem) return stopped->problem;
        if (!stopped->again || ++attempts_ > 20) {
            result_.restored = 0;
            return std::nullopt;
        }
    }
}

std::variant<RestoreResult, Diagnostic> Restoration::run() {
    if (auto d = prepare()) return *d;
    if (!rows_.empty()) {
        if (auto d = find_members()) return *d;
        if (auto d = order()) return *d;
        if (auto d = lift_security()) return *d;
        if (auto d = go_on()) return *d;
        if (!security_.on.empty()) {
            if (const Answer a = session_.script(journal::in_silence(security_.on)); !a.ok()) return server_refused(a, 865, "putting row security back");
        }
        result_.gave_back = gave_back_;
        if (!gave_back_) return result_;
    }
    for (const auto& s : sequences_) {
        if (auto d = put_back(session_, s)) return *d;
    }
    return result_;
}

}  // namespace restoring

using compiler::Diagnostic;
using postgres::Session;
using restoring::Restoration;

std::variant<RestoreResult, Diagnostic> look_for_conflicts(Session& session, const Kept& kept, const std::string& own_xids) {
    return Restoration(session, kept, OnConflict::stop, own_xids).look();
}

std::variant<RestoreResult, Diagnostic> restore(Session& session, const Kept& kept, OnConflict mode, const std::string& own_xids) {
    return Restoration(session, kept, mode, own_xids).run();
}

namespace {

std::string told(const Conflict& one, const char* when) {
    const std::string row = fmt::format("{} {}: ", one.table, one.key);
    return one.kept.empty() ? row + one.now : fmt::format("{}kept {}, {} {}", row, one.kept, when, one.now);
}

}  // namespace

bool leaves_something(const RestoreResult& result, OnConflict how) {
    if (how == OnConflict::skip) return result.conflict_count > 0;
    return std::any_of(result.conflicts.begin(), result.conflicts.end(), [](const Conflict& one) { return one.stays || one.beside; });
}

std::vector<std::string> in_words(const RestoreResult& result, OnConflict how) {
    std::vector<std::string> lines;
    for (const auto& one : result.conflicts) {
        if (how == OnConflict::force && one.beside) {
            lines.push_back(fmt::format("left beside what is given back, since without a key nothing tells which row it is now: {} {}: {}", one.table, one.key, one.now));
            continue;
        }
        lines.push_back(fmt::format("{} {}", how == OnConflict::skip || one.stays ? "left as others have written it:" : "overwritten:", told(one, "there")));
    }
    if (result.conflict_count > result.conflicts.size()) lines.push_back(fmt::format("… and {} more", result.conflict_count - result.conflicts.size()));
    return lines;
}

Diagnostic conflicts_found(const RestoreResult& result) {
    std::string list;
    for (const auto& c : result.conflicts) list += "\n  " + told(c, "now");
    if (result.conflict_count > result.conflicts.size())
        list += fmt::format("\n  and {} more", result.conflict_count - result.conflicts.size());
    for (const auto& table : result.written_anew)
        list += fmt::format("\n  {} was written anew as a whole by an ALTER TABLE since: whether anybody has changed these rows besides does not show", table);
    Diagnostic found = rows_problem(820, fmt::format("{} {} that others have written since; nothing was overwritten:{}", result.conflict_count,
                                                     result.conflict_count == 1 ? "row" : "rows", list));
    if (!result.written_anew.empty())
        found.help = "if nobody has changed rows besides: cairn rollback RUN --on-conflict force; to leave them as they are: cairn rollback RUN --on-conflict skip";
    return found;
}

}  // namespace cairn::undo
