#include "compiler/resolve/sql_body.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::compiler {

namespace {

// What a variable without a value is for the parser: as many bytes that may stand in its place. A number
// is good wherever an expression is, a name elsewhere.
enum class StandIn { expression, name };

std::string stand_in(const sql::Variable& variable, StandIn as, std::string_view written) {
    std::string text(written);
    if (variable.quote != 0) {
        text[0] = ' ';  // 'name' and "name" are a literal and an identifier themselves
    } else if (as == StandIn::expression) {
        std::fill(text.begin(), text.end(), '0');
        text[0] = '1';
    } else {
        text[0] = '_';
    }
    return text;
}

std::string substituted(const std::string& value, char quote) {
    if (quote == '\'') return sql::quote_literal(value);
    if (quote == '"') return sql::quote_identifier(value);
    return value;
}

class Reader {
public:
    Reader(std::string_view text, const SqlPlace& place, const Words& words, Report& report)
        : text_(text), place_(place), words_(words), report_(report) {}

    Body read(const sql::AnalysisContext& context) {
        body_.where = place_.literal;
        substitute();
        if (!declared_) return std::move(body_);
        analyse(context);
        return std::move(body_);
    }

private:
    [[nodiscard]] Location at(std::uint32_t begin, std::uint32_t end) const {
        return {place_.source, {place_.offset + begin, place_.offset + end}};
    }

    void substitute() {
        std::vector<sql::Variable> variables =
            text_.find(':') == std::string_view::npos ? std::vector<sql::Variable>{}
                                                      : sql::find_variables(std::string(text_));
        std::uint32_t done = 0;
        for (sql::Variable& variable : variables) {
            if (variable.begin < done) continue;
            take(done, variable.begin);
            done = variable.begin;
            if (replace(variable)) done = variable.end;
        }
        take(done, static_cast<std::uint32_t>(text_.size()));
    }

    void take(std::uint32_t begin, std::uint32_t end) {
        if (begin == end) return;
        body_.text.append(text_.substr(begin, end - begin), at(begin, end));
        as_expressions_ += text_.substr(begin, end - begin);
        as_names_ += text_.substr(begin, end - begin);
    }

    // False when the colon is SQL's own.
    bool replace(sql::Variable& variable) {
        const auto word = words_.find(variable.name, place_.turn);
        const bool known = word && word->origin != Words::Origin::built_in;
        if (variable.glued) {
            if (known) report_glued(variable);
            return false;
        }
        if (!known && variable.name == "batch" && variable.quote == 0) return batch(variable);
        if (!known) {
            report_undeclared(variable);
            return true;
        }
        body_.has_variables = true;
        if (word->value) {
            const std::string value = substituted(*word->value, variable.quote);
            body_.text.append(value, at(variable.begin, variable.end));
            as_expressions_ += value;
            as_names_ += value;
        } else {
            leave(variable);
        }
        return true;
    }

    void leave(const sql::Variable& variable) {
        const std::string_view written = text_.substr(variable.begin, variable.end - variable.begin);
        body_.text.append(written, at(variable.begin, variable.end));
        as_expressions_ += stand_in(variable, StandIn::expression, written);
        as_names_ += stand_in(variable, StandIn::name, written);
        open_ = open_ || variable.quote == 0;
        standing_ = true;
    }

    bool batch(sql::Variable& variable) {
        if (!place_.in_batch) {
            declared_ = false;
            report_.add(209, at(variable.begin, variable.end),
                        "`:batch` is only for a step with a `batch` clause");
            return true;
        }
        body_.has_variables = true;
        sql::BatchMark mark{.begin = static_cast<std::uint32_t>(body_.text.text.size()), .end = 0, .alias = {}};
        // `:batch(o)` names the alias it is about.
        const std::size_t close = text_.find(')', variable.end);
        if (text_.substr(variable.end, 1) == "(" && close != std::string_view::npos) {
            mark.alias = text_.substr(variable.end + 1, close - variable.end - 1);
            variable.end = static_cast<std::uint32_t>(close + 1);
        }
        const std::string_view written = text_.substr(variable.begin, variable.end - variable.begin);
        body_.text.append(written, at(variable.begin, variable.end));
        as_expressions_ += sql::batch_stand_in(written.size());
        as_names_ += sql::batch_stand_in(written.size());
        mark.end = static_cast<std::uint32_t>(body_.text.text.size());
        marks_.push_back(std::move(mark));
        return true;
    }

