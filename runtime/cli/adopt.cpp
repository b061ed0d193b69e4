#include "runtime/adopt/adopt.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "runtime/adopt/names.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/findings.hpp"
#include "runtime/cli/write_file.hpp"

namespace cairn::cli {

namespace {

namespace fs = std::filesystem;
using adopt::Adoption;

// What folders of migrations are called whatever they hold.
constexpr std::string_view common[] = {"migrations", "migration", "migrate",    "sql", "db",
                                       "database",   "schema",    "schemas",    "src", "resources",
                                       "main",       "postgres",  "postgresql", "."};

std::string plan_name(const Invocation& invocation) {
    if (invocation.output) return adopt::as_name(fs::path(*invocation.output).stem().string());
    std::error_code failed;
    fs::path folder = fs::weakly_canonical(*invocation.folder, failed);
    if (failed) folder = *invocation.folder;
    while (folder.has_relative_path()) {
        const std::string name = folder.filename().string();
        if (!name.empty() &&
            std::find(std::begin(common), std::end(common), name) == std::end(common))
            return adopt::as_name(name);
        folder = folder.parent_path();
    }
    return "migrations";
}

// How the migrations are found from the plan's folder, where its relative paths start.
std::string prefix_of(const Invocation& invocation) {
    std::error_code failed;
    fs::path from = invocation.output ? fs::path(*invocation.output).parent_path() : fs::path();
    if (from.empty()) from = ".";
    fs::path way = fs::relative(*invocation.folder, from, failed);
    if (failed || way.empty()) way = fs::absolute(*invocation.folder, failed);
    return way == "." ? "" : way.string() + "/";
}

std::string as_json(const Adoption& adoption, const Findings& findings) {
    nlohmann::ordered_json out;
    out["tool"] =
        adoption.tool.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(adoption.tool);
    out["plan"] = adoption.plan ? nlohmann::ordered_json(*adoption.plan) : nlohmann::ordered_json();
    out["migrations"] = nlohmann::ordered_json::array();
    for (const auto& one : adoption.migrations) {
        out["migrations"].push_back({{"version", one.version},
                                     {"title", one.title},
                                     {"file", one.path},
                                     {"steps", one.steps}});
    }
    out["diagnostics"] = nlohmann::ordered_json::parse(findings.json());
    return out.dump() + "\n";
}

}  // namespace

int adopt(const Invocation& invocation) {
    Findings findings(invocation);
    compiler::Diagnostics diagnostics;
    adopt::Options options;
    options.plan = plan_name(invocation);
    options.values = invocation.parameters;
    options.from = invocation.from;
    options.hand_written_rollback = invocation.hand_written_rollback;
    options.files = invocation.files;
    options.files_prefix = prefix_of(invocation);
    const adopt::Folder folder =
        adopt::read_folder(*invocation.folder, invocation.left_out, diagnostics);
    Adoption adoption;
    if (!diagnostics.has_errors() || !folder.files().empty())
        adoption = adopt::adopt(folder, options, diagnostics);
    diagnostics.sort();
    findings.add(diagnostics, folder.sources());
    if (adoption.plan && invocation.output) {
        const std::string why = write_file(*invocation.output, *adoption.plan);
        if (!why.empty())
            findings.add(
                {.code = 927,
                 .message = fmt::format("`{}` can't be written: {}", *invocation.output, why)});
    }
    if (invocation.json()) {
        print(as_json(adoption, findings));
    } else {
        findings.flush();
        if (adoption.plan && !invocation.output) print(*adoption.plan);
    }
    return findings.has_errors() ? 1 : 0;
}

}  // namespace cairn::cli
