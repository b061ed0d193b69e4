#include "runtime/review/lacking.hpp"

#include "runtime/review/names.hpp"

namespace cairn::review {

std::optional<std::string> Lacking::in(const std::string& sql, const std::string& message) const {
    if (names_.empty()) return std::nullopt;
    for (const auto& words : {names_in(sql), words_in(message)}) {
        for (const auto& word : words) {
            const auto found = names_.find(word);
            if (found != names_.end()) return "`" + found->first + "`, " + found->second;
        }
    }
    return std::nullopt;
}

}  // namespace cairn::review
