#include "runtime/cli/find_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "runtime/cli/difference.hpp"
#include "runtime/cli/project.hpp"

namespace cairn::cli {

namespace {

namespace fs = std::filesystem;
using compiler::Diagnostic;
using journal::Place;
using journal::RunRecord;

// Roles in the order of their precedence: flags, profile, environment.
std::vector<std::string> roles(const Invocation& invocation, const config::Config& config) {
    std::vector<std::string> out;
    const auto add = [&](const std::string& role) {
        if (std::find(out.begin(), out.end(), role) == out.end()) out.push_back(role);
    };
    for (const auto& [role, unused] : invocation.databases) add(role);
    if (invocation.profile) {
        if (const auto found = config.profiles.find(*invocation.profile);
            found != config.profiles.end()) {
            for (const auto& [role, unused] : found->second.databases) add(role);
        }
    }
    for (const auto& role : config::roles_in_environment()) add(role);
    return out;
}

// Whether its journal says how the run as a whole stands.
bool leads(const RunRecord& record) {
    return record.database == record.led_by;
}

// Of a run that changes several databases, each journal knows its own items.
void merge(RunRecord& into, RunRecord other) {
    if (!leads(into) && leads(other)) std::swap(into, other);
    into.kept_bytes += other.kept_bytes;
    for (std::size_t i = 0; i < into.items.size() && i < other.items.size(); ++i) {
        if (!into.items[i].is_known && other.items[i].is_known)
            into.items[i] = std::move(other.items[i]);
    }
}

bool newer(const RunRecord& a, const RunRecord& b) {
    return a.started != b.started ? a.started > b.started : a.run > b.run;
}

std::string place_words(const std::vector<Place>& places) {
    std::vector<std::string> words;
    for (const Place& place : places)
        words.push_back(place.role.empty() ? shown_path(place.conninfo)
                                           : "database `" + place.role + "`");
    return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

std::vector<Place> journal_places(const Invocation& invocation, const config::Config& config,
                                  Findings& findings) {
    std::vector<Place> out;
    const auto wanted = roles(invocation, config);
    if (invocation.profile && !config.profiles.contains(*invocation.profile)) {
        // Says which profiles there are.
        const auto answer =
            config::resolve(config, wanted.empty() ? "" : "?", {}, invocation.profile);
        if (const auto* d = std::get_if<Diagnostic>(&answer)) findings.add(*d);
        return out;
    }
    for (const auto& role : wanted) {
        const auto address =
            config::resolve(config, role, invocation.databases, invocation.profile);
        if (const auto* conninfo = std::get_if<std::string>(&address)) {
            out.push_back({.role = role, .conninfo = *conninfo});
            continue;
        }
        Diagnostic d = std::get<Diagnostic>(address);
        d.where
            .reset();  // the sources of cairn.toml are not at hand; the message names the variable
        findings.add(d);
    }
    std::error_code failed;
    const fs::path folder = fs::path(config.root) / config.journal_folder;
    if (fs::is_directory(folder, failed))
        out.push_back({.role = "", .conninfo = fs::absolute(folder).lexically_normal().string()});
    if (out.empty() && !findings.has_errors()) {
        findings.add({.code = 605,
                      .message = "nothing says where to look for runs: no --db or --profile is "
                                 "given, no CAIRN_ROLE is set, and "
                                 "there is no journal folder here",
                      .help = "--db NAME=postgresql://HOST/DATABASE"});
    }
    return out;
}

std::vector<RunRecord> all_runs(const std::vector<Place>& places, Findings& findings) {
    std::vector<RunRecord> out;
    for (const Place& place : places) {
        auto runs = journal::list_runs(place);
        if (const auto* d = std::get_if<Diagnostic>(&runs)) {
            findings.add(*d);
            continue;
        }
        for (RunRecord& run : std::get<std::vector<RunRecord>>(runs)) {
            const auto known = std::find_if(out.begin(), out.end(), [&](const RunRecord& r) {
                return r.run == run.run;
            });
            if (known == out.end())
                out.push_back(std::move(run));
            else
                merge(*known, std::move(run));
        }
    }
    std::stable_sort(out.begin(), out.end(), newer);
    return out;
}

std::optional<FoundRun> find_run(const Invocation& invocation, const config::Config& config,
                                 Findings& findings, int& exit) {
    exit = 2;
    const auto places = journal_places(invocation, config, findings);
    if (findings.has_errors()) return std::nullopt;
    const auto runs = all_runs(places, findings);
    if (findings.has_errors()) {
        exit = static_cast<int>(run::Exit::unreachable);
        return std::nullopt;
    }
    std::vector<std::string> matching;
    for (const RunRecord& run : runs) {
        if (!invocation.run || run.run.starts_with(*invocation.run)) matching.push_back(run.run);
    }
    if (matching.empty() || (invocation.run && invocation.run->empty())) {
        const std::string what =
            invocation.run ? fmt::format("no run `{}`", *invocation.run) : std::string("no run");
        findings.add({.code = 612,
                      .message = fmt::format("{} is recorded in {}", what, place_words(places)),
                      .help = "cairn history"});
        return std::nullopt;
    }
    const bool whole = invocation.run && std::find(matching.begin(), matching.end(),
                                                   *invocation.run) != matching.end();
    if (invocation.run && matching.size() > 1 && !whole) {
        findings.add(
            {.code = 612,
             .message = fmt::format("{} runs begin with `{}`", matching.size(), *invocation.run),
             .help = fmt::format("cairn {} {}", invocation.command, matching.front())});
        return std::nullopt;
    }
    const std::string wanted = whole ? *invocation.run : matching.front();

    std::optional<FoundRun> out;
    for (const Place& place : places) {
        auto read = journal::read_run(place, wanted);
        if (const auto* d = std::get_if<Diagnostic>(&read)) {
            findings.add(*d);
            exit = static_cast<int>(run::Exit::unreachable);
            return std::nullopt;
        }
        auto& record = std::get<std::optional<RunRecord>>(read);
        if (!record) continue;
        if (!out)
            out = FoundRun{.record = std::move(*record), .places = {}};
        else
            merge(out->record, std::move(*record));
        out->places.push_back(place);
    }
    return out;
}

compiler::Compiled compile_again(const RunRecord& record) {
    std::map<std::string, std::string> files(record.files.begin(), record.files.end());
    const compiler::Loader loader =
        [files = std::move(files)](
            const std::string& path) -> std::variant<std::string, compiler::LoadError> {
        if (const auto found = files.find(path); found != files.end()) return found->second;
        return compiler::LoadError{"the journal does not hold it"};
    };
    compiler::CompileOptions options;
    options.parameters = {record.parameters.begin(), record.parameters.end()};
    options.run = record.run;
    options.date = record.date;
    options.time = record.time;
    return compiler::compile(shown_path(record.plan_file), record.plan_text, loader, options);
}

std::string changes_since(const RunRecord& record, const std::string& root) {
    const auto now = read_plan(record.plan_file);
    const auto* text = std::get_if<std::string>(&now);
    if (text == nullptr) return "";
    const std::string name = shown_path(record.plan_file);
    std::string out = difference(record.plan_text, *text, name + " (of the run)", name + " (now)");
    const compiler::Loader loader = compiler::file_loader(root);
    for (const auto& [path, content] : record.files) {
        const auto loaded = loader(path);
        if (const auto* file = std::get_if<std::string>(&loaded)) {
            out += difference(content, *file, path + " (of the run)", path + " (now)");
        } else {
            out += fmt::format("{}: {}\n", path, std::get<compiler::LoadError>(loaded).message);
        }
    }
    return out;
}

std::string difference_from(const std::string& run, const std::vector<Place>& places,
                            const compiler::Compiled& compiled) {
    for (const Place& place : places) {
        const auto read = journal::read_run(place, run);
        const auto* record = std::get_if<std::optional<RunRecord>>(&read);
        if (record == nullptr || !*record) continue;
        const compiler::Source& now = compiled.sources.at({0});
        std::string out = difference((*record)->plan_text, now.text(), now.name() + " (of the run)",
                                     now.name() + " (now)");
        std::map<std::string, std::string> before((*record)->files.begin(), (*record)->files.end());
        for (const auto& [path, content] : compiled.files) {
            out += difference(before[path], content, path + " (of the run)", path + " (now)");
            before.erase(path);
        }
        for (const auto& [path, content] : before)
            out += difference(content, "", path + " (of the run)", path + " (now)");
        return out;
    }
    return "";
}

}  // namespace cairn::cli
