#include "compiler/preview/found.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

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

std::vector<std::string> weights(const Item& item, const Statement& statement, const Found& found) {
    std::vector<std::string> out;
    if (statement.facts.hazards.empty()) return out;
    for (const auto& lock : statement.facts.locks) {
        if (lock.mode < sql::LockMode::share_update_exclusive) continue;
        const auto at =
            std::find_if(found.relations.begin(), found.relations.end(), [&](const auto& each) {
                return item.database == each.database && each.exists && same(each, lock.relation);
            });
        if (at == found.relations.end()) continue;
        std::string size = at->rows
                               ? fmt::format("about {} row{}, {}", *at->rows,
                                             *at->rows == 1 ? "" : "s", bytes_in_words(at->bytes))
                               : bytes_in_words(at->bytes);
        if (size_class(*at) == SizeClass::small) {
            out.push_back(statement.facts.losing_rows
                              ? fmt::format("{} is small now: {}", at->relation, size)
                              : fmt::format("harmless now: {} is small, {}", at->relation, size));
        } else {
            out.push_back(fmt::format("weighs: {} has {}; to rewrite or scan it takes {}",
                                      at->relation, size, time_words(at->bytes)));
        }
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
