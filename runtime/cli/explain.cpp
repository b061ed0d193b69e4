#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "compiler/diagnostics/catalogue.hpp"
#include "compiler/diagnostics/explain/explain.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/findings.hpp"

namespace cairn::cli {

namespace {

using compiler::CatalogueEntry;
using Json = nlohmann::ordered_json;

// C0203, c203, 203 and 0203 are one code.
std::optional<std::uint16_t> number_of(std::string_view written) {
    if (written.starts_with('C') || written.starts_with('c')) written.remove_prefix(1);
    if (written.empty() || written.size() > 4) return std::nullopt;
    unsigned out = 0;
    for (const char c : written) {
        if (c < '0' || c > '9') return std::nullopt;
        out = out * 10 + static_cast<unsigned>(c - '0');
    }
    return static_cast<std::uint16_t>(out);
}

std::size_t width() {
    winsize size{};
    if (!is_terminal(stdout) || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 80;
    return std::clamp<std::size_t>(size.ws_col, 40, 100);
}

// What stands in backticks may be typed, and is not cut.
std::size_t end_of_word(std::string_view text) {
    bool quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '`') quoted = !quoted;
        if (text[at] == '\n' || (text[at] == ' ' && !quoted)) return at;
    }
    return text.size();
}

// Each line of the text is a paragraph.
std::string folded(std::string_view text, std::size_t columns) {
    std::string out;
    std::size_t used = 0;
    while (!text.empty()) {
        const auto end = end_of_word(text);
        if (used > 0 && used + 1 + end > columns) {
            out += '\n';
            used = 0;
        }
        if (used > 0) {
            out += ' ';
            ++used;
        }
        out += text.substr(0, end);
        used += end;
        if (end < text.size() && text[end] == '\n') {
            out += "\n\n";
            used = 0;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + "\n";
}

std::string indented(std::string_view text) {
    std::string out;
    for (const auto line : compiler::lines_of(text)) out += fmt::format("    {}\n", line);
    return out;
}

std::string listed(std::string_view items, std::size_t columns) {
    std::string out;
    for (const auto item : compiler::lines_of(items)) {
        const auto begin = out.size();
        out += indented(folded(item, columns - 4));
        out[begin + 2] = '-';
    }
    return out;
}

Json as_json(const CatalogueEntry& entry) {
    return {{"code", compiler::code_name(entry.code)},
            {"severity", compiler::name(entry.severity)},
            {"title", entry.title}};
}

std::string list(bool json) {
    Json codes = Json::array();
    std::string out;
    for (const auto& entry : compiler::catalogue) {
        if (json)
            codes.push_back(as_json(entry));
        else
            out += fmt::format("{}  {:7}  {}\n", compiler::code_name(entry.code), compiler::name(entry.severity),
                               entry.title);
    }
    return json ? Json{{"codes", std::move(codes)}}.dump() + "\n" : out;
}

std::string page_json(const CatalogueEntry& entry, const compiler::Page& page) {
    const auto plan = [](std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); };
    Json out = as_json(entry);
    out["text"] = page.text;
    out["causes"] = compiler::lines_of(page.causes);
    out["actions"] = compiler::lines_of(page.actions);
    out["mistake"] = plan(page.mistake);
    out["mend"] = plan(page.mend);
    return out.dump() + "\n";
}

std::string page_text(const CatalogueEntry& entry, const compiler::Page& page, bool color) {
    const auto bold = [&](std::string_view text) {
        return color ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
    };
    std::string out = bold(fmt::format("{}[{}]: {}", compiler::name(entry.severity),
                                       compiler::code_name(entry.code), entry.title)) +
                      "\n\n";
    out += folded(page.text, width());
    for (const auto& section : compiler::sections_of(page)) {
        out += "\n" + bold(fmt::format("{}:", section.heading)) + "\n\n";
        out += section.is_plan ? indented(section.lines) : listed(section.lines, width());
    }
    return out;
}

// The one below and the one above, where the number is one at all.
compiler::Diagnostic unknown(const std::string& written, std::optional<std::uint16_t> number) {
    compiler::Diagnostic out{.code = 600, .message = fmt::format("`{}` is no code", written), .help = "cairn explain"};
    if (!number) return out;
    const auto above = std::find_if(compiler::catalogue.begin(), compiler::catalogue.end(),
                                    [&](const auto& entry) { return entry.code > *number; });
    std::string near;
    const auto add = [&](const CatalogueEntry& entry) {
        near += (near.empty() ? "" : " and ") + compiler::code_name(entry.code);
    };
    if (above != compiler::catalogue.begin()) add(*std::prev(above));
    if (above != compiler::catalogue.end()) add(*above);
    out.message += "; the nearest: " + near;
    out.help = "cairn explain " + near.substr(0, 5);
    return out;
}

}  // namespace

int explain(const Invocation& invocation) {
    if (!invocation.code) {
        print(list(invocation.json()));
        return 0;
    }
    const auto number = number_of(*invocation.code);
    const CatalogueEntry* entry = number ? compiler::find_code(*number) : nullptr;
    if (entry == nullptr) {
        Findings findings(invocation);
        findings.add(unknown(*invocation.code, number));
        return findings.give_up(2);
    }
    const compiler::Page& page = *compiler::find_page(*number);
    print(invocation.json() ? page_json(*entry, page)
                            : page_text(*entry, page, use_color(invocation, stdout)));
    return 0;
}

}  // namespace cairn::cli
