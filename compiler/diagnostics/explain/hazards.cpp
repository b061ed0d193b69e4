#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 501,
         .text = "The statement writes the whole table anew under ACCESS EXCLUSIVE: until it commits nobody reads "
                 "the table, and everybody who tries queues. It also takes the table's size once more on disk, "
                 "and as much WAL. A change of type is spared this only where the old values fit as they are, "
                 "`varchar(50)` to `text` for instance; cairn can't see the old type.\n"
                 "Measure it with `cairn rehearse` on data of the real size. Where it takes too long: add a new "
                 "column, fill it in a batch, and swap the names in a step of its own.",
         .mistake = R"(plan shop
database erp
defaults { lock timeout 3s }
step more_digits { $$ ALTER TABLE leases ALTER COLUMN rent TYPE numeric(14,2) $$ }
)",
         .mend = R"(plan shop
database erp
defaults { lock timeout 3s }
step more_digits { $$ ALTER TABLE leases ADD COLUMN rent_new numeric(14,2) $$ }
step fill {
  batch on leases.id by 10000
  $$ UPDATE leases SET rent_new = rent WHERE :batch $$
}
)"},
    Page{.code = 502,
         .text = "The statement reads every row of the table to check it, while its lock keeps writers out, or "
                 "everybody. On a large table that is minutes in which the application hangs.\n"
                 "Take the lock for a moment and the reading for another: NOT VALID first, VALIDATE CONSTRAINT in "
                 "a later step, which lets writers go on. SET NOT NULL is instant where a validated CHECK says "
                 "the same. Indexes are built CONCURRENTLY.",
         .mistake = R"(plan shop
database erp
defaults { lock timeout 3s }
step positive { $$ ALTER TABLE leases ADD CONSTRAINT rent_positive CHECK (rent > 0) $$ }
)",
         .mend = R"(plan shop
database erp
defaults { lock timeout 3s }
step positive { $$ ALTER TABLE leases ADD CONSTRAINT rent_positive CHECK (rent > 0) NOT VALID $$ }
step checked { $$ ALTER TABLE leases VALIDATE CONSTRAINT rent_positive $$ }
)"},
    Page{.code = 503,
         .text = "An earlier statement of the step has taken a lock that keeps others out, and holds it until the "
                 "step commits. The rows are changed meanwhile, so the wait lasts as long as that takes, not the "
                 "moment that ALTER TABLE needs.\n"
                 "Make two steps of it: the first commits, and its lock is gone. Many rows are best changed in a "
                 "batch.",
         .mistake = R"(plan shop
database erp
defaults { lock timeout 3s }
step add_state {
  $$ ALTER TABLE leases ADD COLUMN state text; UPDATE leases SET state = 'open' WHERE ended IS NULL $$
}
)",
         .mend = R"(plan shop
database erp
defaults { lock timeout 3s }
step add_state { $$ ALTER TABLE leases ADD COLUMN state text $$ }
step fill_state { $$ UPDATE leases SET state = 'open' WHERE ended IS NULL $$ }
)"},
    Page{.code = 504,
         .text = "The statement waits for a strong lock for as long as it takes. While it waits behind one long "
                 "report, everybody who comes later waits behind it, readers too: so a change of a millisecond "
                 "brings a shop down.\n"
                 "Set a lock timeout, for the step or in `defaults`: it gives up, lets the others pass, and tries "
                 "again after 1 s, 2 s, 4 s …, as often as `retry` says.",
         .mistake = R"(plan shop
database erp
step add_note { $$ ALTER TABLE leases ADD COLUMN note text $$ }
)",
         .mend = R"(plan shop
