// A folder of migrations in memory, adopted.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "runtime/adopt/adopt.hpp"

namespace cairn::in_memory {

using Files = std::vector<std::pair<std::string, std::string>>;

struct Result {
    adopt::Adoption adoption;
    compiler::Diagnostics diagnostics;
    compiler::Sources sources;

    // The plan from its first step on.
    [[nodiscard]] std::string steps() const {
        if (!adoption.plan) return "no plan";
        const std::size_t at = adoption.plan->find("\n# ");
        return at == std::string::npos ? "" : adoption.plan->substr(at + 1);
    }
    // "v1_a v2_b"
    [[nodiscard]] std::string names() const {
        std::string out;
        for (const auto& one : adoption.migrations) {
            for (const auto& step : one.steps) out += (out.empty() ? "" : " ") + step;
        }
        return out;
    }
    // "C0917 1_a.sql:3:1", a line each, in order.
    [[nodiscard]] std::string told() const {
        std::string out;
        for (const auto& d : diagnostics.list()) {
            out += compiler::code_name(d.code);
            if (d.where) {
                const auto& source = sources.at(d.where->source);
                const auto at = source.position(d.where->span.begin);
                out += " " + source.name() + ":" + std::to_string(at.line) + ":" +
                       std::to_string(at.column);
            }
            out += "\n";
        }
        return out;
    }
};

inline Result adopted(Files files, const adopt::Options& options = {}) {
    Result out;
    std::sort(files.begin(), files.end());  // as they are read
    adopt::Folder folder("m");
    for (const auto& [path, text] : files) folder.add(path, text, out.diagnostics);
    folder.sort();
    out.adoption = adopt::adopt(folder, options, out.diagnostics);
    out.diagnostics.sort();
    out.sources = folder.sources();
    return out;
}

}  // namespace cairn::in_memory
