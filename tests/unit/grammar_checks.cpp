// Every form of check, as its part of the syntax tree.
#include "tests/unit/grammar_read.hpp"

using namespace cairn::grammar;
using namespace cairn::grammar::test;

TEST_CASE("a query returns nothing or something") {
    CHECK_FALSE(only_check<QueryReturns>("$$ a $$ returns nothing").something);
    CHECK(only_check<QueryReturns>("$$ a $$ returns something").something);
    CHECK(only_check<QueryReturns>("$$ a $$ returns something").query.text == " a ");
}

TEST_CASE("a query is compared with a value of every kind") {
    const auto check = [](std::string_view text) { return only_check<QueryCompares>(text); };
    CHECK(check("$$ a $$ = 'on'").value.kind == ValueKind::string);
    CHECK(check("$$ a $$ <> \"{x}\"").value.text.has_placeholders());
    CHECK(check("$$ a $$ >= 10").value.kind == ValueKind::number);
    CHECK(check("$$ a $$ >= -2.5").value.text.written() == "-2.5");
    CHECK(check("$$ a $$ < 95%").value.kind == ValueKind::percent);
    CHECK(check("$$ a $$ > 10MB").value.kind == ValueKind::size);
    CHECK(check("$$ a $$ <= 30s").value.kind == ValueKind::duration);
    CHECK(check("$$ a $$ = 2026-01-15T22:00+04:00").value.kind == ValueKind::instant);
    CHECK(check("$$ a $$ = true").value.kind == ValueKind::word);
    CHECK(check("$$ a $$ = false").value.text.written() == "false");
}

TEST_CASE("every comparison is known by its sign") {
    const auto op = [](std::string_view sign) {
        return only_check<QueryCompares>("$$ a $$ " + std::string{sign} + "1").op;
    };
    CHECK(op("=") == Comparison::equal);
    CHECK(op("<>") == Comparison::not_equal);
    CHECK(op("<") == Comparison::less);
    CHECK(op("<=") == Comparison::less_equal);
    CHECK(op(">") == Comparison::greater);
    CHECK(op(">=") == Comparison::greater_equal);
}

TEST_CASE("true before SQL stays a value") {
    const auto validate = only<Validate>("validate v { $$ a $$ = true $$ b $$ returns nothing }");
    CHECK(validate.checks.size() == 2);
}

TEST_CASE("two queries are compared, also across databases") {
    const auto here = only_check<QueryAgainstQuery>("$$ a $$ = $$ b $$");
    CHECK_FALSE(here.within);
    CHECK_FALSE(here.database);
    CHECK(here.left.text == " a ");
    CHECK(here.right.text == " b ");
    CHECK(only_check<QueryAgainstQuery>("$$ a $$ = legacy $$ b $$").database->written() ==
          "legacy");
    const auto within = only_check<QueryAgainstQuery>("$$ a $$ within {db} $$ b $$");
    CHECK(within.within);
    CHECK(within.database->written() == "{db}");
    CHECK_FALSE(only_check<QueryAgainstQuery>("$$ a $$ within $$ b $$").database);
}

TEST_CASE("a check may have a title and be only a warning") {
    const auto validate = only<Validate>(
        "validate v { \"one\" table t exists warn table t exists warn 'two' table t exists\n"
        "show \"three\" $$ a $$ show $$ b $$ }");
    REQUIRE(validate.checks.size() == 5);
    CHECK(validate.checks[0].title->written() == "one");
    CHECK_FALSE(validate.checks[0].warn);
    CHECK_FALSE(validate.checks[1].title);
    CHECK(validate.checks[1].warn);
    CHECK(validate.checks[2].warn);
    CHECK(validate.checks[2].title->written() == "two");
    CHECK(std::get<Show>(validate.checks[3].form).query.text == " a ");
    CHECK(validate.checks[3].title->written() == "three");
    CHECK_FALSE(validate.checks[4].title);
}

TEST_CASE("a check's span is its text") {
    const std::string text = "plan p\nvalidate v {\n  warn \"x\" table t exists  # so\n}";
    const Parsed read = parse(text);
    const auto& check = std::get<Validate>(read.plan.items.at(0).body).checks.at(0);
    CHECK(text.substr(check.span.begin, check.span.end - check.span.begin) ==
          "warn \"x\" table t exists");
}

TEST_CASE("objects exist, are absent or valid") {
    const auto table = only_check<ObjectCheck>("table public.{t} exists");
    CHECK(table.kind == ObjectKind::table);
    CHECK(table.name.written() == "public.{t}");
    CHECK(table.state == ObjectState::exists);
    CHECK(only_check<ObjectCheck>("table t absent").state == ObjectState::absent);
    CHECK(only_check<ObjectCheck>("index i valid").state == ObjectState::valid);
    CHECK(only_check<ObjectCheck>("function 'public.f(uuid, text)' exists").name.written() ==
          "public.f(uuid, text)");
    const auto key = only_check<ObjectCheck>("constraint fk on s.t valid");
    CHECK(key.kind == ObjectKind::constraint);
    CHECK(key.on->written() == "s.t");
    const auto policy = only_check<ObjectCheck>("policy p on t absent");
    CHECK(policy.kind == ObjectKind::policy);
    CHECK(policy.on->written() == "t");
}

