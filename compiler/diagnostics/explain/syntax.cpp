#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 101,
         .text = "At this place the language knows only a few words, and none of them stands there. The message "
                 "says which were expected and what was found; cairn does not guess, since a guess would run.\n"
                 "Write one of the expected words. Often the mistake is a word or two earlier: a quote that is "
                 "missing, an argument that was forgotten.",
         .mistake = R"(plan shop
database erp
validate there { table orders valid }
)",
         .mend = R"(plan shop
database erp
validate there { table orders exists }
)"},
    Page{.code = 102,
         .text = "Where an item or a declaration begins stands a word that begins none. Passed over, it would be "
                 "something that the plan says and nobody does.\n"
                 "Correct the spelling; the help line names the nearest word. `cairn check` goes on reading at "
                 "the next item, so the other errors it lists are mistakes of their own.",
         .mistake = R"(plan shop
database erp
chekpoint half
)",
         .mend = R"(plan shop
database erp
checkpoint half
)"},
    Page{.code = 103,
         .text = "An item has a few clauses of its own, and this word is none of them. A clause that was passed "
                 "over in silence might be the lock timeout that the window relied on.\n"
                 "Correct the spelling, or move the clause to the item that has it.",
         .mistake = R"(plan shop
database erp
step a {
  statment timeout 3s
  $$ CREATE TABLE a (id int) $$
}
)",
         .mend = R"(plan shop
database erp
step a {
  statement timeout 3s
  $$ CREATE TABLE a (id int) $$
}
)"},
    Page{.code = 104,
         .text = "A clause that holds for the whole item is given twice. Which of the two counts should not be a "
                 "question that somebody has to answer during the window.\n"
                 "Keep the one that is meant.",
         .mistake = R"(plan shop
database erp
step a {
  lock timeout 3s
  $$ CREATE TABLE a (id int) $$
  lock timeout 10s
}
)",
         .mend = R"(plan shop
database erp
step a {
  lock timeout 3s
  $$ CREATE TABLE a (id int) $$
}
)"},
    Page{.code = 105,
         .text = "A duration is a number with its unit: ms, s, min, h or d. Without one, 20 could be seconds to "
                 "whoever wrote it and milliseconds to PostgreSQL.\n"
                 "Add the unit.",
         .mistake = R"(plan shop
database erp
defaults { statement timeout 20 }
step a { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
defaults { statement timeout 20min }
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 106,
         .text = "A size is a number with its unit, written together: kB, MB, GB or TB, in powers of 1024 as in "
                 "PostgreSQL's settings. Without one nobody can tell 20 bytes from 20 GB.\n"
                 "Add the unit, in this spelling and without a blank.",
         .mistake = R"(plan shop
database erp
gate room { free space on "." >= 20 }
)",
         .mend = R"(plan shop
database erp
gate room { free space on "." >= 20GB }
)"},
    Page{.code = 107,
         .text = "An instant is a date, a time and its offset from UTC. Without the offset it would be another "
                 "moment on another machine, and the day that clocks change it would be two.\n"
                 "Write it in full. `Z` stands for UTC.",
         .mistake = R"(plan shop
wait until 2026-01-15T21:45
)",
         .mend = R"(plan shop
wait until 2026-01-15T21:45+04:00
)"},
    Page{.code = 108,
         .text = "A plain number stands here, without a unit and with at most one decimal point. A percentage, a "
                 "size or a duration would be compared with something else than it looks like.\n"
                 "Write the number alone.",
         .mistake = R"(plan shop
database erp
gate idle { sessions of app <= 10MB }
)",
         .mend = R"(plan shop
database erp
gate idle { sessions of app <= 10 }
)"},
    Page{.code = 109,
         .text = "SQL begins with `$$` or `$tag$` and ends at the same mark, and the second one is not there. "
                 "Everything behind it could be taken for SQL: where cairn finds the next item it reads on there, "
                 "but other errors in the list may come of this one.\n"
                 "Close it. SQL that holds `$$` itself, the body of a function for instance, stands between marks "
                 "with a tag: `$fn$ … $fn$`.",
         .mistake = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 110,
         .text = "A string ends on the line that it begins on. So a quote that was forgotten is found where it "
                 "is, and does not swallow the rest of the file.\n"
                 "Close it. A line break in it is written `\\n`.",
         .mistake = R"(plan shop "moves the rentals
database erp
)",
         .mend = R"(plan shop "moves the rentals"
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 111,
         .text = "A backslash in a string stands only before `\"`, `\\`, `n` and `t`. Taken as it is, or left "
                 "out, the string would be another one than was meant.\n"
                 "Write the backslash twice, or put the string in single quotes, where nothing is an escape.",
         .mistake = R"(plan shop
database erp
run told {
  command "grep" "\d"
  rollback none "only looks"
}
)",
         .mend = R"(plan shop
