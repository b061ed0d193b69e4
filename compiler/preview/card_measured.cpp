// What a rehearsal measured of one item, and of its statements.
#include <fmt/format.h>

#include "compiler/diagnostics/display.hpp"
#include "compiler/preview/card_parts.hpp"
#include "compiler/preview/words.hpp"

namespace cairn::compiler {

namespace {

Words time(std::chrono::milliseconds took) {
    return {fmt::format("{}ms", took.count())};
}
Words rows(std::int64_t count) {
    return {fmt::format("{} row{}", count, count == 1 ? "" : "s")};
}
Words wal(std::int64_t bytes) {
    return {bytes_in_words(bytes) + " of WAL"};
}
std::string held(const MeasuredLock& lock) {
    return fmt::format("{} on {} for {}ms", printable(lock.mode), printable(lock.relation),
                       lock.held.count());
}

Fact statement(const MeasuredStatement& seen) {
    Fact out{.label = fmt::format("sql {}", seen.statement), .parts = {time(seen.took)}};
    if (seen.rows) out.parts.push_back(rows(*seen.rows));
    if (seen.wal_bytes.value_or(0) > 0) out.parts.push_back(wal(*seen.wal_bytes));
    for (const auto& lock : seen.locks) out.parts.push_back({held(lock)});
    if (!seen.rewrites.empty())
        out.parts.push_back({"rewrote " + printable(joined(seen.rewrites))});
    return out;
}

}  // namespace

Figures measured_of(const Item& item, const Measured& measured) {
    Figures out;
    const auto found = measured.items.find(item.name);
    if (found == measured.items.end()) return out;
    const MeasuredItem& seen = found->second;
    Fact figures{.label = "measured", .parts = {}};
    if (seen.state != "applied")
        figures.parts.push_back(
            {printable(seen.state), seen.state == "failed" ? Tone::bad : Tone::quiet});
    if (seen.took) figures.parts.push_back(time(*seen.took));
    if (seen.rows) figures.parts.push_back(rows(*seen.rows));
    if (seen.wal_bytes) figures.parts.push_back(wal(*seen.wal_bytes));
    std::vector<std::string> texts;
    for (const auto& part : figures.parts) texts.push_back(part.text);
    out.in_short = joined(texts);
    if (!figures.parts.empty()) out.lines.emplace_back(std::move(figures));
    for (const auto& lock : seen.locks) out.lines.emplace_back(fact("held", held(lock)));
    if (!seen.rewrites.empty())
        out.lines.emplace_back(fact("rewrote", printable(joined(seen.rewrites))));
    if (seen.statements.size() > 1)
        for (const auto& each : seen.statements) out.lines.emplace_back(statement(each));
    if (seen.rollback.empty() || !item.changes_database()) return out;
    const bool good = seen.rollback == "exact" || seen.rollback == "column order";
    out.lines.emplace_back(
        fact("back", printable(seen.rollback), good ? Tone::good : Tone::bad));
    return out;
}

}  // namespace cairn::compiler
