// Every kind of item and clause, as its part of the syntax tree.
#include "tests/unit/grammar_read.hpp"

using namespace cairn::grammar;
using namespace cairn::grammar::test;

namespace {

Item only_item(std::string_view text) {
    Parsed read = read_well(text);
    REQUIRE(read.plan.items.size() == 1);
    return std::move(read.plan.items[0]);
}

}  // namespace

TEST_CASE("an item has a database, others before it, and a condition") {
    const Item item = only_item("step s on erp after a, b when $$ q $$ { $$ x $$ }");
    CHECK(item.name.written() == "s");
    CHECK(item.database->written() == "erp");
    CHECK(joined(item.after) == "a b");
    CHECK(item.when->text == " q ");
    CHECK(item.on_keyword);
    CHECK(item.after_keyword);
    CHECK(item.when_keyword);
    const Item turned = only_item("step s when $$ q $$ after a on erp { $$ x $$ }");
    CHECK(turned.database->written() == "erp");
    CHECK(joined(turned.after) == "a");
}

TEST_CASE("a step has SQL and what governs it") {
    const auto step = only<Step>(R"(step s {
      retry 10 lock timeout 1s
      statement timeout 20min
      changes a, b.c
      $$ x $$
      keep no rows
      rollback $$ y $$
    })");
    REQUIRE(step.sql.size() == 1);
    CHECK(step.lock_timeout->value.text.written() == "1s");
    CHECK(step.statement_timeout->value.text.written() == "20min");
    CHECK(step.retry->value.text.written() == "10");
    CHECK(joined(step.changes) == "a b.c");
    CHECK(step.keep_no_rows);
    CHECK(std::get<RollbackSql>(step.rollback).sql.text == " y ");
}

TEST_CASE("a step may take its SQL from a file") {
    const auto step = only<Step>("step s { file \"sql/{date}.sql\" rollback none \"why not\" }");
    CHECK(step.file->written() == "sql/{date}.sql");
    CHECK(step.file_keyword);
    CHECK(std::get<RollbackNone>(step.rollback).reason.written() == "why not");
    CHECK(std::holds_alternative<RollbackGenerated>(
        only<Step>("step s { $$ x $$ rollback generated }").rollback));
    CHECK(std::holds_alternative<std::monostate>(only<Step>("step s { $$ x $$ }").rollback));
}

TEST_CASE("a step may go in batches") {
    const auto step =
        only<Step>("step s { batch on public.orders.id by 10000 pause 50ms $$ x $$ }");
    REQUIRE(step.batch);
    CHECK(step.batch->column.written() == "public.orders.id");
    CHECK(step.batch->by.text.written() == "10000");
    CHECK(step.batch->pause->text.written() == "50ms");
    CHECK_FALSE(only<Step>("step s { batch on orders.id by 5 $$ x $$ }").batch->pause);
}

TEST_CASE("a gate stops, goes back, or asks") {
    const auto gate =
        only<Gate>("gate g on erp { server version >= 14 else stop confirm \"go?\" }");
    CHECK(gate.checks.size() == 1);
    CHECK(gate.otherwise == OnFailureKind::stop);
    REQUIRE(gate.confirms.size() == 1);
    CHECK(gate.confirms[0].written() == "go?");
    CHECK(only<Gate>("gate g { else rollback }").otherwise == OnFailureKind::rollback);
    CHECK_FALSE(only<Gate>("gate g { confirm \"a\" }").otherwise);
    CHECK(only<Gate>("gate g { confirm \"a\" confirm \"b\" }").confirms.size() == 2);
}

TEST_CASE("a watch lasts and repeats") {
    const auto watch = only<Watch>("watch w on erp for 30min every 15s { rows of t > 0 }");
    CHECK(watch.for_time.text.written() == "30min");
    CHECK(watch.every.text.written() == "15s");
    CHECK(watch.checks.size() == 1);
    CHECK(only<Watch>("watch w every 15s for 1h on erp { rows of t > 0 }").checks.size() == 1);
}

TEST_CASE("a run has a command, a way back and limits") {
    const auto run = only<Run>(R"(run r after a {
      command "kubectl" 'scale' "{x}"
      rollback "kubectl" "scale"
      timeout 2min
      output to "logs/{run}"
      rehearse "true"
    })");
    CHECK(joined(run.command) == "kubectl scale {x}");
    CHECK(joined(std::get<RollbackCommand>(run.rollback).argv) == "kubectl scale");
    CHECK(run.timeout->value.text.written() == "2min");
    CHECK(run.output_to->written() == "logs/{run}");
    CHECK(joined(run.rehearse) == "true");
    CHECK(std::holds_alternative<RollbackNone>(
        only<Run>("run r { command \"x\" rollback none \"y\" }").rollback));
}

