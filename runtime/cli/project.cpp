#include "runtime/cli/project.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "compiler/diagnostics/suggest.hpp"
#include "runtime/process/interrupt.hpp"
#include "runtime/review/review.hpp"

namespace cairn::cli {

namespace {

namespace fs = std::filesystem;
using compiler::Diagnostic;

constexpr std::size_t largest_plan = std::size_t{64} << 20U;

struct Closer {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

Diagnostic unreadable(const std::string& path, const std::string& why) {
    return {.code = 610, .message = fmt::format("plan file `{}` can't be read: {}", path, why)};
}

// Plans beside the one that is missing: the likeliest mistake is in the name.
std::string near_file(const std::string& path) {
    const fs::path folder = fs::path(path).parent_path();
    std::vector<std::string> names;
    std::error_code failed;
    for (fs::directory_iterator at(folder.empty() ? "." : folder, failed), end;
         !failed && at != end; at.increment(failed)) {
        if (at->path().extension() == ".cairn")
            names.push_back((folder / at->path().filename()).string());
    }
    std::sort(names.begin(), names.end());
    return compiler::did_you_mean(path, names).value_or("");
}

}  // namespace

std::variant<std::string, Diagnostic> read_plan(const std::string& path) {
    std::error_code failed;
    if (fs::is_directory(path, failed)) return unreadable(path, "it is a folder");
    const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rbe"));
    if (!file) {
        Diagnostic d = unreadable(path, errno == ENOENT ? "no such file" : std::strerror(errno));
        if (errno == ENOENT) d.help = near_file(path);
        return d;
    }
    if (fs::is_regular_file(path, failed) && fs::file_size(path, failed) > largest_plan) {
        return unreadable(path, "it is larger than 64 MB");
    }
    // A pipe's size is known when it has been read.
    std::string text;
    std::string chunk(std::size_t{1} << 16U, '\0');
    while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
        text.append(chunk, 0, got);
        if (text.size() > largest_plan) return unreadable(path, "it is larger than 64 MB");
    }
    if (std::ferror(file.get()) != 0) return unreadable(path, std::strerror(errno));
    return text;
}

config::Config read_config(const std::string& path, Findings& findings) {
    compiler::Sources sources;
    compiler::Diagnostics warnings;
    auto loaded = config::load(path, sources, warnings);
    if (const auto* d = std::get_if<Diagnostic>(&loaded)) warnings.add(*d);
    warnings.sort();
    findings.add(warnings, sources);
    if (auto* config = std::get_if<config::Config>(&loaded)) return std::move(*config);
    config::Config none;
    none.root = fs::path(path).parent_path().string();
    if (none.root.empty()) none.root += '.';
    return none;
}

std::optional<Project> load_project(const std::string& path,
                                    const compiler::CompileOptions& options, Findings& findings) {
    auto text = read_plan(path);
    if (const auto* d = std::get_if<Diagnostic>(&text)) {
        findings.add(*d);
        return std::nullopt;
    }
    Project out;
    out.config = read_config(path, findings);
    out.compiled = compiler::compile(path, std::move(std::get<std::string>(text)),
                                     compiler::file_loader(out.config.root), options);
    findings.add(out.compiled.diagnostics, out.compiled.sources);
    return out;
}

void add_of_config(const Diagnostic& d, const config::Config& config, Findings& findings) {
    compiler::Sources sources;
    compiler::Diagnostics again;
    if (d.where) (void)config::load((fs::path(config.root) / "cairn.toml").string(), sources, again);
    findings.add(d, sources);
}

std::map<std::string, std::string> addresses(const compiler::StepGraph& graph,
                                             const config::Config& config,
                                             const Invocation& invocation, Findings& findings) {
    std::vector<std::string> names;
    for (const auto& role : graph.databases) names.push_back(role.name);
    for (const auto& [name, unused] : invocation.databases) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        const auto near = compiler::did_you_mean(name, names);
        findings.add({.code = 600,
                      .message = fmt::format("the plan declares no database `{}`", name),
                      .help = near ? fmt::format("--db {}=CONNINFO", *near) : ""});
    }
    std::map<std::string, std::string> out;
    for (const std::string& name : names) {
        auto address = config::resolve(config, name, invocation.databases, invocation.profile);
        if (auto* conninfo = std::get_if<std::string>(&address)) {
            out.emplace(name, std::move(*conninfo));
            continue;
        }
        const auto& d = std::get<Diagnostic>(address);
        add_of_config(d, config, findings);
        if (d.code == 607) break;  // said once, not for each database
    }
    return out;
}

bool names_databases(const Invocation& invocation) {
    return invocation.profile || !invocation.databases.empty();
}

