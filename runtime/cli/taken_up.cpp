#include "runtime/cli/taken_up.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace cairn::cli {

std::optional<TakenUp> take_up(const Invocation& invocation, Findings& findings, int& exit) {
    exit = 2;
    // Before the run is known, cairn.toml is looked for from here.
    config::Config here = read_config("cairn.toml", findings);
    if (findings.has_errors()) return std::nullopt;
    auto found = find_run(invocation, here, findings, exit);
    if (!found) return std::nullopt;

    TakenUp out{
        .config = std::move(here), .found = std::move(*found), .compiled = {}, .settings = {}};
    const journal::RunRecord& record = out.found.record;
    std::error_code failed;
    if (std::filesystem::exists(record.plan_file, failed)) {
        Findings ignored(invocation);
        auto own = read_config(record.plan_file, ignored);
        if (!ignored.has_errors() && own.path != out.config.path) {
            // Relative paths start where they did; addresses stay those of this folder's
            // cairn.toml.
            out.config.root = own.root;
        }
    }
    out.compiled = compile_again(record);
    if (out.compiled.diagnostics.has_errors()) {
        findings.add(out.compiled.diagnostics, out.compiled.sources);
        findings.add(
            {.code = 614,
             .message = fmt::format(
                 "the plan that run `{}` keeps does not compile with this version of cairn",
                 record.run)});
        exit = 1;
        return std::nullopt;
    }
    exit = 2;
    out.settings = settings_of(out.compiled.graph, out.config, invocation, findings);
    if (findings.has_errors()) return std::nullopt;
    out.settings.plan_file = record.plan_file;
    return out;
}

}  // namespace cairn::cli
