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
    Page{.code = 212,
         .text = "The item needs a database, and the plan declares none.\n"
                 "Declare it at the top; where it is stands in cairn.toml or in `--db`.",
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
