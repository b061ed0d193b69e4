// Reads plan texts in the tests of the grammar.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "grammar/parse.hpp"

namespace cairn::grammar::test {

// Items and declarations without the header of a plan get one.
inline std::string with_header(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \n");
    const bool whole = first != std::string_view::npos && text.substr(first).starts_with("plan ");
    std::string out = whole ? "" : "plan p \"t\"\n";
    return out += text;
}

// The errors as `line:column C0101 message (help)`, one a line, for messages of failed tests too.
inline std::string errors_of(std::string_view text, const Parsed& read) {
    std::string out;
    for (const SyntaxError& error : read.errors) {
        const std::string_view before = text.substr(0, error.span.begin);
        const std::size_t line =
            1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
        const std::size_t newline = before.rfind('\n');
        const std::size_t column =
            before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
        out += std::to_string(line) + ":" + std::to_string(column) + " C0" +
               std::to_string(error.code) + " " + error.message;
        if (!error.help.empty()) out += " (" + error.help + ")";
        out += "\n";
    }
    return out;
}

inline std::string errors_in(std::string_view text) {
    return errors_of(text, parse(text));
}

// The tree of a text that must have no errors.
inline Parsed read_well(std::string_view text) {
    const std::string whole = with_header(text);
    Parsed read = parse(whole);
    INFO(errors_of(whole, read));
    CHECK(read.errors.empty());
    return read;
}

// The body of the only item.
template <typename Body>
Body only(std::string_view text) {
    Parsed read = read_well(text);
    REQUIRE(read.plan.items.size() == 1);
    return std::get<Body>(std::move(read.plan.items[0].body));
}

// The only check, as the first one of a validate.
template <typename Form>
Form only_check(std::string_view check) {
    const std::string text = "validate v {\n  " + std::string{check} + "\n}\n";
    Validate validate = only<Validate>(text);
    REQUIRE(validate.checks.size() == 1);
    return std::get<Form>(std::move(validate.checks[0].form));
}

inline std::string joined(const std::vector<Template>& names) {
    std::string out;
    for (const Template& name : names) out += (out.empty() ? "" : " ") + name.written();
    return out;
}

}  // namespace cairn::grammar::test
