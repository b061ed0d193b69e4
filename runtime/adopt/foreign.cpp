#include "runtime/adopt/foreign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "runtime/adopt/lexical.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

// Commands that change only what psql prints, or how it goes on after errors.
constexpr std::array harmless_commands{
    std::string_view("echo"),     std::string_view("qecho"),      std::string_view("warn"),
    std::string_view("timing"),   std::string_view("pset"),       std::string_view("x"),
    std::string_view("a"),        std::string_view("t"),          std::string_view("encoding"),
    std::string_view("restrict"), std::string_view("unrestrict"), std::string_view("errverbose"),
    std::string_view("conninfo")};
// \set of psql's own variables.
constexpr std::array own_variables{std::string_view("ON_ERROR_STOP"),
                                   std::string_view("ECHO"),
                                   std::string_view("QUIET"),
                                   std::string_view("VERBOSITY"),
                                   std::string_view("PAGER"),
                                   std::string_view("SHOW_CONTEXT"),
                                   std::string_view("ECHO_HIDDEN"),
                                   std::string_view("HISTFILE"),
                                   std::string_view("ON_ERROR_ROLLBACK")};

template <typename List>
bool holds(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

struct Template {
    std::string_view open, close;
};
constexpr std::array templates{Template{"{{", "}}"}, Template{"{%", "%}"}, Template{"${", "}"},
                               Template{"#{", "}"}, Template{"<%=", "%>"}};

bool is_name(std::string_view text) {
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos &&
           leading_digits(text).empty();
}

// Whether a statement reads rows that follow it: COPY … FROM STDIN.
bool reads_rows(std::string_view statement) {
    const auto words = split_words(statement);
    if (words.size() < 4 || !same_word(words[0], "copy")) return false;
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        if (same_word(words[i], "from") && same_word(words[i + 1], "stdin")) return true;
    }
    return false;
}

class Finder {
public:
    Finder(const sql::MappedSql& script, bool takes_values,
           const std::map<std::string, std::string>& values, Diagnostics& diagnostics)
        : script_(script),
          text_(script.text),
          takes_values_(takes_values),
          values_(values),
          diagnostics_(diagnostics) {}

    Foreign find() {
        out_.sql = script_;
        for (at_ = 0; at_ < text_.size();) {
            // Quotes behind what is found are looked for anew: \echo it's
            const std::string_view rest = std::string_view(text_).substr(at_);
            restart_ = false;
            for (const Part& part : parts_of(rest)) {
                const std::size_t base = text_.size() - rest.size();
                if (part.region == Region::identifier)
                    look_into_name(base + part.begin, base + part.end);
                if (part.region == Region::code) look(base + part.begin, base + part.end);
                if (restart_) break;
            }
            if (!restart_) break;
        }
        return std::move(out_);
    }

private:
    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

    void look(std::size_t begin, std::size_t end) {
        for (std::size_t at = begin; at < end; ++at) {
            if (!statement_ && !is_blank(text_[at])) statement_ = at;
            if (text_[at] == ';') {
                if (rows(at)) return;
                statement_.reset();
            } else if (text_[at] == '\\') {
                return command(at);
            } else if (const auto close = template_at(at)) {
                report_template(at, *close);
                return blank(at, *close, false);
            }
        }
    }

    void look_into_name(std::size_t begin, std::size_t end) {
        for (std::size_t at = begin; at < end; ++at) {
            const auto close = template_at(at);
            if (!close || *close > end) continue;
            report_template(at, *close);
            // What is left is a name that can be parsed.
            for (std::size_t i = at; i < *close; ++i) out_.sql.text[i] = '_';
            out_.blanks.push_back(
                {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(*close), false});
            at = *close;
        }
    }

    [[nodiscard]] std::optional<std::size_t> template_at(std::size_t at) const {
        for (const Template& each : templates) {
            if (text_.compare(at, each.open.size(), each.open) != 0) continue;
            const std::size_t close = text_.find(each.close, at + each.open.size());
            if (close != std::string::npos && close - at < 1000) return close + each.close.size();
        }
        return std::nullopt;
    }

