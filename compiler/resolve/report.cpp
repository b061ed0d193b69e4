#include "compiler/resolve/report.hpp"

#include <cctype>

#include "compiler/diagnostics/catalogue.hpp"
#include "compiler/diagnostics/suggest.hpp"

namespace cairn::compiler {

namespace {

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
    return at;
}

}  // namespace

void Report::add(std::uint16_t code, Location where, std::string message, std::string help,
                 std::vector<Label> labels) {
    const CatalogueEntry* entry = find_code(code);
    diagnostics_.add({.severity = entry != nullptr ? entry->severity : Severity::error,
                      .code = code,
                      .where = where,
                      .message = std::move(message),
                      .help = std::move(help),
                      .labels = std::move(labels)});
}

bool Report::may_be_declared(std::string_view keyword, std::string_view name) const {
    if (!broken_) return false;
    for (std::size_t at = plan_.find(keyword); at != std::string_view::npos;
         at = plan_.find(keyword, at + 1)) {
        if (at > 0 && in_word(plan_[at - 1])) continue;
        const std::size_t after = at + keyword.size();
        const std::size_t begin = skip_blanks(plan_, after);
        if (begin == after) continue;
        if (name.empty()) return true;
        if (!plan_.substr(begin).starts_with(name)) continue;
        if (begin + name.size() == plan_.size() || !in_word(plan_[begin + name.size()])) return true;
    }
    return false;
}

std::string Report::suggestion(std::string_view word, const std::vector<std::string>& candidates) {
    if (suggestions_left_ == 0) return {};
    --suggestions_left_;
    const auto near = did_you_mean(word, candidates);
    return near ? "`" + *near + "`" : std::string();
}

}  // namespace cairn::compiler
