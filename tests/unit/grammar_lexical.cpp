// Names, strings, SQL literals, comments and blanks.
#include "tests/unit/grammar_read.hpp"

using namespace cairn::grammar;
using namespace cairn::grammar::test;

namespace {

Template name_of(std::string_view text) {
    Parsed read = read_well(text);
    REQUIRE(read.plan.items.size() == 1);
    return read.plan.items[0].name;
}

}  // namespace

TEST_CASE("names hold placeholders anywhere") {
    const Template name = name_of("checkpoint a_{x}_b{y}");
    REQUIRE(name.parts.size() == 4);
    CHECK(name.parts[0].text == "a_");
    CHECK_FALSE(name.parts[0].is_placeholder);
    CHECK(name.parts[1].text == "x");
    CHECK(name.parts[1].is_placeholder);
    CHECK(name.parts[2].text == "_b");
    CHECK(name.parts[3].text == "y");
    CHECK(name.written() == "a_{x}_b{y}");
    CHECK(name.has_placeholders());
    CHECK_FALSE(name.quoted);
    CHECK(name_of("checkpoint {t}").written() == "{t}");
    CHECK(name_of("checkpoint _1").written() == "_1");
}

TEST_CASE("a part's span is where it stands in the file") {
    const std::string text = "plan p checkpoint a_{xy}";
    const Parsed read = parse(text);
    const Template& name = read.plan.items.at(0).name;
    CHECK(name.span == Span{18, 24});
    CHECK(name.parts.at(0).span == Span{18, 20});
    CHECK(name.parts.at(1).span == Span{20, 24});
    CHECK(read.plan.items[0].span == Span{7, 24});
    CHECK(read.plan.items[0].keyword == Span{7, 17});
}

TEST_CASE("strings know four escapes and placeholders") {
    const auto gate = only<Gate>(R"(gate g { confirm "a \"b\" \\ \n \t {run} {not one} {x" })");
    REQUIRE(gate.confirms.size() == 1);
    const Template& text = gate.confirms[0];
    CHECK(text.quoted);
    REQUIRE(text.parts.size() == 3);
    CHECK(text.parts[0].text == "a \"b\" \\ \n \t ");
    CHECK(text.parts[1].is_placeholder);
    CHECK(text.parts[1].text == "run");
    CHECK(text.parts[2].text == " {not one} {x");
}

TEST_CASE("an escaped brace's neighbour is still a placeholder") {
    const auto gate = only<Gate>(R"(gate g { confirm "\t{a}\t" })");
    REQUIRE(gate.confirms[0].parts.size() == 3);
    CHECK(gate.confirms[0].parts[1].text == "a");
    CHECK(gate.confirms[0].parts[1].is_placeholder);
}

TEST_CASE("single quotes are raw") {
    const auto gate = only<Gate>(R"(gate g { confirm 'a \n "b" {run}' confirm '' confirm "" })");
    REQUIRE(gate.confirms.size() == 3);
    CHECK(gate.confirms[0].written() == R"(a \n "b" {run})");
    CHECK_FALSE(gate.confirms[0].has_placeholders());
    CHECK(gate.confirms[1].parts.empty());
    CHECK(gate.confirms[2].parts.empty());
    CHECK(gate.confirms[2].quoted);
}

TEST_CASE("SQL is taken as it stands") {
    const std::string text =
        "plan p\nstep s { $$ SELECT '{x}' -- # }\n$$ $q$ a $$ b $q$ $a_1$$$$a_1$ }";
    const Parsed read = parse(text);
    CHECK(errors_of(text, read).empty());
    const auto& step = std::get<Step>(read.plan.items.at(0).body);
    REQUIRE(step.sql.size() == 3);
    CHECK(step.sql[0].text == " SELECT '{x}' -- # }\n");
    CHECK(step.sql[1].text == " a $$ b ");
    CHECK(step.sql[2].text == "$$");
    CHECK(text.substr(step.sql[1].literal.begin, 3) == "$q$");
    CHECK(text.substr(step.sql[1].span.begin, step.sql[1].span.end - step.sql[1].span.begin) ==
          step.sql[1].text);
}

TEST_CASE("relations are dotted, quoted ones are strings") {
    const auto step =
        only<Step>(R"(step s { changes audit.events, {a}.{b}, 'public."Order"', x })");
    CHECK(joined(step.changes) == R"(audit.events {a}.{b} public."Order" x)");
    CHECK(step.changes[2].quoted);
    CHECK_FALSE(step.changes[0].quoted);
}

TEST_CASE("comments and blanks stand anywhere between words") {
    const Parsed read =
        parse("# first\r\nplan p # title follows\n\"t\"\r\nstep#x\ns#y\n{$$ $$}# end");
    CHECK(read.errors.empty());
    REQUIRE(read.plan.items.size() == 1);
    CHECK(read.plan.title->written() == "t");
}

TEST_CASE("newlines and indentation mean nothing") {
    const Parsed read = read_well(
        "plan p \"t\" database erp step a on erp{lock timeout 3s $$ x $$}checkpoint c step b\n{\n"
        "lock\ntimeout\n3s\n$$ y $$\n}\non\nfailure\nrollback\nto\nc");
    CHECK(read.plan.items.size() == 3);
    REQUIRE(read.plan.on_failure.size() == 1);
    CHECK(read.plan.on_failure[0].kind == OnFailureKind::rollback_to);
}

TEST_CASE("a byte order mark is skipped and moves nothing") {
    const std::string text = "\xef\xbb\xbfplan p checkpoint c";
    const Parsed read = parse(text);
    CHECK(errors_of(text, read).empty());
    CHECK(read.plan.items.at(0).keyword == Span{10, 20});
}

TEST_CASE("no word is reserved") {
    for (const std::string word :
         {"step", "on", "after", "when", "plan", "rollback", "none", "of", "from", "to", "for",
          "failure", "point", "database", "transaction", "true", "store", "backup", "keep"}) {
        CAPTURE(word);
        const Parsed read =
            read_well("plan " + word + " \"t\"\nparam " + word + "\nstep " + word +
                      " { $$ x $$ changes " + word + ", " + word + " }\ncheckpoint " + word);
        CHECK(read.plan.items.size() == 2);
    }
    CHECK(read_well("database on step on on on after on { $$ x $$ }").plan.items.size() == 1);
}

TEST_CASE("keywords end where their word ends") {
    CHECK(errors_in("plan p\nstepx a { $$ x $$ }") ==
          "2:1 C0102 expected an item, found `stepx` (step)\n");
    CHECK(only<Step>("step {t} { $$ x $$ }").sql.size() == 1);
}
