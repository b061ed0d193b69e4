#include "compiler/sql/tree.hpp"

#include <pg_query.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace cairn::sql {

// Receives nlohmann's events: its own tree of maps would cost several times as much, and recursion.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return add(Node::Kind::null); }
    bool boolean(bool value) override { return add(Node::Kind::boolean, value ? 1 : 0); }
    bool number_integer(number_integer_t value) override { return add(Node::Kind::number, value); }
    bool number_unsigned(number_unsigned_t value) override {
        return add(Node::Kind::number, static_cast<std::int64_t>(value));
    }
    bool number_float(number_float_t value, const string_t&) override {
        return add(Node::Kind::number, static_cast<std::int64_t>(value));
    }
    bool string(string_t& value) override { return add(Node::Kind::text, 0, keep(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Node::Kind::object); }
    bool start_array(std::size_t) override { return open(Node::Kind::list); }
    bool key(string_t& value) override {
        key_ = keep(value);
        return true;
    }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

    Tree take() { return std::move(tree_); }

private:
    struct Open {
        Node* node;
        Node* last;
    };

    std::string_view keep(std::string& text) {
        return tree_.texts_.emplace_back(std::move(text));
    }

    bool add(Node::Kind kind, std::int64_t number = 0, std::string_view text = {}) {
        Node node;
        node.kind = kind;
        node.key = std::exchange(key_, {});
        node.text = text;
        node.number = number;
        insert(node);
        return true;
    }

    Node* insert(const Node& node) {
        Node* added = &tree_.nodes_.emplace_back(node);
        if (open_.empty()) {
            tree_.root_ = added;
        } else {
            Open& parent = open_.back();
            (parent.last ? parent.last->next : parent.node->first) = added;
            parent.last = added;
        }
        return added;
    }

    bool open(Node::Kind kind) {
        Node node;
        node.kind = kind;
        node.key = std::exchange(key_, {});
        open_.push_back({insert(node), nullptr});
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    Tree tree_;
    std::vector<Open> open_;
    std::string_view key_;
};

namespace {

struct FreeResult {
    void operator()(PgQueryParseResult* result) const {
        pg_query_free_parse_result(*result);
        delete result;
    }
};
using Result = std::unique_ptr<PgQueryParseResult, FreeResult>;

Result run(const std::string& text) {
    return Result(new PgQueryParseResult(pg_query_parse(text.c_str())));
}

}  // namespace

Value Value::operator[](std::string_view key) const {
    for (const Value child : *this) {
        if (child.key() == key) return child;
    }
    return {};
}

std::string_view Value::type() const {
    return is_object() && node_->first ? node_->first->key : std::string_view{};
}

std::size_t Value::size() const {
    std::size_t count = 0;
    for (auto child = begin(); child != end(); ++child) ++count;
    return count;
}

Value Value::last() const {
    Value out;
    for (const Value child : *this) out = child;
    return out;
}

std::variant<Tree, ParserError> parse(const std::string& text) {
    const Result result = run(text);
    if (result->error != nullptr) {
        return ParserError{.message = result->error->message, .position = result->error->cursorpos};
    }
    TreeBuilder builder;
    if (!nlohmann::json::sax_parse(std::string_view(result->parse_tree), &builder)) {
        return ParserError{.message = "the parser's answer can't be read", .position = 0};
    }
    return builder.take();
}

bool parses(const std::string& text) { return run(text)->error == nullptr; }

}  // namespace cairn::sql
