#include "compiler/diagnostics/explain/explain.hpp"

#include <algorithm>

namespace cairn::compiler {

std::vector<const Page*> all_pages() {
    std::vector<const Page*> out;
    for (const auto family : {syntax_pages(), name_pages(), value_pages(), order_pages(), hazard_pages(),
                              statement_pages(), batch_pages(), configuration_pages(), run_pages(), check_pages(),
                              review_pages(), rollback_pages(), kept_row_pages(), migration_pages(), window_pages(), parallel_pages()}) {
        for (const Page& page : family) out.push_back(&page);
    }
    return out;
}

const Page* find_page(std::uint16_t code) {
    for (const Page* page : all_pages()) {
        if (page->code == code) return page;
    }
    return nullptr;
}

std::vector<PageSection> sections_of(const Page& page) {
    std::vector<PageSection> out{{.heading = "Usual causes", .lines = page.causes},
                                 {.heading = "What to do", .lines = page.actions},
                                 {.heading = "The mistake", .lines = page.mistake, .is_plan = true},
                                 {.heading = "The mend", .lines = page.mend, .is_plan = true}};
    std::erase_if(out, [](const PageSection& section) { return section.lines.empty(); });
    return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        out.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace cairn::compiler
