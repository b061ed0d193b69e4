// The pages: each code has one, and the mistake is given its code and no other, the mend no error at all.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>

#include "compiler/compile.hpp"
#include "compiler/diagnostics/catalogue.hpp"
#include "compiler/diagnostics/explain/explain.hpp"
#include "compiler/format/format.hpp"

namespace {

using namespace cairn::compiler;

// Mistakes that no plan's text can show: bytes, size, the command line, too much of something.
constexpr std::array without_a_plan{116, 117, 118, 119, 123, 202, 312};
// Examples in words that this version can't carry out yet: C0490 stands beside.
constexpr std::array later{121, 802};
constexpr std::uint16_t not_yet = 490;

bool holds(const auto& codes, std::uint16_t code) { return std::find(codes.begin(), codes.end(), code) != codes.end(); }

bool is_of_compiling(std::uint16_t code) { return code < 600 || (code >= 801 && code <= 804); }

// The files that steps of the pages take in.
std::variant<std::string, LoadError> load(const std::string& path) {
    if (path == "sql/orders.sql") return "CREATE TABLE orders (id int)";
    if (path == "sql/latin1.sql") return "-- caf\xE9\nCREATE TABLE orders (id int)";
    return LoadError{"no such file"};
}

std::vector<std::uint16_t> codes_of(std::string_view plan, std::uint16_t beside) {
    const Compiled compiled = compile("plan.cairn", std::string(plan), load, CompileOptions{});
    std::vector<std::uint16_t> out;
    for (const auto& d : compiled.diagnostics.list()) {
        if (d.code != beside) out.push_back(d.code);
    }
    return out;
}

}  // namespace

TEST_CASE("every code of the catalogue has one page, and no page is left over") {
    std::vector<std::uint16_t> codes, pages;
    for (const auto& entry : catalogue) codes.push_back(entry.code);
    for (const Page* page : all_pages()) pages.push_back(page->code);
    std::sort(pages.begin(), pages.end());
    CHECK(pages == codes);
}

TEST_CASE("a page has an example where a plan can show it, else causes and actions") {
    for (const Page* page : all_pages()) {
        INFO(code_name(page->code));
        CHECK_FALSE(page->text.empty());
        const bool example = is_of_compiling(page->code) && !holds(without_a_plan, page->code);
        CHECK(page->mistake.empty() != example);
        CHECK(page->mend.empty() != example);
        CHECK(page->causes.empty() == example);
        CHECK(page->actions.empty() == example);
        // Those that are never closed would keep the rest of the paragraph on one line.
        for (const auto part : {page->text, page->causes, page->actions}) {
            for (const auto line : lines_of(part)) CHECK(std::count(line.begin(), line.end(), '`') % 2 == 0);
        }
    }
}

TEST_CASE("the mistake of a page gives its code, the mend compiles") {
    for (const Page* page : all_pages()) {
        if (page->mistake.empty()) continue;
        DYNAMIC_SECTION(code_name(page->code)) {
            const bool is_later = holds(later, page->code);
            const std::uint16_t beside = is_later ? not_yet : 0;
            const auto wrong = codes_of(page->mistake, beside);
            CHECK_FALSE(wrong.empty());
            for (const auto code : wrong) CHECK(code == page->code);
            CHECK(codes_of(page->mend, beside) == std::vector<std::uint16_t>{});
            CHECK(format_plan(page->mend).text == page->mend);
            // Once the version is there, the exception goes.
            if (is_later) CHECK(holds(codes_of(page->mend, 0), not_yet));
        }
    }
}
