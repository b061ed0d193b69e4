#include "grammar/parse.hpp"

#include <algorithm>

#include "grammar/actions.hpp"
#include "grammar/bytes.hpp"
#include "grammar/messages.hpp"

namespace cairn::grammar {
namespace {

void read(std::string_view text, Builder& builder) {
    rules::Input input(text.data(), text.data() + text.size(), "");
    try {
        (void)tao::pegtl::parse<rules::file, action, control>(input, builder);
    } catch (const Stop&) {  // what is read so far stands
    }
}

void sort(std::vector<SyntaxError>& errors) {
    std::stable_sort(errors.begin(), errors.end(), [](const SyntaxError& a, const SyntaxError& b) {
        return a.span.begin < b.span.begin;
    });
}

}  // namespace

Parsed parse(std::string_view text, Layout* layout) {
    Readable bytes = make_readable(text);
    if (bytes.too_large) return {.plan = {}, .errors = std::move(bytes.errors), .left_out = {}};
    if (bytes.mended) text = *bytes.mended;
    Builder builder{text, layout};
    read(text, builder);
    Parsed out = std::move(builder.parsed);
    std::move(bytes.errors.begin(), bytes.errors.end(), std::back_inserter(out.errors));
    sort(out.errors);
    return out;
}

}  // namespace cairn::grammar
