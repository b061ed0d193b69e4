// The forms of a diagnostic, positions in sources, and suggestions.
#include <catch2/catch.hpp>

#include "compiler/diagnostics/catalogue.hpp"
#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/display.hpp"
#include "compiler/diagnostics/suggest.hpp"

using namespace cairn::compiler;

namespace {

Location find(const Sources& sources, std::string_view word) {
    const auto at = static_cast<std::uint32_t>(sources.at({0}).text().find(word));
    return {{0}, {at, at + static_cast<std::uint32_t>(word.size())}};
}

std::string shown(const std::string& text, std::string_view word) {
    Sources sources;
    sources.add("plan.cairn", text);
    return to_text({.code = 203, .where = find(sources, word), .message = "m"}, sources, false);
}

}  // namespace

TEST_CASE("positions count characters, from 1") {
    const Source source("f", "ab\nдß日x\r\n\nend");
    const auto at = [&](std::string_view word) {
        return source.position(static_cast<std::uint32_t>(source.text().find(word)));
    };
    CHECK(at("x").line == 2);
    CHECK(at("x").column == 4);
    CHECK(at("end").line == 4);
    CHECK(source.line(2) == "дß日x");
    CHECK(source.line(3).empty());
    CHECK(source.line(4) == "end");
    CHECK(source.line(5).empty());
    CHECK(source.position(1000).line == 4);
    CHECK(source.position(1000).column == 4);
}

TEST_CASE("a byte order mark is no column") {
    const Source source("f", "\xEF\xBB\xBFplan x");
    CHECK(source.position(3).column == 1);
    CHECK(source.position(0).column == 1);
    CHECK(source.position(8).column == 6);
}

TEST_CASE("an empty source has one empty line") {
    const Source source("f", "");
    CHECK(source.position(0).line == 1);
    CHECK(source.line(1).empty());
}

TEST_CASE("the text form: place, severity, code, message, line, caret, help") {
    Sources sources;
    sources.add("plan.cairn", "plan p\nstep a {\n    after laod\n}\n");
    const Diagnostic d{.code = 203,
                       .where = find(sources, "laod"),
                       .message = "no item is named `laod`",
                       .help = "load"};
    CHECK(to_text(d, sources, false) ==
          "plan.cairn:3:11: error[C0203]: no item is named `laod`\n"
          "3 |     after laod\n"
          "  |           ^^^^\n"
          "    help: load\n");
}

TEST_CASE("the caret stands under tabs, wide and combining characters") {
    CHECK(shown("\tx y", "y").ends_with("1 |     x y\n  |       ^\n"));
    CHECK(shown("日本 y", "y").ends_with("1 | 日本 y\n  |      ^\n"));
    CHECK(shown("e\xCC\x81 y", "y").ends_with("  |   ^\n"));
    CHECK(shown("日本", "日本").ends_with("  | ^^^^\n"));
}

TEST_CASE("a span over several lines is marked on its first") {
    CHECK(shown("a $$ x\n$$ b", "$$ x\n$$").ends_with("1 | a $$ x\n  |   ^^^^\n"));
}

