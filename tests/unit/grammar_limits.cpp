// Files that are too big, too deep, or no text at all.
#include <chrono>
#include <random>

#include "grammar/bytes.hpp"
#include "tests/unit/grammar_read.hpp"

using namespace cairn::grammar;
using namespace cairn::grammar::test;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

double seconds_to_parse(const std::string& text, Parsed& read) {
    const auto begin = std::chrono::steady_clock::now();
    read = parse(text);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::string steps(int count) {
    std::string out = "plan p \"t\"\ndatabase erp\n";
    for (int i = 0; i < count; ++i) {
        const std::string n = std::to_string(i);
        out += "step s" + n + " on erp {\n  lock timeout 3s\n  $$\n    ALTER TABLE t" + n +
               " ADD COLUMN c integer;\n  $$\n}\n";
    }
    return out;
}

}  // namespace

TEST_CASE("a NUL is refused where it stands") {
    const std::string text{"plan p\nstep a { $$ x\0 $$ }", 26};
    CHECK(errors_in(text) == "2:14 C0117 a plan can't hold a NUL byte\n");
}

TEST_CASE("what is not UTF-8 is refused where it stands") {
    CHECK(errors_in("plan p # gr\xfc\xdf") ==
          "1:12 C0118 a plan is UTF-8, and 0xfc is not\n"
          "1:13 C0118 a plan is UTF-8, and 0xdf is not\n");
    CHECK(errors_in("plan p # \xe2\x82\xac \xf0\x9f\x8c\x8d").empty());
}

TEST_CASE("UTF-8 is checked as the standard has it") {
    CHECK(utf8_length("a") == 1);
    CHECK(utf8_length("\xc3\xa4") == 2);
    CHECK(utf8_length("\xe2\x82\xac") == 3);
    CHECK(utf8_length("\xf0\x9f\x8c\x8d") == 4);
    for (const char* bad :
         {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe2\x82", "\xc3"}) {
        CAPTURE(bad);
        CHECK(utf8_length(bad) == 0);
    }
}

TEST_CASE("a file in another encoding is not reported byte by byte") {
    CHECK(parse("plan p # " + std::string(5000, '\xfc')).errors.size() == 20);
}

TEST_CASE("a file over 64 MB is not read") {
    const std::string text = "plan p\n# " + std::string(max_file_size, 'x');
    CHECK(errors_in(text) == "1:1 C0119 the file is larger than 64 MB\n");
}

TEST_CASE("nesting has a limit") {
    CHECK(errors_in("plan p\n" + repeated("parallel {\n", 100'000)) ==
          "102:1 C0116 blocks are nested deeper than 100\n");
    CHECK(errors_in("plan p " + repeated("parallel {", 99) + repeated("}", 99)).empty());
    CHECK(parse("plan p\n" + repeated("transaction {", 1000) + repeated("}", 1000)).errors.size() ==
          1);
}

TEST_CASE("parentheses in SQL are SQL's own") {
    const auto step = only<Step>("step a { $$ SELECT " + repeated("(", 10'000) + "1" +
                                 repeated(")", 10'000) + " $$ }");
    CHECK(step.sql.at(0).text.size() > 20'000);
}

TEST_CASE("a thousand errors are enough") {
    const Parsed read = parse("plan p\n" + repeated("bogus {}\n", 5000));
    CHECK(read.errors.size() == 1001);
    CHECK(read.errors.back().code == 123);
}

TEST_CASE("twenty thousand steps are read at once") {
    Parsed read;
    const double seconds = seconds_to_parse(steps(20'000), read);
    CHECK(read.errors.empty());
    CHECK(read.plan.items.size() == 20'000);
    CHECK(seconds < 2);  // about 0.1 on the machine it was written on; sanitizers take their share
}

TEST_CASE("hostile files take no time that grows faster than they") {
    std::string openers = "plan p\n";
    for (int i = 0; i < 20'000; ++i) openers += "step a { $x" + std::to_string(i) + "$ \n";
    std::string closed = openers;
    for (int i = 0; i < 20'000; ++i) closed += "$x" + std::to_string(i) + "$ \n";
    for (const std::string& text :
         {openers, closed, "plan p\nvalidate v {\n" + repeated("  $$ a $$ bogus\n", 20'000) + "}",
          "plan p\n" + repeated("step a { file \"", 50'000), "plan p\n" + repeated("$$ ", 50'001),
          "plan p\ncheckpoint " + repeated("{", 200'000),
          "plan p\n" + repeated("parallel { step a ", 90)}) {
        Parsed read;
        CHECK(seconds_to_parse(text, read) < 10);
        CHECK_FALSE(read.errors.empty());
    }
}

TEST_CASE("cut off anywhere, a plan gives errors inside the file") {
    const std::string text =
        steps(3) + R"(validate v { "a" $$ x $$ = legacy $$ y $$ column t.c is numeric(1,2) }
for t in (a, "b") { parallel { wait until window - 5min } }
backup b { to store s "x" keep 30d, at least 3 verify restore { rows of t >= 1 } }
)";
    for (std::size_t length = 0; length <= text.size(); ++length) {
        const std::string_view part = std::string_view{text}.substr(0, length);
        for (const SyntaxError& error : parse(part).errors) {
            REQUIRE(error.span.begin <= error.span.end);
            REQUIRE(error.span.end <= length);
        }
    }
}

TEST_CASE("whatever is changed in a plan, reading it ends") {
    const std::string text = steps(2) + "gate g { \"x\" $$ a $$ >= 95% else stop confirm 'y' }\n";
    std::mt19937 random{20260115};
    const std::string_view bytes = "{}$\"'\\#\n\t a1_(),.=<>-%\x80\xff";
    for (int round = 0; round < 2000; ++round) {
        std::string changed = text;
        for (int edit = 0; edit < 4; ++edit) {
            changed[random() % changed.size()] = bytes[random() % bytes.size()];
        }
        const Parsed read = parse(changed);
        for (const SyntaxError& error : read.errors) REQUIRE(error.span.end <= changed.size());
    }
}
