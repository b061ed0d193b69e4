// Whatever stands in a plan, compiling it ends, in a step graph or in diagnostics that lie inside their sources and can be
// printed; and a graph without errors can be previewed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "compiler/compile.hpp"
#include "compiler/preview/preview.hpp"

namespace {

using namespace cairn::compiler;

// An abort that libFuzzer reports, in builds of every kind.
void insist(bool holds) {
    if (!holds) std::abort();
}

void inside(const Location& where, const Sources& sources) {
    insist(where.source.index < sources.size());
    const auto size = sources.at(where.source).text().size();
    insist(where.span.begin <= where.span.end && where.span.end <= size);
}

std::variant<std::string, LoadError> load(const std::string& path) {
    if (path.find("missing") != std::string::npos) return LoadError{"no such file"};
    return "SELECT 1; ALTER TABLE t ADD COLUMN c text;\n-- " + path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    CompileOptions options;
    options.require_parameters = false;
    const auto compiled = compile("plan.cairn", std::string(reinterpret_cast<const char*>(data), size), load, options);
    for (const auto& diagnostic : compiled.diagnostics.list()) {
        insist(!diagnostic.message.empty());
        if (diagnostic.where) inside(*diagnostic.where, compiled.sources);
        for (const auto& label : diagnostic.labels) inside(label.where, compiled.sources);
        insist(!to_text(diagnostic, compiled.sources, false).empty());
        insist(!to_json(diagnostic, compiled.sources).empty());
    }
    if (!compiled.diagnostics.has_errors()) {
        insist(!preview_text(compiled, false).empty());
        insist(!preview_json(compiled).empty());
        insist(preview_markdown(compiled).size() <= 65'536);
        insist(!preview_html(compiled).empty());
        insist(!preview_dot(compiled).empty());
    }
    return 0;
}
