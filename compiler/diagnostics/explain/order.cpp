#include <array>

#include "compiler/diagnostics/explain/explain.hpp"

namespace cairn::compiler {

namespace {

constexpr std::array pages{
    Page{.code = 401,
         .text = "A clause that holds for the whole plan stands twice. At two in the morning nobody should have to guess "
                 "which of two answers to a failure counts.\n"
                 "Keep the one that is meant.",
         .mistake = R"(plan shop
database erp
on failure rollback
on failure stop
step a { $$ CREATE TABLE a (id int) $$ }
)",
         .mend = R"(plan shop
database erp
on failure rollback
step a { $$ CREATE TABLE a (id int) $$ }
)"},
    Page{.code = 402,
         .text = "Items run in the order in which they are written, so `after` says nothing outside of `parallel`, or "
                 "says something that is not so.\n"
                 "Move the item to where it is to run, and leave `after` out.",
         .mistake = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
step b after a { $$ CREATE TABLE b (id int) $$ }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
step b { $$ CREATE TABLE b (id int) $$ }
)"},
    Page{.code = 403,
         .text = "A `transaction` is undone by PostgreSQL as one; what acts outside of it, a command for instance, would "
                 "stay when the rest is gone.\n"
                 "Put the item before the block or behind it.",
         .mistake = R"(plan shop
database erp
transaction on erp {
  run told {
    command "true"
    rollback none "only a message"
  }
}
)",
         .mend = R"(plan shop
database erp
transaction on erp { step a { $$ CREATE TABLE a (id int) $$ } }
run told {
  command "true"
  rollback none "only a message"
}
)"},
    Page{.code = 404,
         .text = "In `parallel` items run side by side, and this one can't: a checkpoint waits for all before it, "
                 "and a `parallel` in a `parallel` adds nothing but a question.\n"
                 "Put it before the block or behind it.",
         .mistake = R"(plan shop
database erp
parallel {
  step a { $$ CREATE TABLE a (id int) $$ }
  checkpoint half
}
)",
         .mend = R"(plan shop
database erp
parallel {
  step a { $$ CREATE TABLE a (id int) $$ }
}
checkpoint half
)"},
    Page{.code = 405,
         .text = "Something has been changed by the time this gate is asked, and it does not say what happens "
                 "when the answer is no: stop and leave it there, or go back. Only a gate before the first change "
                 "can do without.\n"
                 "Add `else stop` or `else rollback`.",
         .mistake = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
gate go { confirm "Go on?" }
)",
         .mend = R"(plan shop
database erp
step a { $$ CREATE TABLE a (id int) $$ }
gate go {
  confirm "Go on?"
  else stop
}
)"},
    Page{.code = 406,
         .text = "Behind a point of no return a rollback is not possible without being asked for by name, so a gate there "
                 "can't promise one.\n"
                 "Let the gate stop, or put it before the point.",
         .mistake = R"(plan shop
database erp
point of no return cutover
gate new_enough on erp {
  server version >= 14
  else rollback
}
)",
         .mend = R"(plan shop
database erp
gate new_enough on erp {
  server version >= 14
  else rollback
}
point of no return cutover
)"},
    Page{.code = 407,
         .text = "A gate is answered once, by its name: `--confirm NAME`. With two questions in it, one yes would answer "
                 "both.\n"
                 "Give each question a gate of its own.",
         .mistake = R"(plan shop
database erp
gate ready {
  confirm "is the shop closed?"
  confirm "is the backup done?"
  else stop
}
)",
         .mend = R"(plan shop
database erp
gate closed {
  confirm "is the shop closed?"
  else stop
}
gate saved {
  confirm "is the backup done?"
  else stop
}
)"},
    Page{.code = 408,
         .text = "A gate without a check or a confirm lets everything through, and looks in review as if it did not.\n"
                 "Say what it asks, or leave it out.",
         .mistake = R"(plan shop
database erp
gate ready { else stop }
)",
         .mend = R"(plan shop
database erp
gate ready {
  confirm "is the shop closed?"
  else stop
}
)"},
    Page{.code = 409,
         .text = "A validation without checks passes whatever the database holds.\n"
                 "Say what must be so, or leave it out.",
         .mistake = R"(plan shop
database erp
validate there on erp {}
)",
         .mend = R"(plan shop
database erp
validate there on erp { table orders exists }
)"},
    Page{.code = 410,
         .text = "A `transaction` is one transaction of one database, and an item in it names another. Two "
                 "databases can't commit together or not at all, whatever the block promises.\n"
                 "Take the item out of the block: what is checked elsewhere is checked before it or behind it.",
         .mistake = R"(plan shop
database erp
database crm
transaction on erp {
  step a { $$ CREATE TABLE a (id int) $$ }
  validate paid on crm { table invoices exists }
}
)",
         .mend = R"(plan shop
database erp
database crm
validate paid on crm { table invoices exists }
transaction on erp { step a { $$ CREATE TABLE a (id int) $$ } }
)"},
    Page{.code = 413,
         .text = "A block without items does nothing; usually what belonged in it stands elsewhere.\n"
                 "Put its items in, or leave it out.",
         .mistake = R"(plan shop
database erp
transaction on erp {}
)",
         .mend = R"(plan shop
database erp
transaction on erp { step a { $$ CREATE TABLE a (id int) $$ } }
)"},
    Page{.code = 490,
         .text = "The language has this word, and this version of cairn can't carry it out yet. It is refused "
                 "when the plan is compiled, so that nobody learns of it in the window.\n"
                 "Do without it for now: often a `run` with the program that does it, a `gate` or a `validate` "
                 "will do.",
         .mistake = R"(plan shop
database erp
notify oncall "the shop is open again"
)",
         .mend = R"(plan shop
database erp
run told {
  command "logger" "the shop is open again"
  rollback none "only a message"
}
)"},
};

}  // namespace

std::span<const Page> order_pages() {
    return pages;
}

}  // namespace cairn::compiler
