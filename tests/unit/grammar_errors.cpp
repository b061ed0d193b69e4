// What is said about mistakes, and where.
#include "tests/unit/grammar_read.hpp"

using namespace cairn::grammar;
using namespace cairn::grammar::test;

namespace {

// Errors of a plan's second line and on.
std::string errors(std::string_view body) {
    return errors_in("plan p\n" + std::string{body});
}

}  // namespace

TEST_CASE("the item that was meant is offered") {
    CHECK(errors("stpe a { $$ x $$ }") == "2:1 C0102 expected an item, found `stpe` (step)\n");
    CHECK(errors("validat a { table t exists }") ==
          "2:1 C0102 expected an item, found `validat` (validate)\n");
    CHECK(errors("STEP a { $$ x $$ }") == "2:1 C0102 expected an item, found `STEP` (step)\n");
    CHECK(errors("chekpoint a") == "2:1 C0102 expected an item, found `chekpoint` (checkpoint)\n");
    CHECK(errors("frobnicate") == "2:1 C0102 expected an item, found `frobnicate`\n");
    CHECK(errors("on failur stop") ==
          "2:4 C0101 expected `failure`, found `failur` (on failure)\n");
}

TEST_CASE("the clause that was meant is offered") {
    CHECK(errors("step a {\n  lock timout 3s\n}") ==
          "3:8 C0101 expected `timeout`, found `timout` (lock timeout)\n");
    CHECK(errors("step a {\n  statment timeout 3s\n}") ==
          "3:3 C0103 expected a clause of `step` or `}`, found `statment` (statement timeout)\n");
    CHECK(errors("step a { rollback nnoe \"x\" $$ x $$ }") ==
          "2:19 C0101 expected `generated`, `none \"reason\"` or SQL in `$$ … $$`, found `nnoe` "
          "(none)\n");
    CHECK(errors("validate a of erp { table t exists }") ==
          "2:12 C0101 expected `{`, found `of` (on)\n");
    CHECK(errors("validate a { $$ x $$ return nothing }") ==
          "2:22 C0101 expected `returns`, `within` or a comparison, found `return` (returns)\n");
    CHECK(errors("clone c from a to b { existing refil }") ==
          "2:32 C0101 expected `fail`, `skip`, `refill` or `replace`, found `refil` (refill)\n");
}

TEST_CASE("what was expected is named, and what stands there") {
    CHECK(errors("step { $$ x $$ }") == "2:6 C0101 expected a name, found `{`\n");
    CHECK(errors("step 1st { $$ x $$ }") == "2:6 C0101 expected a name, found `1st`\n");
    CHECK(errors("step a on { $$ x $$ }") == "2:11 C0101 expected a name, found `{`\n");
    CHECK(errors("checkpoint") == "2:11 C0101 expected a name, found the end of the file\n");
    CHECK(errors("step a { file sql }") == "2:15 C0101 expected a string, found `sql`\n");
    CHECK(errors("step a { changes b c }") ==
          "2:20 C0103 expected a clause of `step` or `}`, found `c`\n");
    CHECK(errors("step a { changes b, }") == "2:21 C0101 expected a relation's name, found `}`\n");
    CHECK(errors("for t in a { }") == "2:10 C0101 expected `(`, found `a`\n");
    CHECK(errors("for t in () { }") == "2:11 C0101 expected a value, found `)`\n");
    CHECK(errors("wait window") == "2:6 C0101 expected a duration or `until`, found `window`\n");
    CHECK(errors("notify oncall") == "2:14 C0101 expected a string, found the end of the file\n");
    CHECK(errors("run r { command }") == "2:17 C0101 expected a string, found `}`\n");
    CHECK(errors("validate v { column c exists }") ==
          "2:21 C0101 expected `table.column`, found `c`\n");
    CHECK(errors("validate v { $$ x $$ = active }") ==
          "2:24 C0101 expected a number, a string, `true`, `false` or SQL, found `active`\n");
    CHECK(errors("validate v { warn \"x\" }") == "2:23 C0101 expected a check, found `}`\n");
    CHECK(errors("copy c to b { into t }") == "2:8 C0101 expected `from`, found `to`\n");
    CHECK(errors("on failure go") == "2:12 C0101 expected `rollback` or `stop`, found `go`\n");
    CHECK(errors("window 2026-01-15T22:00Z until") == "2:26 C0101 expected `to`, found `until`\n");
    CHECK(errors("gate g { else go }") == "2:15 C0101 expected `stop` or `rollback`, found `go`\n");
    CHECK(errors("backup b { to x }") ==
          "2:15 C0101 expected a folder or `store NAME \"path\"`, found `x`\n");
}

