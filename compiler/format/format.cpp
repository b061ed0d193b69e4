#include "compiler/format/format.hpp"

#include <vector>

#include "compiler/format/gap.hpp"
#include "grammar/parse.hpp"

namespace cairn::compiler {

namespace {

using format::Comment;
using format::Gap;

struct Token {
    std::string_view text;
    Gap before;
    bool begins = false;  // a statement, or a clause in braces
};

// What stands between a `{` and its `}`, or in the file.
struct Braces {
    bool broken = false;  // each clause on a line of its own
    std::size_t clauses = 0;
};

class Writer {
public:
    explicit Writer(std::string_view line_end) : line_end_(line_end) {}

    void write(const Token& token, const Braces* opened) {
        const bool closes = token.text == "}";
        const bool closes_broken = closes && open_.back().broken;
        const std::size_t inside = open_.size() - 1;
        const bool own_line = closes ? closes_broken : token.begins && open_.back().broken;
        // A comment stands with what follows it; before `}` it is the last in the braces.
        const std::size_t comments = token.begins || closes ? inside : inside + 1;
        for (const Comment& comment : token.before.comments) write(comment, comments);
        if (closes) open_.pop_back();

        std::size_t level = open_.size() - 1;
        if (!own_line && !token.begins && token.text != "{" && token.text != ")" && !closes)
            ++level;
        const bool stays_broken =
            token.before.broken && token.text != "," && token.text != "{" && !closes;
        if (own_line || stays_broken || behind_comment_)
            start_line(level, own_line && !closes && token.before.blank_before);
        else if (wants_blank(token.text))
            out_ += ' ';
        out_ += token.text;
        last_ = token.text;
        behind_comment_ = false;
        if (opened != nullptr) {
            open_.push_back(*opened);
            fresh_ = true;
        } else {
            fresh_ = false;
        }
    }

    std::string finish(const Gap& rest) {
        for (const Comment& comment : rest.comments) write(comment, 0);
        if (!out_.empty()) out_ += line_end_;
        return std::move(out_);
    }

private:
    void write(const Comment& comment, std::size_t level) {
        if (comment.own_line || out_.empty())
            start_line(level, comment.blank_before);
        else
            out_ += "  ";
        out_ += comment.text;
        behind_comment_ = true;
        fresh_ = fresh_ && !comment.own_line;
    }

    void start_line(std::size_t level, bool blank_before) {
        if (!out_.empty()) {
            out_ += line_end_;
            if (blank_before && !fresh_) out_ += line_end_;
        }
        out_.append(2 * level, ' ');
    }

    [[nodiscard]] bool wants_blank(std::string_view next) const {
        if (out_.empty() || last_ == "(" || next == ")" || next == ",") return false;
        return !(last_ == "{" && next == "}");
    }

    std::string_view line_end_;
    std::string out_;
    std::string_view last_;
    std::vector<Braces> open_{{.broken = true}};
    bool behind_comment_ = false;
    bool fresh_ = true;  // nothing stands yet in these braces
};

std::vector<Token> divide(std::string_view text, const grammar::Layout& layout) {
    std::vector<Token> out;
    out.reserve(layout.tokens.size());
    std::size_t behind = 0;
    auto begin = layout.begins.begin();
    for (const grammar::Span span : layout.tokens) {
        Token token{
            .text = text.substr(span.begin, span.end - span.begin),
            .before = format::read_gap(text.substr(behind, span.begin - behind), behind == 0)};
        while (begin != layout.begins.end() && *begin < span.begin) ++begin;
        token.begins = (begin != layout.begins.end() && *begin == span.begin) ||
                       (!out.empty() && out.back().text == "{" && token.text != "}");
        out.push_back(std::move(token));
        behind = span.end;
    }
    return out;
}

// Of each `{`, in their order.
std::vector<Braces> look_into(const std::vector<Token>& tokens) {
    std::vector<Braces> out;
    std::vector<std::size_t> open;
    for (const Token& token : tokens) {
        if (!open.empty()) {
            Braces& around = out[open.back()];
            around.broken = around.broken || token.before.broken;
            if (token.begins && ++around.clauses > 1) around.broken = true;
        }
        if (token.text == "}") {
            Braces& closed = out[open.back()];
            if (closed.clauses == 0 && token.before.comments.empty()) closed.broken = false;
            open.pop_back();
            // Braces around broken ones are broken.
            if (closed.broken && !open.empty()) out[open.back()].broken = true;
        } else if (token.text == "{") {
            open.push_back(out.size());
            out.push_back({});
        }
    }
    return out;
}

}  // namespace

Formatted format_plan(std::string_view text, SourceId source) {
    Formatted out;
    grammar::Layout layout;
    for (const grammar::SyntaxError& error : grammar::parse(text, &layout).errors) {
        out.diagnostics.add({.code = error.code,
                             .where = Location{source, error.span},
                             .message = error.message,
                             .help = error.help});
    }
    if (out.diagnostics.has_errors()) return out;

    const std::size_t first_end = text.find('\n');
    const bool carriage =
        first_end != std::string_view::npos && first_end > 0 && text[first_end - 1] == '\r';
    Writer writer(carriage ? "\r\n" : "\n");
    const std::vector<Token> tokens = divide(text, layout);
    const std::vector<Braces> braces = look_into(tokens);
    auto next = braces.begin();
    for (const Token& token : tokens) writer.write(token, token.text == "{" ? &*next++ : nullptr);
    const std::size_t behind = layout.tokens.empty() ? 0 : layout.tokens.back().end;
    out.text = writer.finish(format::read_gap(text.substr(behind), behind == 0));
    return out;
}

}  // namespace cairn::compiler
