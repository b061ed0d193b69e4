// A plan with the cairn.toml it belongs to: read, compiled, its databases looked up.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>

#include "compiler/compile.hpp"
#include "compiler/preview/found.hpp"
#include "runtime/cli/findings.hpp"
#include "runtime/cli/observer.hpp"
#include "runtime/config/config.hpp"
#include "runtime/run/runner.hpp"

namespace cairn::cli {

// The text of a plan file, or why it can't be had (C0610). Files over 64 MB are refused unread.
[[nodiscard]] std::variant<std::string, compiler::Diagnostic> read_plan(const std::string& path);

// The configuration for a plan at `path`; what is wrong with it is added to `findings`.
[[nodiscard]] config::Config read_config(const std::string& path, Findings& findings);

struct Project {
    config::Config config;
    compiler::Compiled compiled;
};
// nullopt when the plan can't be read. Every diagnostic is in `findings`; with errors there the
// graph is not usable.
[[nodiscard]] std::optional<Project> load_project(const std::string& path,
                                                  const compiler::CompileOptions&, Findings&);

// A finding about an address of `config`. Its file is read again for the place in it: only a mistake needs that.
void add_of_config(const compiler::Diagnostic&, const config::Config&, Findings&);

// CONNINFO of every database of the plan; those that nobody has configured are added to `findings`,
// and so is a --db that the plan does not declare.
[[nodiscard]] std::map<std::string, std::string> addresses(const compiler::StepGraph&,
                                                           const config::Config&, const Invocation&,
                                                           Findings&);

// Whether the command line names databases to look at.
[[nodiscard]] bool names_databases(const Invocation&);

// What came of looking the plan over against its databases; what was found wrong joins the plan's own
// diagnostics. nullopt: there was no looking, and `findings` say why; `exit` is what comes of it then.
[[nodiscard]] std::optional<compiler::Found> review_project(Project&, const Invocation&, Findings&,
                                                            int& exit);

// The settings that the command line and cairn.toml decide; mistakes are added to `findings`, among
// them checkpoints and gates that the plan does not have.
[[nodiscard]] run::Settings settings_of(const compiler::StepGraph&, const config::Config&,
                                        const Invocation&, Findings&);

// Is a checkpoint `name` in the plan? If not, one finding with `flag` and a suggestion.
bool check_item(const compiler::StepGraph&, const std::string& name, const char* flag,
                const char* kind, Findings&);

// `path` as one would type it from here, if it is below here.
[[nodiscard]] std::string shown_path(const std::string& path);

// Prints what the report has left to say after a run, as text or JSON, and gives the exit code. `difference`: between the plan
// and a former run of it, where that is why this one did not begin.
int finish(const run::Result&, const compiler::Sources&, Telling&, const Invocation&, Findings&,
           const std::string& difference = "");

}  // namespace cairn::cli