TEST_CASE("a duration needs a unit that PostgreSQL knows") {
    const auto timeout = [](const std::string& text) {
        return errors("step a { lock timeout " + text + " $$ x $$ }");
    };
    CHECK(timeout("3") == "2:23 C0105 a duration needs a unit: ms, s, min, h or d (3s)\n");
    CHECK(timeout("3sec") == "2:23 C0105 expected a duration, found `3sec` (3s)\n");
    CHECK(timeout("3S") == "2:23 C0105 expected a duration, found `3S` (3s)\n");
    CHECK(timeout("5minutes") == "2:23 C0105 expected a duration, found `5minutes` (5min)\n");
    CHECK(timeout("-3s") == "2:23 C0105 expected a duration, found `-3s`\n");
    CHECK(timeout("10MB") == "2:23 C0105 expected a duration, found `10MB`\n");
    CHECK(timeout("soon") == "2:23 C0101 expected a duration such as `3s`, found `soon`\n");
}

TEST_CASE("a size needs a unit too") {
    const auto space = [](const std::string& text) {
        return errors("gate g { free space on \"x\" >= " + text + " }");
    };
    CHECK(space("20") == "2:31 C0106 a size needs a unit: kB, MB, GB or TB (20GB)\n");
    CHECK(space("20gb") == "2:31 C0106 expected a size, found `20gb` (20GB)\n");
    CHECK(space("30s") == "2:31 C0106 expected a size, found `30s`\n");
}

TEST_CASE("an instant needs its offset, and a day that exists") {
    const auto wait = [](const std::string& text) { return errors("wait until " + text); };
    CHECK(wait("2026-01-15T22:00") ==
          "2:12 C0107 an instant needs its time and its offset, as in `2026-01-15T22:00+04:00` "
          "(2026-01-15T22:00Z)\n");
    CHECK(wait("2026-02-30T22:00Z") ==
          "2:12 C0107 expected an instant, found `2026-02-30T22:00Z`, which no clock shows\n");
    CHECK(wait("3s") == "2:12 C0107 expected an instant, found `3s`\n");
}

TEST_CASE("a number is a number") {
    CHECK(errors("step a { retry 3s $$ x $$ }") == "2:16 C0108 expected a number, found `3s`\n");
    CHECK(errors("validate v { $$ x $$ > 10mb }") ==
          "2:24 C0108 `10mb` is no number, percentage, duration, size or instant (10MB)\n");
    CHECK(errors("param x = 2026-01-15") ==
          "2:11 C0107 an instant needs its time and its offset, as in `2026-01-15T22:00+04:00` "
          "(2026-01-15T00:00Z)\n");
}

TEST_CASE("a clause is given once") {
    CHECK(errors("step a { lock timeout 1s $$ x $$ lock timeout 2s }") ==
          "2:34 C0104 `lock timeout` is given twice\n");
    CHECK(errors("step a on b on c { $$ x $$ }") == "2:13 C0104 `on` is given twice\n");
    CHECK(errors("run r { command \"a\" command \"b\" rollback none \"x\" }") ==
          "2:21 C0104 `command` is given twice\n");
    CHECK(errors("defaults { retry 1 retry 2 }") == "2:20 C0104 `retry` is given twice\n");
    CHECK(errors("gate g { else stop else rollback }") == "2:20 C0104 `else` is given twice\n");
    CHECK(errors("copy c from a to b { $$ x $$ $$ y $$ into t }") ==
          "2:30 C0104 `$$ … $$` is given twice\n");
}

TEST_CASE("what is never closed is pointed at where it opens") {
    CHECK(errors("step a {\n  $$ x\n}\n") == "3:3 C0109 unterminated `$$`\n");
    CHECK(errors("step a {\n  $q$ x $$\n}\n") == "3:3 C0109 unterminated `$q$`\n");
    CHECK(errors("step a {\n  file \"x\n}\n") ==
          "3:8 C0110 this string does not end on its line\n");
    CHECK(errors("gate g {\n  confirm 'x\n}\n") ==
          "3:11 C0110 this string does not end on its line\n");
    CHECK(errors("step a {\n  $$ x $$\n") == "2:8 C0120 the `{` of this `step` is never closed\n");
    CHECK(errors("parallel {\n  step a { $$ x $$ }\n") ==
          "2:10 C0120 the `{` of this `parallel` is never closed\n");
}

TEST_CASE("an escape that does not exist") {
    CHECK(errors(R"(gate g { confirm "a \d \\d" })") ==
          "2:21 C0111 `\\d` is no escape: there are `\\\"`, `\\\\`, `\\n` and `\\t`\n");
}