database erp
step add_note {
  $$ ALTER TABLE leases ADD COLUMN note text $$
  lock timeout 3s
}
)"},
    Page{.code = 505,
         .text = "A build of an index that failed leaves an INVALID index of that name: no query uses it, every "
                 "write pays for it. IF NOT EXISTS finds it and says that all is well.\n"
                 "Leave IF NOT EXISTS out. cairn looks at the catalog itself: what a killed build has left is "
                 "dropped and built again, and what was there before the step is never taken for its own.",
         .mistake = R"(plan shop
database erp
step by_tenant { $$ CREATE INDEX CONCURRENTLY IF NOT EXISTS leases_by_tenant ON leases (tenant_id) $$ }
)",
         .mend = R"(plan shop
database erp
step by_tenant { $$ CREATE INDEX CONCURRENTLY leases_by_tenant ON leases (tenant_id) $$ }
)"},
    Page{.code = 506,
         .text = "Without a name the server chooses one. CREATE INDEX CONCURRENTLY can't be in a transaction with "
                 "its entry in the journal, so after a crash cairn looks in the catalog whether the index is "
                 "there; without a name there is nothing to look for.\n"
                 "Name the index.",
         .mistake = R"(plan shop
database erp
step by_tenant {
  $$ CREATE INDEX CONCURRENTLY ON leases (tenant_id) $$
  rollback none "a sample"
}
)",
         .mend = R"(plan shop
database erp
step by_tenant { $$ CREATE INDEX CONCURRENTLY leases_by_tenant ON leases (tenant_id) $$ }
)"},
    Page{.code = 507,
         .text = "Rows or values are gone once this has run: a DELETE or UPDATE without WHERE, TRUNCATE, DROP "
                 "TABLE, DROP COLUMN. Mostly it is meant; where a WHERE was forgotten it is the mistake that "
                 "everybody has made once.\n"
                 "If it is meant, nothing needs to be done: cairn keeps the old rows until `cairn finalize`, and "
                 "the space that takes; a preview with `--profile` shows how large the table is. Otherwise say "
                 "which rows.",
         .mistake = R"(plan shop
database erp
step tidy { $$ DELETE FROM leases $$ }
)",
         .mend = R"(plan shop
database erp
step tidy { $$ DELETE FROM leases WHERE ended < '2019-01-01' $$ }
)"},
    Page{.code = 508,
         .text = "CASCADE takes along whatever depends on what is dropped, today's dependents and those that "
                 "somebody adds before the window: views, foreign keys, columns. TRUNCATE … CASCADE empties other "
                 "tables. The plan does not name them, so nobody reviews them.\n"
                 "Drop the dependents by name, in their order. A preview against the database (`cairn preview "
                 "PLAN.cairn --profile NAME`) lists them.",
         .mistake = R"(plan shop
database erp
step drop_view {
  $$ DROP VIEW open_leases CASCADE $$
  lock timeout 3s
}
)",
         .mend = R"(plan shop
database erp
step drop_view {
  $$ DROP VIEW open_leases_by_month; DROP VIEW open_leases $$
  lock timeout 3s
}
)"},
    Page{.code = 509,
         .text = "From the commit on the old name is gone, and whoever still asks for it gets an error: "
                 "applications that have not been deployed yet, reports, jobs on other machines.\n"
                 "Deploy what knows both names first, or keep the old one alive for a while, by a view or a "
                 "second column; rename when nobody asks for it any more.",
         .mistake = R"(plan shop
database erp
step rename {
  $$ ALTER TABLE leases RENAME COLUMN rent TO rent_amount $$
  lock timeout 3s
}
)",
         .mend = R"(plan shop
database erp
step both_names {
  $$ ALTER TABLE leases ADD COLUMN rent_amount numeric(12,2) $$
  lock timeout 3s
}
)"},
    Page{.code = 510,
         .text = "A column that is NOT NULL and has no default would be NULL in every row that is there: "
                 "PostgreSQL refuses it if the table holds a single one. On an empty test database it passes.\n"
                 "Give it a default, which is cheap since PostgreSQL 11 if it is a constant; or add it without "
                 "NOT NULL, fill it, and set NOT NULL afterwards.",
         .mistake = R"(plan shop
database erp
step add_kind {
  $$ ALTER TABLE leases ADD COLUMN kind text NOT NULL $$
  lock timeout 3s
}
)",
         .mend = R"(plan shop