TEST_CASE("waits are for a time, an instant or the window") {
    CHECK(only<Wait>("wait 5min").duration->text.written() == "5min");
    CHECK(only<Wait>("wait until 2026-01-15T21:45+04:00").until->kind == ValueKind::instant);
    CHECK(only<Wait>("wait until \"{x}\"").until->kind == ValueKind::string);
    CHECK(only<Wait>("wait until window").until_window);
    CHECK_FALSE(only<Wait>("wait until window").before_window);
    for (const char* text : {"wait until window - 15min", "wait until window -15min"}) {
        const auto wait = only<Wait>(text);
        CHECK(wait.until_window);
        CHECK(wait.before_window->text.written() == "15min");
    }
    CHECK(joined(only_item("wait 5min after a").after) == "a");
}

TEST_CASE("a notification has a channel and words") {
    const auto notify = only<Notify>("notify oncall \"{plan} is done\"");
    CHECK(notify.channel.written() == "oncall");
    CHECK(notify.message.written() == "{plan} is done");
    CHECK(only_item("notify oncall 'x'").name.parts.empty());
}

TEST_CASE("checkpoints may be points of no return") {
    CHECK_FALSE(only<Checkpoint>("checkpoint c").no_return);
    const Item item = only_item("point of no return p");
    CHECK(std::get<Checkpoint>(item.body).no_return);
    CHECK(item.name.written() == "p");
}

TEST_CASE("a snapshot selects and keeps") {
    const auto snapshot = only<Snapshot>("snapshot s on erp { tables a, b.* keep 3 }");
    CHECK(joined(snapshot.selection.tables) == "a b.*");
    CHECK(snapshot.keep_count->text.written() == "3");
    const auto aged =
        only<Snapshot>("snapshot s { keep 30d, at least 2 schemas x except tables y }");
    CHECK(aged.keep->age.text.written() == "30d");
    CHECK(aged.keep->at_least->text.written() == "2");
    CHECK(joined(aged.selection.schemas) == "x");
    CHECK(joined(aged.selection.except) == "y");
    CHECK(only<Snapshot>("snapshot s").selection.tables.empty());
}

TEST_CASE("a backup goes to places, of a part, and is verified") {
    const auto backup = only<Backup>(R"(backup b of erp {
      to "x/{plan}" keep 30d, at least 3
      to store offsite "y"
      only schema schemas public except tables logs.*
      compress zstd 3 encrypt to "age1" jobs 2
      verify restore { rows of customers >= 1 table t exists }
    })");
    REQUIRE(backup.places.size() == 2);
    CHECK_FALSE(backup.places[0].store);
    CHECK(backup.places[0].keep->age.text.written() == "30d");
    CHECK(backup.places[0].keep->at_least->text.written() == "3");
    CHECK(backup.places[1].store->written() == "offsite");
    CHECK(backup.places[1].path.written() == "y");
    CHECK_FALSE(backup.places[1].keep);
    CHECK(backup.selection.only_schema);
    CHECK_FALSE(backup.selection.only_data);
    CHECK(joined(backup.selection.except) == "logs.*");
    CHECK(backup.compress_level->text.written() == "3");
    CHECK(backup.encrypt_to->written() == "age1");
    CHECK(backup.jobs->value.text.written() == "2");
    CHECK(backup.verify == Backup::Verify::restore);
    CHECK(backup.verify_checks.size() == 2);
    CHECK(only<Backup>("backup b { to \"x\" verify checksums }").verify ==
          Backup::Verify::checksums);
    CHECK(only<Backup>("backup b { to \"x\" verify restore }").verify == Backup::Verify::restore);
}

TEST_CASE("a backup may be physical") {
    const auto backup = only<Backup>("backup b of erp { engine pgbackrest stanza main type full }");
    CHECK(backup.engine->written() == "pgbackrest");
    CHECK(backup.stanza->written() == "main");
    CHECK(backup.type->written() == "full");
}

