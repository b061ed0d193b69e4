// Every mistake of a file is reported at once, and nothing that is none.
#include <cctype>

#include "tests/unit/grammar_read.hpp"

using namespace cairn::grammar;
using namespace cairn::grammar::test;

namespace {

// The positions and codes alone.
std::string places(std::string_view text) {
    std::string out;
    const std::string all = errors_in(text);
    for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1) {
        const std::string_view line = std::string_view{all}.substr(at);
        out += line.substr(0, line.find(' ', line.find(' ') + 1));
        out += '\n';
    }
    return out;
}

}  // namespace

TEST_CASE("eight different mistakes are eight errors") {
    CHECK(places(R"(plan eight "mistakes"
database erp

stpe a {
  $$ SELECT 1 $$
}

step b {
  lock timeout 3
  $$ SELECT 1 $$
}

step c {
  lock timout 3s
  $$ SELECT 1 $$
}

gate g {
  backup x verified within 1h
  session of app = 0
  else stop
}

step Five {
  $$ SELECT 1 $$
}

run six {
  command "x
  rollback none "y"
}

wait until 2026-01-15T22:00

step eight {
  $$ SELECT 1
}

step fine {
  $$ SELECT 1 $$
}
)") == "4:1 C0102\n9:16 C0105\n14:8 C0101\n20:3 C0103\n24:6 C0112\n29:11 C0110\n33:12 C0107\n"
       "36:3 C0109\n");
}

TEST_CASE("inside a block each item is skipped by itself") {
    for (const std::string opener : {"parallel {", "transaction {", "for t in (a, b) {"}) {
        const std::string text = "plan p\n" + opener + R"(
  step a { $$ x $$ }
  step b of erp { $$ x $$ }
  step c {
    bogus clause
    $$ x $$
  }
  step d { $$ x $$ }
  stpe e { $$ x $$ }
  step f {
    $$ x $$
    retry
  }
  step g { $$ x }
}
step after { $$ x $$ }
)";
        CAPTURE(text);
        CHECK(places(text) == "4:10 C0101\n6:5 C0103\n10:3 C0102\n14:3 C0101\n15:12 C0109\n");
        CHECK(parse(text).plan.items.size() == 2);
    }
}

TEST_CASE("several mistakes of one item are all told") {
    CHECK(places(R"(plan p
step a {
  lock timout 3s
  statement timeout 3
  $$ x $$
  rollback nothing
  retry 5
  lock timeout 3s
  bogus
}
validate v {
  $$ x $$ return nothing
  table t exist
  "a" "b"
  rows of x > 3
  column c exists
}
step z { $$ x $$ }
)") == "3:8 C0101\n4:21 C0105\n6:12 C0101\n9:3 C0103\n12:11 C0101\n13:11 C0101\n14:7 C0101\n"
       "16:10 C0101\n");
}

TEST_CASE("a clause that lacks its end is told once") {
    CHECK(places("plan p\ncopy c from a to b {\n  $$ x $$\n  into t (a, b\n  on conflict skip\n}\n"
                 "step z { $$ x $$ }\n") == "5:3 C0101\n");
}

TEST_CASE("an unterminated literal that swallows the next item is the mistake") {
    const std::string text = R"(plan p
step a {
  $$ UPDATE t SET a = 1
}
step b {
  $$ UPDATE t SET b = 1 $$
}
step c {
  $$ UPDATE t SET c = 1 $$
}
)";
    CHECK(places(text) == "3:3 C0109\n");
    const Parsed read = parse(text);
    REQUIRE(read.plan.items.size() == 2);
    CHECK(read.plan.items[0].name.written() == "b");
    CHECK(joined(read.left_out) == "a");
}

TEST_CASE("an unterminated literal among checks is found as well") {
    const std::string text = R"(plan p
validate v {
  "a" $$ SELECT 1 returns nothing
  "b" $$ SELECT 2 $$ returns nothing
  "c" $$ SELECT 3 $$ returns nothing
}
step s { $$ x $$ }
)";
    CHECK(places(text) == "3:7 C0109\n");
    CHECK(parse(text).plan.items.size() == 1);
}

