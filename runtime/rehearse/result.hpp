// A rehearsal's result as it was written for scripts, read back.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/preview/measured.hpp"

namespace cairn::rehearse {

struct Result {
    std::string plan, digest;
    compiler::Measured measured;
};
// Reads the file that `cairn rehearse --format json` has written. C0783.
[[nodiscard]] std::variant<Result, compiler::Diagnostic> read_result(const std::string& path);
// The same of its contents; `path` is for the message.
[[nodiscard]] std::variant<Result, compiler::Diagnostic> parse_result(std::string_view text, const std::string& path);

}  // namespace cairn::rehearse
