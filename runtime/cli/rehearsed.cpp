#include "runtime/cli/rehearsed.hpp"

#include <fmt/format.h>

#include <variant>

namespace cairn::cli {

std::optional<rehearse::Result> rehearsed_before(const std::string& path, const compiler::StepGraph& graph, Findings& findings) {
    auto read = rehearse::read_result(path);
    if (auto* error = std::get_if<compiler::Diagnostic>(&read)) {
        findings.add(*error);
        return std::nullopt;
    }
    auto& result = std::get<rehearse::Result>(read);
    if (result.digest == graph.digest) return std::move(result);
    findings.add({.code = 784,
                  .message = fmt::format("`{}` is of plan `{}` with the digest {}; this is `{}` "
                                         "with {}",
                                         path, result.plan, result.digest, graph.plan,
                                         graph.digest),
                  .help = "cairn rehearse PLAN --format json > " + path});
    return std::nullopt;
}

std::map<std::string, schedule::ItemTimes> times_of(const rehearse::Result& result) {
    std::map<std::string, schedule::ItemTimes> out;
    for (const auto& [name, item] : result.measured.items) out.emplace(name, schedule::ItemTimes{.forward = item.took, .back = item.undo_took});
    return out;
}

}  // namespace cairn::cli
