// Whatever stands in the file given to `apply --preview`, reading it ends, in facts or in a
// diagnostic with words.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "runtime/review/saved.hpp"

namespace {

// An abort that libFuzzer reports, in builds of every kind.
void insist(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto read = cairn::review::parse_preview(text, "approved.json");
    if (const auto* wrong = std::get_if<cairn::compiler::Diagnostic>(&read))
        insist(wrong->code == 763 && !wrong->message.empty() && !wrong->help.empty());
    return 0;
}
