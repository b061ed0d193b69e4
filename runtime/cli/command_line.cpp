#include "runtime/cli/command_line.hpp"

#include <CLI/CLI.hpp>

#include "runtime/cli/options.hpp"

namespace cairn::cli {

namespace {

std::vector<Flag> flags_of(const CLI::App& app, std::string_view command) {
    std::vector<Flag> out;
    for (const CLI::Option* option : app.get_options()) {
        Flag flag;
        for (const auto& name : option->get_snames()) flag.names.push_back("-" + name);
        for (const auto& name : option->get_lnames()) flag.names.push_back("--" + name);
        if (flag.names.empty()) flag.names.push_back(option->get_name(true));
        // A flag whose value may be left out shows it with its `=`, and takes no word after it.
        flag.is_argument = option->get_positional();
        flag.takes_value = flag.is_argument || option->get_items_expected_max() > 0;
        flag.value = option->get_type_name();
        flag.repeats = option->get_items_expected_max() > 1 && flag.takes_value;
        flag.does = option->get_description();
        flag.choices = choices_of(command, flag.names.back());
        out.push_back(std::move(flag));
    }
    return out;
}

}  // namespace

CommandLine command_line() {
    Invocation invocation;
    Lists lists;
    CLI::App app(about, "cairn");
    app.set_version_flag("--version", "cairn " CAIRN_VERSION, "print the version");
    add_global(app, invocation, lists);
    CommandLine out{.about = about, .version = CAIRN_VERSION, .flags = flags_of(app, ""), .commands = {}};
    for (const Word& word : all_words()) {
        if ((word.takes & (takes::anything | takes::hidden)) != 0) continue;
        CLI::App* command = app.add_subcommand(word.name, word.does);
        add_options(*command, word.takes, invocation, lists);
        out.commands.push_back(
            {.name = word.name, .does = word.does, .formats = choices_of(word.name, "--format"),
             .flags = flags_of(*command, word.name)});
    }
    return out;
}

}  // namespace cairn::cli
