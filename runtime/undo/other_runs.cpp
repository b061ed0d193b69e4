#include "runtime/undo/other_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "runtime/undo/rows/sql.hpp"
#include "runtime/undo/rows/table.hpp"
#include "runtime/undo/trail.hpp"

namespace cairn::undo {

using compiler::Diagnostic;

std::optional<Diagnostic> OtherRuns::mark_earlier(const std::set<std::uint32_t>& oids) {
    auto read = kept_earlier(journal_, oids);
    if (auto* error = std::get_if<Diagnostic>(&read)) return std::move(*error);
    const auto& all = std::get<0>(read);
    marked_earlier_ = true;
    if (all.empty()) return std::nullopt;
    auto found = read_tables(session_, {oids.begin(), oids.end()});
    if (auto* error = std::get_if<Diagnostic>(&found)) return std::move(*error);
    const auto& tables = std::get<Tables>(found);
    std::set<std::string> names;
    for (const auto& one : all) {
        if (const auto t = tables.find(one.rows.oid); t != tables.end()) names.insert(t->second.name);
    }
    for (const auto& name : names) {
        const auto a = session_.query("LOCK TABLE " + name + " IN SHARE ROW EXCLUSIVE MODE");
        if (!a.ok()) return server_refused(a, 865, fmt::format("locking `{}`", name));
    }
    auto done = mark_later_writes(session_, all, tables);
    if (auto* error = std::get_if<Diagnostic>(&done)) return std::move(*error);
    marked_earlier_ = std::get<bool>(done);
    return std::nullopt;
}

std::optional<Diagnostic> OtherRuns::find_standing() {
    std::set<std::uint32_t> oids;
    for (const auto& rows : kept_.rows) oids.insert(rows.oid);
    if (oids.empty()) return std::nullopt;
    auto read = kept_earlier(journal_, oids);
    if (auto* error = std::get_if<Diagnostic>(&read)) return std::move(*error);
    standing_ = std::get<0>(std::move(read));
    const auto own = std::find_if(standing_.begin(), standing_.end(), [&](const StandingRows& one) {
        return std::any_of(kept_.rows.begin(), kept_.rows.end(), [&](const KeptRows& mine) { return mine.kept_table == one.rows.kept_table; });
    });
    own_place_ = own - standing_.begin();
    return std::nullopt;
}

// For each pair of rows of this stretch and of another run's, of one table; false once `each` is.
template <class Each>
std::variant<bool, Diagnostic> OtherRuns::with_each(bool later, const Each& each) {
    bool all = true;
    for (auto i = std::ptrdiff_t{0}; i < std::ssize(standing_); ++i) {
        const auto& other = standing_[static_cast<std::size_t>(i)];
        if (other.of_this_run || other.rows.how != KeptRows::How::changes || later != (i > own_place_)) continue;
        for (const auto& mine : kept_.rows) {
            if (mine.oid != other.rows.oid || mine.how != KeptRows::How::changes) continue;
            auto done = each(mine, other.rows);
            if (auto* error = std::get_if<Diagnostic>(&done)) return std::move(*error);
            all = all && std::get<bool>(done);
        }
    }
    return all;
}

std::variant<bool, Diagnostic> OtherRuns::mark_later() {
    if (auto error = find_standing()) return std::move(*error);
    return with_each(true, [&](const KeptRows& mine, const KeptRows& other) { return mark_kept_by(session_, mine, other, Which::all); });
}

std::optional<Diagnostic> OtherRuns::tell(const RestoreResult& result, OnConflict how) {
    std::variant<bool, Diagnostic> told = true;
    if (how == OnConflict::force) {
        told = with_each(true, [&](const KeptRows& mine, const KeptRows& other) { return mark_kept_by(session_, other, mine, Which::all); });
    } else if (how == OnConflict::skip) {
        told = with_each(false, [&](const KeptRows& mine, const KeptRows& other) { return mark_kept_by(session_, other, mine, Which::written_since); });
    }
    if (auto* error = std::get_if<Diagnostic>(&told)) return std::move(*error);
    const bool columns = std::any_of(kept_.rows.begin(), kept_.rows.end(), [](const KeptRows& k) { return k.how == KeptRows::How::columns; });
    if (!std::get<bool>(told) || !kept_.marked || (columns && !marked_earlier_) || result.xids.empty()) return std::nullopt;
    const auto a = session_.query(journal_.given_back(result.xids));
    if (!a.ok()) return server_refused(a, 865, "recording the undo's transactions");
    return std::nullopt;
}

}  // namespace cairn::undo
