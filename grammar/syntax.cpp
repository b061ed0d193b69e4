#include "grammar/syntax.hpp"

#include <algorithm>

namespace cairn::grammar {

bool Template::has_placeholders() const {
    return std::any_of(parts.begin(), parts.end(), [](const Part& p) { return p.is_placeholder; });
}

std::string Template::written() const {
    std::string out;
    for (const Part& p : parts) {
        if (p.is_placeholder) {
            out += '{' + p.text + '}';
        } else {
            out += p.text;
        }
    }
    return out;
}

}  // namespace cairn::grammar
