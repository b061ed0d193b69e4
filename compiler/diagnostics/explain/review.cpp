#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 760,
         .text = "The plan was taken through a copy of the database's schema, without rows, and PostgreSQL "
                 "refused an item there: on the real one it would fail too. Nothing of yours has been changed.",
         .causes = "a name that is not there; the help line has the nearest one\n"
                   "a type that does not fit, or a function with other arguments\n"
                   "a comparison of two databases whose queries don't give as many columns\n"
                   "the plan was written for another version of the schema: the wrong profile, or a plan before "
                   "it that has not run",
         .actions = "correct the plan, or run first what makes the missing object, then `cairn check PLAN.cairn "
                    "--profile NAME` again\n"
                    "a note on a later item says that it fails only because of this one: mend this one first"},
    Page{.code = 761,
         .text = "This item can't be tried on a copy of the schema, so the preview says nothing about whether it "
                 "would work. It is a note, not an error; the message says why.",
         .causes = "DO and CALL, and programs: what they do shows only when they run\n"
                   "an extension, a locale or a library that the server has and this machine has not\n"
                   "a table that the role may not read, a right that only the real server can judge, a parameter "
                   "that is not given yet",
         .actions = "read it with care in the review; `cairn rehearse PLAN.cairn` runs it on a server of its own"},
    Page{.code = 762,
         .text = "The database can be reached, but its definitions can't be read, by catalog queries or by "
                 "pg_dump; the message has their words. Nothing was changed: the preview only reads.",
         .causes = "a lock that stayed for more than ten seconds: somebody is altering a table\n"
                   "pg_dump is older than the server, which it refuses\n"
                   "the role may not read a schema, or the connection was lost",
         .actions = "the same command again, or install the client programs of the server's version"},
    Page{.code = 763,
         .text = "The file of `--preview` is not a preview that was made against a database in JSON, so there are "
                 "no facts in it that could be compared. Nothing has run.",
         .causes = "it was made without `--profile` or `--db`, or in another format\n"
                   "it was cut off, or is another file",
         .actions = "`cairn preview PLAN.cairn --profile NAME --format json > approved.json`, and have that one "
                    "approved"},
    Page{.code = 764,
         .text = "The preview was approved for another text of the plan, or for other parameters, than are to run "
                 "now. Nothing has run.",
         .causes = "the plan, or a file of it, has changed since the approval, if only by `cairn fmt`\n"
                   "`--param` has other values than then",
         .actions = "run what was approved, with its parameters; or make the preview anew and have it approved"},
    Page{.code = 765,
         .text = "The database is no longer what the approved preview saw: a column, a table, an index that the "
                 "plan relies on has changed, or a table is ten times as large. The message says from what to "
                 "what, and which items it touches. Nothing has run; the exit code is 1.",
         .causes = "another plan or a person has changed the schema since\n"
                   "rows have come in by the million, so the time that was estimated no longer holds\n"
                   "the preview was made against another database than this one",
         .actions = "look at the items that are named, and at `cairn history --profile NAME`\n"
                    "make the preview anew, `cairn preview PLAN.cairn --profile NAME --format json > "
                    "approved.json`, and have it approved again"},
    Page{.code = 780,
         .text = "A rehearsal starts from a fixture, and the scratch server refused it: at the line in the "
                 "message, where there is one. The rehearsal has not begun.",
         .causes = "the fixture uses a role, an extension or a locale that this machine does not have\n"
                   "statements in the wrong order, or a dump of a newer server\n"
                   "from a profile: the role may not read a table there",
         .actions = "mend the fixture; a dump is best made with `pg_dump --no-owner --no-privileges`"},
    Page{.code = 781,
         .text = "The fixture that a rehearsal should start from is not there, or can't be read.",
         .causes = "a path in `[rehearse.NAME]` of cairn.toml that is seen from its own folder, not from where "
                   "the command is typed\n"
                   "the file is not in version control, and so not in this checkout",
         .actions = "put it there, or correct the path. PLANFILE.sql beside the plan, where there is one, comes "
                    "before what cairn.toml says"},
    Page{.code = 782,
         .text = "`psql`, `pg_dump` or `pg_restore` is needed here, and could not be started.",
         .causes = "only the server, or only a library, is installed",
         .actions = "`apt install postgresql-client`, in the version of the server or a newer one"},
    Page{.code = 783,
         .text = "The file of `--rehearsal` does not hold the result of a rehearsal, so there are no figures to "
                 "show beside the items.",
         .causes = "it is the text for people, cut off, or another file\n"
                   "the rehearsal had an error before it could report",
         .actions = "`cairn rehearse PLAN.cairn --format json > rehearsal.json`, then the preview again"},
    Page{.code = 784,
         .text = "The result is of a rehearsal of another plan, or of an older text of this one. Its times and "
                 "locks would mislead whoever reads them here.",
         .causes = "the plan has changed since it was rehearsed, if only by `cairn fmt`",
         .actions = "rehearse it again: `cairn rehearse PLAN.cairn --format json > rehearsal.json`"},
    Page{.code = 785,
         .text = "In the rehearsal a lock that makes readers or writers of a table wait, SHARE or stronger, was held "
                 "for longer than `--max-lock` grants: from the statement in the message to the end of its "
                 "transaction. Everything was rolled back, and the exit code is 3.",
         .causes = "a slow statement after the lock, in the same step or `transaction`\n"
                   "a statement that rewrites or scans a table while nobody may use it\n"
                   "a generated rollback: an UPDATE or DELETE is captured by a trigger, and creating one locks writers out\n"
                   "a machine that was busy with something else",
         .actions = "make the slow statement a step of its own, before or after the one that locks\n"
                    "use CREATE INDEX CONCURRENTLY, or a constraint that is NOT VALID at first and validated in a later step\n"
                    "change rows with `batch`, some thousand at a time\n"
                    "grant more: `cairn rehearse PLAN.cairn --max-lock 2s`"},
};

}  // namespace

std::span<const Page> review_pages() {
    return pages;
}

}  // namespace cairn::compiler
