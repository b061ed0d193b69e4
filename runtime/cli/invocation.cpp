#include "runtime/cli/invocation.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>

#include "compiler/diagnostics/suggest.hpp"
#include "runtime/cli/options.hpp"
#include "runtime/cli/values.hpp"

namespace cairn::cli {

namespace {

constexpr const char* footer =
    "Exit: 0 done, 1 the plan has errors, 2 the command line is wrong, 3 a gate or validation "
    "failed,\n"
    "4 a step failed, 5 failed and rolled back, 6 a rollback is incomplete, 7 somebody else holds "
    "the run,\n"
    "8 something can't be reached, 9 already finished there.";

// The command is looked for here, because CLI11 would take a mistyped one for a stray argument.
std::optional<std::string> first_word(int argc, const char* const* argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--format" || argument == "--log-file" || argument == "--color")
            ++i;
        else if (!argument.starts_with('-'))
            return std::string(argument);
    }
    return std::nullopt;
}

// Asked of the bare arguments: a command line that can't be read is answered in the form it asked
// for.
bool wants_json(int argc, const char* const* argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--format=json") return true;
        if (argument == "--format" && i + 1 < argc && std::string_view(argv[i + 1]) == "json")
            return true;
    }
    return false;
}

Answer unknown_command(const std::string& name) {
    std::vector<std::string> names;
    for (const Word& word : all_words()) {
        if ((word.takes & takes::hidden) == 0) names.emplace_back(word.name);
    }
    if (name.ends_with(".cairn"))
        return wrong(fmt::format("`{}` is no command", name), "cairn check " + name);
    const auto near = compiler::did_you_mean(name, names);
    return wrong(fmt::format("`{}` is no command", name), near ? "cairn " + *near : "cairn --help");
}

Answer stray(const std::string& argument, const std::string& command, const CLI::App& app,
             const CLI::App& global) {
    if (!argument.starts_with('-'))
        return wrong(fmt::format("`{}` does not know what to do with `{}`", command, argument));
    std::vector<std::string> names;
    for (const CLI::App* from : {&app, &global}) {
        for (const CLI::Option* option : from->get_options()) {
            for (const auto& name : option->get_lnames()) names.push_back("--" + name);
        }
    }
    const std::string name = argument.substr(0, argument.find('='));
    return wrong(fmt::format("`{}` has no flag `{}`", command, name),
                 compiler::did_you_mean(name, names).value_or(""));
}

std::variant<Invocation, Answer> read(int argc, const char* const* argv, Invocation& out) {
    Lists lists;
    CLI::App app(about, "cairn");
    app.footer(footer);
    app.set_version_flag("--version", "cairn " CAIRN_VERSION);
    app.get_formatter()->column_width(26);
    add_global(app, out, lists);

    const auto name = first_word(argc, argv);
    const Word* word = name ? find_word(*name) : nullptr;
    if (name && word == nullptr) return unknown_command(*name);
    // Only the command in use gets its options; the others are there for the help.
    CLI::App* command = nullptr;
    for (const Word& each : all_words()) {
        if (&each != word && (name || (each.takes & (takes::anything | takes::hidden)) != 0)) continue;
        CLI::App* sub = app.add_subcommand(each.name, each.does);
        if (&each != word) continue;
        command = sub->fallthrough()->allow_extras();
        add_options(*sub, each.takes, out, lists);
    }
    app.allow_extras();
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return Answer{.exit = 0, .text = command != nullptr ? command->help("cairn") : app.help()};
    } catch (const CLI::CallForVersion& version) {
        return Answer{.exit = 0, .text = std::string(version.what()) + "\n"};
    } catch (const CLI::ArgumentMismatch& error) {
        const std::string_view what = error.what();
        return wrong(fmt::format("`{}` takes one value", what.substr(0, what.find(':'))));
    } catch (const CLI::ConversionError&) {
        return wrong("`--jobs` is not a number", "--jobs 2");
    } catch (const CLI::ParseError& error) {
        return wrong(error.what(), name ? fmt::format("cairn {} --help", *name) : "cairn --help");
    }
    if (word == nullptr) {
        const auto extra = app.remaining();
        if (!extra.empty()) return stray(extra.front(), "cairn", app, app);
        return Answer{.exit = 2, .text = "no command is given", .help = "cairn --help"};
    }
    out.command = *name;
    if ((word->takes & takes::anything) != 0) return out;
    const auto extra = app.remaining(true);
    if (!extra.empty()) return stray(extra.front(), *name, *command, app);
    if (auto answer = look_into(*word, out, lists)) return *answer;
    return out;
}

}  // namespace

std::variant<Invocation, Answer> read_command_line(int argc, const char* const* argv) {
    Invocation out;
    auto result = read(argc, argv, out);
    if (auto* answer = std::get_if<Answer>(&result)) answer->json = wants_json(argc, argv);
    return result;
}

}  // namespace cairn::cli
