// Diagnostics as SARIF 2.1.0, the form in which code scanning takes them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace cairn::compiler {

struct SarifResult {
    std::uint16_t code = 0;
    std::string json;  // the `result` object, but for its ruleIndex
};

// A file as it is to be named: relative to the current folder where it lies in it, else whole. The compiler knows no folders.
using Located = std::function<std::string(const std::string& name)>;

// A whole path becomes a file: URI. A diagnostic without a
// place stands at the beginning of `subject`, since code scanning drops what has none.
[[nodiscard]] SarifResult to_sarif(const Diagnostic&, const Sources&, const std::string& subject, const Located&);
// The whole log of one run, with a rule for each code that occurs.
[[nodiscard]] std::string sarif_log(const std::vector<SarifResult>&, std::string_view version);

}  // namespace cairn::compiler
