#include "compiler/diagnostics/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace cairn::compiler {

namespace {

// Those without a place come last: they are about the whole.
auto order(const Diagnostic& d) {
    const Location where = d.where.value_or(Location{});
    return std::tuple(!d.where.has_value(), where.source.index, where.span.begin, where.span.end,
                      d.code);
}

bool same(const Diagnostic& a, const Diagnostic& b) {
    return a.where == b.where && a.code == b.code && a.message == b.message;
}

}  // namespace

bool Diagnostics::has_errors() const {
    return std::any_of(list_.begin(), list_.end(),
                       [](const Diagnostic& d) { return d.severity == Severity::error; });
}

void Diagnostics::sort() {
    std::stable_sort(list_.begin(), list_.end(), [](const Diagnostic& a, const Diagnostic& b) {
        const auto left = order(a), right = order(b);
        return left != right ? left < right : a.message < b.message;
    });
    list_.erase(std::unique(list_.begin(), list_.end(), same), list_.end());
}

std::string code_name(std::uint16_t code) {
    return fmt::format("C{:04}", code);
}

const char* name(Severity severity) {
    switch (severity) {
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::note:
            return "note";
    }
    return "error";
}

}  // namespace cairn::compiler
