#include "runtime/adopt/variables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/sql/facts.hpp"
#include "compiler/sql/scan.hpp"

namespace cairn::adopt {

namespace {

std::string quoted(const std::string& value, char quote) {
    if (quote == '\'') return sql::quote_literal(value);
    if (quote != '"') return value;
    std::string out(1, '"');
    for (const char c : value) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

// How many brackets are open at each variable.
class Brackets {
public:
    explicit Brackets(const std::string& text) : tokens_(sql::scan(text).tokens) {}

    // `at` only ever grows.
    bool open_at(std::uint32_t at) {
        for (; next_ < tokens_.size() && tokens_[next_].begin < at; ++next_) {
            if (tokens_[next_].kind == sql::character('[')) ++depth_;
            if (tokens_[next_].kind == sql::character(']') && depth_ > 0) --depth_;
            if (tokens_[next_].kind == sql::character(';')) depth_ = 0;
        }
        return depth_ > 0;
    }

private:
    const std::vector<sql::Token> tokens_;
    std::size_t next_ = 0;
    int depth_ = 0;
};

}  // namespace

void settle_variables(Foreign& foreign, const std::map<std::string, std::string>& values,
                      Diagnostics& diagnostics) {
    const sql::MappedSql script = std::move(foreign.sql);
    Brackets brackets(script.text);
    sql::MappedSql out;
    std::uint32_t done = 0;
    std::vector<Foreign::Blank> unsettled;
    auto blank = foreign.blanks.begin();
    const auto take = [&](std::uint32_t end) {
        // What was taken out moves with the text around it.
        const auto before = static_cast<std::uint32_t>(out.text.size());
        for (; blank != foreign.blanks.end() && blank->end <= end; ++blank) {
            blank->begin = blank->begin - done + before;
            blank->end = blank->end - done + before;
        }
        out.append(script.slice(done, end));
    };
    for (const sql::Variable& variable : sql::find_variables(script.text)) {
        if (variable.glued || variable.begin < done) continue;
        const Location where = script.locate(variable.begin, variable.end);
        const auto value = values.find(variable.name);
        take(variable.begin);
        done = variable.end;
        if (brackets.open_at(variable.begin)) {
            out.append(script.slice(variable.begin, variable.begin + 1));
            out.append(" ");
            out.append(script.slice(variable.begin + 1, variable.end));
        } else if (value != values.end()) {
            out.append(quoted(value->second, variable.quote), where);
        } else {
            const auto begin = static_cast<std::uint32_t>(out.text.size());
            out.append(variable.quote == '"' ? "x" : "NULL", where);
            // Where no value may stand no second error follows.
            unsettled.push_back({begin, static_cast<std::uint32_t>(out.text.size()), false});
            diagnostics.add({.code = 914,
                             .where = where,
                             .message = fmt::format(
                                 "`{}` is a variable of psql's, and nothing says its value",
                                 script.text.substr(variable.begin, variable.end - variable.begin)),
                             .help = fmt::format("--param {}=VALUE", variable.name)});
        }
    }
    take(static_cast<std::uint32_t>(script.text.size()));
    foreign.blanks.insert(foreign.blanks.end(), unsettled.begin(), unsettled.end());
    std::sort(foreign.blanks.begin(), foreign.blanks.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
    foreign.sql = std::move(out);
}

}  // namespace cairn::adopt
