// Compiles a plan: a function from its text (and the files it takes in, parameters, and optionally a
// catalog snapshot) to a step graph, or diagnostics. No clock, no database, no I/O but the loader's.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/graph/step_graph.hpp"

namespace cairn::compiler {

// What a database holds, for cascades, partitions and IF NOT EXISTS. Empty in this version: the place is kept.
struct CatalogSnapshot {};

struct LoadError {
    std::string message;  // "no such file", "is a directory" …
};
// Reads a file that a step takes in; `path` as the plan writes it. The only I/O of the compiler.
using Loader = std::function<std::variant<std::string, LoadError>(const std::string& path)>;
// Reads from `root` (the folder of cairn.toml, or the plan's own).
[[nodiscard]] Loader file_loader(std::string root);

struct CompileOptions {
    std::map<std::string, std::string> parameters;  // --param
    bool require_parameters = true;  // check and preview do without: a missing one stands as written
    // Values of {run}, {date}, {time}; where absent they stand as written (check, preview).
    std::optional<std::string> run, date, time;
    const CatalogSnapshot* catalog = nullptr;
};

struct Compiled {
    Sources sources;
    StepGraph graph;          // usable only if !diagnostics.has_errors()
    Diagnostics diagnostics;  // sorted
    // path as written -> content, in the order of first use: what the journal keeps beside the plan.
    std::vector<std::pair<std::string, std::string>> files;
};

[[nodiscard]] Compiled compile(std::string file_name, std::string text, const Loader&, const CompileOptions&);

}  // namespace cairn::compiler
