// Diagnostics as SARIF 2.1.0, the form in which code scanning takes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::compiler {

struct SarifResult {
    std::uint16_t code = 0;
    std::string json;  // the `result` object, but for its ruleIndex
};

// Files are named relative to the current folder where they lie in it, else by a file: URI. A diagnostic without a
// place stands at the beginning of `subject`, since code scanning drops what has none.
[[nodiscard]] SarifResult to_sarif(const Diagnostic&, const Sources&, const std::string& subject);
// The whole log of one run, with a rule for each code that occurs.
[[nodiscard]] std::string sarif_log(const std::vector<SarifResult>&, std::string_view version);

}  // namespace cairn::compiler