TEST_CASE("SQL with item keywords in it is no item") {
    CHECK(
        places(
            "plan p\nstep a {\n  bogus\n  $$\n    copy t from stdin;\n    step b on erp\n  $$\n}\n"
            "step d { $$ x $$ }\n") == "3:3 C0103\n");
}

TEST_CASE("a missing brace spoils no more than its item") {
    CHECK(places("plan p\nstep a {\n  $$ x $$\n\nstep b {\n  $$ x $$\n}\n\nstep c { $$ x $$ }\n") ==
          "5:1 C0103\n");
    CHECK(parse("plan p\nstep a {\n  $$ x $$\n\nstep b {\n  $$ x $$\n}\n\nstep c { $$ x $$ }\n")
              .plan.items.size() == 2);
    CHECK(places("plan p\nstep a\n  $$ x $$\n}\nstep b { $$ x $$ }\n") == "3:3 C0101\n");
    CHECK(places("plan p\nparallel {\n  step a {\n    $$ x $$\n  step b { $$ x $$ }\n}\n"
                 "step c { $$ x $$ }\n") == "5:3 C0103\n");
}

TEST_CASE("unindented plans recover too") {
    CHECK(
        places(
            "plan p\nstep a {\nlock timout 3s\n$$ x $$\n}\ngate g {\nbackup x verified within 1h\n"
            "session of x = 0\n}\nstep b { retry }\nstep c { $$ x $$ }\n") ==
        "3:6 C0101\n8:1 C0103\n10:16 C0101\n");
}

TEST_CASE("items on one line recover too") {
    CHECK(places("plan p parallel { wait 5 wait 6min stpe a { $$ x $$ } } checkpoint b") ==
          "1:24 C0105\n1:36 C0102\n");
}

TEST_CASE("one slip of the pen is one error") {
    const std::string text = R"(plan p "t" repeatable
param a = 3
database erp
window 2026-01-15T22:00Z to 2026-01-16T00:00Z
defaults {
  lock timeout 3s
  retry 5
}
gate g on erp {
  server version >= 14
  "x" $$ SELECT 1 FROM t $$ returns something
  else stop
}
parallel {
  step b on erp {
    $$ CREATE TABLE b (id int) $$
    rollback generated
  }
  step c after b {
    lock timeout 1s
    $$ CREATE TABLE c (id int) $$
  }
  run d {
    command "true" "x"
    rollback none "y"
  }
}
checkpoint e
for t in (x, y) {
  validate f_{t} {
    rows of {t} >= 1
    column {t}.id is numeric(12,2)
    tables a, b match erp
  }
}
wait until window - 15min
watch w for 1h every 5s {
  sessions of x < 3
}
on failure rollback to e
)";
    REQUIRE(parse(text).errors.empty());
    const auto is_word = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    };
    std::size_t wrong = 0, told_once = 0;
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
        end = begin + 1;
        while (is_word(text[begin]) && end < text.size() && is_word(text[end])) ++end;
        if (text[begin] == ' ' || text[begin] == '\n') continue;
        for (const bool twice : {false, true}) {
            const std::string token = text.substr(begin, end - begin);
            std::string changed = text;
            changed.replace(begin, end - begin, twice ? token + " " + token : "");
            const std::size_t errors = parse(changed).errors.size();
            CAPTURE(begin, token, twice, errors_in(changed));
            CHECK(errors <= 2);
            wrong += errors > 0 ? 1 : 0;
            told_once += errors == 1 ? 1 : 0;
        }
    }
    CHECK(wrong > 300);
    CHECK(told_once * 100 >= wrong * 97);
}

TEST_CASE("names of items that were left out are kept") {
    const Parsed read = parse(R"(plan p
param q = 3sec
step a { bogus }
for t in x {
  step b_{t} { $$ x $$ }
  checkpoint c
}
point of no return d when
step e { lock timeout 3 }
)");
    CHECK(joined(read.left_out) == "q a t b_{t} c d e");
    CHECK(read.plan.items.empty());
    CHECK(read.plan.parameters.empty());
}

TEST_CASE("a broken item leaves the rest of its block whole") {
    const Parsed read = parse("plan p\nparallel {\n  step a { $$ x $$ }\n  step b { bogus }\n}\n");
    REQUIRE(read.plan.items.size() == 1);
    CHECK(std::get<Parallel>(read.plan.items[0].body).items.size() == 1);
}
