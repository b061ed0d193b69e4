// The state of one parse: the items that are open, the words of the clause at hand, and the errors.
//
// Rules and actions know the grammar and call the builder; the builder knows the text, not PEGTL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "grammar/dollars.hpp"
#include "grammar/parse.hpp"

namespace cairn::grammar {

// Leaves the innermost item, which is then skipped. Never leaves parse().
struct Broken {
    SyntaxError error;
};

// Ends the parse: what is left would only give errors that follow from earlier ones.
struct Stop {};

// An item that has been opened by its keyword and not yet closed.
struct Frame {
    Item item;
    std::vector<std::string_view> seen;  // phrases of the clauses given so far
    std::vector<Check> checks;
    std::uint32_t begin = 0;
    bool declares = false;      // a declaration, which is no item
    bool broken = false;        // an error in the item's own text
    bool inner_broken = false;  // an error in an item inside
};

class Builder {
public:
    static constexpr std::size_t max_depth = 100;
    static constexpr std::size_t max_errors = 1000;

    explicit Builder(std::string_view text, Layout* layout = nullptr)
        : text_(text), dollars_(text), layout_(layout) {}

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] std::uint32_t offset(const char* p) const {
        return static_cast<std::uint32_t>(p - text_.data());
    }
    [[nodiscard]] std::string_view from(std::uint32_t at) const { return text_.substr(at); }
    [[nodiscard]] std::string_view in(Span s) const {
        return text_.substr(s.begin, s.end - s.begin);
    }
    // The span of the word, quoted text or character at `at`; empty at the end of the file.
    [[nodiscard]] Span found_at(std::uint32_t at) const;
    [[nodiscard]] bool first_on_line(std::uint32_t at) const;
    [[nodiscard]] std::uint32_t column(std::uint32_t at) const;  // in bytes, from 0

    // -------------------------------------------------- layout
    // A token was taken. Those behind its beginning were tries, or are parts of it.
    void lay_token(Span token) {
        if (layout_ == nullptr) return;
        auto& tokens = layout_->tokens;
        while (!tokens.empty() && tokens.back().begin >= token.begin) tokens.pop_back();
        tokens.push_back(token);
    }
    void lay_begin(std::uint32_t at) {
        if (layout_ != nullptr) layout_->begins.push_back(at);
    }

    // -------------------------------------------------- errors
    // The item at hand is left out, but reading goes on behind the mistake.
    void report(std::uint16_t code, Span where, std::string message, std::string help = {});
    // The item at hand can't be read on.
    [[noreturn]] void fail(std::uint16_t code, Span where, std::string message,
                           std::string help = {});
    // Expected `what`, but something else stands at `at`; the help is a tried word that is near.
    [[noreturn]] void fail_expected(std::uint32_t at, std::string_view what);
    // Neither a clause of `of` nor its `}` stands at `at`.
    [[noreturn]] void fail_clause(std::uint32_t at, std::string_view of, std::uint32_t brace);
    // Records without a look at the frames; stops the parse when there are too many.
    void record(SyntaxError error);

    // A keyword that was looked for at `at` and did not stand there; `phrase` is what to offer.
    void tried(std::uint32_t at, std::string_view word, std::string_view phrase);
    [[nodiscard]] std::string_view suggestion(std::uint32_t at) const;

    // Records the error of the item that was opened last, which is left out; says where to read on.
    [[nodiscard]] std::uint32_t resume_item(SyntaxError error);
    // Records the error of the clause that starts at `begin`, and says where to read on in the same
    // body. Nothing is recorded when there is no such place: then the item as a whole is skipped.
    [[nodiscard]] std::optional<std::uint32_t> resume_clause(std::uint32_t begin,
                                                             const SyntaxError& error);
    [[nodiscard]] std::size_t close_of(std::string_view delimiter, std::size_t at) {
        return dollars_.close_of(delimiter, at);
    }

    // -------------------------------------------------- the clause at hand
    void begin_clause();  // forgets the words of the one before
    // False, with an error, when the phrase stood in this item before.
    bool once(std::string_view phrase, Span where);
    void add_name(Span written);
    void add_bad_name(Span written);
    void add_bad_relation(Span written);
    void add_string(Span written);
    void add_sql(Span literal, std::size_t delimiter);
    void add_type(Span written);
    void add_word(Span written);
    void add_string_value(Span written);
    // A numeral where `kind` is wanted (`word`: any kind will do).
    void add_numeral(Span written, ValueKind kind);
    void set_comparison(Span written);

    [[nodiscard]] Template take_name();
    [[nodiscard]] std::vector<Template> take_names();
    [[nodiscard]] Value take_value();
    [[nodiscard]] Sql take_sql();
    [[nodiscard]] Setting setting();
    [[nodiscard]] Retention retention();
    [[nodiscard]] Selection& selection();  // of the snapshot, backup, restore or clone at hand
    void widen_selection(Span clause);
    [[nodiscard]] Rollback& rollback();  // of the item at hand
    // Reports when the words before an item's `{` end at `at` without a clause that they need.
    void require(std::uint32_t at, std::string_view clause, std::string_view example);
    [[nodiscard]] Span since(std::uint32_t begin) const { return {begin, token_end}; }

    std::vector<Template> names;
    std::vector<Value> values;
    std::vector<Sql> sqls;
    Span phrase;  // the keywords of the clause at hand
    Comparison op = Comparison::equal;
    Span op_span;
    std::uint32_t token_end = 0;  // end of the last token, without the blanks behind it
    ObjectState state = ObjectState::exists;
    bool from_backup = false;  // `match backup NAME`
    Check check;
    Defaults defaults;

    // -------------------------------------------------- items
    void open_item(std::uint32_t begin);
    void close_item();
    // Some item could not be read: braces that do not match may come of that.
    [[nodiscard]] bool has_skipped() const { return skipped_; }
    [[nodiscard]] bool in_block() const { return frames.size() > 1; }
    [[nodiscard]] Item& item() { return frames.back().item; }
    template <typename Body>
    [[nodiscard]] Body& body() {
        return std::get<Body>(item().body);
    }
    // The item's body, or the plan's defaults.
    template <typename Where>
    [[nodiscard]] Where& home() {
        if constexpr (std::is_same_v<Where, Defaults>) {
            return defaults;
        } else {
            return body<Where>();
        }
    }
    void forget(std::vector<Template> left_out);  // names that later phases must not complain about

    std::vector<Frame> frames;
    Parsed parsed;

private:
    struct Tried {
        std::string_view word, phrase;
    };
    // Of the line that opens the block around the item at hand.
    [[nodiscard]] std::optional<std::uint32_t> enclosing_column();
    // Bounds the text that recovery reads again, which could be all of it for every error.
    void spend(std::size_t bytes);

    std::string_view text_;
    Dollars dollars_;
    Layout* layout_;
    bool skipped_ = false;
    std::size_t spent_ = 0;
    std::uint32_t tried_at_ = 0;
    std::vector<Tried> tried_;
};

}  // namespace cairn::grammar