TEST_CASE("names are lower case") {
    const std::string why = " is not a name: those are of lower-case letters, digits and `_` (";
    CHECK(errors("checkpoint AddLease") == "2:12 C0112 `AddLease`" + why + "addlease)\n");
    CHECK(errors("checkpoint add-lease") == "2:12 C0112 `add-lease`" + why + "add_lease)\n");
    CHECK(errors("step a on ERP { $$ x $$ }") == "2:11 C0112 `ERP`" + why + "erp)\n");
    CHECK(errors("checkpoint gr\xc3\xb6\xc3\x9f"
                 "e") ==
          "2:12 C0112 `gr\xc3\xb6\xc3\x9f"
          "e` is not a name: those are of lower-case letters, digits and `_`\n");
    CHECK(errors("validate v { table Orders exists }") ==
          "2:20 C0112 `Orders` is not a name: what PostgreSQL must quote stands in a string "
          "('\"Orders\"')\n");
}

TEST_CASE("what PostgreSQL must quote is offered in a string") {
    const auto help = [](const std::string& check) {
        const std::string out = errors("validate v { " + check + " }");
        return out.substr(0, 10) + out.substr(out.rfind(" ("));
    };
    CHECK(help("table public.Orders exists") == "2:20 C0112 ('public.\"Orders\"')\n");
    CHECK(help("table public.\"Orders\" exists") == "2:20 C0112 ('public.\"Orders\"')\n");
    CHECK(help("column Orders.id exists") == "2:21 C0112 ('\"Orders\".id')\n");
    CHECK(help("column orders.\"Id\" exists") == "2:21 C0112 ('orders.\"Id\"')\n");
    CHECK(help("tables a, B match x") == "2:24 C0112 ('\"B\"')\n");
}

TEST_CASE("a unit or a time that stands apart is one mistake") {
    CHECK(errors("wait 5 min") == "2:6 C0105 a duration needs a unit: ms, s, min, h or d (5s)\n");
    CHECK(errors("step a { lock timeout 3 s $$ x $$ }") ==
          "2:23 C0105 a duration needs a unit: ms, s, min, h or d (3s)\n");
    CHECK(errors("window 2026-01-15 22:00 to \"x\"").substr(0, 9) == "2:8 C0107");
}

TEST_CASE("two names are taken") {
    CHECK(errors("database failure") ==
          "2:10 C0113 a database may not be named `failure`: `on failure` is a declaration\n");
    const std::string why =
        "2:1 C0113 a restore may not be named `point`: `restore point x` is a point in the log\n";
    CHECK(errors("restore point of erp from backup b") == why);
    CHECK(errors("restore point from backup b") == why);
}

TEST_CASE("a file begins with its plan and holds one") {
    CHECK(errors_in("") ==
          "1:1 C0114 a plan file starts with `plan NAME \"title\"` (plan my_plan \"what it "
          "does\")\n");
    CHECK(errors_in("# nothing\n\n").substr(0, 9) == "3:1 C0114");
    CHECK(errors_in("step a { $$ x $$ }").substr(0, 9) == "1:1 C0114");
    CHECK(parse("step a { $$ x $$ }").plan.items.size() == 1);
    CHECK(errors_in("plna p \"t\"\nstep a { $$ x $$ }") ==
          "1:1 C0102 expected an item, found `plna` (plan)\n");
    CHECK(errors("plan q \"t\"") == "2:1 C0115 a file holds one plan\n");
    CHECK(errors("parallel {\n  database erp\n  wait 5min\n}") ==
          "3:3 C0115 `database` does not stand inside a block\n");
}

TEST_CASE("what an item can't do without") {
    CHECK(errors("watch w for 1h { rows of t > 0 }") ==
          "2:1 C0121 this `watch` has no `every` (every 15s)\n");
    CHECK(errors("export e { a $$ x $$ }") ==
          "2:1 C0121 this `export` has no `to` (to \"csv/{run}\")\n");
    CHECK(errors("restore r of erp") ==
          "2:1 C0121 this `restore` has no `from` (from backup NAME)\n");
}

TEST_CASE("what does not suit an item") {
    CHECK(errors("run r when $$ x $$ { command \"x\" rollback none \"y\" }") ==
          "2:7 C0122 `when` does not stand on `run`, which has no database\n");
    CHECK(errors("wait 5min when $$ x $$") ==
          "2:11 C0122 `when` does not stand on `wait`, which has no database\n");
    CHECK(errors("validate v { $$ a $$ >= $$ b $$ }") ==
          "2:22 C0122 two queries are compared by `=` or `within` (=)\n");
    CHECK(errors("validate v { table t valid }").substr(0, 10) == "2:22 C0101");
    CHECK(errors("run r { command \"x\" rollback generated }").substr(0, 10) == "2:30 C0101");
}

TEST_CASE("a brace too many closes nothing") {
    CHECK(errors("step a { $$ x $$ } }\nstep b { $$ x $$ }") ==
          "2:20 C0101 this `}` closes nothing\n");
}
