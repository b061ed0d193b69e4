#include "compiler/preview/found.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

constexpr std::uint16_t rewritten = 501, read_whole = 502, changed_meanwhile = 503, rows_lost = 507, cascades = 508;
constexpr std::int64_t megabyte = 1 << 20;
// Of a rewrite or a scan, bytes a second: what an ordinary disk gives beside its other work.
constexpr std::int64_t pace = 50 * megabyte;

std::string time_words(std::int64_t bytes) {
    const std::int64_t seconds = bytes / pace;
    if (seconds < 5) return "a few seconds";
    if (seconds < 60) return "less than a minute";
    if (seconds < 600) return "some minutes";
    if (seconds < 3600) return "up to an hour";
    return "hours";
}

std::string last_part(const std::string& relation) {
    return relation.substr(relation.rfind('.') + 1);
}

bool same(const FoundRelation& found, const std::string& relation) {
    return found.relation == relation ||
           (relation.find('.') == std::string::npos && last_part(found.relation) == relation);
}

std::string by_its_size(const FoundRelation& relation, bool is_lost) {
    const std::string size =
        relation.rows ? fmt::format("about {} row{}, {}", *relation.rows, *relation.rows == 1 ? "" : "s", bytes_in_words(relation.bytes))
                      : bytes_in_words(relation.bytes);
    const bool small = size_class(relation) == SizeClass::small;
    if (small && is_lost) return fmt::format("{} is small now: {}", relation.relation, size);
    if (small) return fmt::format("harmless now: {} is small, {}", relation.relation, size);
    return fmt::format("weighs: {} has {}; to rewrite or scan it takes {}", relation.relation, size, time_words(relation.bytes));
}

std::string by_what_hangs_on_it(const FoundRelation& relation) {
    if (relation.dependents.empty()) return fmt::format("harmless now: nothing hangs on {}", relation.relation);
    return fmt::format("weighs: on {} hang {}", relation.relation, fmt::join(relation.dependents, ", "));
}

}  // namespace

SizeClass size_class(const FoundRelation& relation) {
    const auto rows = relation.rows.value_or(0);
    if (rows < 10'000 && relation.bytes < 8 * megabyte) return SizeClass::small;
    if (rows < 1'000'000 && relation.bytes < 800 * megabyte) return SizeClass::middling;
    if (rows < 100'000'000 && relation.bytes < 80'000 * megabyte) return SizeClass::large;
    return SizeClass::huge;
}

std::string size_words(const FoundRelation& relation) {
    if (!relation.exists) return "not there yet";
    std::string out = relation.kind;
    if (relation.kind == "view" || relation.kind == "sequence") return out;
    out += relation.rows
               ? fmt::format(", about {} row{}", *relation.rows, *relation.rows == 1 ? "" : "s")
               : ", rows never counted (ANALYZE does)";
    out += ", " + bytes_in_words(relation.bytes);
    if (relation.partitions > 0)
        out += fmt::format(", {} partition{}", relation.partitions,
                           relation.partitions == 1 ? "" : "s");
    return out;
}

std::vector<std::string> weights(const Item& item, const Statement& statement, const sql::Hazard& hazard,
                                 const Found& found) {
    std::vector<std::string> out;
    const bool is_lost = hazard.code == rows_lost;
    const bool by_size = hazard.code == rewritten || hazard.code == read_whole || hazard.code == changed_meanwhile || is_lost;
    if (!by_size && hazard.code != cascades) return out;
    // Rows that are changed or lost are those of tables that it only writes to, too.
    const bool by_rows = is_lost || hazard.code == changed_meanwhile;
    const auto weakest = by_rows ? sql::LockMode::row_exclusive : sql::LockMode::share_update_exclusive;
    for (const auto& lock : statement.facts.locks) {
        if (lock.mode < weakest) continue;
        const auto at =
            std::find_if(found.relations.begin(), found.relations.end(), [&](const auto& each) {
                return item.database == each.database && each.exists && same(each, lock.relation);
            });
        if (at == found.relations.end()) continue;
        out.push_back(by_size ? by_its_size(*at, is_lost) : by_what_hangs_on_it(*at));
    }
    return out;
}

const char* name(PreparedItem::State state) {
    switch (state) {
        case PreparedItem::State::checked:
            return "checked";
        case PreparedItem::State::partly:
            return "not checked in full";
        case PreparedItem::State::skipped:
            return "skipped by its `when`";
        case PreparedItem::State::failed:
            return "failed";
    }
    return "";
}

}  // namespace cairn::compiler
