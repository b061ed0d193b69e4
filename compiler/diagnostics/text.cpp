#include <fmt/format.h>

#include <algorithm>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/display.hpp"

namespace cairn::compiler {

namespace {

constexpr std::size_t frame_width = 100;  // columns of a source line that are shown

const char* style(Severity severity) {
    switch (severity) {
        case Severity::error:
            return "1;31";
        case Severity::warning:
            return "1;33";
        case Severity::note:
            return "1;36";
    }
    return "1;31";
}

class Writer {
public:
    Writer(const Sources& sources, bool color) : sources_(sources), color_(color) {}

    void reserve_gutter(const Location& where) {
        const auto line = sources_.at(where.source).position(where.span.begin).line;
        gutter_ = std::max(gutter_, std::to_string(line).size());
    }

    void heading(const Diagnostic& d) {
        if (d.where) out_ += paint("1", place(*d.where) + ": ");
        out_ +=
            paint(style(d.severity), fmt::format("{}[{}]", name(d.severity), code_name(d.code)));
        const auto first = d.message.substr(0, d.message.find('\n'));
        out_ += paint("1", ": " + printable(first)) + "\n";
        // Rows that others have written, what a server adds on lines of its own.
        for (std::size_t at = first.size(); at < d.message.size();) {
            const auto end = std::min(d.message.find('\n', at + 1), d.message.size());
            out_ += printable(d.message.substr(at + 1, end - at - 1)) + "\n";
            at = end;
        }
    }

    // The source line and the marks under it.
    void frame(const Location& where, char mark, const char* mark_style, const std::string& text) {
        const Source& source = sources_.at(where.source);
        const auto line = source.position(where.span.begin).line;
        const ShownLine shown = show_line(source, where.span, frame_width);
        out_ += paint("1;34", fmt::format("{:>{}} |", line, gutter_));
        out_ += shown.text.empty() ? "\n" : " " + shown.text + "\n";
        out_ +=
            paint("1;34", fmt::format("{:>{}} | ", "", gutter_)) + std::string(shown.indent, ' ');
        out_ += paint(mark_style, std::string(shown.length, mark));
        if (!text.empty()) out_ += paint(mark_style, fmt::format(" {}", printable(text)));
        out_ += "\n";
    }

    void elsewhere(const Location& where) {
        out_ += paint("1;34", fmt::format("{:>{}} > ", "", gutter_)) + place(where) + "\n";
    }

    void help(const std::string& text) {
        out_ += fmt::format("{:>{}}   ", "", gutter_) + paint("1;36", "help:") + " " +
                printable(text) + "\n";
    }

    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    [[nodiscard]] std::string paint(const char* how, std::string_view text) const {
        return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", how, text) : std::string(text);
    }
    [[nodiscard]] std::string place(const Location& where) const {
        const Source& source = sources_.at(where.source);
        const auto at = source.position(where.span.begin);
        return fmt::format("{}:{}:{}", printable(source.name()), at.line, at.column);
    }

    const Sources& sources_;
    bool color_;
    std::size_t gutter_ = 1;
    std::string out_;
};

}  // namespace

std::string to_text(const Diagnostic& d, const Sources& sources, bool color) {
    Writer writer(sources, color);
    if (d.where) writer.reserve_gutter(*d.where);
    for (const Label& label : d.labels) writer.reserve_gutter(label.where);

    writer.heading(d);
    if (d.where) writer.frame(*d.where, '^', style(d.severity), "");
    const SourceId* shown = d.where ? &d.where->source : nullptr;
    for (const Label& label : d.labels) {
        if (shown == nullptr || !(*shown == label.where.source)) writer.elsewhere(label.where);
        writer.frame(label.where, '-', "1;34", label.text);
        shown = &label.where.source;
    }
    if (!d.help.empty()) writer.help(d.help);
    return writer.take();
}

}  // namespace cairn::compiler
