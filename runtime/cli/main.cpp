// The program: the command line is read, and the command it names does its job.
#include <array>
#include <string_view>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/findings.hpp"

namespace {

struct Command {
    std::string_view name;
    int (*run)(const cairn::cli::Invocation&);
};

constexpr std::array commands{
    Command{"check", cairn::cli::check},       Command{"preview", cairn::cli::preview},
    Command{"rehearse", cairn::cli::rehearse}, Command{"apply", cairn::cli::apply},
    Command{"resume", cairn::cli::resume},     Command{"rollback", cairn::cli::rollback},
    Command{"status", cairn::cli::status},     Command{"history", cairn::cli::history},
    Command{"finalize", cairn::cli::finalize},
    Command{"log", cairn::cli::log},           Command{"adopt", cairn::cli::adopt},
    Command{"fmt", cairn::cli::format},           Command{"init", cairn::cli::init},
    Command{"explain", cairn::cli::explain},
    Command{"completion", cairn::cli::completion}, Command{"man", cairn::cli::man},
};

int run(int argc, char** argv) {
    const auto read = cairn::cli::read_command_line(argc, argv);
    if (const auto* answer = std::get_if<cairn::cli::Answer>(&read))
        return cairn::cli::print_answer(*answer);
    const auto& invocation = std::get<cairn::cli::Invocation>(read);
    for (const Command& command : commands) {
        if (command.name == invocation.command) return command.run(invocation);
    }
    return cairn::cli::later(invocation);
}

}  // namespace

int main(int argc, char** argv) {
    cairn::cli::occupy_closed_streams();
    return cairn::cli::finish(run(argc, argv));
}
