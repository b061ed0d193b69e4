#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 550,
         .text = "A step is one transaction, and its entry in the journal commits with it: that is why a crash "
                 "leaves nothing in between. BEGIN, COMMIT, ROLLBACK or a savepoint inside would cut that in two.\n"
                 "Leave it out. What must commit by itself is a step of its own; what must commit together stands "
                 "in one step or in a `transaction`.",
         .mistake = R"(plan shop
database erp
step a { $$ BEGIN; CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 551,
         .text = "PostgreSQL takes SET TRANSACTION ISOLATION only before the first query of a transaction, and "
                 "refuses it here.\n"
                 "Put it first in the step.",
         .mistake = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int); SET TRANSACTION ISOLATION LEVEL SERIALIZABLE $$ }
)",
         .mend = R"(plan shop
database erp
step a { $$ SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 552,
         .text = "COPY … FROM STDIN and TO STDOUT move rows over the connection of a client, from or into "
                 "something that only a client has. A step sends SQL and has neither.\n"
                 "Let psql move the rows in a `run`, or write them as INSERT.",
         .mistake = R"(plan shop
database erp
step load {
  $$ COPY leases FROM STDIN $$
  rollback none "a sample"
}
)",
         .mend = R"(plan shop
database erp
run load {
  command "psql" "-c" '\copy leases FROM leases.csv CSV HEADER'
  rollback none "a sample"
}
)"},
    Page{.code = 553,
         .text = "PostgreSQL refuses the one statement in a transaction, and the other needs one: sent together, "
                 "half of the step would be done when the other half fails, and no journal entry could say which.\n"
                 "Make two steps of it.",
         .mistake = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int); VACUUM a $$ }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
step tidy { $$ VACUUM a $$ }
)"},
    Page{.code = 554,
         .text = "PostgreSQL refuses this statement inside a transaction, and the step stands in a `transaction` "
                 "block. CREATE INDEX CONCURRENTLY, VACUUM and their like commit on the way; nothing could take "
                 "them back with the others.\n"
                 "Move the step before the block or behind it.",
         .mistake = R"(plan shop
database erp
transaction on erp {
  step a { $$ CREATE TABLE a (id int) $$ }
  step tidy { $$ VACUUM a $$ }
}
)",
         .mend = R"(plan shop
database erp
transaction on erp {
  step a { $$ CREATE TABLE a (id int) $$ }
}
step tidy { $$ VACUUM a $$ }
)"},
    Page{.code = 555,
         .text = "The database is declared `read only`: it is opened in transactions that can't write, and no "
                 "journal is kept in it. The server would refuse the step when its turn comes.\n"
                 "Correct the database of the step, or take `{ read only }` from the declaration if it is to be "
                 "changed.",
         .mistake = R"(plan shop
database erp
database legacy { read only }
step a on legacy { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
database legacy { read only }
step a on erp { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 556,
         .text = "A check, or a `when`, is one query that only reads. It may be asked several times, in a preview "
                 "too, and must leave nothing behind.\n"
                 "Write a SELECT; of two queries make two checks. What is to be changed stands in a step.",
         .mistake = R"(plan shop
database erp
validate none_old { $$ DELETE FROM leases WHERE ended < '2019-01-01' RETURNING id $$ returns nothing }
)",
         .mend = R"(plan shop
database erp
validate none_old { $$ SELECT id FROM leases WHERE ended < '2019-01-01' $$ returns nothing }
)"},
    Page{.code = 557,
         .text = "The check passes whatever the database holds: it reads no table, compares a query with itself, "
                 "or asks an aggregate for a row, which it always gives. In a report it looks like a proof.\n"
                 "Ask for what would be wrong: the rows that should not be there, or a count that it must reach.",
         .mistake = R"(plan shop
database erp
validate some { "there are leases" $$ SELECT count(*) FROM leases $$ returns something }
)",
         .mend = R"(plan shop
database erp
validate some { "there are leases" $$ SELECT count(*) FROM leases $$ > 0 }
)"},
    Page{.code = 558,
         .text = "The check fails whatever the database holds, so the run would stop there however well it went.\n"
                 "Turn it round. A query with count(*) always gives a row: compare its value, or select the rows "
                 "themselves.",
         .mistake = R"(plan shop
database erp
validate none { "no lease without rent" $$ SELECT count(*) FROM leases WHERE rent IS NULL $$ returns nothing }
)",
         .mend = R"(plan shop
database erp
validate none { "no lease without rent" $$ SELECT id FROM leases WHERE rent IS NULL $$ returns nothing }
)"},
    Page{.code = 559,
         .text = "The check holds for all values that one would expect: a share is hardly ever below 0 %. It may "
                 "be meant as a check that something is there, and is not one.\n"
                 "Ask for a bound that could be missed.",
         .mistake = R"(plan shop
database erp
validate paid { "share of paid leases" $$ SELECT avg(paid) FROM leases $$ >= 0% }
)",
         .mend = R"(plan shop
database erp
validate paid { "share of paid leases" $$ SELECT avg(paid) FROM leases $$ >= 95% }
)"},
    Page{.code = 560,
         .text = "A value that ALTER TYPE … ADD VALUE adds to an enum can't be used before the transaction that "
                 "adds it has committed: PostgreSQL refuses it as an unsafe use. The word here looks like such a "
                 "use.\n"
                 "Add the value in a step of its own, outside of the `transaction`, and use it in a later one. If "
                 "the text is no value of the enum, nothing needs to be done.",
         .mistake = R"(plan shop
database erp
transaction on erp {
  step add {
    $$ ALTER TYPE state ADD VALUE 'new' $$
    rollback none "values stay"
  }
  step use { $$ UPDATE leases SET state = 'new' WHERE id = 1 $$ }
}
)",
         .mend = R"(plan shop
database erp
step add {
  $$ ALTER TYPE state ADD VALUE 'new' $$
  rollback none "values stay"
}
step use { $$ UPDATE leases SET state = 'new' WHERE id = 1 $$ }
)"},
    Page{.code = 561,
         .text = "The parameter would become part of a script that a shell reads. A blank, a quote or a `;` in "
                 "its value would then be read as the shell's, and run.\n"
                 "The value stands in the environment of the program, as CAIRN_PARAM_NAME: let the shell take it "
                 "from there, in quotes.",
         .mistake = R"(plan shop
param host = "db1"
database erp
run ping {
  command "sh" "-c" "ping -c 1 {host}"
  rollback none "only looks"
}
)",
         .mend = R"(plan shop
param host = "db1"
database erp
run ping {
  command "sh" "-c" "ping -c 1 \"$CAIRN_PARAM_HOST\""
  rollback none "only looks"
}
)"},
};

}  // namespace

std::span<const Page> statement_pages() {
    return pages;
}

}  // namespace cairn::compiler
