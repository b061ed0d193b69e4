// A preview that was kept as JSON, for apply to hold its databases against.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/preview/found.hpp"

namespace cairn::review {

struct Saved {
    std::string plan, digest;
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<compiler::FoundRelation> relations;
};
// C0763: not there, cut off, no preview, or one without facts.
[[nodiscard]] std::variant<Saved, compiler::Diagnostic> read_preview(const std::string& path);
[[nodiscard]] std::variant<Saved, compiler::Diagnostic> parse_preview(const std::string& text,
                                                                      const std::string& path);

// What has changed since (C0765, a line each), or why nobody can tell. Reads only.
[[nodiscard]] std::vector<compiler::Diagnostic> changes_since(
    const Saved&, const std::map<std::string, std::string>& conninfo);

}  // namespace cairn::review
