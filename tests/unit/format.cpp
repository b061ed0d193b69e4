// `cairn fmt`: the one layout, which changes nothing but the layout.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/format/format.hpp"
#include "compiler/preview/preview.hpp"
#include "grammar/parse.hpp"
#include "tests/unit/compiled.hpp"

using namespace cairn;
using namespace cairn::compiler;

namespace {

namespace fs = std::filesystem;

std::string formatted(const std::string& text) {
    const auto out = format_plan(text);
    INFO(text);
    for (const auto& d : out.diagnostics.list()) UNSCOPED_INFO(d.message);
    REQUIRE(out.text);
    return *out.text;
}

// Tokens and comments in their order, as they are written: all that a layout may not change.
std::string contents(const std::string& text) {
    grammar::Layout layout;
    REQUIRE(grammar::parse(text, &layout).errors.empty());
    std::string out;
    std::size_t behind = 0;
    const auto comments = [&](std::size_t end) {
        for (std::size_t at = text.find('#', behind); at < end; at = text.find('#', at)) {
            const std::size_t line = std::min(text.find('\n', at), text.size());
            std::string comment = text.substr(at, line - at);
            comment.erase(comment.find_last_not_of(" \t\r") + 1);
            out += comment + '\n';
            at = line;
        }
    };
    for (const auto& token : layout.tokens) {
        comments(token.begin);
        out += text.substr(token.begin, token.end - token.begin) + '\n';
        behind = token.end;
    }
    comments(text.size());
    return out;
}

std::variant<std::string, LoadError> any_file(const std::string& path) {
    return "DROP INDEX IF EXISTS none; -- " + path;
}

// The step graph as far as it is shown; the digest is over the text, and places lie in it.
std::string graph(const std::string& text) {
    CompileOptions options;
    options.require_parameters = false;
    auto compiled = compile("plan.cairn", text, any_file, options);
    std::string out;
    for (const auto& d : compiled.diagnostics.list())
        out += std::to_string(d.code) + d.message + "\n";
    compiled.graph.digest.clear();
    if (!compiled.diagnostics.has_errors()) out += preview_text(compiled, false);
    return out;
}

void keeps_all_but_layout(const std::string& text) {
    const std::string once = formatted(text);
    INFO(text << "\n-- formatted:\n" << once);
    CHECK(formatted(once) == once);
    CHECK(contents(once) == contents(text));
    CHECK(graph(once) == graph(text));
}

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

}  // namespace

TEST_CASE("fmt: the layout of statements and clauses") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"plan   x\"x\"database erp   database   legacy{read only}",
         "plan x \"x\"\ndatabase erp\ndatabase legacy { read only }\n"},
        // one clause stays on the line, several get one each
        {"plan x defaults{lock timeout 3s}", "plan x\ndefaults { lock timeout 3s }\n"},
        {"plan x defaults{lock timeout 3s retry 5}",
         "plan x\ndefaults {\n  lock timeout 3s\n  retry 5\n}\n"},
        {"plan x step a{\n$$ SELECT 1 $$}", "plan x\nstep a {\n  $$ SELECT 1 $$\n}\n"},
        // nothing is aligned, blank lines are one at most and none at the edges of braces
        {"\n\nplan x\n\n\n\nstep   a_b   { $$ SELECT 1 $$ }\n\tstep c     {\n\n\n  $$ SELECT 2 "
         "$$\n\n}\n\n",
         "plan x\n\nstep a_b { $$ SELECT 1 $$ }\nstep c {\n  $$ SELECT 2 $$\n}\n"},
        // SQL stays as it is, whatever stands in it
        {"plan x\nstep a {\n$q$\n\n\n  SELECT   1 ;  # no comment { $$ \n\t$q$ }",
         "plan x\nstep a {\n  $q$\n\n\n  SELECT   1 ;  # no comment { $$ \n\t$q$\n}\n"},
        // what the author broke inside a clause stays broken
        {"plan x\nvalidate v {\n\"a title\"\n$$ SELECT 1 $$=$$ SELECT 1 $$\nrows of t>=1\n}",
         "plan x\nvalidate v {\n  \"a title\"\n    $$ SELECT 1 $$ = $$ SELECT 1 $$\n  rows of t >= "
         "1\n}\n"},
        {"plan x\nfor t in ( a ,b\n,c ) { step s_{t} { $$ SELECT 1 $$ } }",
         "plan x\nfor t in (a, b, c) { step s_{t} { $$ SELECT 1 $$ } }\n"},
        {"plan x\ntransaction\n{\nstep s { $$ SELECT 1 $$ } validate v { table t exists }\n}",
         "plan x\ntransaction {\n  step s { $$ SELECT 1 $$ }\n  validate v { table t exists "
         "}\n}\n"},
        {"plan x\nwait until window  -15min", "plan x\nwait until window - 15min\n"},
        {"plan x\nvalidate v { column t.c is numeric(12,2) }",
         "plan x\nvalidate v { column t.c is numeric(12,2) }\n"},
        {"plan x\nparallel {\nstep a {$$ SELECT 1 $$}\nstep b\nafter a {$$ SELECT 1 $$}\n}",
         "plan x\nparallel {\n  step a { $$ SELECT 1 $$ }\n  step b\n    after a { $$ SELECT 1 $$ "
         "}\n}\n"},
        {"plan x\nvalidate v {\n}", "plan x\nvalidate v {}\n"},
    }));
    CHECK(formatted(text) == expected);
    keeps_all_but_layout(text);
}

