// A plan compiled for a test, and questions about what came of it.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "compiler/compile.hpp"

namespace cairn::tests {

using Files = std::map<std::string, std::string>;

inline compiler::Loader loader_of(Files files) {
    return [files = std::move(files)](
               const std::string& path) -> std::variant<std::string, compiler::LoadError> {
        if (path == "folder") return compiler::LoadError{"it is a folder"};
        const auto at = files.find(path);
        if (at == files.end()) return compiler::LoadError{"no such file"};
        return at->second;
    };
}

struct Plan {
    compiler::Compiled compiled;

    // Codes of errors and warnings in the order of their places; hazards of SQL (C05xx below 550) are
    // somebody else's.
    [[nodiscard]] std::vector<int> codes() const {
        std::vector<int> found;
        for (const auto& d : compiled.diagnostics.list()) {
            if (d.code > 500 && d.code < 550) continue;
            found.push_back(d.code);
        }
        return found;
    }
    [[nodiscard]] const compiler::Diagnostic* find(int code) const {
        for (const auto& d : compiled.diagnostics.list()) {
            if (d.code == code) return &d;
        }
        return nullptr;
    }
    // The text a diagnostic of this code points at; "-" without one.
    [[nodiscard]] std::string at(int code) const {
        const auto* d = find(code);
        if (d == nullptr || !d->where) return "-";
        return text(*d->where);
    }
    [[nodiscard]] std::string help(int code) const { return find(code) == nullptr ? "-" : find(code)->help; }
    [[nodiscard]] std::string message(int code) const {
        return find(code) == nullptr ? "-" : find(code)->message;
    }
    // What the first label of it points at.
    [[nodiscard]] std::string label(int code) const {
        const auto* d = find(code);
        return d == nullptr || d->labels.empty() ? "-" : text(d->labels.front().where);
    }
    [[nodiscard]] std::string text(const compiler::Location& where) const {
        return compiled.sources.at(where.source)
            .text()
            .substr(where.span.begin, where.span.end - where.span.begin);
    }
    [[nodiscard]] const compiler::Item& item(const std::string& name) const {
        return compiled.graph.items.at(compiled.graph.find(name).value().index);
    }
    template <class Body>
    [[nodiscard]] const Body& body(const std::string& name) const {
        return std::get<Body>(item(name).body);
    }
    // SQL of a step's statements.
    [[nodiscard]] std::vector<std::string> sql(const std::string& name) const {
        std::vector<std::string> all;
        for (const auto& s : body<compiler::StepItem>(name).statements) all.push_back(s.sql.text);
        return all;
    }
};

// The whole text of a plan.
inline Plan compile_plan(const std::string& text, const compiler::CompileOptions& options = {},
                         Files files = {}) {
    return {compiler::compile("test.cairn", text, loader_of(std::move(files)), options)};
}

// Items on database `erp`, and what may stand before them.
inline Plan compile_items(const std::string& items, const compiler::CompileOptions& options = {},
                          Files files = {}) {
    return compile_plan("plan test \"a test\"\ndatabase erp\n" + items, options, std::move(files));
}

// One check of a validation.
inline Plan compile_check(const std::string& check) {
    return compile_items("validate v {\n" + check + "\n}");
}
inline const compiler::Check& only_check(const Plan& plan) {
    return plan.body<compiler::ValidateItem>("v").checks.at(0);
}

}  // namespace cairn::tests
