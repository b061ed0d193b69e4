// One statement on its way through the analysis, and what the statements before it in the step have
// done.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/sql/facts.hpp"
#include "compiler/sql/references.hpp"
#include "compiler/sql/scan.hpp"
#include "compiler/sql/tree.hpp"

namespace cairn::sql {

struct Range {
    std::uint32_t begin = 0, end = 0;
};

// The statement as text and tokens; all places are bytes in the statement's own text.
class Text {
public:
    Text(std::string text, std::vector<Token> tokens)
        : text_(std::move(text)), tokens_(std::move(tokens)) {}

    [[nodiscard]] const std::string& str() const { return text_; }
    [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }
    [[nodiscard]] std::string_view word(const Token& token) const {
        return std::string_view(text_).substr(token.begin, token.end - token.begin);
    }
    [[nodiscard]] Range all() const { return {0, static_cast<std::uint32_t>(text_.size())}; }

    // The token that begins at `location`, a place out of the parse tree; the whole where none
    // does.
    [[nodiscard]] Range token_at(std::int64_t location) const;
    // The dotted name that begins there.
    [[nodiscard]] Range name_at(std::int64_t location) const;
    // The first place where these lower-case words follow one another outside of parentheses; the
    // whole where they don't.
    [[nodiscard]] Range find(std::initializer_list<std::string_view> words) const;
    // The first mention of a relation, given as an SQL identifier; the whole where there is none.
    [[nodiscard]] Range mention(const std::string& relation) const;
    // The subcommands of ALTER TABLE relation …, in order: what stands between its commas.
    [[nodiscard]] std::vector<Range> subcommands(std::int64_t relation_location) const;

private:
    [[nodiscard]] std::size_t index_at(std::int64_t location) const;
    void index_names() const;

    std::string text_;
    std::vector<Token> tokens_;
    mutable std::unordered_map<std::string, Range> names_;  // filled when first asked for
};

// What earlier statements of the step did, as far as it decides what is said about later ones.
struct Step {
    std::set<std::string> objects;  // surely created: keys of created.hpp
    std::set<std::string>
        relations;  // created, or with IF NOT EXISTS perhaps: nothing is said of their size
    std::map<std::string, LockMode> locks;  // strong ones, held since an earlier statement
    // Created relations through which rows of others can change: views, foreign tables, tables with
    // triggers, rules, keys or partitions that come from elsewhere.
    std::set<std::string> reaching;
    // By key: the statements (of Analysis::statements) whose way back ends with this object's being
    // gone.
    std::map<std::string, std::vector<std::size_t>> makers;
    // What ways back by rule drop, in the order in which it was made: the last of them goes first.
    struct Made {
        std::string key;    // of created.hpp; empty once it is gone
        std::string name;   // unquoted
        std::string table;  // that it is a part of, unquoted and without its schema
    };
    std::vector<Made> made;
    // By a word of their names, or of their tables', in lower case; under the empty word what others
    // need not mention to depend on it: an extension. Positions in `made`, ascending.
    std::unordered_map<std::string, std::vector<std::size_t>> mentioned_by;
    bool has_lock_timeout = false;

    // Surely created in this step, and so in nobody else's sight.
    [[nodiscard]] bool created(const std::string& relation) const {
        return objects.contains("relation " + relation);
    }
    // Surely created, and what is written to it stays in it.
    [[nodiscard]] bool keeps_to_itself(const std::string& relation) const {
        return created(relation) && !reaching.contains(relation);
    }
    // As empty as the step left it.
    [[nodiscard]] bool is_new(const std::string& relation) const {
        return relations.contains(relation);
    }
};

struct Subject {
    const Text& text;
    std::string_view type;  // "AlterTableStmt"
    Value node;             // its body
    const Step& step;
    References references;  // of the whole statement
};

}  // namespace cairn::sql
