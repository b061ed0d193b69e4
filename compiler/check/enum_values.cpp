#include <fmt/format.h>

#include <map>

#include "compiler/check/rules.hpp"
#include "compiler/sql/scan.hpp"

namespace cairn::compiler {

namespace {

// A value that ALTER TYPE … ADD VALUE has added and whose transaction has not committed yet.
struct NewValue {
    std::string literal;  // with its quotes
    Location added;
};

std::string word_of(const std::string& text, const sql::Token& token) {
    std::string word = text.substr(token.begin, token.end - token.begin);
    for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return word;
}

class EnumValues {
public:
    explicit EnumValues(Report& report) : report_(report) {}

    // `values`: what has been added earlier in the same transaction.
    void look(const Body& body, std::vector<NewValue>& values) {
        for (const Statement& statement : body.statements) {
            if (!values.empty()) find_use(statement, values);
            if (statement.facts.kind == "ALTER TYPE") find_new(statement, values);
        }
    }

private:
    void find_new(const Statement& statement, std::vector<NewValue>& values) {
        if (statement.facts.reversal == sql::Reversal::within_created) return;  // a new type takes it at once
        const std::string& text = statement.sql.text;
        const sql::Scan scan = sql::scan(text);
        for (std::size_t i = 0; i + 1 < scan.tokens.size(); ++i) {
            if (word_of(text, scan.tokens[i]) != "add" || word_of(text, scan.tokens[i + 1]) != "value") continue;
            for (std::size_t j = i + 2; j < scan.tokens.size(); ++j) {
                const sql::Token& token = scan.tokens[j];
                if (token.kind != sql::TokenKind::sconst) continue;
                values.push_back({text.substr(token.begin, token.end - token.begin),
                                  statement.sql.locate(token.begin, token.end)});
                return;
            }
        }
    }

    void find_use(const Statement& statement, const std::vector<NewValue>& values) {
        const std::string& kind = statement.facts.kind;
        if (kind == "ALTER TYPE" || kind.starts_with("COMMENT")) return;
        const std::string& text = statement.sql.text;
        for (const NewValue& value : values) {
            if (text.find(value.literal) == std::string::npos) continue;
            for (const sql::Token& token : sql::scan(text).tokens) {
                if (token.kind != sql::TokenKind::sconst ||
                    text.compare(token.begin, token.end - token.begin, value.literal) != 0) {
                    continue;
                }
                report_.add(560, statement.sql.locate(token.begin, token.end),
                            fmt::format("if {} is the new enum value, PostgreSQL refuses it here: the transaction "
                                        "that adds it must commit first",
                                        value.literal),
                            {},
                            {{.where = value.added, .text = "added here"}});
                return;
            }
        }
    }

    Report& report_;
};

}  // namespace

void check_enum_values(const ResolvedPlan& plan, Report& report) {
    EnumValues rule(report);
    std::optional<std::uint32_t> open;
    std::vector<NewValue> values;
    for (const ResolvedItem& item : plan.items) {
        if (item.as<grammar::Step>() == nullptr) continue;
        if (!item.transaction || item.transaction != open) values.clear();
        open = item.transaction;
        rule.look(item.sql, values);
    }
}

}  // namespace cairn::compiler
