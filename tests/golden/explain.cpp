// The examples of the pages: the mistake is given its code and no other, the mend no error at all.
#include <catch2/catch.hpp>

#include <algorithm>

#include "compiler/compile.hpp"
#include "compiler/diagnostics/catalogue.hpp"
#include "compiler/diagnostics/explain/explain.hpp"

namespace {

using namespace cairn::compiler;

Compiled compiled(std::string_view plan) {
    CompileOptions options;
    options.require_parameters = false;
    return compile(
        "plan.cairn", std::string(plan),
        [](const std::string&) -> std::variant<std::string, LoadError> { return LoadError{"no such file"}; },
        options);
}

}  // namespace

TEST_CASE("a page stands under a code of the catalogue, once") {
    for (const auto family : {name_pages(), order_pages()}) {
        for (const Page& page : family) {
            INFO(code_name(page.code));
            CHECK(find_code(page.code) != nullptr);
            CHECK(find_page(page.code) == &page);
        }
    }
}

TEST_CASE("the mistake of a page gives its code, the mend compiles") {
    for (const CatalogueEntry& entry : catalogue) {
        const Page* found = find_page(entry.code);
        if (found == nullptr) continue;
        const Page& page = *found;
        DYNAMIC_SECTION(code_name(page.code)) {
            CHECK_FALSE(page.text.empty());
            const auto wrong = compiled(page.mistake).diagnostics;
            REQUIRE_FALSE(wrong.list().empty());
            for (const auto& d : wrong.list()) CHECK(d.code == page.code);
            const auto mended = compiled(page.mend).diagnostics;
            for (const auto& d : mended.list()) {
                INFO(d.message);
                CHECK(d.code != page.code);
                CHECK(d.severity != Severity::error);
            }
        }
    }
}
