// The reference of the language is true: every example in it is read without an error.
#include <fstream>
#include <sstream>

#include "tests/unit/grammar_read.hpp"

using namespace cairn::grammar;
using namespace cairn::grammar::test;

namespace {

std::string file(const std::string& name) {
    std::ifstream in{std::string{CAIRN_SOURCE_DIR} + "/" + name, std::ios::binary};
    REQUIRE(in);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::vector<std::string> fences(const std::string& markdown) {
    const std::string opener = "```cairn\n";
    std::vector<std::string> out;
    for (std::size_t at = markdown.find(opener); at != std::string::npos;
         at = markdown.find(opener, at)) {
        at += opener.size();
        const std::size_t end = markdown.find("```", at);
        REQUIRE(end != std::string::npos);
        out.push_back(markdown.substr(at, end - at));
        at = end + 3;
    }
    return out;
}

}  // namespace

TEST_CASE("every example of the language's reference is read") {
    const auto examples = fences(file("grammar/README.md"));
    CHECK(examples.size() >= 25);
    std::size_t items = 0;
    for (const std::string& example : examples) {
        CAPTURE(example);
        const Parsed read = read_well(example);
        CHECK(read.left_out.empty());
        items += read.plan.items.size();
    }
    CHECK(items >= 45);
}

TEST_CASE("the reference shows every kind of item") {
    std::vector<bool> seen(std::variant_size_v<decltype(Item::body)>);
    for (const std::string& example : fences(file("grammar/README.md"))) {
        for (const Item& item : read_well(example).plan.items) seen[item.body.index()] = true;
    }
    for (std::size_t kind = 0; kind < seen.size(); ++kind) {
        CAPTURE(kind);
        CHECK(seen[kind]);
    }
}

TEST_CASE("the reference shows every form of check") {
    std::vector<bool> seen(std::variant_size_v<decltype(Check::form)>);
    const auto look = [&seen](const std::vector<Check>& checks) {
        for (const Check& check : checks) seen[check.form.index()] = true;
    };
    for (const std::string& example : fences(file("grammar/README.md"))) {
        for (const Item& item : read_well(example).plan.items) {
            if (const auto* validate = std::get_if<Validate>(&item.body)) look(validate->checks);
            if (const auto* gate = std::get_if<Gate>(&item.body)) look(gate->checks);
            if (const auto* watch = std::get_if<Watch>(&item.body)) look(watch->checks);
        }
    }
    for (std::size_t form = 0; form < seen.size(); ++form) {
        CAPTURE(form);
        CHECK(seen[form]);
    }
}