    void report_glued(const sql::Variable& variable) {
        declared_ = false;
        const std::string_view written = text_.substr(variable.begin, variable.end - variable.begin);
        report_.add(310, at(variable.begin, variable.end),
                    fmt::format("the colon of `{}` is glued to what stands before it, so PostgreSQL "
                                "reads it as its own, not as parameter `{}`",
                                written, variable.name),
                    fmt::format("`{}`", spaced(variable)));
    }

    // The word before the colon, then `: :n`, or ` :n` where the colon is not a slice's.
    [[nodiscard]] std::string spaced(const sql::Variable& variable) const {
        std::size_t begin = variable.begin;
        const auto near = [](char c) { return c > ' ' && c != ';' && c != ','; };
        while (begin > 0 && near(text_[begin - 1])) --begin;
        std::size_t end = variable.end;
        while (end < text_.size() && near(text_[end])) ++end;
        const std::string_view before = text_.substr(begin, variable.begin - begin);
        const bool slice = before.find('[') != std::string_view::npos;
        return fmt::format("{}{}{}{}", before, slice ? ": " : " ",
                           text_.substr(variable.begin, variable.end - variable.begin),
                           text_.substr(variable.end, end - variable.end));
    }

    void report_undeclared(const sql::Variable& variable) {
        declared_ = false;
        if (report_.may_be_declared("param", variable.name)) return;
        if (!report_.first_failure(209, variable.name)) return;
        std::string help;
        if (report_.can_suggest()) help = report_.suggestion(variable.name, words_.variables(place_.turn));
        if (help.empty()) help = fmt::format("param {}", variable.name);
        report_.add(209, at(variable.begin, variable.end),
                    fmt::format("no parameter or loop variable is named `{}`", variable.name), help);
    }

    void analyse(const sql::AnalysisContext& context) {
        const std::string* analysed = &as_expressions_;
        sql::Analysis analysis = sql::analyse(as_expressions_, context);
        if (analysis.failure && open_) analysis = sql::analyse(*(analysed = &as_names_), context);
        if (analysis.failure && standing_) return keep_whole();
        if (analysis.failure) {
            const sql::ParseFailure& failure = *analysis.failure;
            report_.add(301, body_.text.locate(failure.begin, failure.end), failure.message,
                        failure.help);
            return;
        }
        if (analysis.statements.empty()) {
            report_.add(302, place_.literal, "there is no SQL statement here");
            return;
        }
        body_.statements.reserve(analysis.statements.size());
        for (sql::StatementFacts& facts : analysis.statements) {
            body_.statements.push_back({.sql = body_.text.slice(facts.begin, facts.end), .facts = {}});
            if (place_.batch != nullptr) find_batch(*analysed, facts);
            body_.statements.back().facts = std::move(facts);
        }
        body_.usable = true;
    }

    // Where `:batch` stands in one statement, and what it is about there.
    void find_batch(const std::string& analysed, const sql::StatementFacts& facts) {
        std::vector<sql::BatchMark> inside;
        for (const sql::BatchMark& mark : marks_) {
            if (mark.begin < facts.begin || mark.end > facts.end) continue;
            inside.push_back({.begin = mark.begin - facts.begin, .end = mark.end - facts.begin, .alias = mark.alias});
        }
        body_.batch.push_back(sql::find_batch(analysed.substr(facts.begin, facts.end - facts.begin), inside, *place_.batch));
    }

    // A parameter without a value may stand for any SQL: the text is shown as it is, and nothing is said about it.
    void keep_whole() {
        const std::string& text = body_.text.text;
        const auto begin = std::min(text.find_first_not_of(" \t\r\n;"), text.size());
        const auto end = text.find_last_not_of(" \t\r\n;") + 1;
        Statement whole{.sql = body_.text.slice(static_cast<std::uint32_t>(begin),
                                                static_cast<std::uint32_t>(end)),
                        .facts = {}};
        whole.facts.kind = "SQL";
        whole.facts.is_query = true;
        whole.facts.reversal = sql::Reversal::nothing_to_do;
        body_.statements.push_back(std::move(whole));
        body_.usable = true;
    }

    std::string_view text_;
    const SqlPlace& place_;
    const Words& words_;
    Report& report_;
    Body body_;
    std::string as_expressions_, as_names_;
    std::vector<sql::BatchMark> marks_;
    bool declared_ = true, open_ = false, standing_ = false;
};

}  // namespace

Body read_sql(std::string_view text, const SqlPlace& place, const Words& words,
              const sql::AnalysisContext& context, Report& report) {
    return Reader(text, place, words, report).read(context);
}

}  // namespace cairn::compiler
