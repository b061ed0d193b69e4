#include "runtime/adopt/names.hpp"

#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

std::string as_name(std::string_view text) {
    std::string out;
    for (const char c : lower(text)) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (fits)
            out += c;
        else if (!out.empty() && out.back() != '_')
            out += '_';
    }
    while (out.ends_with('_')) out.pop_back();
    if (out.empty()) return "migration";
    return out.front() >= '0' && out.front() <= '9' ? "v" + out : out;
}

std::string as_name(std::string_view version, std::string_view title) {
    return as_name(std::string(version) + "_" + std::string(title));
}

std::string Names::take(const std::string& wanted) {
    std::string name = wanted;
    for (int n = 2; !taken_.insert(name).second; ++n) name = wanted + "_" + std::to_string(n);
    return name;
}

}  // namespace cairn::adopt
