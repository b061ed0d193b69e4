#include "compiler/resolve/report.hpp"

#include <algorithm>
#include <cctype>

#include "compiler/diagnostics/catalogue.hpp"
#include "compiler/diagnostics/display.hpp"
#include "compiler/diagnostics/suggest.hpp"

namespace cairn::compiler {

namespace {

// A quoted name may hold a line's end, and a message is one line.
void make_one_line(std::string& message) {
    if (message.find('\n') != std::string::npos) message = printable(message);
}

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Every word that follows `keyword` in the text.
std::set<std::string, std::less<>> words_after(std::string_view text, std::string_view keyword) {
    std::set<std::string, std::less<>> words;
    for (std::size_t at = text.find(keyword); at != std::string_view::npos; at = text.find(keyword, at + 1)) {
        const std::size_t after = at + keyword.size();
        const std::size_t begin = std::min(text.find_first_not_of(" \t", after), text.size());
        if (begin == after || (at > 0 && in_word(text[at - 1]))) continue;
        std::size_t end = begin;
        while (end < text.size() && in_word(text[end])) ++end;
        if (end > begin) words.emplace(text.substr(begin, end - begin));
    }
    return words;
}

}  // namespace

void Report::add(std::uint16_t code, Location where, std::string message, std::string help,
                 std::vector<Label> labels) {
    make_one_line(message);
    const CatalogueEntry* entry = find_code(code);
    diagnostics_.add({.severity = entry != nullptr ? entry->severity : Severity::error,
                      .code = code,
                      .where = where,
                      .message = std::move(message),
                      .help = std::move(help),
                      .labels = std::move(labels)});
}

bool Report::may_be_declared(const std::string& keyword, const std::string& name) {
    if (!broken_) return false;
    const auto [at, is_new] = declared_.try_emplace(keyword);
    if (is_new) at->second = words_after(plan_, keyword);
    return name.empty() ? !at->second.empty() : at->second.contains(name);
}

bool Report::first_failure(std::uint16_t code, std::string_view name) {
    return failed_.emplace(code, name).second;
}

std::string Report::suggestion(std::string_view word, const std::vector<std::string>& candidates) {
    if (suggestions_left_ == 0) return {};
    --suggestions_left_;
    const auto near = did_you_mean(word, candidates);
    return near ? "`" + *near + "`" : std::string();
}

}  // namespace cairn::compiler
