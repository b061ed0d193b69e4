#include "runtime/cli/invocation.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <string_view>

#include "compiler/diagnostics/suggest.hpp"
#include "grammar/literal.hpp"
#include "runtime/cli/command_line.hpp"

namespace cairn::cli {

namespace {

// What one command takes besides the global flags.
enum Takes : unsigned {
    plan = 1U << 0U,
    plans = 1U << 1U,
    run = 1U << 2U,
    parameters = 1U << 3U,
    databases = 1U << 4U,
    going = 1U << 5U,     // --until, --yes, --confirm, --digest, --ignore-window
    starting = 1U << 6U,  // --if-needed, --again
    back = 1U << 7U,      // --to, --past
    mending = 1U << 8U,   // --repeat, --done
    jobs = 1U << 9U,
    folder = 1U << 11U,   // --output, --from, --leave-out, --hand-written-rollback, --files
    proving = 1U << 12U,   // --crash, --seed, --mutate, --from, --max-lock
    measured = 1U << 13U,  // --rehearsal
    layout = 1U << 20U,    // --check
    place = 1U << 21U,     // DIR
    shell = 1U << 22U,     // SHELL
    code = 1U << 24U,      // CODE
    approved = 1U << 25U,  // --preview
    hidden = 1U << 23U,    // what only the build asks for
    anything = 1U << 10U  // a word without a runtime yet: whatever follows it is not looked at
};

struct Word {
    const char* name;
    unsigned takes;
    const char* does;
};

constexpr std::array words{
    Word{"check", plans | parameters | databases,
         "compile plans and report every error; with a database, against its schema too"},
    Word{"preview", plan | parameters | databases | measured, "show what apply would do"},
    Word{"rehearse", plan | parameters | jobs | proving,
         "run a plan on a throwaway PostgreSQL, roll it back, prove it, run it again"},
    Word{"apply", plan | parameters | databases | going | starting | approved | measured | jobs, "run a plan"},
    Word{"resume", run | databases | going | mending | measured | jobs,
         "go on after a stop, a crash or a kill"},
    Word{"rollback", run | databases | back | going | jobs, "run the undo trail backwards"},
    Word{"finalize", run | databases, "give up the way back of a finished run, and the space that it costs"},
    Word{"status", run | databases, "where a run stands"},
    Word{"history", databases, "past runs"},
    Word{"log", run | databases, "the event log of a run"},
    Word{"adopt", folder | parameters, "make a plan out of another tool's migration folder"},
    Word{"init", place, "write a commented cairn.toml and a first plan that rehearses as it is"},
    Word{"fmt", plans | layout, "give plans the one layout"},
    Word{"explain", code, "what a diagnostic means, with the mistake and the mend"},
    Word{"completion", shell, "print what a shell needs to complete words of cairn"},
    Word{"man", hidden, "print the manual page"},
    Word{"backup", anything, "not in this version yet"},
    Word{"snapshot", anything, "not in this version yet"},
};

// Lists as CLI11 collects them, before they are looked into.
struct Lists {
    std::vector<std::string> databases, parameters, confirmed, repeat, done, left_out;
    std::string color = "auto";
    std::string on_conflict = "stop";
    std::string crash, max_lock;
};

// The values of a flag or argument that takes one of a few; empty for any other.
std::vector<std::string> choices_of(std::string_view command, std::string_view name) {
    if (command == "check" && name == "--format") return {"text", "json", "sarif"};
    if (command == "preview" && name == "--format")
        return {"text", "json", "markdown", "html", "dot"};
    if (name == "--format") return {"text", "json"};
    if (name == "--color") return {"auto", "always", "never"};
    if (name == "--on-conflict") return {"stop", "skip", "force"};
    if (command == "adopt" && name == "--from")
        return {"diesel", "golang-migrate", "dbmate", "goose", "flyway", "sqitch", "plain"};
    if (name == "SHELL") return {"bash", "zsh", "fish"};
    return {};
}

Answer wrong(std::string text, std::string help = "") {
    return {.exit = 2, .text = std::move(text), .help = std::move(help)};
}

void add_global(CLI::App& app, Invocation& out, Lists& lists) {
    app.add_option("--format", out.format, "text or json")->type_name("FORMAT");
    app.add_option("--log-file", out.log_file, "append every event as a line of JSON")
        ->type_name("FILE");
    app.add_flag("-v,--verbose", out.verbose, "tell more");
    app.add_flag("-q,--quiet", out.quiet, "tell only what goes wrong");
    app.add_option("--color", lists.color, "auto, always or never")->type_name("WHEN");
}

void add_options(CLI::App& app, unsigned takes, Invocation& out, Lists& lists) {
    const auto list = [&](const char* name, std::vector<std::string>& to, const char* type,
                          const char* does) {
        app.add_option(name, to, does)->type_name(type)->allow_extra_args(false);
    };
    const auto one = [&](const char* name, std::optional<std::string>& to, const char* type,
                         const char* does) {
        app.add_option_function<std::string>(
               name, [&to](const std::string& value) { to = value; }, does)
            ->type_name(type);
    };
    if ((takes & (plan | plans)) != 0)
        app.add_option("PLAN", out.plans, "plan file")->type_name("");
    if ((takes & run) != 0)
        one("RUN", out.run, "", "run id, or the beginning of one; else the newest");
    if ((takes & databases) != 0) {
        one("--profile", out.profile, "NAME",
            "profile of cairn.toml that says where databases are");
        list("--db", lists.databases, "NAME=CONNINFO", "where a database is");
    }
    if ((takes & parameters) != 0)
        list("--param", lists.parameters, "NAME=VALUE", "value of a parameter");
    if ((takes & folder) != 0) {
        one("DIR", out.folder, "", "folder of migrations");
        one("--output", out.output, "FILE", "write the plan there, not to stdout");
        one("--from", out.from, "TOOL", "the tool that made the folder; else it is found out");
        list("--leave-out", lists.left_out, "FILE", "a file of the folder that is not to be adopted");
        app.add_flag("--hand-written-rollback", out.hand_written_rollback,
                     "take the tool's down files as rollback");
        app.add_flag("--files", out.files, "take scripts in by their path where they can stay as they are");
    }
    if ((takes & place) != 0) one("DIR", out.folder, "", "folder to write them to; else this one");
    if ((takes & shell) != 0) one("SHELL", out.shell, "", "bash, zsh or fish");
    if ((takes & code) != 0) one("CODE", out.code, "", "C0203, or 203; else all are listed");
    if ((takes & layout) != 0)
        app.add_flag("--check", out.check, "change nothing; exit 1 and name the files that would change");
    if ((takes & back) != 0) {
        one("--to", out.to, "CHECKPOINT", "roll back to there; else to the beginning");
        one("--past", out.past, "POINT", "cross this point of no return");
        app.add_option("--on-conflict", lists.on_conflict, "rows that others have changed since: stop, skip or force")
            ->type_name("HOW");
    }
    if ((takes & going) != 0) {
        if ((takes & back) == 0) {
            one("--until", out.until, "CHECKPOINT", "stop there");
            list("--confirm", lists.confirmed, "GATE", "answer a gate's question with yes");
            one("--digest", out.digest, "sha256:HEX", "refuse any other plan");
            app.add_flag("--ignore-window", out.ignore_window,
                         "start outside the plan's window too");
        }
        app.add_flag("--yes", out.yes, "do not ask before it starts");
    }
    if ((takes & starting) != 0) {
        app.add_flag("--if-needed", out.if_needed,
                     "exit 0 when the plan has already finished there");
        app.add_flag("--again", out.again, "run a plan that has already finished there");
    }
    if ((takes & approved) != 0)
        one("--preview", out.preview, "FILE",
            "a preview against the database, as JSON: refuse when what it relied on has changed");
    if ((takes & mending) != 0) {
        list("--repeat", lists.repeat, "ITEM", "run a command again whose outcome is not known");
        list("--done", lists.done, "ITEM", "take a command as done whose outcome is not known");
    }
    if ((takes & proving) != 0) {
        app.add_flag("--crash{0}", lists.crash,
                     "kill the runner between its actions and resume it, everywhere or at N points")
            ->type_name("=N");
        app.add_option("--seed", out.seed, "of the choice of these points")->type_name("NUMBER");
        app.add_flag("--mutate", out.mutate, "ask of each check whether it can fail at all");
    }
    if ((takes & proving) != 0)
        one("--from", out.from, "PROFILE",
            "fill the throwaway server from this profile's databases: schema, and rows up to a limit");
    if ((takes & proving) != 0)
        app.add_option("--max-lock", lists.max_lock,
                       "fail when a lock in which readers or writers wait is held for longer: 500ms")
            ->type_name("DURATION");
    if ((takes & measured) != 0)
        one("--rehearsal", out.rehearsal, "FILE",
            "result of `cairn rehearse --format json`: what the items took there");
    if ((takes & jobs) != 0)
        app.add_option("--jobs", out.jobs, "connections of a parallel block")->type_name("N");
}

const Word* find_word(std::string_view name) {
    const auto at =
        std::find_if(words.begin(), words.end(), [&](const Word& w) { return w.name == name; });
    return at == words.end() ? nullptr : &*at;
}

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
    for (const Word& word : words) {
        if ((word.takes & hidden) == 0) names.emplace_back(word.name);
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
    if ((word.takes & folder) != 0) {
        if (!out.folder) return wrong("`adopt` needs a folder", "cairn adopt DIR");
        if (out.from) {
            if (auto answer = one_of(out, "--from", *out.from)) return answer;
        }
    }
    if ((word.takes & shell) != 0) {
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
    for (const std::string& item : out.repeat) {
        if (out.done.contains(item))
            return wrong(fmt::format("`{}` can't be both repeated and done", item));
    }
    if ((word.takes & (plan | plans)) != 0) {
        if (out.plans.empty())
            return wrong(fmt::format("`{}` needs a plan file", out.command),
                         fmt::format("cairn {} PLAN.cairn", out.command));
        if ((word.takes & plan) != 0 && out.plans.size() > 1) {
            return wrong(
                fmt::format("`{}` takes one plan file, not {}", out.command, out.plans.size()));
        }
    }
    return std::nullopt;
}

constexpr const char* footer =
    "Exit: 0 done, 1 the plan has errors, 2 the command line is wrong, 3 a gate or validation "
    "failed,\n"
    "4 a step failed, 5 failed and rolled back, 6 a rollback is incomplete, 7 somebody else holds "
    "the run,\n"
    "8 something can't be reached, 9 already finished there.";

constexpr const char* about =
    "cairn: migration plans for PostgreSQL, checked, previewed, run, and taken back";

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
    for (const Word& each : words) {
        if (&each != word && (name || (each.takes & (anything | hidden)) != 0)) continue;
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
    if ((word->takes & anything) != 0) return out;
    const auto extra = app.remaining(true);
    if (!extra.empty()) return stray(extra.front(), *name, *command, app);
    if (auto answer = look_into(*word, out, lists)) return *answer;
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
    for (const Word& word : words) {
        if ((word.takes & (anything | hidden)) != 0) continue;
        CLI::App* command = app.add_subcommand(word.name, word.does);
        add_options(*command, word.takes, invocation, lists);
        out.commands.push_back(
            {.name = word.name, .does = word.does, .formats = choices_of(word.name, "--format"),
             .flags = flags_of(*command, word.name)});
    }
    return out;
}

std::variant<Invocation, Answer> read_command_line(int argc, const char* const* argv) {
    Invocation out;
    auto result = read(argc, argv, out);
    if (auto* answer = std::get_if<Answer>(&result)) answer->json = wants_json(argc, argv);
    return result;
}

}  // namespace cairn::cli
