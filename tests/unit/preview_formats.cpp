#include <catch2/catch.hpp>

#include "compiler/preview/escape.hpp"
#include "compiler/preview/layout.hpp"
#include "compiler/preview/preview.hpp"
#include "tests/unit/compiled.hpp"

using namespace cairn::compiler;
using cairn::tests::compile_plan;

TEST_CASE("HTML: a text can neither open a tag nor leave an attribute") {
    CHECK(html_text(R"(</script><img onerror="x" a='y'> &amp;)") ==
          "&lt;/script&gt;&lt;img onerror=&quot;x&quot; a=&#39;y&#39;&gt; &amp;amp;");
}

TEST_CASE("HTML: what a check asks of another database stands under that database's name") {
    const auto plan = compile_plan("plan p \"\"\ndatabase erp\ndatabase legacy { read only }\n"
                                   "validate v on erp { $$ SELECT a FROM t $$ = legacy $$ SELECT b FROM u $$ }");
    const std::string html = preview_html(plan.compiled);
    const auto name = html.find(">on legacy</p>"), query = html.find("SELECT b FROM u;");
    CHECK(name != std::string::npos);
    CHECK(query > name);
}

TEST_CASE("Markdown: a text is no markup, link, mention, cell or block") {
    struct Example {
        const char *text, *written;
    };
    for (const auto& [text, written] : {
             Example{"plain_name, 1 (two)", "plain_name, 1 (two)"},
             Example{"_a_ *b* `c`", "&#95;a&#95; &#42;b&#42; &#96;c&#96;"},
             Example{"a|b", "a&#124;b"},
             Example{"a\nb", "a b"},
             Example{"[x](y)", "&#91;x&#93;(y)"},
             Example{"<img>", "&#60;img&#62;"},
             Example{"&lt;", "&#38;&#8203;lt;"},
             Example{"@all #1", "&#64;&#8203;all &#35;&#8203;1"},
             Example{"https://x.org", "https&#58;//x.org"},
             Example{"www.x.org", "www&#46;x.org"},
             Example{"back\\slash", "back&#92;slash"},
             Example{"- list", "&#45; list"},
             Example{"12. list", "&#49;2. list"},
             Example{"a - b", "a - b"},
         }) {
        INFO(text);
        CHECK(markdown_text(text) == written);
    }
}

TEST_CASE("Markdown: a fence is longer than any run of backticks in it") {
    CHECK(markdown_fence("SELECT 1") == "```");
    CHECK(markdown_fence("`` ` ```` ```") == "`````");
}

TEST_CASE("dot: a label ends where it ends, and no sequence is read in it") {
    CHECK(dot_text("a \"b\" \\N\n&lt;") == R"(a \"b\" \\N &amp;lt;)");
}

TEST_CASE("what is cut ends in an ellipsis, between two characters") {
    CHECK(shortened("short", 5) == "short");
    CHECK(shortened("longer", 5) == "long…");
    CHECK(shortened("äöüß", 3) == "äö…");
    CHECK(shortened("日本語", 4) == "日…");
    std::string marks = "e";
    for (int i = 0; i < 1000; ++i) marks += "\xCC\x81";
    CHECK(shortened(marks, 10).size() <= 43);
}

TEST_CASE("a comment keeps to its limit and says what it leaves out") {
    std::string text = "plan long \"" + std::string(500, '|') + "\"\ndatabase erp\n";
    for (int i = 0; i < 400; ++i) {
        const auto n = std::to_string(i);
        text += "step s" + n + " { $$ DROP TABLE t" + n + " $$\n rollback none \"" +
                std::string(300, '`') + "\" }\n";
    }
    const auto plan = compile_plan(text);
    REQUIRE_FALSE(plan.compiled.diagnostics.has_errors());
    for (const std::size_t limit : {65'536U, 30'000U, 1'000'000'000U}) {
        const std::string written = preview_markdown(plan.compiled, nullptr, limit);
        CHECK(written.size() <= limit);
        const bool whole = limit > 1'000'000;
        CHECK((written.find("**Cut:**") == std::string::npos) == whole);
        CHECK((written.find("SQL, locks and rollback of ") == std::string::npos) == whole);
        CHECK((written.find("DROP TABLE t399;") != std::string::npos) == whole);
        const auto count = [&](std::string_view what) {
            std::size_t found = 0;
            for (auto at = written.find(what); at != std::string::npos;
                 at = written.find(what, at + 1))
                ++found;
            return found;
        };
        CHECK(count("<details>") == count("</details>"));
        CHECK(count("```") % 2 == 0);
    }
}

TEST_CASE("one item too long for a comment does not hide the others") {
    const auto plan =
        compile_plan("plan p\ndatabase erp\nstep a { $$ COMMENT ON TABLE t IS '" +
                     std::string(100'000, 'x') + "' $$ }\nstep b { $$ ANALYZE t $$ }\n");
    const std::string written = preview_markdown(plan.compiled);
    CHECK(written.size() < 65'536);
    CHECK(written.find("ANALYZE t;") != std::string::npos);
    CHECK(written.find("1 of 2 items (1) are") != std::string::npos);
}

namespace {

std::vector<Card> cards(const std::vector<std::vector<std::size_t>>& after,
                        const std::vector<int>& transactions = {}) {
    std::vector<Card> out(after.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
        out[i].number = i + 1;
        out[i].after = after[i];
        if (i < transactions.size() && transactions[i] > 0)
            out[i].transaction = static_cast<std::uint32_t>(transactions[i]);
    }
    return out;
}

// No two in one place, and each below all that it waits for.
void sound(const std::vector<Card>& items, const Layout& layout) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        for (const auto before : items[i].after)
            CHECK(layout.places[before - 1].row < layout.places[i].row);
        for (std::size_t j = 0; j < i; ++j) {
            const Place &a = layout.places[i], &b = layout.places[j];
            CHECK_FALSE((a.row == b.row && a.column == b.column));
        }
    }
}

}  // namespace

TEST_CASE("a chain is one column, and what waits for the same stands side by side") {
    const auto chain = cards({{}, {1}, {2}, {3}});
    const Layout one = layout_of(chain, 5);
    CHECK((one.rows == 4 && one.columns == 1));
    sound(chain, one);

    const auto fork = cards({{}, {1}, {1}, {2, 3}});
    const Layout two = layout_of(fork, 5);
    CHECK((two.rows == 3 && two.columns == 2));
    sound(fork, two);
}

TEST_CASE("a wide fork goes on below; nobody stands between those that commit together") {
    std::vector<std::vector<std::size_t>> after{{}};
    for (int i = 0; i < 300; ++i) after.push_back({1});
    const auto fork = cards(after);
    const Layout wide = layout_of(fork, 5);
    CHECK((wide.columns == 5 && wide.rows == 61));
    sound(fork, wide);

    // The sixth commits with the fifth, but waits for the third too: a gap may come between them.
    const auto gap = cards({{}, {1}, {2}, {1}, {1}, {5, 3}, {1}}, {0, 0, 0, 0, 7, 7, 0});
    const Layout both = layout_of(gap, 2);
    sound(gap, both);
    const Place &first = both.places[4], &last = both.places[5];
    CHECK(first.column == last.column);
    for (const std::size_t other : {0U, 1U, 2U, 3U, 6U}) {
        const Place& place = both.places[other];
        CHECK_FALSE(
            (place.column == first.column && place.row > first.row && place.row < last.row));
    }
}