database erp
run told {
  command "grep" '\d'
  rollback none "only looks"
}
)"},
    Page{.code = 112,
         .text = "A name has lower-case letters, digits and underscores, and begins with no digit. PostgreSQL "
                 "folds what stands without quotes to lower case, so `Orders` would be looked for as `orders`.\n"
                 "Write it so; what PostgreSQL itself must quote stands in a string: `'\"Orders\"'`.",
         .mistake = R"(plan shop
database erp
step AddOrders { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
step add_orders { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 113,
         .text = "Two names would make sentences of the language read two ways: a database `failure` in `on "
                 "failure`, and a restore `point` in `restore point`.\n"
                 "Take another name.",
         .mistake = R"(plan shop
database failure
)",
         .mend = R"(plan shop
database failures
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 114,
         .text = "A plan file begins with `plan` and a name: by that name the journal knows what has run where.\n"
                 "Put the line at the top. An empty file is refused for the same reason: a plan that says nothing "
                 "is more likely a file that was not saved.",
         .mistake = R"(database erp
step a { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 115,
         .text = "`plan`, `param`, `database`, `defaults` and their like stand once, at the top level of the "
                 "file, where a reviewer looks for them. This one stands inside a block, or is a second plan.\n"
                 "Move it out of the block; a second plan is a file of its own.",
         .mistake = R"(plan shop
database erp
transaction {
  param region = "north"
  step a { $$ CREATE TABLE a (id int) $$ }
}
)",
         .mend = R"(plan shop
param region = "north"
database erp
transaction {
  step a { $$ CREATE TABLE a (id int) $$ }
}
)"},
    Page{.code = 116,
         .text = "Blocks stand more than a hundred deep in one another. No plan that somebody wrote does; what a "
                 "program wrote might, and would take the stack of whoever reads it.",
         .causes = "a generator that opens a block for each item and never closes one\n"
                   "closing braces that were lost when files were put together",
         .actions = "the first block that is not closed lies before the place in the message\n"
                    "`cairn fmt PLAN.cairn` shows the nesting once the file can be read"},
    Page{.code = 117,
         .text = "The file holds a byte of zero. C programs take it for the end of a text, PostgreSQL refuses it "
                 "in every value: what stands behind it would run here and be invisible there.",
         .causes = "a binary file, or one in UTF-16, where a plan was expected\n"
                   "a disk or transfer that left zeros in the file",
         .actions = "look at the first lines: `head -c 200 FILE | od -c`\n"
                    "from UTF-16: `iconv -f UTF-16 -t UTF-8 FILE > NEW`; otherwise take the file from version "
                    "control again"},
    Page{.code = 118,
         .text = "A plan is UTF-8, and the byte in the message is not. In another encoding a name with an accent "
                 "would be another name in the database than in the review.",
         .causes = "the file was saved as Latin-1 or Windows-1252\n"
                   "a comment or a title was pasted from a mail or a spreadsheet",
         .actions = "`iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW`, and look at the accents before you go on\n"
                    "tell the editor to save as UTF-8"},
    Page{.code = 119,
         .text = "The plan file is larger than 64 MB. A plan is what people read before a window; rows do not "
                 "belong into it.",
         .causes = "a dump, or INSERT statements by the hundred thousand, were pasted into a step\n"
                   "the wrong file was named",
         .actions = "put the SQL into a file and take it in with `file \"sql/rows.sql\"`\n"
                    "rows that come from elsewhere are loaded by a program: a `run` with `psql` and `\\copy`"},
    Page{.code = 120,
         .text = "A `{` has no `}`, so the file ends inside the item. Where it was meant to end can't be told, "
                 "and what follows it might not belong to it.\n"
                 "Close the block; the message points at the `{` that is open.",
         .mistake = R"(plan shop
database erp
step a {
  $$ CREATE TABLE a (id int) $$
)",
         .mend = R"(plan shop
database erp
step a {
  $$ CREATE TABLE a (id int) $$
}
)"},
    Page{.code = 121,
         .text = "The item lacks a clause that it can't do without, and no default would be right for everybody: "
                 "how often a watch looks, for instance.\n"
                 "Add the clause; the help line shows its form. (`watch` is of a later version: C0490.)",
         .mistake = R"(plan shop
database erp
watch calm on erp for 30min { sessions of app = 0 }
)",
         .mend = R"(plan shop
database erp
watch calm on erp for 30min every 15s { sessions of app = 0 }
)"},
    Page{.code = 122,
         .text = "The clause exists, but this kind of item, or this kind of check, can't have it. `when` for "
                 "instance asks a database, and a checkpoint has none.\n"
                 "Leave it out, or put it on an item that can have it.",
         .mistake = R"(plan shop
database erp
checkpoint half when $$ SELECT true $$
)",
         .mend = R"(plan shop
database erp
checkpoint half
)"},
    Page{.code = 123,
         .text = "The file has so many errors that reading on would only bury the first ones. What stands behind "
                 "the last is not looked at.",
         .causes = "the file is no plan: SQL, a script, another format\n"
                   "one early mistake, an unclosed quote or brace, that makes all the rest look wrong",
         .actions = "mend the first error, then `cairn check PLAN.cairn` again\n"
                    "SQL files of another tool are taken over by `cairn adopt DIR`"},
};

}  // namespace

std::span<const Page> syntax_pages() {
    return pages;
}

}  // namespace cairn::compiler
