#include "compiler/preview/words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <array>
#include <utility>

namespace cairn::compiler {

namespace {

const char* symbol(Op op) {
    switch (op) {
        case Op::equal:
            return "=";
        case Op::not_equal:
            return "<>";
        case Op::less:
            return "<";
        case Op::less_equal:
            return "<=";
        case Op::greater:
            return ">";
        case Op::greater_equal:
            return ">=";
    }
    return "=";
}

struct Expectation {
    std::string operator()(const ExpectNothing&) const { return "returns nothing"; }
    std::string operator()(const ExpectSomething&) const { return "returns something"; }
    std::string operator()(const ExpectTrue&) const { return "is true"; }
    std::string operator()(const ExpectValue& e) const {
        return fmt::format("{} {}", symbol(e.op), e.written.empty() ? e.value : e.written);
    }
    std::string operator()(const ExpectSameRows& e) const {
        return e.within ? "every row of the left is in the right" : "the same rows on both sides";
    }
    std::string operator()(const ExpectAny&) const { return "is shown"; }
    std::string operator()(const ExpectUsesIndex& e) const { return "uses index " + e.index; }
    std::string operator()(const ExpectFreeSpace& e) const {
        if (e.bytes != 0 || e.factor == 0)
            return fmt::format("free space {} {} bytes", symbol(e.op), e.bytes);
        return fmt::format("free space {} {}x that", symbol(e.op), e.factor);
    }
};

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_=./:,@%+").find(c) != std::string_view::npos;
}

}  // namespace

std::string words(milliseconds duration) {
    constexpr auto units = std::to_array<std::pair<std::int64_t, const char*>>(
        {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1000, "s"}});
    for (const auto& [length, unit] : units) {
        if (duration.count() != 0 && duration.count() % length == 0) {
            return fmt::format("{}{}", duration.count() / length, unit);
        }
    }
    return fmt::format("{}ms", duration.count());
}

std::string words(std::chrono::sys_seconds instant) {
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{instant - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string expectation(const Check& check) {
    const auto* same = std::get_if<ExpectSameRows>(&check.expect);
    if (same != nullptr && check.elsewhere)
        return (same->within ? "every row is in " : "the same rows in ") + check.elsewhere->database;
    return std::visit(Expectation{}, check.expect);
}

std::string batch_words(const Batch& batch) {
    return fmt::format("one transaction a range of about {} rows of {} by {}{}", batch.by, batch.table, batch.column,
                       batch.pause.count() > 0 ? ", pause " + words(batch.pause) : "");
}

std::string bytes_in_words(std::int64_t bytes) {
    if (bytes < 10'000) return fmt::format("{} B", bytes);
    if (bytes < 10'000'000) return fmt::format("{} kB", bytes / 1024);
    return fmt::format("{} MB", bytes / (1024 * 1024));
}

std::string joined(const std::vector<std::string>& parts) {
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string command_line(const std::vector<std::string>& argv) {
    std::string out;
    for (const std::string& argument : argv) {
        if (!out.empty()) out += ' ';
        bool plain = !argument.empty();
        for (const char c : argument) plain = plain && is_plain(c);
        if (plain) {
            out += argument;
            continue;
        }
        out += '\'';
        for (const char c : argument) {
            if (c == '\'')
                out += "'\\''";
            else
                out += c;
        }
        out += '\'';
    }
    return out;
}

namespace {

std::vector<std::string> relations_of(const Item& item, bool losing_too) {
    std::vector<std::string> out;
    const auto* step = std::get_if<StepItem>(&item.body);
    if (step == nullptr || item.undo.kind != Undo::Kind::difference || !step->keep_rows) return out;
    const auto add = [&](const std::string& relation) {
        if (std::find(out.begin(), out.end(), relation) == out.end()) out.push_back(relation);
    };
    for (const Statement& statement : step->statements) {
        const auto& facts = statement.facts;
        const bool changes = facts.effect == sql::Effect::rows || facts.effect == sql::Effect::anything;
        if (facts.reversal != sql::Reversal::unknown ||
            !(changes || (losing_too && facts.losing_rows)))
            continue;
        for (const std::string& relation : facts.writes) add(relation);
    }
    for (const std::string& relation : step->changes) add(relation);
    return out;
}

}  // namespace

std::vector<std::string> kept_relations(const Item& item) {
    return relations_of(item, true);
}

std::vector<std::string> watched_relations(const Item& item) {
    return relations_of(item, false);
}

std::vector<UndoStatement> undo_statements(const Item& item) {
    std::vector<UndoStatement> out;
    switch (item.undo.kind) {
        case Undo::Kind::nothing:
        case Undo::Kind::none:
            break;
        case Undo::Kind::command:
            out.push_back({.sql = command_line(item.undo.command)});
            break;
        case Undo::Kind::written:
            for (const Statement& statement : item.undo.written)
                out.push_back({.sql = statement.sql.text});
            break;
        case Undo::Kind::generated:
        case Undo::Kind::difference:
            const auto* step = std::get_if<StepItem>(&item.body);
            if (step == nullptr) break;
            // Backwards over the statements; the inverses of one stand in the order in which they
            // run.
            for (auto statement = step->statements.rbegin(); statement != step->statements.rend();
                 ++statement) {
                for (const sql::Inverse& inverse : statement->facts.inverse) {
                    out.push_back({inverse.sql, inverse.only_if_created, inverse.guard_rows});
                }
            }
            break;
    }
    return out;
}

}  // namespace cairn::compiler
