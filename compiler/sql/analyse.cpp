#include <fmt/format.h>

#include <algorithm>

#include "compiler/sql/created.hpp"
#include "compiler/sql/failure.hpp"
#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

constexpr std::size_t max_bytes = 256U << 20U;

// What the scanner can't be given.
std::optional<ParseFailure> unfit(const std::string& text) {
    if (text.size() > max_bytes) {
        return ParseFailure{
            .message = fmt::format("this SQL is {} MB long; at most 256 MB are taken in",
                                   text.size() >> 20U),
            .begin = 0,
            .end = 0,
            .help = {}};
    }
    const std::size_t nul = text.find('\0');
    if (nul == std::string::npos) return std::nullopt;
    const auto place = static_cast<std::uint32_t>(nul);
    return ParseFailure{
        .message = "there is a NUL byte in this SQL", .begin = place, .end = place + 1, .help = {}};
}

Text cut(const std::string& text, const std::vector<Token>& tokens, TokenRange range) {
    const std::uint32_t begin = tokens[range.first].begin, end = tokens[range.last - 1].end;
    std::vector<Token> own(tokens.begin() + static_cast<long>(range.first),
                           tokens.begin() + static_cast<long>(range.last));
    for (Token& token : own) {
        token.begin -= begin;
        token.end -= begin;
    }
    return {text.substr(begin, end - begin), std::move(own)};
}

StatementFacts facts_of(const Subject& subject) {
    StatementFacts facts;
    recognise(subject, facts);
    recognise_non_transactional(subject, facts);
    add_locks(subject, facts);
    add_hazards(subject, facts);
    add_inverse(subject, facts);
    return facts;
}

class Analyser {
public:
    Analyser(const std::string& text, const AnalysisContext& context) : text_(text) {
        step_.has_lock_timeout = context.has_lock_timeout;
    }

    Analysis run() {
        if ((out_.failure = unfit(text_))) return std::move(out_);
        Scan scanned = scan(text_);
        if ((out_.failure = std::move(scanned.failure))) return std::move(out_);
        for (const TokenRange range : split(scanned.tokens)) {
            if ((out_.failure = too_large(scanned.tokens, range))) break;
            if ((out_.failure = statement(scanned.tokens, range))) break;
        }
        return std::move(out_);
    }

private:
    std::optional<ParseFailure> statement(const std::vector<Token>& tokens, TokenRange range) {
        const Text text = cut(text_, tokens, range);
        const auto parsed = parse(text.str());
        if (const auto* error = std::get_if<ParserError>(&parsed)) {
            return parse_failure(error->message, error->position, text_, tokens, range);
        }
        const Value statements = std::get<Tree>(parsed).root()["stmts"];
        for (const Value raw : statements) {
            const Value node = raw["stmt"];
            const Subject subject{.text = text,
                                  .type = node.type(),
                                  .node = node.body(),
                                  .step = step_,
                                  .references = references_of(node.type(), node)};
            StatementFacts facts = facts_of(subject);
            facts.begin = tokens[range.first].begin;
            facts.end = tokens[range.last - 1].end;
            forget_dropped(subject, facts);
            remember(subject, facts, out_.statements.size(), step_);
            out_.statements.push_back(std::move(facts));
        }
        return std::nullopt;
    }

    // What the step creates and drops again needs no way back.
    void forget_dropped(const Subject& subject, const StatementFacts& facts) {
        if (subject.type != "DropStmt" || facts.reversal != Reversal::within_created) return;
        for (const std::string& key : dropped_keys(subject)) {
            for (const std::size_t index : step_.makers[key]) {
                StatementFacts& maker = out_.statements[index];
                maker.inverse.clear();
                maker.reversal = Reversal::nothing_to_do;
            }
        }
    }

    const std::string& text_;
    Step step_;
    Analysis out_;
};

}  // namespace

Analysis analyse(const std::string& text, const AnalysisContext& context) {
    return Analyser(text, context).run();
}

}  // namespace cairn::sql
