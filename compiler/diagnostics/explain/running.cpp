#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 701,
         .text = "There is no connection to the database; the message has libpq's own words. Before the run began "
                 "nothing has happened; in the middle of one, what had committed stands, and the journal knows "
                 "it.",
         .causes = "the server is down, or is starting; a proxy or firewall is in between\n"
                   "wrong host, port or name of the database, or too many connections\n"
                   "no password: cairn takes it from PGPASSWORD, ~/.pgpass or the service file, and asks nobody",
         .actions = "try the same address with `psql`; then the same command again, or `cairn resume` if a run "
                    "had begun"},
    Page{.code = 702,
         .text = "The journal, the schema `cairn` of the database or a folder, can't be used. Nothing is changed "
                 "that can't be written down, so nothing goes on.",
         .causes = "the role may not create a schema, or lacks rights on one that another role has made: the help "
                   "line has the GRANT\n"
                   "a schema `cairn` of something else is there\n"
                   "rows of the journal were deleted or changed by hand, or the database was restored to before "
                   "the run\n"
                   "the database is a standby's\n"
                   "somebody has made it read only, with default_transaction_read_only: cairn does not override "
                   "that by itself\n"
                   "for a folder: no space, or no right to write",
         .actions = "type what the help line says, then the same command again. Never write to the journal "
                    "yourself"},
    Page{.code = 703,
         .text = "The journal was written by a newer version of cairn. This one might misread it, and take back "
                 "or repeat the wrong things, so it reads nothing.",
         .causes = "two machines with different versions\n"
                   "cairn was put back to an older version",
         .actions = "use the newer one: the journal is only ever changed upwards"},
    Page{.code = 704,
         .text = "Another runner holds the lease of this database or plan: only one may change it at a time. The "
                 "message says which run, who, on which machine, and for how long the lease lasts if it does not "
                 "renew it.",
         .causes = "a colleague, a job or another terminal is applying a plan\n"
                   "a runner on another machine has died; its lease runs out by itself, after 30 s unless `lease` "
                   "says otherwise\n"
                   "another session has locked the lease's row",
         .actions = "`cairn status` says what it is doing: wait, or talk to whoever it is\n"
                    "after a crash: wait for the lease to end, then `cairn resume`. A dead runner on the same "
                    "machine is replaced at once"},
    Page{.code = 705,
         .text = "The plan has run here to its end, and runs once. Nothing has been done; the exit code is 9. Parameters make no "
                 "other plan: those that had other values then are named.",
         .causes = "a deploy script that applies all plans each time\n"
                   "somebody was quicker",
         .actions = "in scripts: `cairn apply PLAN.cairn --if-needed` makes it a 0\n"
                    "to run it once more all the same: `cairn apply PLAN.cairn --again`"},
    Page{.code = 706,
         .text = "A plan of this name has run here to its end, with another text than it has now. cairn does not "
                 "run the difference: it does not know what that would be. It shows the lines that differ, of the plan and "
                 "of its files.",
         .causes = "the plan was changed after it had run\n"
                   "two plans have the same name",
         .actions = "what is still to be done is a new plan with a new name\n"
                    "to run the whole text again: `cairn apply PLAN.cairn --again`, after a look at `cairn "
                    "preview PLAN.cairn`"},
    Page{.code = 707,
         .text = "A run of this plan has begun and is not over: it has stopped at a gate, failed, or its runner "
                 "has died. A second one beside it would do half of the steps twice.",
         .causes = "a step or a validation has failed; `cairn status` says which\n"
                   "somebody interrupted it",
         .actions = "go on with it: `cairn resume RUN`\n"
                    "or take it back: `cairn rollback RUN`. After that `cairn apply PLAN.cairn` starts anew"},
    Page{.code = 708,
         .text = "The server has refused a statement of a step. Its transaction is rolled back, so of this step "
                 "nothing has stayed; of statements that can't be in a transaction, and of a batch, what came "
                 "before stands, and the journal knows it. The steps before it stand too, or are rolled back "
                 "where the plan says `on failure rollback`: `cairn status` says which.",
         .causes = "lock timeout, deadlock, serialization: tried again already, as often as `retry` says\n"
                   "a name that is not there, or a row that breaks a constraint: the message has the server's "
                   "words, and the caret their place in the SQL\n"
                   "a right that is missing: the help line has the GRANT",
         .actions = "mend what is in the way, in the database, then `cairn resume`\n"
                    "if the plan itself is wrong: `cairn rollback`, mend the plan, `cairn apply PLAN.cairn`"},
    Page{.code = 709,
         .text = "The connection broke, and could not be had again in several tries. A step in the middle was "
                 "rolled back by the server; where the answer to a COMMIT was lost, cairn looks in the journal "
                 "whether it took effect before it does anything more.",
         .causes = "the server was restarted or crashed, or an administrator ended the session\n"
                   "a proxy, pooler or firewall has cut it: long statements send nothing for a long time\n"
                   "the machine was asleep, or the network is down",
         .actions = "when the database can be reached again: `cairn resume`. Nothing that has committed runs "
                    "twice"},
    Page{.code = 710,
         .text = "A check of a validation did not hold; the rows that broke it, up to ten, stand below. The run "
                 "has stopped there, or is rolled back, as `on failure` says.",
         .causes = "the steps before it did not do what the plan thinks they do\n"
                   "rows that others have written meanwhile\n"
                   "a check that asks too much",
         .actions = "look at the rows, mend them, then `cairn resume`, which asks again\n"
                    "or `cairn rollback`. Whether a check can fail at all: `cairn rehearse PLAN.cairn --mutate`"},
    Page{.code = 711,
         .text = "A gate was not passed: what it asks for is not so at the moment. That is what it is for; the "
                 "run can be resumed, unless the gate says `else rollback`.",
         .causes = "sessions or transactions that are still open, too little free space, a server that is too "
                   "old: the message says what was seen",
         .actions = "bring about what it asks for, then `cairn resume`, which asks again\n"
                    "if the night is over: `cairn rollback`"},
    Page{.code = 712,
         .text = "A question of the plan was answered no, or nobody was there to answer: without a terminal the "
                 "answer is no.",
         .causes = "somebody typed something else than `yes` or `y`\n"
                   "cairn runs from a job, without a terminal",
         .actions = "when the answer is yes: `cairn resume`, or without a terminal `cairn resume RUN --confirm "
                    "GATE`\n"
                    "when it stays no: `cairn rollback`"},
    Page{.code = 713,
         .text = "Somebody pressed Ctrl-C or sent a signal. What was running has been cancelled, what had "
                 "committed stands, and both are in the journal. Of a rehearsal or preview nothing is left.",
         .causes = "Ctrl-C, `kill`, a deployment tool's timeout, a shutdown of the machine",
         .actions = "`cairn resume` goes on, `cairn rollback` goes back"},
    Page{.code = 714,
         .text = "Another runner has taken over this run, because this one had not renewed its lease in time. It "
                 "commits nothing any more; the other one goes on from what was committed.",
         .causes = "this machine was asleep, stopped or overloaded for longer than the lease, or had no network\n"
                   "somebody called `cairn resume` in another place",
         .actions = "let the other one work: `cairn status` says who it is and where it stands. Nothing is to be "
                    "mended here"},
    Page{.code = 715,
         .text = "A program that the plan starts did not end well: another exit status than 0, a signal, a "
                 "timeout, or it could not be started. Its last output stands below. What it has done until then "
                 "only it can know.",
         .causes = "the program is not in PATH here, or not executable\n"
                   "it lacks an environment, a login or a right that it has elsewhere\n"
                   "its `timeout` is too short, or its `output to` can't be written",
         .actions = "run it by hand as it stands in `cairn preview PLAN.cairn`; then `cairn resume`, which starts "
                    "it again, or `cairn apply PLAN.cairn` where the plan has rolled back"},
    Page{.code = 716,
         .text = "The runner died while a program of the plan was running. Whether that one did its work nobody "
                 "can tell from outside, so cairn neither repeats it nor goes on.",
         .causes = "`kill -9`, a crash or a restart of the machine in that moment",
         .actions = "look whether it has done its work: at its output file, or at what it was to change\n"
                    "it has: `cairn resume RUN --done ITEM`. It has not, or twice does no harm: `cairn resume RUN "
                    "--repeat ITEM`"},
    Page{.code = 717,
         .text = "The index was there before the step, and is INVALID: a build of it has failed once. IF NOT "
                 "EXISTS would have taken it for done; no query would use it. Nothing was built.",
         .causes = "an earlier CREATE INDEX CONCURRENTLY was cancelled, or met a double value in a unique index\n"
                   "one that is still being built by somebody else: `SELECT * FROM pg_stat_progress_create_index`",
         .actions = "if nobody is building it: the DROP INDEX CONCURRENTLY of the help line, then `cairn resume`"},
    Page{.code = 718,
         .text = "A publication FOR ALL TABLES is in the database. cairn's journal would be published with it, "
                 "and a subscriber that has no such tables stops at the first row. So the journal was not made, "
                 "and nothing has run.",
         .causes = "logical replication, or a tool for change data capture, that was set up for everything",
         .actions = "publish schemas or tables instead: `ALTER PUBLICATION` can't turn one into the other, so it "
                    "is made anew, which the subscribers' owner must plan\n"
                    "if no subscriber minds: `cairn apply PLAN.cairn --yes`"},
    Page{.code = 719,
         .text = "The query of a `when` must give one row with one boolean, and gave something else, or an error. "
                 "A guess would run an item that should not run, or leave it out.",
         .causes = "no row, for want of a match: `SELECT EXISTS (SELECT … )` always gives one\n"
                   "NULL, from a comparison with NULL\n"
                   "a table that is not there: ask `to_regclass('public.t') IS NOT NULL`",
         .actions = "the plan has to be changed: `cairn rollback`, mend it, `cairn apply PLAN.cairn`\n"
                    "if the database is what is wrong: mend it, then `cairn resume`"},
    Page{.code = 721,
         .text = "The command names a checkpoint that the plan does not have.",
         .causes = "a slip in the name; the help line has the nearest one\n"
                   "the name of a step, where the name of a checkpoint is wanted",
         .actions = "`cairn preview PLAN.cairn`, or for a run `cairn status`, shows the checkpoints"},
    Page{.code = 723,
         .text = "The run has been rolled back: there is nothing left of it to go on with, to take back or to "
                 "give up.",
         .causes = "the plan says `on failure rollback`, and something has failed\n"
                   "somebody called `cairn rollback` before",
         .actions = "`cairn log RUN` says when and why; `cairn apply PLAN.cairn` starts anew"},
    Page{.code = 728,
         .text = "The database's `search_path` names a schema before `pg_catalog`, and that schema has an operator or a function of "
                 "the same name and arguments as one of PostgreSQL's own. Every `=` in a statement of cairn would mean that one. "
                 "Nothing has been done.",
         .causes = "`ALTER DATABASE … SET search_path = mine, pg_catalog` beside an `OPERATOR mine.=`",
         .actions = "for cairn alone: the help line, in front of the command\n"
                    "name `pg_catalog` first in the `search_path`, or not at all: then PostgreSQL looks there first"},
    Page{.code = 727,
         .text = "The database is reached through a transaction pooler, such as pgbouncer, and a step of the plan runs "
                 "outside a transaction. Each of its statements might meet another backend: what the step sets would "
                 "not hold, and after a crash nobody could tell whether the statement is still running. Steps within "
                 "transactions, batches, the lease and its fencing work through a pooler.",
         .causes = "`CREATE INDEX CONCURRENTLY`, `VACUUM` and their like, with the pooler's address in `--db` or a profile\n"
                   "a pooler in session mode: it can't be told from one in transaction mode",
         .actions = "give the server's own address, for this plan alone: `--db NAME=postgresql://host/database`"},
    Page{.code = 729,
         .text = "The plan changes two databases, and the addresses given for them lead to one and the same. Each has its lease and "
                 "its journal, and here the second would be the first again. Nothing was run.",
         .causes = "a copied line in `--db`, a profile or the environment",
         .actions = "give each its own address: `--db NAME=postgresql://host/database`"},
    Page{.code = 730,
         .text = "The run changes several databases, and an address given now leads to another of them than it did when the run began, or "
                 "to a database that does not know the run. Going on would do on one what is meant for the other. Nothing was done.",
         .causes = "addresses exchanged in `--db`, a profile or the environment\n"
                   "the address of a copy, or of another environment",
         .actions = "give each name the address that it had when the run began; `cairn status` with one address at a time shows which journal is where"},
};

}  // namespace

std::span<const Page> run_pages() {
    return pages;
}

}  // namespace cairn::compiler