TEST_CASE("a column has a table, and may have a type") {
    const auto column = only_check<ObjectCheck>("column t.c not null");
    CHECK(column.kind == ObjectKind::column);
    CHECK(column.name.written() == "t.c");
    CHECK(column.state == ObjectState::not_null);
    CHECK(only_check<ObjectCheck>("column s.t.c exists").name.written() == "s.t.c");
    CHECK(only_check<ObjectCheck>("column 't.\"C\"' exists").name.quoted);
}

TEST_CASE("types are those PostgreSQL writes, blanks aside") {
    const auto type = [](std::string_view text) {
        const auto check = only_check<ObjectCheck>("column t.c is " + std::string{text});
        REQUIRE(check.type);
        return check.type->written();
    };
    CHECK(type("uuid") == "uuid");
    CHECK(type("text[]") == "text[]");
    CHECK(type("numeric(12,2)") == "numeric(12,2)");
    CHECK(type("numeric ( 12 , 2 )") == "numeric(12,2)");
    CHECK(type("timestamp with time zone") == "timestamp with time zone");
    CHECK(type("timestamp(3)  without\n time zone") == "timestamp(3) without time zone");
    CHECK(type("time without time zone[]") == "time without time zone[]");
    CHECK(type("double precision") == "double precision");
    CHECK(type("character varying(20)") == "character varying(20)");
    CHECK(type("bit varying (3) []") == "bit varying(3)[]");
    CHECK(type("interval day to second(3)") == "interval day to second(3)");
    CHECK(type("interval") == "interval");
    CHECK(type("public.mood") == "public.mood");
    CHECK(type("'public.\"Mood\"[]'") == "public.\"Mood\"[]");
}

TEST_CASE("a type ends where the next check begins") {
    const auto validate = only<Validate>(
        "validate v { column t.a is timestamp table u exists column t.b is interval\n"
        "column t.c is time warn table w exists column t.d is bit foreign keys valid }");
    CHECK(validate.checks.size() == 7);
}

TEST_CASE("keys, row level security, and rows") {
    only_check<ForeignKeysValid>("foreign keys valid");
    CHECK(joined(only_check<RowLevelSecurity>("row level security on a, s.b").tables) == "a s.b");
    const auto rows = only_check<RowsOf>("rows of s.customers >= 1");
    CHECK(rows.table.written() == "s.customers");
    CHECK(rows.op == Comparison::greater_equal);
    CHECK(rows.value.text.written() == "1");
}

TEST_CASE("tables and schemas match a database or a backup") {
    const auto tables = only_check<Match>("tables customers, s.orders match legacy");
    CHECK_FALSE(tables.schemas);
    CHECK_FALSE(tables.backup);
    CHECK(joined(tables.names) == "customers s.orders");
    CHECK(tables.source.written() == "legacy");
    const auto backup = only_check<Match>("tables a match backup nightly.full");
    CHECK(backup.backup);
    CHECK(backup.source.written() == "nightly.full");
    CHECK(only_check<Match>("schemas public match legacy").schemas);
    CHECK(only_check<Match>("schemas public match backup").source.written() == "backup");
}

TEST_CASE("a query uses an index") {
    const auto check = only_check<UsesIndex>("query $$ q $$ uses index s.i");
    CHECK(check.query.text == " q ");
    CHECK(check.index.written() == "s.i");
}

TEST_CASE("the server and its surroundings") {
    CHECK(only_check<BackupVerified>("backup nightly.full verified within 7d").backup.written() ==
          "nightly.full");
    const auto twice = only_check<FreeSpace>("free space on \"backups\" >= 2x erp");
    CHECK(twice.path.written() == "backups");
    CHECK(twice.factor->text.written() == "2");
    CHECK(twice.database->written() == "erp");
    CHECK_FALSE(twice.size);
    CHECK(only_check<FreeSpace>("free space on 'b' > 1.5x erp").factor->text.written() == "1.5");
    CHECK(only_check<FreeSpace>("free space on \"b\" >= 20GB").size->kind == ValueKind::size);
    CHECK(only_check<SessionsOf>("sessions of app_user = 0").role.written() == "app_user");
    CHECK(only_check<NoTransactionsOlder>("no transactions older than 5min").than.text.written() ==
          "5min");
    CHECK(only_check<ServerVersion>("server version >= 14").value.text.written() == "14");
    const auto queries = only_check<LongRunningQueries>("long running queries over 5min <= 2");
    CHECK(queries.over.text.written() == "5min");
    CHECK(queries.op == Comparison::less_equal);
    CHECK(queries.value.text.written() == "2");
}
