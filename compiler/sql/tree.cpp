#include "compiler/sql/tree.hpp"

#include <pg_query.h>

#include <algorithm>
#include <charconv>

namespace cairn::sql {
namespace {

// Written by hand rather than with a JSON library: the tree of every statement passes here, and
// this takes a third of the time, no stack for its depth, and one allocation for its nodes.
class Reader {
public:
    Reader(std::string& json, std::vector<Node>& nodes)
        : at_(json.data()), end_(at_ + json.size()), nodes_(nodes) {}

    void read() {
        while (at_ < end_) step();
    }

private:
    struct Open {
        Node* node;
        Node* last = nullptr;
    };

    void step() {
        switch (*at_) {
            case '{':
                open(Node::Kind::object);
                break;
            case '[':
                open(Node::Kind::list);
                break;
            case '}':
            case ']':
                if (!open_.empty()) open_.pop_back();
                ++at_;
                break;
            case '"':
                string();
                break;
            case 't':
            case 'f':
                boolean();
                break;
            default:
                if (*at_ == '-' || (*at_ >= '0' && *at_ <= '9'))
                    number();
                else
                    ++at_;  // commas, blanks
        }
    }

    Node& add(Node::Kind kind) {
        Node& node = nodes_.emplace_back();
        node.kind = kind;
        node.key = key_;
        key_ = {};
        if (!open_.empty()) {
            Open& parent = open_.back();
            (parent.last ? parent.last->next : parent.node->first) = &node;
            parent.last = &node;
        }
        return node;
    }

    void open(Node::Kind kind) {
        open_.push_back({&add(kind)});
        ++at_;
    }

    void boolean() {
        const bool value = *at_ == 't';
        add(Node::Kind::boolean).number = value ? 1 : 0;
        at_ = std::min(at_ + (value ? 4 : 5), end_);
    }

    void number() {
        const auto [rest, error] = std::from_chars(at_, end_, add(Node::Kind::number).number);
        at_ = at_ + std::max<std::ptrdiff_t>(rest - at_, 1);
    }

    // A key if a colon follows, else a value.
    void string() {
        const std::string_view text = unescaped();
        if (at_ < end_ && *at_ == ':') {
            key_ = text;
            ++at_;
        } else {
            add(Node::Kind::text).text = text;
        }
    }

    // Escapes are longer than what they stand for: the text is put together in its own place.
    std::string_view unescaped() {
        char* const begin = ++at_;
        while (at_ < end_ && *at_ != '"' && *at_ != '\\') ++at_;
        char* out = at_;
        while (at_ < end_ && *at_ != '"') {
            if (*at_ == '\\' && at_ + 1 < end_)
                out = escape(out);
            else
                *out++ = *at_++;
        }
        if (at_ < end_) ++at_;
        return {begin, static_cast<std::size_t>(out - begin)};
    }

    // libpg_query writes \b \f \n \r \t \" \\, and \u00XX for control characters, `<` and `>`.
    char* escape(char* out) {
        const char kind = at_[1];
        at_ += 2;
        unsigned code = 0;
        switch (kind) {
            case 'b':
                *out = '\b';
                break;
            case 'f':
                *out = '\f';
                break;
            case 'n':
                *out = '\n';
                break;
            case 'r':
                *out = '\r';
                break;
            case 't':
                *out = '\t';
                break;
            case 'u':
                std::from_chars(at_, std::min(at_ + 4, end_), code, 16);
                at_ = std::min(at_ + 4, end_);
                *out = static_cast<char>(code);
                break;
            default:
                *out = kind;
        }
        return out + 1;
    }

    char* at_;
    char* end_;
    std::vector<Node>& nodes_;
    std::vector<Open> open_;
    std::string_view key_;
};

// As many values as a JSON text can hold: each but the first follows one of `,:[` outside of
// strings.
std::size_t values_in(std::string_view json) {
    std::size_t count = 1;
    bool quoted = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            i += c == '\\' ? 1 : 0;
        else
            count += c == ',' || c == ':' || c == '[' ? 1 : 0;
    }
    return count;
}

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

Tree::Tree(std::string json) : json_(std::make_unique<std::string>(std::move(json))) {
    nodes_.reserve(values_in(*json_));
    Reader(*json_, nodes_).read();
}

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
    return Tree(result->parse_tree);
}

bool parses(const std::string& text) {
    return run(text)->error == nullptr;
}

}  // namespace cairn::sql
