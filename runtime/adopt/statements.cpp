#include "runtime/adopt/statements.hpp"

#include <algorithm>
#include <string_view>

#include "compiler/sql/scan.hpp"
#include "runtime/adopt/lexical.hpp"
#include "runtime/adopt/words.hpp"

namespace cairn::adopt {

namespace {

bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// The words of code in small letters, `;` among them, as far as they decide anything here.
std::vector<std::string> words_of(std::string_view sql) {
    std::vector<std::string> out;
    for (const Part& part : parts_of(sql)) {
        if (part.region != Region::code) continue;
        const std::string code = lower(sql.substr(part.begin, part.end - part.begin));
        for (std::size_t at = 0; at < code.size();) {
            std::size_t end = at;
            while (end < code.size() && in_name(code[end])) ++end;
            if (end > at) out.push_back(code.substr(at, end - at));
            if (end == at) {
                if (code[at] == ';') out.emplace_back(";");
                end = at + 1;
            }
            at = end;
        }
    }
    return out;
}

bool adds_enum_value(const std::string& statement) {
    const auto words = words_of(statement);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "add" && words[i + 1] == "value") return true;
    }
    return false;
}

// COMMIT or ROLLBACK as a statement of a DO block's body.
bool commits(std::string_view statement) {
    for (const Part& part : parts_of(statement)) {
        if (part.region != Region::dollar) continue;
        std::string_view body = statement.substr(part.begin, part.end - part.begin);
        const std::size_t tag = body.find('$', 1) + 1;
        if (body.size() < 2 * tag) continue;
        const auto words = words_of(body.substr(tag, body.size() - 2 * tag));
        for (std::size_t i = 0; i < words.size(); ++i) {
            const bool first = i == 0 || words[i - 1] == ";" || words[i - 1] == "begin" ||
                               words[i - 1] == "then" || words[i - 1] == "loop" ||
                               words[i - 1] == "else";
            const bool ends =
                i + 1 < words.size() && (words[i + 1] == ";" || words[i + 1] == "and");
            if (first && ends && (words[i] == "commit" || words[i] == "rollback")) return true;
        }
    }
    return false;
}

class Finder {
public:
    Finder(const Foreign& script, const std::string& path, Diagnostics& diagnostics)
        : script_(script), text_(script.sql.text), path_(path), diagnostics_(diagnostics) {}

    Statements find() {
        out_.broken = std::any_of(script_.blanks.begin(), script_.blanks.end(),
                                  [](const auto& blank) { return !blank.harmless; });
        const sql::Scan scanned = sql::scan(text_);
        if (scanned.failure) {
            if (!out_.broken) refuse(*scanned.failure, 0);
            out_.broken = true;
            return std::move(out_);
        }
        for (const sql::TokenRange range : sql::split(scanned.tokens))
            statement(scanned.tokens, range);
        return std::move(out_);
    }

private:
    void statement(const std::vector<sql::Token>& tokens, sql::TokenRange range) {
        const std::uint32_t begin = tokens[range.first].begin, end = tokens[range.last - 1].end;
        const std::uint32_t semicolon = range.last < tokens.size() ? tokens[range.last].end : end;
        const std::string text = text_.substr(begin, end - begin);
        sql::Analysis analysis = sql::analyse(text, {.has_lock_timeout = true});
        if (analysis.failure) {
            if (!holds_blank(begin, semicolon)) refuse(*analysis.failure, begin);
            out_.broken = true;
            return;
        }
        if (analysis.statements.empty()) return;
        Found found{.begin = begin,
                    .end = end,
                    .after = after(semicolon),
                    .facts = std::move(analysis.statements.front()),
                    .adds_enum_value = false};
        found.adds_enum_value = found.facts.kind == "ALTER TYPE" && adds_enum_value(text);
        if (found.facts.kind == "DO" && commits(text)) {
            out_.broken = true;
            diagnostics_.add({.code = 930,
                              .where = script_.sql.locate(begin, begin + 2),
                              .message = "this DO block ends transactions, and a step is one that "
                                         "cairn ends: write what it repeats as `batch on TABLE.KEY "
                                         "by 10000`",
                              .help = "--leave-out " + path_});
        }
        out_.list.push_back(std::move(found));
    }

    void refuse(const sql::ParseFailure& failure, std::uint32_t shift) {
        diagnostics_.add({.code = 301,
                          .where = script_.sql.locate(failure.begin + shift, failure.end + shift),
                          .message = failure.message,
                          .help = failure.help});
    }

    [[nodiscard]] bool holds_blank(std::uint32_t begin, std::uint32_t end) const {
        return std::any_of(script_.blanks.begin(), script_.blanks.end(), [&](const auto& blank) {
            return blank.begin < end && blank.end > begin;
        });
    }

    // A comment that follows on the same line belongs to the statement.
    [[nodiscard]] std::uint32_t after(std::uint32_t semicolon) const {
        std::size_t at = semicolon;
        while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t')) ++at;
        if (text_.compare(at, 2, "--") != 0) return semicolon;
        return static_cast<std::uint32_t>(std::min(text_.find('\n', at), text_.size()));
    }

    const Foreign& script_;
    const std::string& text_;
    const std::string& path_;
    Diagnostics& diagnostics_;
    Statements out_;
};

}  // namespace

Statements find_statements(const Foreign& script, const std::string& path,
                           Diagnostics& diagnostics) {
    return Finder(script, path, diagnostics).find();
}

}  // namespace cairn::adopt
