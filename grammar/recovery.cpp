#include "grammar/recovery.hpp"

#include <algorithm>

#include "grammar/nearest.hpp"
#include "grammar/walk.hpp"
#include "grammar/words.hpp"

namespace cairn::grammar {
namespace {

// The rest of a gate's `backup NAME verified`.
bool is_verified(std::string_view after) {
    while (!after.empty() &&
           (is_word_char(after[0]) || after[0] == '.' || after[0] == '{' || after[0] == '}')) {
        after.remove_prefix(1);
    }
    after.remove_prefix(blank_length(after));
    return after.starts_with("verified");
}

// `step x`, `parallel {`, `wait 5min`: a keyword, or nearly one, and what may follow it.
bool looks_like_item(std::string_view rest, bool nearly = false) {
    const std::string_view word = rest.substr(0, word_length(rest));
    if (word.empty()) return false;
    if (!is_item_keyword(word) && !(nearly && !nearest(word, item_keywords()).empty()))
        return false;
    std::string_view after = rest.substr(word.size());
    const std::size_t gap = blank_length(after);
    after.remove_prefix(gap);
    if (word == "parallel" || word == "transaction" || word == "defaults") {
        return after.starts_with('{') || after.starts_with("on") || after.starts_with("after");
    }
    if (gap == 0 || after.empty()) return false;
    const std::string_view next = after.substr(0, word_length(after));
    if (word == "on") return next == "failure";
    if (word == "point") return next == "of";
    if (word == "backup" && is_verified(after)) return false;
    return !next.empty() || after[0] == '{' || after[0] == '"';
}

class Skip {
public:
    Skip(std::string_view text, Dollars& dollars, std::uint32_t begin, std::uint32_t error,
         std::optional<std::uint32_t> block)
        : walk_(text, dollars, begin),
          begin_(begin),
          error_(error),
          block_(block),
          leads_line_(walk_.is_first()),
          column_(walk_.column()) {}

    Recovery run() {
        next_token();
        while (!walk_.ended() && !arrived()) next_token();
        result_.resume = walk_.at();
        return std::move(result_);
    }

private:
    [[nodiscard]] bool not_right() const { return walk_.column() <= column_; }

    // Whether this line belongs to the next item, or closes the block around the broken one.
    [[nodiscard]] bool leaves_item(const Walk& walk) const {
        if (walk.here() == '}')
            return block_ && walk.column() <= *block_ && walk.column() < column_;
        return walk.column() <= column_ && looks_like_item(walk.rest());
    }

    [[nodiscard]] bool arrived() const {
        const bool first = walk_.is_first();
        if (first && leaves_item(walk_)) return true;
        if (walk_.here() == '}' && walk_.depth() == 0) {
            return block_ && !first && !leads_line_;
        }
        if (walk_.depth() > 0) return false;
        if (walk_.opened()) {
            const bool other_word = first && not_right() && is_word_char(walk_.here());
            return other_word || looks_like_item(walk_.rest());
        }
        return first && not_right() && looks_like_item(walk_.rest(), true);
    }

    void next_token() {
        if (is_word_char(walk_.here())) note_name();
        if (walk_.delimiter_length() != 0) {
            skip_sql();
        } else {
            walk_.next();
        }
    }

    // Line by line: does the literal run over the next item?
    void skip_sql() {
        const std::uint32_t opener = walk_.at();
        const Span delimiter{opener, opener + static_cast<std::uint32_t>(walk_.delimiter_length())};
        Walk inside = walk_;
        walk_.next();
        bool swallows = !walk_.literal_closed();
        const std::uint32_t end = walk_.at();
        while (inside.next_line(end)) {
            if (!leaves_item(inside)) continue;
            swallows = true;
            walk_ = inside;
            break;
        }
        if (swallows) {
            result_.swallowed = true;
            if (opener < error_) {
                result_.open_sql = delimiter;
            } else if (!result_.open_sql && last_sql_end_ == error_) {
                result_.open_sql = last_sql_;  // closed by what opens the next one
            }
        } else if (opener < error_) {
            last_sql_ = delimiter;
            last_sql_end_ = end;
        }
    }

    // Items in the skipped text have names that others may refer to.
    void note_name() {
        const std::string_view rest = walk_.rest();
        const bool own = walk_.at() == begin_;
        if (!own && !(walk_.is_first() && looks_like_item(rest))) return;
        std::size_t at = word_length(rest);
        const bool of_no_return = rest.substr(0, at) == "point";
        at += blank_length(rest.substr(at));
        for (int word = 0; of_no_return && word < 3; ++word) {
            at += word_length(rest.substr(at));
            at += blank_length(rest.substr(at));
        }
        const std::size_t begin = at;
        while (at < rest.size()) {
            const std::size_t length =
                std::max(word_length(rest.substr(at)), placeholder_length(rest.substr(at)));
            if (length == 0) break;
            at += length;
        }
        if (at == begin) return;
        result_.left_out.push_back(name_template(rest.substr(begin, at - begin),
                                                 walk_.at() + static_cast<std::uint32_t>(begin)));
    }

    Walk walk_;
    std::uint32_t begin_, error_;
    std::optional<std::uint32_t> block_;  // column of the line that opens the enclosing block
    bool leads_line_;                     // the broken item is first on its line
    std::uint32_t column_;                // of the broken item
    std::optional<Span> last_sql_;
    std::uint32_t last_sql_end_ = 0;
    Recovery result_;
};

bool opens_clause(std::string_view rest) {
    constexpr std::string_view words[] = {
        "file",     "lock",       "statement", "retry",    "changes", "keep",     "batch",
        "rollback", "else",       "confirm",   "warn",     "show",    "query",    "table",
        "column",   "constraint", "index",     "function", "policy",  "foreign",  "row",
        "rows",     "tables",     "schemas",   "backup",   "free",    "sessions", "no",
        "server",   "long",       "command",   "timeout",  "output",  "rehearse", "to",
        "only",     "except",     "compress",  "encrypt",  "jobs",    "verify",   "engine",
        "stanza",   "type",       "into",      "on",       "rejects", "existing", "before"};
    const std::string_view word = rest.substr(0, word_length(rest));
    return rest[0] == '"' || rest[0] == '$' ||
           std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace

Recovery recover(std::string_view text, Dollars& dollars, std::uint32_t begin, std::uint32_t error,
                 std::optional<std::uint32_t> block) {
    return Skip{text, dollars, begin, error, block}.run();
}

std::optional<std::uint32_t> next_clause(std::string_view text, Dollars& dollars,
                                         std::uint32_t begin, std::uint32_t error,
                                         std::uint32_t limit) {
    Walk walk{text, dollars, begin};
    const std::uint32_t column = walk.line_column();
    for (bool moved = false; !walk.ended() && walk.at() < limit; moved = true) {
        const bool behind = moved && walk.at() >= error && walk.depth() == 0;
        if (behind && walk.here() == '}') return walk.at();
        if (behind && walk.is_first() && walk.column() <= column && opens_clause(walk.rest())) {
            return walk.at();
        }
        if (walk.here() == '}' && walk.depth() == 0 && moved) return std::nullopt;
        walk.next();
    }
    return std::nullopt;
}

}  // namespace cairn::grammar
