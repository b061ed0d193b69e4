// Whatever is laid out anew has the tokens that it had, and is laid out for good.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "compiler/format/format.hpp"
#include "grammar/parse.hpp"

namespace {

// An abort that libFuzzer reports, in builds of every kind.
void insist(bool holds) {
    if (!holds) std::abort();
}

std::string tokens_of(std::string_view text) {
    cairn::grammar::Layout layout;
    insist(cairn::grammar::parse(text, &layout).errors.empty());
    std::string out;
    std::size_t behind = 0;
    for (const auto token : layout.tokens) {
        insist(token.begin >= behind && token.end > token.begin && token.end <= text.size());
        out += text.substr(token.begin, token.end - token.begin);
        out += '\n';
        behind = token.end;
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto once = cairn::compiler::format_plan(text);
    insist(once.text.has_value() != once.diagnostics.has_errors());
    if (!once.text) return 0;
    insist(tokens_of(*once.text) == tokens_of(text));
    insist(cairn::compiler::format_plan(*once.text).text == once.text);
    return 0;
}
