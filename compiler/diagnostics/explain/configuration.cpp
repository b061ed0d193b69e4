#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 600,
         .text = "The command line can't be read as it stands: a command or a flag that does not exist, a value "
                 "that a flag does not take, an argument that is missing. Nothing has run; the exit code is 2.",
         .causes = "a slip in the name; the help line has the nearest one\n"
                   "a flag of another command: `apply` takes `--param`, `resume` does not, since the journal "
                   "holds the values\n"
                   "`--db` names a database that the plan does not declare\n"
                   "a value with blanks that the shell has split: it needs quotes",
         .actions = "type what the help line says, or look at `cairn --help` and `cairn apply --help`"},
    Page{.code = 601,
         .text = "There is a cairn.toml, and it can't be read. Without it nobody knows which databases a profile "
                 "means, so nothing goes on.",
         .causes = "the file belongs to somebody else, or is a folder\n"
                   "it is larger than 1 MB, and so most likely another file",
         .actions = "`ls -l cairn.toml`; the message has the path. It is looked for in the plan's folder and "
                    "those above it, for commands without a plan from the current one"},
    Page{.code = 602,
         .text = "cairn.toml is not TOML from the place in the message on. A file that is half read could send a "
                 "plan to the wrong server, so none of it is used.",
         .causes = "a value without quotes: `erp = postgresql://…` must be `erp = \"postgresql://…\"`\n"
                   "a table or key that stands twice, for instance two `[profile.production]`\n"
                   "a quote or bracket that is not closed",
         .actions = "mend the line; `cairn check PLAN.cairn` reads the file again and touches no database"},
    Page{.code = 603,
         .text = "A key of cairn.toml is none that cairn knows, and is passed over. It is only a warning, but "
                 "what it was to set is not set.",
         .causes = "a slip in the name; the help line has the nearest one\n"
                   "a key in the wrong table: the databases of a profile stand in `[profile.NAME.db]`\n"
                   "a key of a newer version of cairn",
         .actions = "correct it, or take it out. `cairn init DIR` writes a cairn.toml with comments, to compare "
                    "with"},
    Page{.code = 604,
         .text = "A key of cairn.toml has a value that it can't take. cairn does not put a default in its place: "
                 "it might be the one value that keeps production from being changed.",
         .causes = "`confirm` must be true or false, without quotes; a duration is a string with its unit, `lease "
                   "= \"30s\"`\n"
                   "a database is said by one of a string, `{ service = \"erp\" }` or `{ env = \"ERP_URL\" }`, "
                   "not by two of them\n"
                   "an empty string",
         .actions = "write the value in the form of the help line"},
    Page{.code = 605,
         .text = "The plan needs a database, and nothing says where it is. cairn guesses no address: the wrong "
                 "server would be changed.",
         .causes = "`--profile` was forgotten, or the profile does not name this database\n"
                   "`--db` was given under another name than the plan's\n"
                   "`status`, `resume` or `rollback` was called without an address, and there is no journal "
                   "folder here",
         .actions = "`cairn preview PLAN.cairn --profile production`, or any other profile that cairn.toml holds\n"
                    "`--db erp=postgresql://HOST/DATABASE` for once; `export "
                    "CAIRN_ERP=postgresql://HOST/DATABASE` for the shell"},
    Page{.code = 606,
         .text = "cairn.toml says that the address of the database is in an environment variable, and that "
                 "variable is not set here.",
         .causes = "another shell, another user, `sudo`, cron or a CI job: none of them has your environment\n"
                   "it is set in the shell and not exported",
         .actions = "set it as the help line says; `env | cut -d= -f1 | sort` shows which names are there without "
                    "showing secrets"},
    Page{.code = 607,
         .text = "`--profile` names one that cairn.toml does not hold, or there is no cairn.toml here or above.",
         .causes = "a slip in the name; the message lists those that are there\n"
                   "the command was typed in another folder: cairn.toml is looked for from the plan's folder "
                   "upwards, without a plan from the current one",
         .actions = "correct the name, or change to the project's folder"},
    Page{.code = 608,
         .text = "A variable that sets one of cairn's times, CAIRN_LEASE for instance, holds no duration, or a "
                 "lease of less than a tenth of a second, which no runner could hold.",
         .causes = "a number without its unit: `30` for `30s`\n"
                   "a variable that was set for a test and forgotten",
         .actions = "`unset` it, or set it as the help line says; `[run]` of cairn.toml is the better place for "
                    "what should last"},
    Page{.code = 610,
         .text = "The plan file can't be read. Nothing has run.",
         .causes = "the path is seen from another folder; the help line names a plan beside it, where there is "
                   "one\n"
                   "it belongs to somebody else, or is a folder",
         .actions = "`ls -l` the path in the message"},
    Page{.code = 611,
         .text = "The plan has another digest than `--digest` asks for: what is about to run is not what was "
                 "reviewed. Nothing has run.",
         .causes = "the plan, or a file that one of its steps takes in, has changed since the review; also its "
                   "layout, by `cairn fmt`\n"
                   "another branch or checkout is lying there\n"
                   "the digest was copied from the preview of another plan",
         .actions = "look at the difference in version control, and have it reviewed: `cairn preview PLAN.cairn` "
                    "shows the new digest\n"
                    "take the reviewed version back, if that is what should run"},
    Page{.code = 612,
         .text = "No journal that cairn was told to look in has such a run, or several begin with the letters "
                 "given.",
         .causes = "the wrong profile, or the wrong database\n"
                   "the database has been restored since, to a time before the run\n"
                   "a plan that changes no database has its journal in a folder, `.cairn` unless `[journal]` says "
                   "otherwise: call from the project's folder",
         .actions = "`cairn history --profile production` lists the runs that are there\n"
                    "give the whole run id, or some more letters of it"},
    Page{.code = 613,
         .text = "The plan file, or a file that a step takes in, is not what it was when the run began. A run "
                 "belongs to its text: going on with another one would give a state that neither of them "
                 "describes. The differences are shown below the message.",
         .causes = "somebody mended the plan after the run had stopped\n"
                   "`cairn fmt` was run, or another branch was checked out",
         .actions = "to go on: put the old text back, from version control, then `cairn resume RUN`\n"
                    "to start anew with the new text: `cairn rollback RUN`, which takes the old text from the "
                    "journal, then `cairn apply PLAN.cairn`"},
    Page{.code = 614,
         .text = "The journal keeps the text of the plan, and this version of cairn does not compile it; the "
                 "errors stand above. So it can't go on with the run or take it back.",
         .causes = "the run was begun by a newer cairn, or by an older one that let pass what this one refuses",
         .actions = "use the version that began the run: `cairn log RUN` and the deployment's records say when "
                    "that was"},
    Page{.code = 615,
         .text = "The profile says `confirm = true`, so somebody must say yes before anything starts, and there "
                 "is no terminal to ask on. Nothing has run.",
         .causes = "cairn runs from cron, a CI job or a pipe",
         .actions = "start it from a terminal, or add `--yes` where somebody has said yes already"},
    Page{.code = 630,
         .text = "cairn starts a PostgreSQL server of its own for this, and its programs `initdb` and `postgres` "
                 "are not on this machine. A client alone does not bring them.",
         .causes = "only `postgresql-client` or `libpq` is installed\n"
                   "they lie in a folder that is neither in PATH, nor `pg_config --bindir`, nor under "
                   "/usr/lib/postgresql",
         .actions = "`apt install postgresql`, or put the folder into PATH"},
    Page{.code = 631,
         .text = "PostgreSQL refuses to run as root, so cairn lets its own server run as `postgres` or `nobody`, "
                 "and this machine has neither account.",
         .causes = "a container image that was cut down to one account",
         .actions = "`adduser --system postgres`, or call cairn as an ordinary user"},
    Page{.code = 632,
         .text = "cairn needs a folder for a server of its own, under TMPDIR or /tmp, and can't make one. The "
                 "message says for each folder why.",
         .causes = "the disk is full, or mounted read-only\n"
                   "the path is too long: a socket in it has room for about a hundred characters\n"
                   "called as root, the folder must be one that the unprivileged account can enter",
         .actions = "`TMPDIR=/tmp` before the command, or any short folder that everybody may write to"},
    Page{.code = 633,
         .text = "`initdb`, which lays out a server of cairn's own, has failed; its words stand in the message.",
         .causes = "the disk or the memory is full\n"
                   "a locale that the machine does not have",
         .actions = "mend what it says; no database of yours has been touched"},
    Page{.code = 634,
         .text = "The server that cairn keeps for itself did not start, or was not ready within a minute; the "
                 "last lines of its log stand in the message. No database of yours has been touched.",
         .causes = "no memory or shared memory left, on a small machine or in a container\n"
                   "the disk is full\n"
                   "a machine so busy that a minute is not enough",
         .actions = "free what the message names, then the same command again"},
    Page{.code = 635,
         .text = "The state of a database could not be read, or the scratch server that holds a copy of it has "
                 "gone. What can't be read can't be compared, so cairn proves nothing rather than half of it.",
         .causes = "the scratch server was killed, by the kernel for want of memory for instance: `dmesg | tail`\n"
                   "the temporary folder was emptied while it ran\n"
                   "a definition that this version of PostgreSQL writes and cairn does not know; then the message "
                   "has the server's words",
         .actions = "the same command again; if it says the same, keep the message and report it"},
};

}  // namespace

std::span<const Page> configuration_pages() {
    return pages;
}

}  // namespace cairn::compiler
