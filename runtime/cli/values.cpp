#include "runtime/cli/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "compiler/diagnostics/suggest.hpp"
#include "grammar/literal.hpp"

namespace cairn::cli {

namespace {

// NAME=VALUE flags into a map; what is wrong, if anything.
std::optional<Answer> pairs(const std::vector<std::string>& list, const char* flag,
                            const char* what, std::map<std::string, std::string>& out) {
    for (const std::string& one : list) {
        const auto equals = one.find('=');
        if (equals == std::string::npos || equals == 0) {
            const std::string name = equals == 0 ? "NAME" : one;
            return wrong(fmt::format("`{} {}` is not {}", flag, one, what),
                         fmt::format("{} {}=VALUE", flag, name));
        }
        const std::string name = one.substr(0, equals);
        if (!out.emplace(name, one.substr(equals + 1)).second) {
            return wrong(fmt::format("`{} {}` is given twice", flag, name));
        }
    }
    return std::nullopt;
}

std::optional<Answer> one_of(const Invocation& invocation, const char* flag, const std::string& value) {
    const auto choices = choices_of(invocation.command, flag);
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return std::nullopt;
    const auto near = compiler::did_you_mean(value, choices);
    return wrong(fmt::format("`{} {}` is not one of {}", flag, value, fmt::join(choices, ", ")),
                 fmt::format("{} {}", flag, near.value_or(choices.front())));
}

}  // namespace

Answer wrong(std::string text, std::string help) {
    return {.exit = 2, .text = std::move(text), .help = std::move(help)};
}

std::optional<Answer> look_into(const Word& word, Invocation& out, const Lists& lists) {
    if (auto answer = pairs(lists.parameters, "--param", "NAME=VALUE", out.parameters))
        return answer;
    if (auto answer = pairs(lists.databases, "--db", "NAME=CONNINFO", out.databases)) return answer;
    out.confirmed.insert(lists.confirmed.begin(), lists.confirmed.end());
    out.repeat.insert(lists.repeat.begin(), lists.repeat.end());
    out.done.insert(lists.done.begin(), lists.done.end());
    out.left_out.insert(lists.left_out.begin(), lists.left_out.end());

    if (!lists.crash.empty()) {
        out.crash = true;
        std::size_t points = 0;
        const auto* end = lists.crash.data() + lists.crash.size();
        if (std::from_chars(lists.crash.data(), end, points).ptr != end)
            return wrong(fmt::format("`--crash={}` is not a number of points", lists.crash),
                         "--crash=20");
        if (points > 0) out.crash_points = points;
    }

    if (auto answer = one_of(out, "--color", lists.color)) return answer;
    if (auto answer = one_of(out, "--on-conflict", lists.on_conflict)) return answer;
    out.on_conflict = lists.on_conflict == "skip"    ? undo::OnConflict::skip
                      : lists.on_conflict == "force" ? undo::OnConflict::force
                                                     : undo::OnConflict::stop;
    out.color = lists.color == "always"  ? Color::always
                : lists.color == "never" ? Color::never
                                         : Color::automatic;
    if (auto answer = one_of(out, "--format", out.format)) return answer;
    if (out.jobs < 1 || out.jobs > 100)
        return wrong(fmt::format("`--jobs {}` is not a number from 1 to 100", out.jobs),
                     "--jobs 2");
    if ((word.takes & takes::folder) != 0) {
        if (!out.folder) return wrong("`adopt` needs a folder", "cairn adopt DIR");
        if (out.from) {
            if (auto answer = one_of(out, "--from", *out.from)) return answer;
        }
    }
    if ((word.takes & takes::shell) != 0) {
        const auto shells = choices_of(out.command, "SHELL");
        const std::string shell = out.shell.value_or("");
        if (std::find(shells.begin(), shells.end(), shell) == shells.end())
            return wrong(out.shell ? fmt::format("`{}` is not one of {}", shell, fmt::join(shells, ", "))
                                   : "`completion` needs a shell",
                         "cairn completion " + compiler::did_you_mean(shell, shells).value_or("bash"));
    }
    if (!lists.max_lock.empty()) {
        out.max_lock = grammar::parse_duration(lists.max_lock);
        if (!out.max_lock)
            return wrong(fmt::format("`--max-lock {}` is not a duration", lists.max_lock), "--max-lock 500ms");
    }
    if (out.again && out.if_needed)
        return wrong("`--again` runs the plan whatever has finished there, and `--if-needed` only where nothing has: one of the two");
    for (const std::string& item : out.repeat) {
        if (out.done.contains(item))
            return wrong(fmt::format("`{}` can't be both repeated and done", item));
    }
    if ((word.takes & (takes::plan | takes::plans)) != 0) {
        if (out.plans.empty())
            return wrong(fmt::format("`{}` needs a plan file", out.command),
                         fmt::format("cairn {} PLAN.cairn", out.command));
        if ((word.takes & takes::plan) != 0 && out.plans.size() > 1) {
            return wrong(
                fmt::format("`{}` takes one plan file, not {}", out.command, out.plans.size()));
        }
    }
    return std::nullopt;
}

}  // namespace cairn::cli
