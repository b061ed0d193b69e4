#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 301,
         .text = "PostgreSQL's own parser, of version 15, refuses this SQL, and so would the server: here it "
                 "costs nothing, in the window it costs a step. It also refuses what only psql knows: backslash "
                 "commands, and rows behind COPY … FROM STDIN.\n"
                 "The caret stands where the parser gave up, often a word behind the mistake: look for a missing "
                 "comma, quote or parenthesis just before it. Syntax that came with PostgreSQL 16 or later can be "
                 "sent in a string, by `EXECUTE` in a DO block.",
         .mistake = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int,, name text) $$ }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int, name text) $$ }
)"},
    Page{.code = 302,
         .text = "Between the marks, or in the file, stands no statement: nothing, blanks or comments. It would "
                 "run, succeed and do nothing, and the plan would be reported as done.\n"
                 "Write the statement, or leave the item out.",
         .mistake = R"(plan shop
database erp
step a { $$ -- later $$ }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 303,
         .text = "A step is there to send SQL, and this one has none.\n"
                 "Give it SQL between `$$` marks, or a file: `file \"sql/a.sql\"`.",
         .mistake = R"(plan shop
database erp
step a { lock timeout 3s }
)",
         .mend = R"(plan shop
database erp
step a {
  lock timeout 3s
  $$ CREATE TABLE a (id int) $$
}
)"},
    Page{.code = 304,
         .text = "A step has one body of SQL, in which all of its statements stand. With two, one of them from a "
                 "file perhaps, a reader would have to know which runs first.\n"
                 "Put the statements into one body, or make two steps of them, each with its own way back.",
         .mistake = R"(plan shop
database erp
step a {
  $$ CREATE TABLE a (id int) $$
  $$ CREATE TABLE b (id int) $$
}
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int); CREATE TABLE b (id int) $$ }
)"},
    Page{.code = 305,
         .text = "The file that the step takes in can't be read; the message says why. Its text belongs to the "
                 "plan's digest, so without it the plan is not whole.\n"
                 "Correct the path. It starts at the folder of `cairn.toml`, or at the plan's own where there is "
                 "none, and not where the command is typed.",
         .mistake = R"(plan shop
database erp
step a { file "sql/order.sql" }
)",
         .mend = R"(plan shop
database erp
step a { file "sql/orders.sql" }
)"},
    Page{.code = 306,
         .text = "The file that the step takes in is not UTF-8 text. Sent as it is, every accent in it would be "
                 "another character in the database, or the server would refuse it halfway through the step.\n"
                 "Convert it, and look at its accents: `iconv -f WINDOWS-1252 -t UTF-8`.",
         .mistake = R"(plan shop
database erp
step a { file "sql/latin1.sql" }
)",
         .mend = R"(plan shop
database erp
step a { file "sql/orders.sql" }
)"},
    Page{.code = 307,
         .text = "The parameter has no default, so whoever runs the plan must give its value. `check` and "
                 "`preview` go without; they show the placeholder instead.\n"
                 "Give it on the command line, `--param ticket=OPS-17`, or give it a default in the plan if there "
                 "is one that is right every time.",
         .mistake = R"(plan shop
param ticket
database erp
run told {
  command "echo" "{ticket}"
  rollback none "only a message"
}
)",
         .mend = R"(plan shop
param ticket = "none"
database erp
run told {
  command "echo" "{ticket}"
  rollback none "only a message"
}
)"},
    Page{.code = 308,
         .text = "The clause takes a value of a certain kind, and this is another: a word where a duration "
                 "belongs, a string where a number belongs, an order among values that have none. A parameter's "
                 "value counts as what it says, so the mistake may be in `--param`.\n"
                 "Give a value of the kind that the message names.",
         .mistake = R"(plan shop
database erp
validate open { "shop is open" $$ SELECT is_open FROM shop $$ >= true }
)",
         .mend = R"(plan shop
database erp
validate open { "shop is open" $$ SELECT is_open FROM shop $$ = true }
)"},
    Page{.code = 309,
         .text = "The value is of the right kind and out of its range: PostgreSQL takes no timeout of more than "
                 "24 days, and a window does not end before it begins.\n"
                 "Correct it. For no timeout at all write `0s`.",
         .mistake = R"(plan shop
database erp
step a {
  lock timeout 30d
  $$ CREATE TABLE a (id int) $$
}
)",
         .mend = R"(plan shop
database erp
step a {
  lock timeout 30s
  $$ CREATE TABLE a (id int) $$
}
)"},
    Page{.code = 310,
         .text = "The colon of a variable is glued to what stands before it. There PostgreSQL reads the colon as "
                 "its own, of a cast or an array's slice, so the value would not be put in, or would be where SQL "
                 "was meant.\n"
                 "A blank before the colon makes it the parameter; if SQL's colon is meant, put the blank behind "
                 "it.",
         .mistake = R"(plan shop
param last = "5"
database erp
step first_five { $$ CREATE TABLE b AS SELECT prices[1:last] FROM articles $$ }
)",
         .mend = R"(plan shop
param last = "5"
database erp
step first_five { $$ CREATE TABLE b AS SELECT prices[1: :last] FROM articles $$ }
)"},
    Page{.code = 312,
         .text = "The loops of the plan, multiplied, give more than 100,000 turns or items. Nobody can review "
                 "that many, and the journal would hold a row for each.",
         .causes = "loops inside loops over long lists\n"
                   "a list of rows where a list of tables was meant",
         .actions = "let SQL do the counting: one statement, or a step with `batch on`\n"
                    "split the plan"},
    Page{.code = 313,
         .text = "A `run` starts a program, and here is none: the clause `command` is missing, or its first word "
                 "is empty, perhaps because a parameter is.\n"
                 "Name the program and its arguments, each in a string of its own. There is no shell unless the "
                 "command is one.",
         .mistake = R"(plan shop
database erp
run told {
  command ""
  rollback none "only a message"
}
)",
         .mend = R"(plan shop
database erp
run told {
  command "echo" "stopped"
  rollback none "only a message"
}
)"},
};

}  // namespace

std::span<const Page> value_pages() {
    return pages;
}

}  // namespace cairn::compiler
