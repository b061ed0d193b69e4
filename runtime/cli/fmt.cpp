#include "compiler/format/format.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/project.hpp"
#include "runtime/cli/write_file.hpp"

namespace cairn::cli {

namespace {

// `-` is what comes in on stdin, and goes out on stdout.
bool is_stream(const std::string& path) {
    return path == "-";
}

// Whether the file was, or with --check would be, another.
bool format_one(const std::string& path, const Invocation& invocation, Findings& findings) {
    const auto text = read_plan(is_stream(path) ? "/dev/stdin" : path);
    if (const auto* d = std::get_if<compiler::Diagnostic>(&text)) {
        findings.add(*d);
        return false;
    }
    const std::string& before = std::get<std::string>(text);
    const auto after = compiler::format_plan(before);
    compiler::Sources sources;
    sources.add(is_stream(path) ? "<stdin>" : path, before);
    findings.add(after.diagnostics, sources);
    if (!after.text) return false;
    const bool changed = *after.text != before;
    if (invocation.check) return changed;
    if (is_stream(path)) {
        if (!invocation.json()) print(*after.text);
    } else if (changed) {
        const std::string why = write_file(path, *after.text);
        if (!why.empty())
            findings.add({.code = 927, .message = "`" + path + "` can't be written: " + why});
    }
    return changed;
}

}  // namespace

int format(const Invocation& invocation) {
    Findings findings(invocation);
    std::vector<std::string> changed;
    for (const std::string& path : invocation.plans) {
        if (format_one(path, invocation, findings)) changed.push_back(path);
    }
    const int exit = findings.has_errors() || (invocation.check && !changed.empty()) ? 1 : 0;
    if (invocation.json()) {
        nlohmann::ordered_json out;
        out["changed"] = changed;
        out["diagnostics"] = nlohmann::ordered_json::parse(findings.json());
        print(out.dump() + "\n");
        return exit;
    }
    findings.flush();
    if (invocation.quiet && !invocation.check) return exit;
    for (const std::string& path : changed) {
        if (invocation.check || !is_stream(path)) print(path + "\n");
    }
    return exit;
}

}  // namespace cairn::cli
