#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 900,
         .text = "`cairn adopt` can't read the folder, or one below it. A plan made of the rest would look whole "
                 "and not be.",
         .causes = "a slip in the path; the help line has a folder beside it\n"
                   "a file was named: adopt takes the folder that holds the migrations\n"
                   "no right to enter it",
         .actions = "`cairn adopt DIR`, with the folder in which the tool keeps its migrations"},
    Page{.code = 901,
         .text = "The folder holds no migrations: none of the tool that was named, or no SQL at all.",
         .causes = "the folder above or below is the right one, `db` instead of `db/migrations` for instance\n"
                   "`--from` names another tool than the one that made the folder",
         .actions = "name the folder with the `.sql` files in it, and leave `--from` out: it is found out"},
    Page{.code = 902,
         .text = "The folder looks like that of two tools, and they read its files in different ways: what is one "
                 "migration for the one is two for the other.",
         .causes = "the project has changed its tool at some time, and kept both",
         .actions = "say whose it is: `cairn adopt DIR --from goose`, and leave out what is the other's with "
                    "`--leave-out FILE`"},
    Page{.code = 903,
         .text = "Two migrations have one version. Which comes first can't be told, and the tool itself would "
                 "have run only one of them, or refused.",
         .causes = "two branches were merged, each with its own migration of that number",
         .actions = "look in the tool's table of a database which one has run there, and give the other a new "
                    "number\n"
                    "or leave one out: `cairn adopt DIR --leave-out FILE`"},
    Page{.code = 904,
         .text = "The versions count 1, 2, 3 …, and some are missing. It may be right; it may also be that a file "
                 "did not get into this checkout.",
         .causes = "a migration was deleted, or is on another branch",
         .actions = "look in version control whether it has ever been there; if not, nothing needs to be done"},
    Page{.code = 905,
         .text = "The migration holds no statement, so no step is made of it.",
         .causes = "a file that was made and never filled, or whose SQL stands in comments",
         .actions = "nothing, if that is right: the plan has a comment in its place"},
    Page{.code = 906,
         .text = "The file is not a migration of this tool, by its name, and is left out of the plan.",
         .causes = "notes, seeds, snapshots of the schema that lie beside the migrations\n"
                   "a slip in the name of a migration: then its SQL is missing in the plan\n"
                   "a migration for another database than PostgreSQL",
         .actions = "look whether it should be in the plan; if so, give it a name as the tool wants it"},
    Page{.code = 907,
         .text = "The file is named as a migration and is a program, not SQL. Without what it does the later "
                 "migrations may not fit, so cairn does not leave it out by itself.",
         .causes = "a migration in Go, Java or another language that the tool runs",
         .actions = "write in SQL what it does, in its place\n"
                    "or leave it out, `cairn adopt DIR --leave-out FILE`, and put a `run` into the plan where it "
                    "stood"},
    Page{.code = 908,
         .text = "A migration is there and can't be read.",
         .causes = "no right to read it, a link that leads nowhere, or something else than a file",
         .actions = "mend it, or `cairn adopt DIR --leave-out FILE`"},
    Page{.code = 909,
         .text = "A migration is not UTF-8 text. Taken as it is, its accents would be other characters in the "
                 "database.",
         .causes = "the file is UTF-16, from an editor or shell of Windows\n"
                   "it is Latin-1 or Windows-1252",
         .actions = "`iconv -f UTF-16 -t UTF-8 FILE > NEW`, or from the encoding that it has, and look at the "
                    "accents"},
    Page{.code = 910,
         .text = "A line begins with a backslash: a command of psql, which only psql can carry out. cairn sends "
                 "SQL and has no psql in between.",
         .causes = "`\\i` and `\\ir` take in a file, `\\set` sets a variable, `\\copy` moves rows, `\\if` decides",
         .actions = "`\\set`: give the value on the command line, `--param NAME=VALUE`\n"
                    "`\\i`: put the other file's SQL in its place\n"
                    "`\\copy`: a `run` with psql in the plan; leave the migration out"},
    Page{.code = 911,
         .text = "A command of psql that does nothing to the database, or a `\\set` whose value was given "
                 "already, is left out.",
         .causes = "`\\echo`, `\\timing`, `\\pset`, `\\set ON_ERROR_STOP on` and their like",
         .actions = "nothing: a step always stops at the first error"},
    Page{.code = 912,
         .text = "The file is a template: something fills it in before the tool sends it. As it stands it is no "
                 "SQL.",
         .causes = "placeholders of a template engine, `{{ … }}` for instance",
         .actions = "let the template be filled in as it is in the deployment, and adopt the folder with the "
                    "result"},
    Page{.code = 913,
         .text = "A placeholder in the migration has no value here; the tool would have it from its "
                 "configuration, its command line or the environment. Left as it is, it would be sent to the "
                 "server.",
         .causes = "Flyway's placeholders, variables that goose or another tool takes from the environment",
         .actions = "`cairn adopt DIR --param NAME=VALUE`, for each one, with the value of the database that is "
                    "meant"},
    Page{.code = 914,
         .text = "The migration uses a variable of psql, and nothing gives its value.",
         .causes = "whoever calls psql sets it with `-v`",
         .actions = "`cairn adopt DIR --param NAME=VALUE`"},
    Page{.code = 915,
         .text = "The migration begins or ends transactions in a way that steps can't take over: each step is one "
                 "transaction, which cairn ends itself.",
         .causes = "ROLLBACK, savepoints, or a BEGIN whose COMMIT is missing\n"
                   "SQL of one transaction that can't be in one, as CREATE INDEX CONCURRENTLY",
         .actions = "put the migration in order: what belongs together between one BEGIN and one COMMIT\n"
                    "or leave it out, `cairn adopt DIR --leave-out FILE`, and write its steps by hand"},
    Page{.code = 916,
         .text = "BEGIN and COMMIT around the migration are left out: a step is a transaction of its own.",
         .causes = "usual in migrations of tools that open none",
         .actions = "nothing"},
    Page{.code = 917,
         .text = "The migration becomes several steps: it commits in between, or holds statements that can't be "
                 "in a transaction, or must not be in one with those before them.",
         .causes = "CREATE INDEX CONCURRENTLY beside other statements\n"
                   "a value that is added to an enum and used in the same file",
         .actions = "look at the plan: between these steps a run can stop and be resumed"},
    Page{.code = 918,
         .text = "The script holds rows behind COPY … FROM STDIN, as pg_dump writes them. A step sends SQL and "
                 "has no rows beside it.",
         .causes = "a dump that was taken for a first migration",
         .actions = "make the dump with `pg_dump --inserts`, or write the rows as INSERT\n"
                    "many rows are loaded by a `run` with psql; leave the file out then"},
    Page{.code = 919,
         .text = "The comments by which the tool tells its parts apart are not as it wants them: goose or dbmate "
                 "would refuse the file or run another part of it.",
         .causes = "no `-- +goose Up` or `-- migrate:up`, or a statement before it\n"
                   "`StatementBegin` without `StatementEnd`, a directive with a slip",
         .actions = "correct it as the help line says"},
    Page{.code = 920,
         .text = "A line of sqitch.plan can't be taken: it is no change or tag as Sqitch writes them, or takes a "
                 "change back in the middle of the plan.",
         .causes = "a merge of two branches that left a line twice\n"
                   "a change that was reworked without a tag in between",
         .actions = "`sqitch plan` says what Sqitch makes of the file; mend the line"},
    Page{.code = 921,
         .text = "sqitch.plan names a change, and its script in the deploy folder is not there. The plan would "
                 "lack it.",
         .causes = "the file was renamed, or is not in this checkout\n"
                   "sqitch.conf puts scripts elsewhere, or gives them another extension",
         .actions = "put the script there, or correct sqitch.plan"},
    Page{.code = 922,
         .text = "A change needs another one that no line before it deploys, or conflicts with one that is "
                 "deployed. Sqitch would refuse the order as well.",
         .causes = "a slip in a name; the help line has the nearest one\n"
                   "lines that were moved, or merged in the wrong order",
         .actions = "put the lines of sqitch.plan into the order that the changes need"},
    Page{.code = 923,
         .text = "The tool has something that a plan has no counterpart for; it is left out, and the message says "
                 "what.",
         .causes = "a verify script that does more than read\n"
                   "callbacks, and dependencies on another project",
         .actions = "look whether the plan needs it: a check in a `validate`, or a `run`"},
    Page{.code = 924,
         .text = "A script leads back from a migration that is not there. A way back without a way there is most "
                 "likely a file that is missing.",
         .causes = "the up file was renamed or deleted, and its down file was not",
         .actions = "put the other one there, or `cairn adopt DIR --leave-out FILE`"},
    Page{.code = 925,
         .text = "`--hand-written-rollback` asks for the tool's own way back; here it is not there, or can't be "
                 "taken over, so the step's is generated.",
         .causes = "a migration without a down file, or an empty one\n"
                   "a migration that becomes several steps, or a down script that would",
         .actions = "nothing, in most cases: the generated one gives rows back as well, which a down file seldom "
                    "does"},
    Page{.code = 926,
         .text = "For this step no way back can be generated, so it says `rollback none`, with the reason. A "
                 "rollback of the plan would leave it done.",
         .causes = "a statement whose inverse nobody can know; the message says which",
         .actions = "write one in the plan, `rollback $$ … $$`, if it must be possible to go back"},
    Page{.code = 927,
         .text = "A file or the standard output could not be written; the message says why. What it was to hold is "
                 "lost, nothing else.",
         .causes = "the folder is not there, or belongs to somebody else; the disk is full; the caller closed the output",
         .actions = "mend it, and the same command again. `cairn adopt DIR` without `--output` prints the plan"},
    Page{.code = 928,
         .text = "`--leave-out` names a file that the folder does not hold. With a slip in it, the file that was "
                 "meant would be in the plan.",
         .causes = "paths start at the folder that is adopted",
         .actions = "correct it; the help line has the nearest one"},
    Page{.code = 929,
         .text = "`cairn init` would write a file that is there already, and overwrites nothing. It has written "
                 "none of its files.",
         .causes = "the folder is a project of cairn's already",
         .actions = "take another folder: `cairn init DIR`"},
    Page{.code = 930,
         .text = "A DO block commits on its way. A step is one transaction that cairn ends, with the journal's "
                 "entry in it; PostgreSQL refuses the COMMIT there.",
         .causes = "a loop that changes rows a thousand at a time",
         .actions = "write it as a step with `batch on TABLE.KEY by 1000`: it commits range by range, can be "
                    "killed and goes on\n"
                    "leave the file out until then: `cairn adopt DIR --leave-out FILE`"},
};

}  // namespace

std::span<const Page> migration_pages() {
    return pages;
}

}  // namespace cairn::compiler
