#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 414,
         .text = "`wait until window` waits for the start of the plan's window, and the plan declares none.\n"
                 "Declare the window, or wait for a moment: `wait until 2026-01-15T21:45+04:00`.",
         .mistake = R"(plan shop
database erp
wait until window - 15min
step a { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
window 2026-01-15T22:00+04:00 to 2026-01-16T00:00+04:00
wait until window - 15min
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 517,
         .text = "Only items that change a database wait for the window. A command runs when its turn comes: applied in "
                 "the afternoon, this plan would run it in the afternoon, and then wait for the night.\n"
                 "Put `wait until window` before a command that must not come early. One that may, such as a "
                 "preparation, can keep the warning.",
         .mistake = R"(plan shop
database erp
window 2026-01-15T22:00+04:00 to 2026-01-16T00:00+04:00
run stop_traffic {
  command "true"
  rollback "true"
}
step a { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
window 2026-01-15T22:00+04:00 to 2026-01-16T00:00+04:00
wait until window - 15min
run stop_traffic {
  command "true"
  rollback "true"
}
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 518,
         .text = "A window holds up items that change a database, and what stands behind `wait until window`. This plan has "
                 "neither, so it would run at any time.\n"
                 "Wait for the window, or leave it out.",
         .mistake = R"(plan shop
database erp { read only }
window 2026-01-15T22:00+04:00 to 2026-01-16T00:00+04:00
validate sold on erp { rows of orders >= 1 }
)",
         .mend = R"(plan shop
database erp { read only }
window 2026-01-15T22:00+04:00 to 2026-01-16T00:00+04:00
wait until window
validate sold on erp { rows of orders >= 1 }
)"},
    Page{.code = 724,
         .text = "The plan says `before strong locks wait`: a step asks for a lock behind which everybody would queue only when "
                 "nobody stays long on its table. Somebody has stayed for longer than the plan waits. The step has "
                 "failed without having locked anything, and nobody has queued.",
         .causes = "a backup (pg_dump) of the table, longer than the plan foresaw\n"
                   "an autovacuum to prevent wraparound, which does not give way\n"
                   "a session that has forgotten its transaction (`idle in transaction`), or a prepared one nobody ends\n"
                   "transactions that follow each other so closely that there is no gap for a lock",
         .actions = "let them end: they are named, with their pids; then `cairn resume`, which waits anew\n"
                    "end one that has been forgotten: `SELECT pg_terminate_backend(PID)`, or COMMIT or ROLLBACK PREPARED\n"
                    "or `cairn rollback`, for another night"},
    Page{.code = 725,
         .text = "The window has ended, and an item that changes a database is still to come. After the end none starts: what "
                 "the window was agreed for is over. `on failure` decides what becomes of the rest.",
         .causes = "the run was started too late, or waited for a gate or a lock\n"
                   "the items took longer than the window: a rehearsal tells, and `--rehearsal` turns back in time",
         .actions = "another window: roll back, or go on in the next night with `cairn resume --ignore-window`\n"
                    "if those who own the window agree: `cairn resume --ignore-window`, or `cairn apply PLAN.cairn --ignore-window` "
                    "where nothing has begun\n"
                    "a window that a parameter holds moves with `--param`"},
    Page{.code = 726,
         .text = "By the times of the rehearsal the plan would end past its window, and once the next item is done there would be no "
                 "time left in it to roll back. So it turns back here, as `on failure` says, while the rollback still ends in time.",
         .causes = "items took longer than in the rehearsal, or waited\n"
                   "the run began late in its window\n"
                   "the rehearsal ran on a larger copy, or on a slower machine, than what is there",
         .actions = "a longer window, or an earlier start: then `cairn apply PLAN.cairn` again, or `cairn resume` where it has stopped\n"
                    "`cairn resume --ignore-window` goes on all the same"},
};

}  // namespace

std::span<const Page> window_pages() {
    return pages;
}

}  // namespace cairn::compiler
