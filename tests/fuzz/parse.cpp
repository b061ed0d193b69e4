// Whatever bytes a plan file holds, parsing it ends, and every span of the tree and of its errors
// lies inside the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "grammar/literal.hpp"
#include "grammar/parse.hpp"

namespace {

using namespace cairn::grammar;

// An abort that libFuzzer reports, in builds of every kind.
void insist(bool holds) {
    if (!holds) std::abort();
}

class Inspector {
public:
    explicit Inspector(std::size_t size) : size_(size) {}

    void look(Span span) const { insist(span.begin <= span.end && span.end <= size_); }

    void look(const Template& text) const {
        look(text.span);
        for (const Part& part : text.parts) look(part.span);
    }

    void look(const Sql& sql) const {
        look(sql.span);
        look(sql.literal);
        insist(sql.span.begin >= sql.literal.begin && sql.span.end <= sql.literal.end);
        insist(sql.text.size() == sql.span.end - sql.span.begin);
    }

    void look(const Value& value) const {
        look(value.span);
        look(value.text);
        const std::string written = value.text.written();
        if (value.kind == ValueKind::duration) insist(parse_duration(written).has_value());
        if (value.kind == ValueKind::size) insist(parse_size(written).has_value());
        if (value.kind == ValueKind::instant) insist(parse_instant(written).has_value());
    }

    void look(const Check& check) const {
        look(check.span);
        if (check.title) look(*check.title);
    }

    void look(const Item& item) const {
        look(item.span);
        look(item.keyword);
        look(item.name);
        insist(item.span.begin <= item.keyword.begin && item.keyword.end <= item.span.end);
        if (item.database) look(*item.database);
        for (const Template& name : item.after) look(name);
        if (item.when) look(*item.when);
        std::visit([this](const auto& body) { look_inside(body); }, item.body);
    }

private:
    template <typename Body>
    void look_inside(const Body& body) const {
        if constexpr (requires { body.items; }) {
            for (const Item& inner : body.items) {
                look(inner);
            }
        }
        if constexpr (requires { body.checks; }) {
            for (const Check& check : body.checks) look(check);
        }
        if constexpr (requires { body.sql; }) {
            for (const Sql& sql : body.sql) look(sql);
        }
        if constexpr (requires { body.lock_timeout; }) {
            if (body.lock_timeout) look(body.lock_timeout->value);
        }
    }

    std::size_t size_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const Parsed read = parse(text);
    const Inspector inspector{size};
    std::uint32_t before = 0;
    for (const SyntaxError& error : read.errors) {
        inspector.look(error.span);
        insist(error.span.begin >= before);
        insist(error.code >= 101 && error.code < 150 && !error.message.empty());
        before = error.span.begin;
    }
    for (const Item& item : read.plan.items) inspector.look(item);
    for (const Template& name : read.left_out) inspector.look(name);
    for (const Parameter& parameter : read.plan.parameters) inspector.look(parameter.span);
    for (const Database& database : read.plan.databases) inspector.look(database.span);
    insist(read.plan.plan_keyword || !read.errors.empty());
    return 0;
}
