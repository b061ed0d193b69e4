// The pages of `cairn explain`: what a code means, why cairn insists, and what to do.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace cairn::compiler {

// What a plan's text shows has a mistake and a mend, all else has causes and actions.
struct Page {
    std::uint16_t code = 0;
    std::string_view text{};     // paragraphs, each on one line
    std::string_view causes{};   // the usual ones, each on one line
    std::string_view actions{};  // what to do about it, each on one line
    std::string_view mistake{};  // a plan that is given the code; a test compiles both
    std::string_view mend{};     // one that is not
};

// What stands under a page's text: a heading, and below it a plan or a list, an item a line.
struct PageSection {
    std::string_view heading;
    std::string_view lines;
    bool is_plan = false;
};

// nullptr for what is no code of the catalogue; each of those has a page.
[[nodiscard]] const Page* find_page(std::uint16_t code);
[[nodiscard]] std::vector<const Page*> all_pages();
// Those that the page has, in the order in which they are read.
[[nodiscard]] std::vector<PageSection> sections_of(const Page&);
// The lines of a paragraph's, list's or plan's text; a newline at its end begins no other.
[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

// A family each, in files of their own.
[[nodiscard]] std::span<const Page> syntax_pages();
[[nodiscard]] std::span<const Page> name_pages();
[[nodiscard]] std::span<const Page> value_pages();
[[nodiscard]] std::span<const Page> order_pages();
[[nodiscard]] std::span<const Page> hazard_pages();
[[nodiscard]] std::span<const Page> statement_pages();
[[nodiscard]] std::span<const Page> batch_pages();
[[nodiscard]] std::span<const Page> configuration_pages();
[[nodiscard]] std::span<const Page> run_pages();
[[nodiscard]] std::span<const Page> check_pages();
[[nodiscard]] std::span<const Page> review_pages();
[[nodiscard]] std::span<const Page> rollback_pages();
[[nodiscard]] std::span<const Page> kept_row_pages();
[[nodiscard]] std::span<const Page> migration_pages();
[[nodiscard]] std::span<const Page> window_pages();
[[nodiscard]] std::span<const Page> parallel_pages();

}  // namespace cairn::compiler
