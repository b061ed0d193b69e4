// What a preview says of a plan and of each item, in words but in no form yet: text, Markdown and
// HTML set the same cards. Every string is fit to be shown: no control character, no broken UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/compile.hpp"
#include "compiler/preview/preview.hpp"

namespace cairn::compiler {

enum class Tone { plain, quiet, good, caution, bad };
struct Words {
    std::string text;
    Tone tone = Tone::plain;
};

// `runs     one transaction, lock timeout 3s`
struct Fact {
    std::string label;  // empty: goes on with the fact before
    std::vector<Words> parts;
    const char* between = ", ";
};
struct ShownLock {
    std::string mode, relation;
    bool strong = false;  // SHARE or more: writers wait
};
struct ShownHazard {
    std::string code, message;
    std::size_t times = 1;  // statements of the item that have it
};
// One statement as it is sent, its lines without the margin that the plan gave them.
struct ShownSql {
    std::vector<std::string> lines;  // the last ends in a semicolon
    std::vector<ShownLock> locks;
    std::vector<ShownHazard> hazards;
    std::string guard;  // of a rollback: "only if the step created it"
};
struct ShownCheck {
    bool warn = false;
    std::string title, expected;  // expected: empty where the title says it
    std::optional<ShownSql> query;
    std::string elsewhere;  // the other database that it asks, empty: none; and what it asks there
    std::optional<ShownSql> query_elsewhere;
};
using Line = std::variant<Fact, ShownSql, ShownCheck>;

struct Card {
    std::size_t number = 0;
    std::string kind, name, database;  // no database: empty
    std::optional<std::uint32_t> transaction;
    std::vector<std::size_t> after;  // numbers
    std::optional<Fact> order;       // where it does not simply follow the item before
    std::optional<ShownSql> when;
    std::vector<Line> body, back, found, measured;

    // The same once more, in short.
    std::string does;                  // "ALTER TABLE, 3 UPDATE"
    std::vector<ShownLock> locks;      // the strongest on each relation, strongest first
    std::vector<ShownHazard> hazards;  // each once
    Words way_back;                    // "generated", "none"; empty: there is nothing to take back
    std::string figures;               // measured: "12ms, 3 rows"
};

struct Page {
    std::string plan, title, mode;  // mode: "repeatable", "once" or nothing
    std::vector<Fact> facts;        // digest, parameters, databases, on failure, rehearsed
    std::vector<Card> cards;
    std::vector<Fact> left_done;             // a rollback would leave done: item, why
    std::vector<std::string> only_database;  // only a database can tell
};

// "every value of `t.c` is lost (2 statements)"
[[nodiscard]] std::string hazard_words(const ShownHazard&);
// "3 hazards", statement by statement; empty without one.
[[nodiscard]] std::string hazards_counted(std::size_t);
[[nodiscard]] std::size_t hazards_in(const Card&);

[[nodiscard]] Page page_of(const Compiled&, const Beside&);

// "transaction on erp: 3 items commit together or not at all"
[[nodiscard]] std::string transaction_words(const Page&, const Card& first);

}  // namespace cairn::compiler
