#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 860,
         .text = "The rows that a step changes are kept by triggers, and the role may not create any on this "
                 "table. Where the plan names the table, that is asked before the run begins, and nothing has "
                 "run; where code has led there, the step was rolled back.",
         .causes = "the role is neither the table's owner nor has TRIGGER on it",
         .actions = "the GRANT of the help line, typed by the table's owner; then `cairn apply PLAN.cairn` again, "
                    "or `cairn resume`\n"
                    "or do without the way back of these rows: `keep no rows` in the step"},
    Page{.code = 861,
         .text = "The rows that the step changes can't be kept, so they could not be given back; the message says "
                 "why. Nothing of the step stands.",
         .causes = "a foreign table: its rows are on another server\n"
                   "large objects\n"
                   "a function that changes rows in an index that is built outside of a transaction\n"
                   "a TRUNCATE by a role that does not own the table, and from which row level security hides rows\n"
                   "a step that changes rows and at the same time the key by which they are found",
         .actions = "make two steps of it, one for the key and one for the rows\n"
                    "or say in the step how it is undone, `rollback $$ … $$`, or that it is not, `rollback none "
                    "\"reason\"` or `keep no rows`"},
    Page{.code = 862,
         .text = "While the rows of a step were being kept, the server refused one of cairn's own statements; its "
                 "words stand in the message. The step was rolled back with it: no row is changed that is not "
                 "kept. As a warning, in a preview: that may happen.",
         .causes = "a transaction changes rows of a table, then definitions, then rows of that table again, while "
                   "checks of a deferred constraint are pending\n"
                   "no space left for the kept rows, or a limit of the role\n"
                   "a lock on the table that others held for too long\n"
                   "the right to look at a table or to write to the schema `cairn` has been taken away",
         .actions = "mend what the message says, then `cairn resume`\n"
                    "pending checks: `SET CONSTRAINTS ALL IMMEDIATE` in front of the later statement; a run that "
                    "has begun needs `cairn rollback` first, since the plan changes"},
    Page{.code = 863,
         .text = "The table whose rows are to be given back is gone, renamed, or another one of the same name. "
                 "Its kept rows are still there; nothing was given back.",
         .causes = "somebody has dropped or renamed it after the run\n"
                   "a later plan has made it anew",
         .actions = "bring the table back under its name, then `cairn rollback RUN`\n"
                    "or leave this table out: `cairn rollback RUN --on-conflict skip`. Its kept rows are in the "
                    "schema `cairn` until `cairn finalize`"},
    Page{.code = 864,
         .text = "The table has changed since its rows were kept: a column is gone, has another type, or is "
                 "generated now. The old values do not fit into it; nothing was given back.",
         .causes = "a later plan or migration has altered the table",
         .actions = "take that change back first, a later run by `cairn rollback RUN` of that run, then this one\n"
                    "or leave this table out: `cairn rollback RUN --on-conflict skip`"},
    Page{.code = 865,
         .text = "The rows could not be given back: the server refused a statement of the rollback, and its words "
                 "stand in the message. That item's rollback is undone as a whole; the rows are as the run has "
                 "left them, and still kept.",
         .causes = "a constraint that was added since, and that old rows do not fulfil\n"
                   "a lock that others held for too long\n"
                   "the role no longer owns the table, so it may not switch off its triggers",
         .actions = "mend what the message says, then `cairn rollback RUN` again"},
    Page{.code = 866,
         .text = "The journal's note on which rows were kept can't be read, so it is not known what to give back. "
                 "Nothing was changed.",
         .causes = "the schema `cairn` was changed by hand\n"
                   "a newer cairn wrote it",
         .actions = "use the version that ran the plan\n"
                    "the kept rows themselves are tables of the schema `cairn`, `\\dt cairn.*` in psql: from "
                    "there they can be given back by hand"},
    Page{.code = 867,
         .text = "The table of kept rows is not there any more. What was in it can't be given back from here.",
         .causes = "somebody has dropped it in the schema `cairn` to make room; `cairn finalize` is the way to do "
                   "that\n"
                   "the database was restored without it",
         .actions = "take the rows from a backup\n"
                    "go back with the rest: `cairn rollback RUN --on-conflict skip`"},
    Page{.code = 880,
         .text = "The batch goes over a table or a column that is not there, or that the role can't see.",
         .causes = "a slip in the name, or another `search_path`: write it with its schema\n"
                   "the step that makes it has not run",
         .actions = "if no item has run, correct the plan and `cairn apply PLAN.cairn` again; otherwise `cairn "
                    "rollback` first"},
    Page{.code = 881,
         .text = "No unique index begins with the column that the batch goes by. Each range would read the whole "
                 "table, and rows of one key could be cut apart.",
         .causes = "the wrong column: most tables have a primary key\n"
                   "the index is INVALID, has a WHERE, or another collation than the column\n"
                   "the table is a child in inheritance, whose rows the parent's index does not cover",
         .actions = "go by the primary key, or build an index: the help line has the statement"},
    Page{.code = 882,
         .text = "The column that the batch goes by may be NULL, and a row without a key lies in no range: it "
                 "would be left out, and nobody told.",
         .causes = "a unique column that was never declared NOT NULL",
         .actions = "if no row has NULL there, the ALTER TABLE of the help line; it reads the whole table under a "
                    "lock, see C0502\n"
                    "or go by the primary key"},
    Page{.code = 883,
         .text = "`cairn finalize` could not drop the tables of kept rows; the server's words stand in the "
                 "message. The run is as it was, and so are the rows.",
         .causes = "the run was made by another role, which owns them\n"
                   "somebody has built something on them, a view for instance\n"
                   "a lock that others held for too long",
         .actions = "call it as the role that ran the plan, or let that role's owner grant it; then `cairn "
                    "finalize RUN` again"},
    Page{.code = 884,
         .text = "The trail of a batch does not say in which table its old rows are kept, so they can't be given "
                 "back from it.",
         .causes = "the schema `cairn` was changed by hand",
         .actions = "look at `cairn log RUN`, and at the tables of kept rows, `\\dt cairn.*` in psql\n"
                    "a new plan can give back the rows from there, or from a backup"},
    Page{.code = 885,
         .text = "More statements of the batch call functions than the trail of one range has room for: what each "
                 "of them changes is written down by itself. It was refused before the first range.",
         .causes = "many statements with functions that may change rows of any table, in one batch",
         .actions = "divide it into several steps, each with a batch of its own\n"
                    "or say in the step `keep no rows`, or how it is undone"},
};

}  // namespace

std::span<const Page> kept_row_pages() {
    return pages;
}

}  // namespace cairn::compiler
