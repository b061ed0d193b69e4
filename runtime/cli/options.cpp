#include "runtime/cli/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace cairn::cli {

using namespace takes;

namespace {

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

}  // namespace

std::span<const Word> all_words() {
    return words;
}

const Word* find_word(std::string_view name) {
    const auto at =
        std::find_if(words.begin(), words.end(), [&](const Word& w) { return w.name == name; });
    return at == words.end() ? nullptr : &*at;
}

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

void add_global(CLI::App& app, Invocation& out, Lists& lists) {
    app.add_option("--format", out.format, "text or json")->type_name("FORMAT");
    app.add_option("--log-file", out.log_file, "append every event as a line of JSON")
        ->type_name("FILE");
    app.add_flag("-v,--verbose", out.verbose, "tell more");
    app.add_flag("-q,--quiet", out.quiet, "tell only what goes wrong");
    app.add_option("--color", lists.color, "auto, always or never")->type_name("WHEN");
}

void add_options(CLI::App& app, unsigned taken, Invocation& out, Lists& lists) {
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
    if ((taken & (plan | plans)) != 0)
        app.add_option("PLAN", out.plans, "plan file")->type_name("");
    if ((taken & run) != 0)
        one("RUN", out.run, "", "run id, or the beginning of one; else the newest");
    if ((taken & databases) != 0) {
        one("--profile", out.profile, "NAME",
            "profile of cairn.toml that says where databases are");
        list("--db", lists.databases, "NAME=CONNINFO", "where a database is");
    }
    if ((taken & parameters) != 0)
        list("--param", lists.parameters, "NAME=VALUE", "value of a parameter");
    if ((taken & folder) != 0) {
        one("DIR", out.folder, "", "folder of migrations");
        one("--output", out.output, "FILE", "write the plan there, not to stdout");
        one("--from", out.from, "TOOL", "the tool that made the folder; else it is found out");
        list("--leave-out", lists.left_out, "FILE", "a file of the folder that is not to be adopted");
        app.add_flag("--hand-written-rollback", out.hand_written_rollback,
                     "take the tool's down files as rollback");
        app.add_flag("--files", out.files, "take scripts in by their path where they can stay as they are");
    }
    if ((taken & place) != 0) one("DIR", out.folder, "", "folder to write them to; else this one");
    if ((taken & shell) != 0) one("SHELL", out.shell, "", "bash, zsh or fish");
    if ((taken & code) != 0) one("CODE", out.code, "", "C0203, or 203; else all are listed");
    if ((taken & layout) != 0)
        app.add_flag("--check", out.check, "change nothing; exit 1 and name the files that would change");
    if ((taken & back) != 0) {
        one("--to", out.to, "CHECKPOINT", "roll back to there; else to the beginning");
        one("--past", out.past, "POINT", "cross this point of no return");
        app.add_option("--on-conflict", lists.on_conflict, "rows that others have changed since: stop, skip or force")
            ->type_name("HOW");
    }
    if ((taken & going) != 0) {
        if ((taken & back) == 0) {
            one("--until", out.until, "CHECKPOINT", "stop there");
            list("--confirm", lists.confirmed, "GATE", "answer a gate's question with yes");
            one("--digest", out.digest, "sha256:HEX", "refuse any other plan");
            app.add_flag("--ignore-window", out.ignore_window,
                         "start outside the plan's window too");
        }
        app.add_flag("--yes", out.yes, "do not ask before it starts");
    }
    if ((taken & starting) != 0) {
        app.add_flag("--if-needed", out.if_needed,
                     "exit 0 when the plan has already finished there");
        app.add_flag("--again", out.again, "run a plan that has already finished there");
    }
    if ((taken & approved) != 0)
        one("--preview", out.preview, "FILE",
            "a preview against the database, as JSON: refuse when what it relied on has changed");
    if ((taken & mending) != 0) {
        list("--repeat", lists.repeat, "ITEM", "run a command again whose outcome is not known");
        list("--done", lists.done, "ITEM", "take a command as done whose outcome is not known");
    }
    if ((taken & proving) != 0) {
        app.add_flag("--crash{0}", lists.crash,
                     "kill the runner between its actions and resume it, everywhere or at N points")
            ->type_name("=N");
        app.add_option("--seed", out.seed, "of the choice of these points")->type_name("NUMBER");
        app.add_flag("--mutate", out.mutate, "ask of each check whether it can fail at all");
        one("--from", out.from, "PROFILE",
            "fill the throwaway server from this profile's databases: schema, and rows up to a limit");
        app.add_option("--max-lock", lists.max_lock,
                       "fail when a lock in which readers or writers wait is held for longer: 500ms")
            ->type_name("DURATION");
    }
    if ((taken & measured) != 0)
        one("--rehearsal", out.rehearsal, "FILE",
            "result of `cairn rehearse --format json`: what the items took there");
    if ((taken & jobs) != 0)
        app.add_option("--jobs", out.jobs, "connections of a parallel block")->type_name("N");
}

}  // namespace cairn::cli
