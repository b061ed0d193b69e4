// Whatever stands in the file given to `preview --rehearsal`, reading it ends, in a result or in a diagnostic with words.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "runtime/rehearse/result.hpp"

namespace {

// An abort that libFuzzer reports, in builds of every kind.
void insist(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read =
        cairn::rehearse::parse_result({reinterpret_cast<const char*>(data), size}, "result.json");
    if (const auto* wrong = std::get_if<cairn::compiler::Diagnostic>(&read))
        insist(wrong->code == 783 && !wrong->message.empty() && !wrong->help.empty());
    return 0;
}