database erp
step add_kind {
  $$ ALTER TABLE leases ADD COLUMN kind text NOT NULL DEFAULT 'flat' $$
  lock timeout 3s
}
)"},
    Page{.code = 512,
         .text = "A publication FOR ALL TABLES takes in the tables of cairn's journal as well. Subscribers do not "
                 "have them, and their replication stops at the first row that the run writes.\n"
                 "Publish the schemas or the tables that subscribers have.",
         .mistake = R"(plan shop
database erp
step publish { $$ CREATE PUBLICATION everything FOR ALL TABLES $$ }
)",
         .mend = R"(plan shop
database erp
step publish { $$ CREATE PUBLICATION everything FOR TABLES IN SCHEMA public $$ }
)"},
    Page{.code = 513,
         .text = "The file or program is on the machine of the database, and is read, written or run as its "
                 "account, not as yours and not on cairn's machine. It takes a role with rights of the server, "
                 "and no rollback can take back what it leaves there.\n"
                 "Let a program on cairn's machine move the rows, with `\\copy` of psql for instance, or say in "
                 "the review that the server's machine is meant.",
         .mistake = R"(plan shop
database erp
step save {
  $$ COPY leases TO '/srv/leases.csv' $$
  rollback none "the file may stay"
}
)",
         .mend = R"(plan shop
database erp
run save {
  command "psql" "-c" '\copy leases TO leases.csv CSV HEADER'
  rollback none "the file may stay"
}
)"},
    Page{.code = 514,
         .text = "With session_replication_role = replica the server checks no foreign key and fires no ordinary "
                 "trigger: orphans come in without a word, and what triggers keep up to date is not. Nothing "
                 "checks them later either.\n"
                 "Write the rows in an order that the keys allow, or make the keys DEFERRABLE and defer them. If "
                 "it is meant, let a `validate` with `foreign keys valid` stand behind the step.",
         .mistake = R"(plan shop
database erp
step load {
  $$ SET LOCAL session_replication_role = replica; INSERT INTO leases VALUES (1) $$
}
)",
         .mend = R"(plan shop
database erp
step load { $$ SET CONSTRAINTS ALL DEFERRED; INSERT INTO leases VALUES (1) $$ }
)"},
    Page{.code = 515,
         .text = "An UNLOGGED table is not in the WAL: after a crash of the server it is empty, and on standbys "
                 "it is never there. For a scratch table that is a bargain, for anything that somebody counts on "
                 "it is a loss to come.\n"
                 "Leave UNLOGGED out, unless the rows can be made again at any time.",
         .mistake = R"(plan shop
database erp
step make { $$ CREATE UNLOGGED TABLE totals (id int) $$ }
)",
         .mend = R"(plan shop
database erp
step make { $$ CREATE TABLE totals (id int) $$ }
)"},
    Page{.code = 516,
         .text = "PostgreSQL's parser takes this form, and the server refuses it whenever it is run: DROP INDEX "
                 "CONCURRENTLY of several indexes, or with CASCADE, for instance. Known from the text alone, it "
                 "need not wait for the window.\n"
                 "Write it in the form that the message asks for.",
         .mistake = R"(plan shop
database erp
step drop {
  $$ DROP INDEX CONCURRENTLY by_tenant, by_unit $$
  rollback none "a sample"
}
)",
         .mend = R"(plan shop
database erp
step drop {
  $$ DROP INDEX CONCURRENTLY by_tenant; DROP INDEX CONCURRENTLY by_unit $$
  rollback none "a sample"
}
)"},
};

}  // namespace

std::span<const Page> hazard_pages() {
    return pages;
}

}  // namespace cairn::compiler
