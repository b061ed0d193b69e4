// The reference of the language says of itself how its examples compile, and what is for later: both are so, word for word.
#include <catch2/catch.hpp>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/unit/compiled.hpp"

using namespace cairn;
using namespace cairn::compiler;
using namespace cairn::tests;

namespace {

struct Reference {
    std::vector<std::string> examples;
    std::set<std::string> later;  // first words of what a line marks *(later)*
};

// All that a row of a table has in code, or what a sentence begins with.
std::set<std::string> keywords_of(const std::string& paragraph) {
    const std::regex code("`([a-z]+)[^`]*`");
    const bool row = paragraph.starts_with("| ");
    std::string marked = paragraph.substr(0, paragraph.find("*(later)*"));
    if (const auto before = marked.rfind(". "); !row && before != std::string::npos) marked.erase(0, before);
    std::set<std::string> out;
    for (std::sregex_iterator at(marked.begin(), marked.end(), code), end; at != end; ++at) {
        out.insert((*at)[1]);
        if (!row) break;
    }
    return out;
}

Reference read_reference() {
    std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/grammar/README.md");
    REQUIRE(in);
    Reference out;
    bool inside = false;
    std::string example, paragraph;
    for (std::string line; std::getline(in, line);) {
        if (!inside) {
            inside = line == "```cairn";
            example.clear();
            paragraph = line.empty() || line.starts_with("| ") ? line : paragraph + line;  // a row of a table is one of its own
            if (line.find("*(later)*") == std::string::npos || line.starts_with("Kinds of item")) continue;
            for (const auto& word : keywords_of(paragraph)) out.later.insert(word);
        } else if (line.starts_with("```")) {
            inside = false;
            out.examples.push_back(example);
        } else {
            example += line + "\n";
        }
    }
    return out;
}

// As the page says: one that does not begin with `plan` compiles behind a head.
Compiled compile_example(const std::string& example) {
    std::istringstream lines(example);
    std::string first;
    while (std::getline(lines, first) && first.starts_with("#")) {}
    const std::string head = first.starts_with("plan ") ? "" : "plan x \"x\"\ndatabase erp\n";
    CompileOptions options;
    options.require_parameters = false;
    return compile("example.cairn", head + example, loader_of({{"sql/drop_old_columns.sql", "DROP INDEX IF EXISTS none"}}), options);
}

}  // namespace

TEST_CASE("the reference: every example compiles behind the head that the page names, but for what is not in this version") {
    const auto reference = read_reference();
    CHECK(reference.examples.size() >= 35);
    for (const auto& example : reference.examples) {
        const auto compiled = compile_example(example);
        for (const auto& d : compiled.diagnostics.list()) {
            INFO(example << "\n" << to_text(d, compiled.sources, false));
            CHECK((d.severity != Severity::error || d.code == 490));
        }
    }
}

TEST_CASE("the reference: *(later)* stands where the compiler says `not in this version yet`, and nowhere else") {
    const auto reference = read_reference();
    const std::regex what("^`([a-z]+)");
    std::set<std::string> refused;
    for (const auto& example : reference.examples) {
        const auto compiled = compile_example(example);
        for (const auto& d : compiled.diagnostics.list()) {
            std::smatch word;
            if (d.code == 490 && std::regex_search(d.message, word, what)) refused.insert(word[1]);
        }
    }
    for (const auto& word : refused) {
        INFO("`" << word << "` is not in this version: its line in grammar/README.md wants *(later)*");
        CHECK(reference.later.contains(word));
    }
    // A line that is marked speaks of one thing at least that is for later.
    for (const auto& word : reference.later) {
        INFO("`" << word << "` is in this version: *(later)* is wrong in grammar/README.md, or an example is missing");
        CHECK(refused.contains(word));
    }
}
