#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 750,
         .text = "The query of a check failed: the server's words stand in the message. A check that can't be "
                 "asked has not passed, so it counts as failed, or as a warning where it says `warn`.",
         .causes = "a table or column that is not there, or no longer\n"
                   "a right that is missing: the help line has the GRANT\n"
                   "of a comparison with another database, the query that is asked there: the message begins with its name\n"
                   "a query that writes: checks run in read-only transactions\n"
                   "a timeout of the role or the database, from ALTER ROLE … SET for instance",
         .actions = "mend what is named, then `cairn resume`, which asks again"},
    Page{.code = 751,
         .text = "The check asks about other sessions, and the role can't see them all: for these PostgreSQL "
                 "shows NULL instead of a state or a time, and a check for old transactions would always pass.",
         .causes = "the role is neither superuser nor a member of `pg_read_all_stats`",
         .actions = "have the GRANT of the help line typed by a superuser, then `cairn resume`"},
    Page{.code = 752,
         .text = "The file of `--log-file` can't be written. The run goes on all the same: its events are in the "
                 "journal too.",
         .causes = "the folder is not there, or belongs to somebody else\n"
                   "the disk is full",
         .actions = "mend it while the run goes on; `cairn log RUN` shows what the file lacks"},
    Page{.code = 753,
         .text = "A gate asks for free space, and the folder that it names can't be looked at. The folder is one "
                 "of the machine that cairn runs on, not of the database's.",
         .causes = "the folder is not there: `free space on` does not make it\n"
                   "a network drive that is not mounted",
         .actions = "make or mount it, then `cairn resume`. Relative paths start at the folder of cairn.toml"},
    Page{.code = 754,
         .text = "The connection, to the item's database or to the one it is compared with, broke while a check was "
                 "asked, several times in a row. Whether it would have held is not known, so it counts as failed; "
                 "nothing has changed by it.",
         .causes = "the server was restarted, or ended the session\n"
                   "a query so long that something in between has cut the connection",
         .actions = "when the database can be reached again: `cairn resume`, which asks again"},
    Page{.code = 755,
         .text = "A check was running when the run was interrupted, so it has no answer.",
         .causes = "Ctrl-C, or a signal",
         .actions = "`cairn resume` asks it again"},
};

}  // namespace

std::span<const Page> check_pages() {
    return pages;
}

}  // namespace cairn::compiler