TEST_CASE("a restore takes a backup or a folder") {
    const auto own = only<Restore>("restore r of erp from backup b");
    CHECK(own.source == Restore::Source::backup);
    CHECK(own.from.written() == "b");
    const auto others = only<Restore>("restore r of erp from backup nightly.full latest within 7d");
    CHECK(others.from.written() == "nightly.full");
    CHECK(others.latest);
    CHECK(others.within->text.written() == "7d");
    const auto folder = only<Restore>(
        "restore r of prod from \"{f}\" { tables public.objects jobs 2 rollback none \"gone\" }");
    CHECK(folder.source == Restore::Source::path);
    CHECK(folder.from.written() == "{f}");
    CHECK(joined(folder.selection.tables) == "public.objects");
    CHECK(folder.jobs->value.text.written() == "2");
    CHECK(std::holds_alternative<RollbackNone>(folder.rollback));
}

TEST_CASE("a restore point is no restore") {
    const Item item = only_item("restore point p on erp");
    CHECK(std::holds_alternative<RestorePoint>(item.body));
    CHECK(item.name.written() == "p");
    CHECK(item.database->written() == "erp");
    CHECK(only_item("restore pointed of erp from backup b").name.written() == "pointed");
    CHECK(only_item("restore point from on erp").name.written() == "from");
    CHECK(only_item("restore point of on erp").name.written() == "of");
}

TEST_CASE("an export has entries") {
    const auto files = only<Export>(
        "export e of erp to \"csv/{run}\" { compress zstd tenants $$ a $$ compress $$ b $$ }");
    CHECK(files.to.written() == "csv/{run}");
    CHECK(files.compress->written() == "zstd");
    REQUIRE(files.entries.size() == 2);
    CHECK(files.entries[0].name.written() == "tenants");
    CHECK(files.entries[1].name.written() == "compress");
    CHECK(files.entries[1].query.text == " b ");
}

TEST_CASE("a copy goes from a query or a file into a table") {
    const auto copy = only<Copy>(R"(copy c from legacy to erp {
      $$ q $$ into public.customers (id, name) on conflict (id) update name, email
      rejects to "r.csv" at most 100 rollback none "x"
    })");
    CHECK(copy.from_database->written() == "legacy");
    CHECK_FALSE(copy.from_file);
    CHECK(copy.to_database.written() == "erp");
    CHECK(copy.query->text == " q ");
    CHECK(copy.into->written() == "public.customers");
    CHECK(joined(copy.columns) == "id name");
    CHECK(joined(copy.conflict_keys) == "id");
    CHECK(joined(copy.conflict_updates) == "name email");
    CHECK_FALSE(copy.conflict_skip);
    CHECK(copy.rejects_to->written() == "r.csv");
    CHECK(copy.at_most->text.written() == "100");
    const auto file = only<Copy>("copy c from \"a.csv\" to erp { into t on conflict skip }");
    CHECK(file.from_file->written() == "a.csv");
    CHECK_FALSE(file.from_database);
    CHECK(file.columns.empty());
    CHECK(file.conflict_skip);
}

TEST_CASE("a clone says what it does to what is there") {
    const auto clone = only<Clone>(
        "clone c from a to b { schemas public existing refill jobs 2 verify counts rollback "
        "generated }");
    CHECK(clone.from_database.written() == "a");
    CHECK(clone.to_database.written() == "b");
    CHECK(clone.existing->written() == "refill");
    CHECK(clone.verify->written() == "counts");
    CHECK(joined(clone.selection.schemas) == "public");
    CHECK(std::holds_alternative<RollbackGenerated>(clone.rollback));
    CHECK_FALSE(only<Clone>("clone c from a to b").existing);
}

TEST_CASE("a loop has names, strings and numbers") {
    const auto loop =
        only<For>("for t in (objects, \"b c\", 3, 'x') { checkpoint c_{t} wait 5min }");
    CHECK(loop.variable.written() == "t");
    REQUIRE(loop.values.size() == 4);
    CHECK(loop.values[0].kind == ValueKind::word);
    CHECK(loop.values[0].text.written() == "objects");
    CHECK(loop.values[1].kind == ValueKind::string);
    CHECK(loop.values[2].kind == ValueKind::number);
    CHECK(loop.items.size() == 2);
}

TEST_CASE("blocks hold blocks") {
    const Item item = only_item(
        "parallel { transaction on erp when $$ w $$ { step a { $$ x $$ } step b { $$ x $$ } }\n"
        "for i in (1) { parallel { wait 5min } } }");
    const auto& parallel = std::get<Parallel>(item.body);
    REQUIRE(parallel.items.size() == 2);
    CHECK(parallel.items[0].database->written() == "erp");
    CHECK(parallel.items[0].when);
    CHECK(std::get<Transaction>(parallel.items[0].body).items.size() == 2);
    const auto& loop = std::get<For>(parallel.items[1].body);
    CHECK(std::holds_alternative<Parallel>(loop.items.at(0).body));
}
