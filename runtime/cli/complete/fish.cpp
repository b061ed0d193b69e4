#include <fmt/format.h>

#include "runtime/cli/complete/scripts.hpp"

namespace cairn::cli::complete {

namespace {

std::string quoted(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return "'" + out + "'";
}

constexpr const char* plans = "(__fish_complete_suffix .cairn)";

std::string offer(const Flag& flag) {
    if (!flag.choices.empty()) return fmt::format(" -x -a '{}'", fmt::join(flag.choices, " "));
    switch (wants(flag)) {
        case Wants::plan:
            return fmt::format(" -x -a '{}'", plans);
        case Wants::file:
            return " -r -F";
        case Wants::folder:
            return " -x -a '(__fish_complete_directories)'";
        default:
            return " -x";
    }
}

void add(const std::string& condition, const Flag& flag, std::string& to) {
    to += "complete -c cairn" + condition;
    if (flag.is_argument) {
        to += offer(flag);
        to.replace(to.rfind(" -x"), 3, " -f");  // nothing stands before it
    } else {
        for (const std::string& name : flag.names) {
            const bool is_long = name.starts_with("--");
            to += (is_long ? " -l " : " -s ") + name.substr(is_long ? 2 : 1);
        }
        if (takes_next(flag)) to += offer(flag);
    }
    to += " -d " + quoted(flag.does) + "\n";
}

// Functions that find the command among the words: fish's own take the value of a flag before it
// for one.
std::string command_of(const CommandLine& line) {
    std::string with_value;
    for (const Flag& flag : line.flags) {
        if (takes_next(flag)) with_value += fmt::format(" {}", fmt::join(flag.names, " "));
    }
    return fmt::format(R"(function __cairn_command
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case{}
                set -e words[1]
            case '-*'
            case '*'
                echo $words[1]
                return
        end
        set -e words[1]
    end
end
function __cairn_is
    set -l command (__cairn_command)
    test "$command" = "$argv[1]"
end
)",
                       with_value);
}

}  // namespace

std::string fish(const CommandLine& line) {
    std::string out = fmt::format(
        "# Completion of cairn {} for fish:  cairn completion fish > "
        "~/.config/fish/completions/cairn.fish\n"
        "{}complete -c cairn -f\n",
        line.version, command_of(line));
    for (const Flag& flag : line.flags) {
        // What --format takes depends on the command.
        if (flag.names.back() != "--format")
            add("", flag, out);
        else
            add(" -n '__cairn_is \"\"'", flag, out);
    }
    for (const Command& command : line.commands) {
        out += fmt::format("complete -c cairn -n '__cairn_is \"\"' -a {} -d {}\n", command.name,
                           quoted(command.does));
        const std::string condition = fmt::format(" -n '__cairn_is {}'", command.name);
        for (const Flag& flag : line.flags) {
            if (flag.names.back() != "--format") continue;
            Flag own = flag;
            own.choices = command.formats;
            add(condition, own, out);
        }
        for (const Flag& flag : command.flags) add(condition, flag, out);
    }
    return out;
}

}  // namespace cairn::cli::complete