TEST_CASE("fmt: comments stay where they were said") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"# first\n\n\n#  second  \nplan x      # third\n\n# fourth\nstep a { $$ SELECT 1 $$ }# "
         "fifth\n#sixth",
         "# first\n\n#  second\nplan x  # third\n\n# fourth\nstep a { $$ SELECT 1 $$ }  # "
         "fifth\n#sixth\n"},
        {"plan x\nstep a {   # why\n\n   # more\n $$ SELECT 1 $$\n\n # and last\n}",
         "plan x\nstep a {  # why\n  # more\n  $$ SELECT 1 $$\n\n  # and last\n}\n"},
        {"plan x\nstep a # head\n# more\n{ lock timeout # value\n 3s $$ SELECT 1 $$ # end\n}",
         "plan x\nstep a  # head\n  # more\n{\n  lock timeout  # value\n    3s\n  $$ SELECT 1 $$  "
         "# end\n}\n"},
        {"plan x\nfor t in (a # one\n, b # two\n) { checkpoint c_{t} }",
         "plan x\nfor t in (a  # one\n  , b  # two\n) { checkpoint c_{t} }\n"},
        {"plan x\nvalidate v { # nothing yet\n}", "plan x\nvalidate v {  # nothing yet\n}\n"},
        {"plan x\nvalidate v { column t.c is numeric( # why\n 12) }",
         "plan x\nvalidate v { column t.c is numeric( # why\n 12) }\n"},
    }));
    CHECK(formatted(text) == expected);
    const std::string once = formatted(text);
    CHECK(formatted(once) == once);
    CHECK(contents(once) == contents(text));
}

TEST_CASE("fmt: marks and line ends") {
    CHECK(formatted("\xEF\xBB\xBFplan x\ncheckpoint a") == "plan x\ncheckpoint a\n");
    // The first one decides, and those in SQL stay as they are.
    CHECK(formatted("plan x\r\n\r\n\r\nstep a { $$ SELECT 1\n $$ }# c\r\n") ==
          "plan x\r\n\r\nstep a { $$ SELECT 1\n $$ }  # c\r\n");
    CHECK(formatted("plan x\nstep a { $$ SELECT\r\n1 $$ }\r\n# c\r\n") ==
          "plan x\nstep a { $$ SELECT\r\n1 $$ }\n# c\n");
    CHECK(formatted("plan x checkpoint a") == "plan x\ncheckpoint a\n");
    keeps_all_but_layout(
        "\xEF\xBB\xBFplan x\r\ndatabase erp\r\nstep a {\r\n$$ CREATE TABLE t\r\n() $$ # "
        "c\r\n}\r\n");
}

TEST_CASE("fmt: what has syntax errors is left alone") {
    const auto out = format_plan("plan x\nstep { $$ SELECT 1 $$ }\nstp b { }");
    CHECK_FALSE(out.text);
    CHECK(out.diagnostics.list().size() == 2);
    CHECK_FALSE(format_plan("").text);
    CHECK_FALSE(format_plan("# only a comment\n").text);
}

TEST_CASE("fmt: plans under plans/ are formatted, and stay what they are") {
    int plans = 0;
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(CAIRN_SOURCE_DIR) / "plans")) {
        if (entry.path().extension() != ".cairn") continue;
        INFO(entry.path().string());
        ++plans;
        const std::string text = read(entry.path());
        keeps_all_but_layout(text);
        CHECK(formatted(text) == text);
    }
    CHECK(plans > 10);
}

TEST_CASE("fmt: examples of the pages stay what they are") {
    int examples = 0;
    for (const char* name :
         {"README.md", "grammar/README.md", "compiler/README.md", "runtime/README.md"}) {
        const std::string page = read(fs::path(CAIRN_SOURCE_DIR) / name);
        const std::string opener = "```cairn\n";
        for (std::size_t at = page.find(opener); at != std::string::npos;
             at = page.find(opener, at)) {
            at += opener.size();
            const std::string text = page.substr(at, page.find("```", at) - at);
            for (const std::string head : {"", "plan x \"x\"\ndatabase erp\n"}) {
                if (grammar::parse(head + text).errors.empty()) {
                    keeps_all_but_layout(head + text);
                    ++examples;
                    break;
                }
            }
        }
    }
    CHECK(examples >= 30);
}

TEST_CASE("fmt: golden plans stay what they are") {
    int plans = 0;
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(CAIRN_SOURCE_DIR) / "tests/golden")) {
        if (entry.path().extension() != ".case") continue;
        // A file of a case goes up to the next `---`; what is escaped there is a plan too, if
        // another one.
        const std::string text = read(entry.path());
        for (std::size_t at = text.find("\n--- file "); at != std::string::npos;
             at = text.find("\n--- file ", at)) {
            const std::size_t line = text.find('\n', at + 1);
            at = std::min(text.find("\n--- ", line), text.size());
            const std::string plan = text.substr(line + 1, at - line);
            if (!grammar::parse(plan).errors.empty()) continue;
            INFO(entry.path().string());
            ++plans;
            keeps_all_but_layout(plan);
        }
    }
    CHECK(plans > 50);
}