    void report_template(std::size_t begin, std::size_t end) {
        const std::string shown =
            text_.substr(begin, std::min(text_.find('\n', begin), end) - begin);
        std::string_view name;
        if (shown.starts_with("${") && shown.ends_with('}'))
            name = std::string_view(shown).substr(2, shown.size() - 3);
        if (takes_values_ && is_name(name)) {
            diagnostics_.add(
                {.code = 913,
                 .where = place(begin, end),
                 .message = fmt::format("nothing says what `{}` stands for", shown),
                 .help = fmt::format("--param {}=VALUE", name)});
            return;
        }
        diagnostics_.add({.code = 912,
                          .where = place(begin, end),
                          .message = fmt::format(
                              "`{}` is a template's: adopt what the template makes of it", shown)});
    }

    void command(std::size_t at) {
        const std::size_t end = std::min(text_.find('\n', at), text_.size());
        const std::string_view line = trim(std::string_view(text_).substr(at, end - at));
        const auto words = split_words(line);
        const std::string_view name = words.front().substr(1);
        const bool own_set = (name == "set" || name == "unset") && words.size() > 1 &&
                             holds(own_variables, words[1]);
        const bool given = name == "set" && words.size() > 1 && values_.contains(std::string(words[1]));
        const bool harmless = own_set || given || holds(harmless_commands, name);
        std::string help;
        if (name == "set" && words.size() > 2 && !harmless)
            help = fmt::format("--param {}={}", words[1],
                               words[2].starts_with('`') ? "VALUE" : words[2]);
        diagnostics_.add(
            {.severity = harmless ? compiler::Severity::warning : compiler::Severity::error,
             .code = static_cast<std::uint16_t>(harmless ? 911 : 910),
             .where = place(at, at + line.size()),
             .message =
                 given ? fmt::format("`{}` is left out: `{}` has a value already", words.front(), words[1])
                 : harmless
                     ? fmt::format(
                           "`{}` is psql's, and is left out: it does nothing to the database",
                           words.front())
                     : fmt::format("`{}` is psql's: only psql can carry it out", words.front()),
             .help = std::move(help)});
        blank(at, end, harmless);
    }

    // The rows follow on the next line, as far as a line `\.`.
    bool rows(std::size_t semicolon) {
        const std::size_t begin = *statement_;
        const std::string_view statement = std::string_view(text_).substr(begin, semicolon - begin);
        if (!reads_rows(statement)) return false;
        std::size_t end = text_.size();
        for (const Line& line : lines_of(std::string_view(text_).substr(semicolon))) {
            if (line.text != "\\.") continue;
            end = semicolon + line.next;
            break;
        }
        diagnostics_.add({.code = 918,
                          .where = place(begin, begin + statement.size()),
                          .message =
                              "COPY … FROM STDIN reads rows that stand in the script, and a step "
                              "has no way to send them",
                          .help = "INSERT INTO … VALUES …"});
        blank(begin, end, false);
        statement_.reset();
        return true;
    }

    void blank(std::size_t begin, std::size_t end, bool harmless) {
        for (std::size_t i = begin; i < end; ++i) {
            if (text_[i] != '\n' && text_[i] != '\r') out_.sql.text[i] = ' ';
        }
        out_.blanks.push_back(
            {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), harmless});
        at_ = end;
        restart_ = true;
    }

    [[nodiscard]] Location place(std::size_t begin, std::size_t end) const {
        return script_.locate(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
    }

    const sql::MappedSql& script_;
    const std::string& text_;
    const bool takes_values_;
    const std::map<std::string, std::string>& values_;
    Diagnostics& diagnostics_;
    Foreign out_;
    std::size_t at_ = 0;
    std::optional<std::size_t> statement_;  // where the one begins that is being looked at
    bool restart_ = false;
};

}  // namespace

Foreign take_out_foreign(const sql::MappedSql& script, bool takes_values,
                         const std::map<std::string, std::string>& values,
                         Diagnostics& diagnostics) {
    return Finder(script, takes_values, values, diagnostics).find();
}

}  // namespace cairn::adopt