std::optional<compiler::Found> review_project(Project& project, const Invocation& invocation,
                                              Findings& findings, int& exit) {
    const auto before = findings.errors();
    const auto conninfo = addresses(project.compiled.graph, project.config, invocation, findings);
    exit = 2;
    if (findings.errors() > before) return std::nullopt;
    process::install_interrupts();
    auto reviewed = review::review(project.compiled, conninfo);
    if (const auto* d = std::get_if<Diagnostic>(&reviewed)) {
        exit = static_cast<int>(review::exit_of(*d));
        findings.add(*d);
        return std::nullopt;
    }
    auto& review = std::get<review::Review>(reviewed);
    for (auto& d : review.diagnostics) project.compiled.diagnostics.add(std::move(d));
    project.compiled.diagnostics.sort();
    return std::move(review.found);
}

bool check_item(const compiler::StepGraph& graph, const std::string& name, const char* flag,
                const char* kind, Findings& findings) {
    const std::string_view wanted = kind;
    const auto is_kind = [&](const compiler::Item& item) {
        if (wanted == "item") return true;
        return item.kind == wanted || (wanted == "checkpoint" && item.kind == "point of no return");
    };
    std::vector<std::string> names;
    for (const auto& item : graph.items) {
        if (!is_kind(item)) continue;
        if (item.name == name) return true;
        names.push_back(item.name);
    }
    const auto near = compiler::did_you_mean(name, names);
    findings.add({.code = static_cast<std::uint16_t>(wanted == "checkpoint" ? 721 : 600),
                  .message = fmt::format("the plan has no {} `{}`", kind, name),
                  .help = near ? fmt::format("{} {}", flag, *near) : ""});
    return false;
}

run::Settings settings_of(const compiler::StepGraph& graph, const config::Config& config,
                          const Invocation& invocation, Findings& findings) {
    run::Settings out;
    out.conninfo = addresses(graph, config, invocation, findings);
    out.root = fs::absolute(config.root).lexically_normal().string();
    out.journal_folder = config.journal_folder;
    out.until = invocation.until;
    out.confirmed = invocation.confirmed;
    out.interactive = is_terminal(stdin) && is_terminal(stderr);
    out.again = invocation.again;
    out.jobs = invocation.jobs;
    out.yes = invocation.yes;
    out.ignore_window = invocation.ignore_window;
    out.on_conflict = invocation.on_conflict;
    out.repeat = invocation.repeat;
    out.done = invocation.done;
    if (invocation.until) check_item(graph, *invocation.until, "--until", "checkpoint", findings);
    for (const auto& gate : invocation.confirmed)
        check_item(graph, gate, "--confirm", "gate", findings);
    for (const auto& item : invocation.repeat) check_item(graph, item, "--repeat", "run", findings);
    for (const auto& item : invocation.done) check_item(graph, item, "--done", "run", findings);
    const auto timing = config::timing(config);
    if (const auto* d = std::get_if<Diagnostic>(&timing)) {
        findings.add(*d);
    } else {
        out.lease = std::get<config::Timing>(timing).lease;
        out.backoff = std::get<config::Timing>(timing).backoff;
        out.range = std::get<config::Timing>(timing).range;
        out.lag = std::get<config::Timing>(timing).lag;
    }
    return out;
}

std::string shown_path(const std::string& path) {
    std::error_code failed;
    const fs::path here = fs::current_path(failed);
    if (failed) return path;
    const std::string relative = fs::path(path).lexically_relative(here).string();
    return relative.empty() || relative.starts_with("..") ? path : relative;
}

int finish(const run::Result& result, const compiler::Sources& sources, Telling& observer,
           const Invocation& invocation, Findings& findings, const std::string& difference) {
    const bool told = observer.told(result.error);
    const bool not_needed = result.exit == run::Exit::already_finished && invocation.if_needed;
    const int exit = not_needed ? 0 : static_cast<int>(result.exit);
    if (result.error && not_needed) {
        compiler::Diagnostic note = *result.error;
        note.severity = compiler::Severity::note;
        findings.add(note, sources);
    } else if (result.error && (!told || invocation.json())) {
        findings.add(*result.error, sources);
    }
    if (!invocation.json()) {
        findings.flush();
        tell(difference);
        return exit;
    }
    // A run id is made of letters, digits and dashes: nothing to escape.
    const std::string run = result.run.empty() ? "null" : fmt::format("\"{}\"", result.run);
    const std::string lines =
        difference.empty() ? "" : ",\"difference\":" + nlohmann::json(difference).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    print(fmt::format("{{\"run\":{},\"exit\":{},\"diagnostics\":{}{}}}\n", run, exit, findings.json(), lines));
    return exit;
}

}  // namespace cairn::cli
