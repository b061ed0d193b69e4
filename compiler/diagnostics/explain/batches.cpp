#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 562,
         .text = "A batch runs its statements once for each range of rows, and `:batch` is where the range goes. "
                 "A statement without it would change the same rows in every range.\n"
                 "Put `:batch` into its WHERE.",
         .mistake = R"(plan shop
database erp
step up {
  batch on leases.id by 10000
  $$ UPDATE leases SET state = 'open' WHERE ended IS NULL $$
}
)",
         .mend = R"(plan shop
database erp
step up {
  batch on leases.id by 10000
  $$ UPDATE leases SET state = 'open' WHERE :batch AND ended IS NULL $$
}
)"},
    Page{.code = 563,
         .text = "`:batch` becomes a condition on the key of the batch's table, under the name that the table has "
                 "in the query around it. Here the query does not name that table, names it more than once, or "
                 "not under that alias.\n"
                 "Say which is meant: `:batch(alias)`.",
         .mistake = R"(plan shop
database erp
step up {
  batch on leases.id by 10000
  $$ UPDATE units u SET free = false FROM leases a JOIN leases b ON b.after = a.id WHERE a.unit = u.id AND :batch $$
}
)",
         .mend = R"(plan shop
database erp
step up {
  batch on leases.id by 10000
  $$ UPDATE units u SET free = false FROM leases a JOIN leases b ON b.after = a.id WHERE a.unit = u.id AND :batch(a) $$
}
)"},
    Page{.code = 564,
         .text = "A batch changes rows range by range: its statements are INSERT, UPDATE, DELETE or MERGE. "
                 "Anything else would run as often as there are ranges.\n"
                 "Put it into a step before the batch or behind it.",
         .mistake = R"(plan shop
database erp
step look {
  batch on leases.id by 10000
  $$ SELECT count(*) FROM leases WHERE :batch $$
}
)",
         .mend = R"(plan shop
database erp
step look {
  batch on leases.id by 10000
  $$ INSERT INTO old_leases SELECT * FROM leases WHERE :batch $$
}
)"},
    Page{.code = 565,
         .text = "The statement changes the column by which the batch goes through the table. A row could move "
                 "into a range that is still to come, and be changed twice, or into one that is done, and never.\n"
                 "Go by another key, or change the key without a batch.",
         .mistake = R"(plan shop
database erp
step shift {
  batch on leases.id by 10000
  $$ UPDATE leases SET id = id + 1000000 WHERE :batch $$
  rollback none "a sample"
}
)",
         .mend = R"(plan shop
database erp
step shift {
  batch on leases.number by 10000
  $$ UPDATE leases SET id = id + 1000000 WHERE :batch $$
  rollback none "a sample"
}
)"},
    Page{.code = 566,
         .text = "The statement adds rows to the table that the batch goes through. They could lie in a range "
                 "that is still to come, and be taken for old ones.\n"
                 "Let the new rows go into another table, or do without the batch.",
         .mistake = R"(plan shop
database erp
step double {
  batch on leases.id by 10000
  $$ INSERT INTO leases SELECT id + 1000000 FROM leases WHERE :batch $$
}
)",
         .mend = R"(plan shop
database erp
step double {
  batch on leases.id by 10000
  $$ INSERT INTO leases_new SELECT id + 1000000 FROM leases WHERE :batch $$
}
)"},
    Page{.code = 567,
         .text = "A batch commits after each range, and what stands in `transaction` commits together or not at "
                 "all. One of the two can't be.\n"
                 "Put the batch before the block or behind it, or do without `batch`.",
         .mistake = R"(plan shop
database erp
transaction on erp {
  step up {
    batch on leases.id by 10000
    $$ UPDATE leases SET state = 'open' WHERE :batch $$
  }
}
)",
         .mend = R"(plan shop
database erp
step up {
  batch on leases.id by 10000
  $$ UPDATE leases SET state = 'open' WHERE :batch $$
}
)"},
};

}  // namespace

std::span<const Page> batch_pages() {
    return pages;
}

}  // namespace cairn::compiler
