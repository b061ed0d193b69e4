#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 801,
         .text = "Every change is to have its way back before it runs. cairn makes it from the statement, or from "
                 "the definitions and rows before and after it; for this one it can do neither, and the message "
                 "says why.\n"
                 "Write the way back, `rollback $$ … $$`, or say why none is needed: `rollback none \"reason\"`. "
                 "The reason stands in the preview, for whoever has to decide in the night.",
         .mistake = R"(plan shop
database erp
step memory { $$ ALTER SYSTEM SET work_mem = '64MB' $$ }
)",
         .mend = R"(plan shop
database erp
step memory {
  $$ ALTER SYSTEM SET work_mem = '64MB' $$
  rollback none "the old value stands in the ticket"
}
)"},
    Page{.code = 802,
         .text = "This kind of item can't be undone by SQL of its own: what it does is not in one place of one "
                 "database. SQL that runs there would look like a way back and not be one.\n"
                 "Say `rollback none \"reason\"`, or leave the clause out where cairn makes the way back itself. "
                 "(`copy` is a word of a later version: see C0490.)",
         .mistake = R"(plan shop
database erp
database legacy { read only }
copy customers_in from legacy to erp {
  $$ SELECT id FROM old_customers $$
  into customers (id)
  rollback $$ TRUNCATE customers $$
}
)",
         .mend = R"(plan shop
database erp
database legacy { read only }
copy customers_in from legacy to erp {
  $$ SELECT id FROM old_customers $$
  into customers (id)
  rollback none "the table is new"
}
)"},
    Page{.code = 803,
         .text = "cairn can't know what undoes a program: it may have stopped a service, or only have looked. "
                 "Left open, the question would come up in the middle of a rollback.\n"
                 "Name the program that undoes it, or say why nothing needs to be.",
         .mistake = R"(plan shop
database erp
run stop { command "systemctl" "stop" "shop" }
)",
         .mend = R"(plan shop
database erp
run stop {
  command "systemctl" "stop" "shop"
  rollback "systemctl" "start" "shop"
}
)"},
    Page{.code = 804,
         .text = "`rollback none` gives up the way back of an item, and the reason is what a reviewer judges that "
                 "by. This one is empty.\n"
                 "Write down why nothing needs to be taken back, or who would do it.",
         .mistake = R"(plan shop
database erp
run told {
  command "logger" "shop closed"
  rollback none ""
}
)",
         .mend = R"(plan shop
