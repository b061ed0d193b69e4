// The command lines of the pages can be typed: each is read without a complaint. Pages are those of the READMEs and
// those of `cairn explain`.
#include <catch2/catch.hpp>

#include <fstream>
#include <regex>
#include <sstream>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/explain/explain.hpp"
#include "runtime/cli/invocation.hpp"

using namespace cairn::cli;

namespace {

// As a shell would split it, as far as the pages go: no quotes around blanks, and nothing behind
// `>`, `|`, `;` or `#`.
std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> out;
    std::istringstream words(line.substr(0, line.find_first_of(">|;#")));
    for (std::string word; words >> word;) {
        std::erase(word, '"');
        out.push_back(word == "$plan" ? "plan.cairn" : word);
    }
    return out;
}

std::vector<std::string> command_lines(const std::string& page) {
    std::ifstream in(std::string(CAIRN_SOURCE_DIR) + "/" + page);
    std::vector<std::string> out;
    // A prompt, or a line of a recipe.
    const std::regex command(R"((?:^ *\$ (?:build/)?|^ *run: |^ *- |do |^ +)(cairn [a-z].*))");
    bool fence = false;
    for (std::string line; std::getline(in, line);) {
        if (line.find("```") != std::string::npos) fence = !fence;
        std::smatch found;
        if (fence && std::regex_search(line, found, command)) out.push_back(found[1]);
    }
    return out;
}

// Nothing when the line can be typed. What a later version brings may stand in a recipe, if the program knows it by name.
std::string complaint_about(const std::string& line) {
    const auto words = words_of(line);
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    const auto read = read_command_line(static_cast<int>(argv.size()), argv.data());
    const auto* answer = std::get_if<Answer>(&read);
    const std::string wrong = answer == nullptr || answer->exit == 0 ? "" : answer->text;
    return wrong.find("not in this version yet") == std::string::npos ? wrong : "";
}

}  // namespace

TEST_CASE("pages: what they say can be typed") {
    const auto [page, at_least] =
        GENERATE(table<std::string, std::size_t>({{"README.md", 6}, {"runtime/README.md", 20}}));
    const auto lines = command_lines(page);
    CHECK(lines.size() >= at_least);
    for (const auto& line : lines) {
        INFO(page << ": " << line);
        CHECK(complaint_about(line) == "");
    }
}

TEST_CASE("pages: what `cairn explain` says can be typed") {
    const std::regex command("`(cairn [^`]*)`");
    std::size_t seen = 0;
    for (const auto* page : cairn::compiler::all_pages()) {
        for (const std::string_view part : {page->text, page->causes, page->actions}) {
            for (std::cregex_iterator at(part.begin(), part.end(), command), end; at != end; ++at) {
                INFO(cairn::compiler::code_name(page->code) << ": " << (*at)[1]);
                const std::string line = (*at)[1], wrong = complaint_about(line);
                // A command may be spoken of by its name alone.
                const bool named = words_of(line).size() == 2 && wrong.find("` needs a ") != std::string::npos;
                CHECK((named ? "" : wrong) == "");
                ++seen;
            }
        }
    }
    CHECK(seen > 100);
}
