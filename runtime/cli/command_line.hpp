// What can be typed, as data: what completions and the manual page are made of. Read off the very
// description that reads the command line, so that none of the three can differ.
#pragma once

#include <string>
#include <vector>

namespace cairn::cli {

struct Flag {
    std::vector<std::string> names;  // `-v`, `--verbose`; of an argument: `PLAN`
    bool is_argument = false;
    bool takes_value = false;
    std::string value;  // `FILE`, `NAME=VALUE`; `=N`: may be left out
    bool repeats = false;
    std::vector<std::string> choices;  // the values, where there are only a few
    std::string does;
};

struct Command {
    std::string name, does;
    std::vector<std::string> formats;  // of --format, which differ
    std::vector<Flag> flags;
};

struct CommandLine {
    std::string about, version;
    std::vector<Flag> flags;  // of every command
    std::vector<Command> commands;
};

[[nodiscard]] CommandLine command_line();

}  // namespace cairn::cli
