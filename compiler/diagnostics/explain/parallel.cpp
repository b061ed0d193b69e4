#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 415,
         .text = "Each of these items waits for another of them by its `after`, so that none would ever start.\n"
                 "Leave out the `after` that says what need not be so.",
         .mistake = R"(plan shop
database erp
parallel {
  step a after b { $$ CREATE TABLE a (id int) $$ }
  step b after a { $$ CREATE TABLE b (id int) $$ }
}
)",
         .mend = R"(plan shop
database erp
parallel {
  step a { $$ CREATE TABLE a (id int) $$ }
  step b after a { $$ CREATE TABLE b (id int) $$ }
}
)"},
    Page{.code = 416,
         .text = "Items of a `parallel` run in any order and at the same time, unless `after` says otherwise. Where one reads what "
                 "another writes, or both write the same, the outcome would be a matter of chance; and where one's lock keeps the "
                 "other waiting, nothing is won, and they may wait for each other.\n"
                 "Let one wait: `after`, or put it before or behind the block. Two plain CREATE INDEX on one table go together, two with "
                 "CONCURRENTLY wait for each other.",
         .mistake = R"(plan shop
database erp
parallel {
  step raise { $$ UPDATE prices SET amount = amount + 1 WHERE item = 7 $$ }
  validate cheap { rows of prices >= 1 }
}
)",
         .mend = R"(plan shop
database erp
parallel {
  step raise { $$ UPDATE prices SET amount = amount + 1 WHERE item = 7 $$ }
  validate cheap after raise { rows of prices >= 1 }
}
)"},
    Page{.code = 417,
         .text = "DO, CALL and functions may read and write whatever they like; which relations that is, the text of the step does not show. "
                 "So nobody has looked whether it gets in the way of what runs beside it.\n"
                 "Say with `changes` which tables it changes, which is then checked, or take it out of the block.",
         .mistake = R"(plan shop
database erp
parallel {
  step close { $$ CALL close_day() $$ }
  step more { $$ CREATE TABLE more (id int) $$ }
}
)",
         .mend = R"(plan shop
database erp
parallel {
  step close {
    $$ CALL close_day() $$
    changes days
  }
  step more { $$ CREATE TABLE more (id int) $$ }
}
)"},
};

}  // namespace

std::span<const Page> parallel_pages() {
    return pages;
}

}  // namespace cairn::compiler
