// Sequences that come back beside rows that others have written since: a number that is out must not be drawn again.
#include <fmt/format.h>

#include "compiler/sql/facts.hpp"
#include "runtime/undo/giving_back.hpp"
#include "runtime/undo/rows/later_writes.hpp"
#include "runtime/undo/rows/sequences.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {

using compiler::Diagnostic;
using postgres::Answer;

// What sets the value that a sequence had begins like this, with its name, whose quotes it may hold twice.
constexpr std::string_view sets_value = "SELECT setval('";

bool GivingBack::numbers_go_on() {
    std::set<std::string> names;
    for (const auto* all : {&entry_.before_rows, &entry_.after_rows}) {
        for (const auto& sql : *all) {
            const auto end = sql.find("', ", sets_value.size());
            if (sql.starts_with(sets_value) && end != std::string::npos) names.insert(sql.substr(sets_value.size() - 1, end - sets_value.size() + 2));
        }
    }
    if (names.empty()) return true;
    auto own = read_own_xids(session_, journal_.own_xids_query());
    if (auto* error = std::get_if<Diagnostic>(&own)) return out_.error = std::move(*error), false;
    for (const auto& name : names) {
        auto moved = pass_numbers_of_others(session_, name, std::get<std::string>(own));
        if (auto* error = std::get_if<Diagnostic>(&moved)) return out_.error = std::move(*error), false;
        for (auto& line : std::get<0>(moved)) out_.said.push_back(std::move(line));
    }
    return true;
}

}  // namespace cairn::undo