database erp
run told {
  command "logger" "shop closed"
  rollback none "only a message"
}
)"},
    Page{.code = 820,
         .text = "The rollback met rows that somebody else has written since the run: to give back the old "
                 "values, or to drop the table they are in, would destroy that work. The rows, up to ten, stand "
                 "below. Nothing was overwritten or dropped of this item; the items after it are undone already. An "
                 "ALTER TABLE that writes a whole table anew, as ADD COLUMN with a volatile default does, hides who has "
                 "written its rows: all of them count.",
         .causes = "the application went on working: the usual case after a window has closed\n"
                   "a trigger, a job or a colleague\n"
                   "rows of a table or column that the run has made, written or deleted by others, or values of such "
                  "a column in other tables' columns of the row type; those block the drop",
         .actions = "look at the rows, and decide with whoever owns them\n"
                    "give back all but these, and leave a table or column that holds them: `cairn rollback RUN "
                    "--on-conflict skip`\n"
                    "where they break a constraint that comes back, the same makes it NOT VALID, and leaves NOT NULL away\n"
                    "give back these too, or drop the table with them, and lose what others wrote: `cairn "
                    "rollback RUN --on-conflict force`\n"
                    "a table or column to be dropped: move the rows or values elsewhere first, then `cairn "
                    "rollback RUN`"},
    Page{.code = 821,
         .text = "What the rollback was to change or drop is not what the run has made: it is gone, another "
                 "object has its name, or somebody has changed it or made something on it since. cairn drops "
                 "nothing that is not the run's own.",
         .causes = "somebody has tidied up by hand, or half rolled back by hand\n"
                   "a later plan or migration has changed it",
         .actions = "`cairn log RUN`, and the message, say what is meant; ask whoever changed it\n"
                    "undo by hand what is in the way, then `cairn rollback RUN`\n"
                    "leave it as it is and go on with the rest: `cairn rollback RUN --on-conflict skip`"},
    Page{.code = 822,
         .text = "A statement or program of the way back has failed. Its item stands as it was; items that came "
                 "later in the run are undone already, and the journal knows where it has stopped. The exit code "
                 "is 6.",
         .causes = "a written rollback with a mistake, or one that assumes something that is no longer so\n"
                   "a lock that others held for too long: tried again already, as often as `retry` says\n"
                   "a right that the role no longer has",
         .actions = "mend what the message names, then `cairn rollback RUN` again: it goes on with this item\n"
                    "if the statement itself is wrong, do by hand what it was to do so that it passes or has "
                    "nothing to do; `cairn resume RUN` goes forwards again"},
    Page{.code = 824,
         .text = "The run has passed a point of no return, and the rollback would cross it. Behind it live users, "
                 "or another system, may rely on what was done; so it has to be said in so many words. Nothing "
                 "has been undone.",
         .causes = "a rollback of the whole run, called as before the point",
         .actions = "read what the plan says about the point, and ask those whom it concerns\n"
                    "`cairn rollback RUN --past POINT`, or go back to a checkpoint behind it: `cairn rollback RUN "
                    "--to CHECKPOINT`"},
    Page{.code = 825,
         .text = "The run is finalized: its kept rows are dropped, so there is nothing to give back from. The "
                 "schema could be put back by hand, the rows could not.",
         .causes = "`cairn finalize` was called\n"
                   "the plan is `repeatable`, and its next run has finalized this one",
         .actions = "take the rows from a backup\n"
                    "a new plan can lead back what can be led back: `cairn log RUN` shows what was done"},
    Page{.code = 826,
         .text = "Two items of a `parallel` change rows of the same table, though their texts do not say so, and at least one of them "
                 "is a batch, which has many transactions. Mostly one of them waits until the other has come to its end. Here a connection "
                 "was lost or the runner was killed in between, so that one came between two transactions of the other; undone "
                 "one after the other, neither order would give back what was there. The item was rolled back; nothing of it stands.",
         .causes = "triggers of two tables that write to a third one, a counter or a log\n"
                   "foreign keys with ON DELETE CASCADE or SET NULL between the tables",
         .actions = "put one of them `after` the other, or out of the block; the plan changes by that: `cairn rollback`, mend it, "
                    "`cairn apply PLAN.cairn`"},
    Page{.code = 828,
         .text = "A step changed rows in a way that could not be kept: by code that can't be looked into, and "
                 "that did something else when it was tried again with those tables watched. It was rolled back; "
                 "nothing of it stands.",
         .causes = "a DO block or function that takes other tables each time: by time, by random, by a counter\n"
                   "rows changed where triggers do not fire",
         .actions = "name the tables in the step, `changes TABLE`, so that they are watched from the beginning; "
                    "or give it a way back of its own, `rollback $$ … $$`, or say why none is needed, `rollback "
                    "none \"reason\"`\n"
                    "the plan changes by that: `cairn rollback`, mend it, `cairn apply PLAN.cairn`"},
    Page{.code = 829,
         .text = "The undo trail of an item, in the journal, is not what cairn has written, so it can't be "
                 "followed. Nothing of that item was undone.",
         .causes = "rows of the schema `cairn` were changed by hand\n"
                   "another version of cairn wrote it\n"
                   "the journal was restored from a dump that was cut",
         .actions = "use the version that ran the plan: `cairn log RUN` says when that was\n"
                    "if the journal is damaged: its copy in a backup, table `cairn.undo`, has the statements that "
                    "lead back"},
    Page{.code = 830,
         .text = "The journal came into this database by a dump (`pg_dump`), and so did the tables: they hold the same rows, "
                 "but PostgreSQL no longer tells which transaction has written a row, and every object has another number. "
                 "What the run has changed could not be told from what others have changed since; nothing was done.",
         .causes = "a dump of the database was restored after the run\n"
                   "the database was copied to another server by way of a dump",
         .actions = "`cairn rollback` in the database that the run was applied to, and dump that\n"
                    "or restore a dump from before the run\n"
                    "or keep what the run has done: `cairn finalize RUN`"},
    Page{.code = 831,
         .text = "`--to` names a checkpoint that the run does not stand behind: it has not come so far, or an earlier rollback "
                 "has gone back past it. Going back to it would mean going forward. Nothing has been undone.",
         .causes = "a slip in the name: another checkpoint is meant\n"
                   "the run has failed before it, or was rolled back to an earlier one",
         .actions = "`cairn status RUN` shows which checkpoints the run has passed\n"
                    "`cairn rollback RUN` takes everything back"},
    Page{.code = 840,
         .text = "The definitions of the database's objects can't be read, so cairn can't tell what a step "
                 "changes, and could not take it back. The step was not committed.",
         .causes = "the connection was lost, or the query was cancelled\n"
                   "a version of PostgreSQL whose catalogs cairn does not know\n"
                   "rights on the system catalogs were revoked",
         .actions = "the message has the server's words: mend what they say, then `cairn resume`"},
    Page{.code = 841,
         .text = "The step makes a change that no statement takes back exactly. It was rolled back before it "
                 "committed; the message says which change.",
         .causes = "ALTER TYPE … DROP ATTRIBUTE where tables hold values of the type\n"
                   "a change of something that is an extension's, or that only a superuser could put back\n"
                   "a change of a table, or of a column in a partition key, that could only be brought back by "
                   "making it again\n"
                   "a write to a catalog of PostgreSQL's own",
         .actions = "give the step a way back of its own, `rollback $$ … $$`, or say why none is needed, "
                    "`rollback none \"reason\"`\n"
                    "the plan changes by that: `cairn rollback`, mend it, `cairn apply PLAN.cairn`"},
};

}  // namespace

std::span<const Page> rollback_pages() {
    return pages;
}

}  // namespace cairn::compiler
