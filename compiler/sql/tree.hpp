// PostgreSQL's parse tree of one statement, as libpg_query gives it: names and fields are those of
// PostgreSQL's own parsenodes.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn::sql {

// One value of the tree. Nodes of one tree live and die together, so that the depth of a tree costs
// no stack.
struct Node {
    enum class Kind { null, boolean, number, text, list, object };
    Kind kind = Kind::null;
    std::string_view key;   // under which its parent holds it; empty in a list
    std::string_view text;  // with Kind::text
    std::int64_t number = 0;
    const Node* first = nullptr;
    const Node* next = nullptr;
};

// A reference to a value that may be absent: fields of absent values are absent, false, 0 or empty.
// Lasts as long as its tree.
class Value {
public:
    Value() = default;
    explicit Value(const Node* node) : node_(node) {}

    [[nodiscard]] explicit operator bool() const { return node_ != nullptr; }
    [[nodiscard]] Value operator[](std::string_view key) const;
    [[nodiscard]] std::string_view text() const { return node_ ? node_->text : std::string_view{}; }
    [[nodiscard]] std::string str() const { return std::string(text()); }
    [[nodiscard]] std::int64_t number() const { return node_ ? node_->number : 0; }
    [[nodiscard]] bool is_true() const { return number() != 0; }
    [[nodiscard]] std::string_view key() const { return node_ ? node_->key : std::string_view{}; }
    [[nodiscard]] bool is_object() const { return node_ && node_->kind == Node::Kind::object; }
    [[nodiscard]] bool is_list() const { return node_ && node_->kind == Node::Kind::list; }
    [[nodiscard]] bool is(std::string_view text) const { return this->text() == text; }

    // A node stands in its parent as {"SelectStmt": {…}}: its type and what it holds.
    [[nodiscard]] std::string_view type() const;
    [[nodiscard]] Value body() const { return node_ ? Value(node_->first) : Value(); }
    // The body if the type is this one, else absent.
    [[nodiscard]] Value as(std::string_view type) const {
        return this->type() == type ? body() : Value();
    }

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] Value last() const;

    class Iterator {
    public:
        explicit Iterator(const Node* node) : node_(node) {}
        Value operator*() const { return Value(node_); }
        Iterator& operator++() {
            node_ = node_->next;
            return *this;
        }
        bool operator==(const Iterator&) const = default;

    private:
        const Node* node_;
    };
    [[nodiscard]] Iterator begin() const { return Iterator(node_ ? node_->first : nullptr); }
    [[nodiscard]] static Iterator end() { return Iterator(nullptr); }

private:
    const Node* node_ = nullptr;
};

// Reads libpg_query's JSON: objects, lists, strings, integers and booleans, as one machine writes
// them for another. Texts stay where they stand in it.
class Tree {
public:
    explicit Tree(std::string json);
    [[nodiscard]] Value root() const { return Value(nodes_.empty() ? nullptr : nodes_.data()); }

private:
    std::unique_ptr<std::string> json_;  // does not move when the tree does
    std::vector<Node> nodes_;            // never grows once a node points into it
};

struct ParserError {
    std::string message;
    int position = 0;  // characters from 1; 0: PostgreSQL names no place
};

// The statements of `text`: PostgreSQL's list of RawStmt. The caller has bounded the size and the
// nesting.
[[nodiscard]] std::variant<Tree, ParserError> parse(const std::string& text);
// Whether `text` parses, without building a tree.
[[nodiscard]] bool parses(const std::string& text);

}  // namespace cairn::sql
