#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 201,
         .text = "A placeholder in braces is the name of a parameter or of a loop variable, and this one is neither. A "
                 "name with a hole in it would run on the wrong thing, or on nothing.\n"
                 "Correct the spelling, or declare the parameter.",
         .mistake = R"(plan shop
database erp
step fill_{region} { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
for region in (north, south) { step fill_{region} { $$ CREATE TABLE :"region" (id int) $$ } }
)"},
    Page{.code = 202,
         .text = "`--param` gives a value to a parameter that the plan does not declare. Passed over, the value "
                 "that was meant for another one would be missing, and a default would run in its place.",
         .causes = "a slip in the name; the help line has the nearest one\n"
                   "the parameter has been renamed in the plan since the command was written down\n"
                   "the command is meant for another plan",
         .actions = "`cairn preview PLAN.cairn` lists the parameters of a plan, with their values\n"
                    "correct the name, or declare it: `param cutoff = \"2025-01-01\"`"},
    Page{.code = 203,
         .text = "`after` names an item that is not there, or that does not stand in the same `parallel`. An "
                 "order that nobody keeps is worse than none: it looks kept in the review.\n"
                 "Correct the name. Across blocks no `after` is needed: a block begins when what stands before it "
                 "has ended.",
         .mistake = R"(plan shop
database erp
parallel {
  step load { $$ CREATE TABLE a (id int) $$ }
  step count after laod { $$ CREATE TABLE b (id int) $$ }
}
)",
         .mend = R"(plan shop
database erp
parallel {
  step load { $$ CREATE TABLE a (id int) $$ }
  step count after load { $$ CREATE TABLE b (id int) $$ }
}
)"},
    Page{.code = 204,
         .text = "`on` names a database that the plan does not declare. The databases at the top are what a reviewer "
                 "reads as the reach of the plan.\n"
                 "Correct the spelling, or declare the database.",
         .mistake = R"(plan shop
database erp
step a on epr { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
step a on erp { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 205,
         .text = "Items are known by their names: in the journal, in `cairn status`, in `after`. With two of one name, "
                 "the journal could not say which of them has run.\n"
                 "Rename one.",
         .mistake = R"(plan shop
database erp
step fill { $$ CREATE TABLE a (id int) $$ }
step fill { $$ CREATE TABLE b (id int) $$ }
)",
         .mend = R"(plan shop
database erp
step fill_a { $$ CREATE TABLE a (id int) $$ }
step fill_b { $$ CREATE TABLE b (id int) $$ }
)"},
    Page{.code = 206,
         .text = "Two parameters have one name, and `--param` could mean either.\n"
                 "Rename one, or leave it out.",
         .mistake = R"(plan shop
param region = "north"
param region = "south"
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
param region = "north"
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 207,
         .text = "Two databases have one name, and `--db` could mean either.\n"
                 "Rename one, or leave it out.",
         .mistake = R"(plan shop
database erp
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 208,
         .text = "cairn gives this name a value of its own in each run, so a parameter of that name could never be told "
                 "from it.\n"
                 "Take another name.",
         .mistake = R"(plan shop
param run = "x"
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
param batch_name = "x"
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 209,
         .text = "A colon before a name makes a variable in SQL, as psql has them: `:name` as it is, `:'name'` as "
                 "a quoted literal, `:\"name\"` as a quoted identifier. This one is no parameter and no loop "
                 "variable, and the server would be sent a colon that it can't read.\n"
                 "Correct the spelling, or declare the parameter. A colon of SQL itself, as in the slice `a[1: "
                 "n]`, has a blank behind it.",
         .mistake = R"(plan shop
param cutoff = "2025-01-01"
database erp
step mark { $$ CREATE TABLE a AS SELECT :'cutof'::date AS since $$ }
)",
         .mend = R"(plan shop
param cutoff = "2025-01-01"
database erp
step mark { $$ CREATE TABLE a AS SELECT :'cutoff'::date AS since $$ }
)"},
    Page{.code = 210,
         .text = "`on failure rollback to` names a checkpoint that the plan does not have. It is read for the "
                 "first time when something has failed already; then is no time to find that out.\n"
                 "Correct the name, or set the checkpoint where the plan should come back to.",
         .mistake = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
checkpoint prepared
step b { $$ CREATE TABLE b (id int) $$ }
on failure rollback to prepare
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
checkpoint prepared
step b { $$ CREATE TABLE b (id int) $$ }
on failure rollback to prepared
)"},
    Page{.code = 211,
         .text = "What is written here, with its placeholders filled in, can't be the name of what it should "
                 "name: an item's name has small letters, digits and underscores, a column is named with its "
                 "table, and what PostgreSQL must quote carries its quotes.\n"
                 "Change the value, or write the name in the form of the help line.",
         .mistake = R"(plan shop
database erp
validate there { column 'rental_type' exists }
)",
         .mend = R"(plan shop
database erp
validate there { column leases.rental_type exists }
)"},
    Page{.code = 212,
         .text = "The item needs a database, and the plan declares none; or it declares several, and the item does not say "
                 "which. cairn does not choose.\n"
                 "Declare it at the top; where it is stands in cairn.toml or in `--db`. Of several, say `on erp`.",
         .mistake = R"(plan shop
step a { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 214,
         .text = "A loop variable has the name of something that is there already. Whoever reads the loop would have to "
                 "know which of the two is meant.\n"
                 "Take another name for the variable.",
         .mistake = R"(plan shop
param t = "y"
database erp
for t in (x, y) { step fill_{t} { $$ CREATE TABLE :"t" (id int) $$ } }
)",
         .mend = R"(plan shop
param t = "y"
database erp
for table in (x, y) { step fill_{table} { $$ CREATE TABLE :"table" (id int) $$ } }
)"},
};

}  // namespace

std::span<const Page> name_pages() {
    return pages;
}

}  // namespace cairn::compiler