TEST_CASE("a long line is cut around the span") {
    const std::string text = std::string(500, 'a') + "WORD" + std::string(100'000, 'b');
    const std::string out = shown(text, "WORD");
    CHECK(out.size() < 400);
    const auto line = out.substr(out.find('\n') + 1);
    CHECK(line.find("WORD") != std::string::npos);
    CHECK(line.find("…") != std::string::npos);
    // The ellipsis is three bytes and one column.
    const auto caret = line.substr(line.find('\n') + 1);
    CHECK(caret.find("^^^^") + 2 == line.find("WORD"));
}

TEST_CASE("what could steer a terminal is shown as a replacement") {
    CHECK(printable("a\x1b[31mb") == "a\xEF\xBF\xBD[31mb");
    CHECK(printable("a\xE2\x80\xAE"
                    "b") ==
          "a\xEF\xBF\xBD"
          "b");
    CHECK(printable("\xFF") == "\xEF\xBF\xBD");
    CHECK(shown("\x1b[2J y", "y").find('\x1b') == std::string::npos);
}

TEST_CASE("a message of several lines keeps them") {
    const Sources sources;
    CHECK(to_text({.code = 820, .where = {}, .message = "two rows:\n  (1)\n  (\x1b)"}, sources, false) ==
          "error[C0820]: two rows:\n  (1)\n  (\xEF\xBF\xBD)\n");
}

TEST_CASE("a label is shown under its own line, with its file where that is another") {
    Sources sources;
    sources.add("plan.cairn", "step a {}\nstep a {}\n");
    sources.add("sql/x.sql", "SELECT 1");
    Diagnostic d{.code = 201, .where = Location{{0}, {15, 16}}, .message = "m"};
    d.labels = {{{{0}, {5, 6}}, "first here"}, {{{1}, {0, 6}}, "used here"}};
    CHECK(to_text(d, sources, false) ==
          "plan.cairn:2:6: error[C0201]: m\n"
          "2 | step a {}\n"
          "  |      ^\n"
          "1 | step a {}\n"
          "  |      - first here\n"
          "  > sql/x.sql:1:1\n"
          "1 | SELECT 1\n"
          "  | ------ used here\n");
}

TEST_CASE("the JSON form has the keys scripts rely on") {
    Sources sources;
    sources.add("plan.cairn", "plan p\nlaod");
    const Diagnostic d{.severity = Severity::warning,
                       .code = 203,
                       .where = find(sources, "laod"),
                       .message = "a \"b\""};
    CHECK(to_json(d, sources) ==
          R"({"file":"plan.cairn","line":2,"column":1,"end_line":2,"end_column":5,)"
          R"("severity":"warning","code":"C0203","message":"a \"b\"","help":null})");
}

TEST_CASE("a diagnostic without a place says so, and bytes that are not UTF-8 survive") {
    const Sources sources;
    const std::string json = to_json({.code = 605, .message = "\xFF"}, sources);
    CHECK(json.find(R"("file":null,"line":null)") != std::string::npos);
    CHECK(to_text({.code = 605, .message = "m"}, sources, false) == "error[C0605]: m\n");
}

TEST_CASE("sort orders by place and drops exact doubles only") {
    Diagnostics all;
    const auto at = [](std::uint32_t begin) { return Location{{0}, {begin, begin + 1}}; };
    all.add({.code = 9, .message = "about the whole"});
    all.add({.code = 2, .where = at(5), .message = "b"});
    all.add({.code = 1, .where = at(1), .message = "a"});
    all.add({.code = 2, .where = at(5), .message = "b"});
    all.add({.code = 2, .where = at(5), .message = "other"});
    all.sort();
    REQUIRE(all.list().size() == 4);
    CHECK(all.list()[0].message == "a");
    CHECK(all.list()[1].message == "b");
    CHECK(all.list()[2].message == "other");
    CHECK(all.list()[3].message == "about the whole");
}

TEST_CASE("warnings are no errors") {
    Diagnostics all;
    all.add({.severity = Severity::warning, .code = 1});
    CHECK_FALSE(all.has_errors());
    all.add({.code = 2});
    CHECK(all.has_errors());
}

TEST_CASE("did you mean") {
    const std::vector<std::string> words{"load", "backup", "checkpoint", "a"};
    CHECK(did_you_mean("laod", words) == "load");
    CHECK(did_you_mean("chekpoint", words) == "checkpoint");
    CHECK(did_you_mean("BACKUP", words) == "backup");
    CHECK_FALSE(did_you_mean("zebra", words));
    CHECK_FALSE(did_you_mean("b", words));
    CHECK_FALSE(did_you_mean("load", {"load"}));
    CHECK(edit_distance("abc", "acb", 3) == 1);
    CHECK(edit_distance("kitten", "sitting", 5) == 3);
    CHECK(edit_distance("kitten", "sitting", 2) == 3);
}

TEST_CASE("the catalogue holds each code once, with a title") {
    for (const auto& entry : catalogue) {
        CHECK(find_code(entry.code) == &entry);
        CHECK_FALSE(entry.title.empty());
    }
    CHECK(find_code(9999) == nullptr);
}
