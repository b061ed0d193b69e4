#include "grammar/recovery.hpp"

#include <algorithm>

#include "grammar/nearest.hpp"
#include "grammar/words.hpp"

namespace cairn::grammar {
namespace {

class Skip {
public:
    Skip(std::string_view text, std::uint32_t begin, std::uint32_t error, bool in_block)
        : text_(text), begin_(begin), error_(error), in_block_(in_block) {
        line_ = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;  // npos + 1 is 0
        column_ = begin - line_;
        leads_line_ = is_first(begin);
    }

    Recovery run() {
        at_ = begin_;
        next_token();
        while (at_ < text_.size() && !arrived()) next_token();
        result_.resume = static_cast<std::uint32_t>(std::min(at_, text_.size()));
        return std::move(result_);
    }

private:
    [[nodiscard]] bool is_first(std::size_t at) const {
        return text_.substr(line_, at - line_).find_first_not_of(" \t\r") == std::string_view::npos;
    }

    [[nodiscard]] bool not_right(std::size_t at) const { return at - line_ <= column_; }

    // `step x`, `parallel {`, `wait 5min`: a keyword and what may follow it.
    [[nodiscard]] bool looks_like_item(std::size_t at, bool nearly = false) const {
        const std::string_view rest = text_.substr(at);
        const std::string_view word = rest.substr(0, word_length(rest));
        if (word.empty() ||
            (!is_item_keyword(word) && !(nearly && !nearest(word, item_keywords()).empty()))) {
            return false;
        }
        std::string_view after = rest.substr(word.size());
        if (word == "parallel" || word == "transaction" || word == "defaults") {
            after.remove_prefix(blank_length(after));
            return after.starts_with('{') || after.starts_with("on");
        }
        const std::size_t gap = blank_length(after);
        after.remove_prefix(gap);
        if (gap == 0 || after.empty()) return false;
        const std::string_view next = after.substr(0, word_length(after));
        if (word == "on") return next == "failure";
        if (word == "point") return next == "of";
        if (word == "backup" && is_verified(after)) return false;
        return !next.empty() || after[0] == '{' || after[0] == '"';
    }

    // The rest of a gate's `backup NAME verified`.
    [[nodiscard]] static bool is_verified(std::string_view after) {
        while (!after.empty() &&
               (is_word_char(after[0]) || after[0] == '.' || after[0] == '{' || after[0] == '}')) {
            after.remove_prefix(1);
        }
        after.remove_prefix(blank_length(after));
        return after.starts_with("verified");
    }

    // Whether the line at `at` belongs to the next item, or closes the block around the broken one.
    [[nodiscard]] bool leaves_item(std::size_t at) const {
        if (text_[at] == '}') return in_block_ && at - line_ < column_;
        return not_right(at) && looks_like_item(at);
    }

    bool arrived() {
        const bool first = is_first(at_);
        if (first && leaves_item(at_)) return true;
        if (text_[at_] == '}' && depth_ == 0) return in_block_ && !first && !leads_line_;
        if (depth_ > 0) return false;
        if (opened_) {
            return looks_like_item(at_) || (first && not_right(at_) && is_word_char(text_[at_]));
        }
        return first && not_right(at_) && looks_like_item(at_, true);
    }

    void next_token() {
        const std::string_view rest = text_.substr(at_);
        if (is_word_char(rest[0])) {
            const std::size_t length = word_length(rest);
            note_name(rest, length);
            at_ += length;
        } else if (const std::size_t dollars = dollar_length(rest); dollars != 0) {
            skip_sql(dollars);
        } else if (rest[0] == '"' || rest[0] == '\'') {
            skip_string(rest[0]);
        } else if (const std::size_t length = placeholder_length(rest); length != 0) {
            at_ += length;
        } else {
            if (rest[0] == '{') {
                ++depth_;
                opened_ = true;
            } else if (rest[0] == '}' && depth_ > 0) {
                --depth_;
            }
            ++at_;
        }
        skip_blanks();
    }

    void skip_blanks() {
        const std::size_t length = blank_length(text_.substr(at_));
        const std::size_t newline = text_.substr(at_, length).rfind('\n');
        if (newline != std::string_view::npos) line_ = at_ + newline + 1;
        at_ += length;
    }

    void skip_string(char quote) {
        for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
            if (text_[at_] == quote) {
                ++at_;
                return;
            }
            if (quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
        }
        at_ = std::min(at_, text_.size());
    }

    void skip_sql(std::size_t dollars) {
        const std::size_t opener = at_;
        const std::string_view delimiter = text_.substr(at_, dollars);
        const std::size_t close = text_.find(delimiter, at_ + dollars);
        const std::size_t end = close == std::string_view::npos ? text_.size() : close;
        // Line by line: does the literal run over the next item?
        for (std::size_t newline = text_.find('\n', at_); newline < end;
             newline = text_.find('\n', newline + 1)) {
            const std::size_t word = text_.find_first_not_of(" \t\r", newline + 1);
            if (word >= end || text_[word] == '\n') continue;
            const std::size_t line_before = line_;
            line_ = newline + 1;
            if (leaves_item(word)) {
                if (opener < error_) {
                    result_.open_sql = Span{static_cast<std::uint32_t>(opener),
                                            static_cast<std::uint32_t>(opener + dollars)};
                }
                at_ = word;
                return;
            }
            line_ = line_before;
        }
        at_ = close == std::string_view::npos ? text_.size() : close + dollars;
        const std::size_t newline = text_.rfind('\n', at_ == 0 ? 0 : at_ - 1);
        if (newline != std::string_view::npos && newline >= opener) line_ = newline + 1;
    }

    // Items in the skipped text have names that others may refer to.
    void note_name(std::string_view rest, std::size_t length) {
        const bool own = at_ == begin_;
        if (!own && !(is_first(at_) && looks_like_item(at_))) return;
        std::size_t at = length + blank_length(rest.substr(length));
        if (rest.substr(0, length) == "point") {  // of no return
            for (int word = 0; word < 3; ++word) {
                at += word_length(rest.substr(at));
                at += blank_length(rest.substr(at));
            }
        }
        const std::size_t begin = at;
        while (at < rest.size()) {
            const std::size_t step =
                std::max(word_length(rest.substr(at)), placeholder_length(rest.substr(at)));
            if (step == 0) break;
            at += step;
        }
        if (at == begin) return;
        result_.left_out.push_back(
            name_template(rest.substr(begin, at - begin), static_cast<std::uint32_t>(at_ + begin)));
    }

    std::string_view text_;
    std::size_t begin_, error_;
    bool in_block_;
    bool leads_line_ = false;  // the broken item is first on its line
    std::size_t line_ = 0;     // start of the line at hand
    std::size_t column_ = 0;   // of the broken item
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    bool opened_ = false;
    Recovery result_;
};

}  // namespace

Recovery recover(std::string_view text, std::uint32_t begin, std::uint32_t error, bool in_block) {
    return Skip{text, begin, error, in_block}.run();
}

}  // namespace cairn::grammar
