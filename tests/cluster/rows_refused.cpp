// What the undo of rows leaves as it was, and where it is refused: a table that is no longer what it was, rows that can't be kept.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "tests/cluster/rows_harness.hpp"

namespace {

using namespace cairn::cluster;
using cairn::undo::Kept;
using cairn::undo::OnConflict;
using cairn::undo::RestoreResult;

}  // namespace

TEST_CASE("rows: triggers, rules, row security and foreign keys are as they were after the undo", "[rows]") {
    RowsLab lab("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE); INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1); "
                "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'fired'; END $$; "
                "CREATE TRIGGER o BEFORE INSERT OR UPDATE ON c FOR EACH ROW EXECUTE FUNCTION stop(); CREATE TRIGGER a BEFORE INSERT ON c EXECUTE FUNCTION stop(); "
                "ALTER TABLE c ENABLE ALWAYS TRIGGER a; CREATE TRIGGER r AFTER INSERT ON c EXECUTE FUNCTION stop(); ALTER TABLE c ENABLE REPLICA TRIGGER r; "
                "CREATE TRIGGER d AFTER INSERT ON c EXECUTE FUNCTION stop(); ALTER TABLE c DISABLE TRIGGER d; "
                "CREATE RULE nothing AS ON INSERT TO p DO INSTEAD NOTHING; ALTER TABLE p ENABLE ROW LEVEL SECURITY; ALTER TABLE p FORCE ROW LEVEL SECURITY; CREATE POLICY none ON p USING (id > 1)",
                "lab_owner");
    const auto state = [&] {
        return lab.query("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT rulename, ev_enabled FROM pg_rewrite WHERE rulename = 'nothing' "
                         "UNION ALL SELECT relname, (relrowsecurity AND relforcerowsecurity)::text::\"char\" FROM pg_class WHERE relname = 'p' "
                         "UNION ALL SELECT conname, (condeferrable OR condeferred)::text::\"char\" FROM pg_constraint WHERE contype = 'f' ORDER BY 1, 2");
    };
    const auto before = state(), contents = lab.contents();
    lab.execute("ALTER TABLE p NO FORCE ROW LEVEL SECURITY");
    const auto kept = lab.apply({.tables = {"p"}, .statements = {"DELETE FROM p"}});
    lab.execute("ALTER TABLE p FORCE ROW LEVEL SECURITY");
    CHECK(lab.query("SELECT count(*) FROM p") == "0");
    CHECK(lab.restore(kept).conflict_count == 0);
    CHECK(lab.contents() == contents);
    CHECK(state() == before);
}

TEST_CASE("rows: under forced row security, what the step can see is kept, and comes back", "[rows]") {
    RowsLab lab("CREATE TABLE p (id int PRIMARY KEY, a int); INSERT INTO p SELECT i, i FROM generate_series(1, 9) i; CREATE POLICY beyond ON p USING (id > 3); "
                "ALTER TABLE p ENABLE ROW LEVEL SECURITY; ALTER TABLE p FORCE ROW LEVEL SECURITY", "lab_owner");
    const auto before = lab.contents();
    const auto kept = lab.apply({.tables = {"p"}, .statements = {"UPDATE p SET a = 0", "UPDATE p SET a = -1 WHERE id < 7", "DELETE FROM p WHERE id = 9"}});
    CHECK(lab.query("SELECT count(*) FROM p WHERE a < 1") == "5");
    CHECK(lab.restore(kept).conflict_count == 0);
    CHECK(lab.contents() == before);
}

TEST_CASE("rows: a table that is no longer what it was is refused", "[rows]") {
    RowsLab lab(ten);
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = 0"}});
    const auto refused = [&](const std::string& sql) {
        lab.execute(sql);
        const auto now = lab.contents();
        const auto d = lab.refused(kept);
        CHECK(lab.contents() == now);
        return cairn::compiler::code_name(d.code) + " " + d.message;
    };
    SECTION("gone") { CHECK(refused("DROP TABLE t") == "C0863 `public.t` is no longer there: its rows can't be given back"); }
    SECTION("renamed") { CHECK(refused("ALTER TABLE t RENAME TO u") == "C0863 `public.t` has been renamed to `u` since: its rows were not given back"); }
    SECTION("another") { CHECK(refused("DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, a int)") == "C0863 `public.t` is another table than the one whose rows were kept"); }
    SECTION("a column gone") { CHECK(refused("ALTER TABLE t DROP COLUMN a") == "C0864 `public.t` has lost its column `a` since: its rows were not given back"); }
    SECTION("a column retyped") {
        CHECK(refused("ALTER TABLE t ALTER a TYPE text") == "C0864 column `a` of `public.t` is of type text now, and was of type integer when its rows were kept");
    }
    SECTION("the kept rows gone") { CHECK(refused("DROP TABLE cairn.kept_t1_0_f") == "C0867 the rows kept of `public.t` are gone: there is no table `cairn.\"kept_t1_0_f\"`"); }
}

TEST_CASE("rows: a check of others that they break is a conflict", "[rows]") {
    RowsLab lab(ten);
    const auto kept = lab.apply({.tables = {"t"}, .statements = {"UPDATE t SET a = 0"}});
    lab.execute("ALTER TABLE t ADD CHECK (a < 9)");
    const auto now = lab.contents();
    const auto r = lab.restore(kept);
    CHECK_FALSE(r.gave_back);
    CHECK(listed(r) == "public.t (id)=(9): (9,9) / what refuses that row: new row for relation \"t\" violates check constraint \"t_a_check\"\n"
                       "public.t (id)=(10): (10,10) / what refuses that row: new row for relation \"t\" violates check constraint \"t_a_check\"\n");
    CHECK(lab.contents() == now);
    CHECK(lab.restore(kept, GENERATE(OnConflict::skip, OnConflict::force)).conflict_count == 2);
    CHECK(lab.query("SELECT string_agg(a::text, ' ' ORDER BY id) FROM t") == "1 2 3 4 5 6 7 8 0 0");
}

TEST_CASE("rows: an undo trail that is not one is refused", "[rows]") {
    const auto outcome = cairn::undo::kept_from_json("{\"rows\": 1}");
    REQUIRE(std::holds_alternative<cairn::compiler::Diagnostic>(outcome));
    CHECK(std::get<cairn::compiler::Diagnostic>(outcome).code == 866);
}

TEST_CASE("rows: what can't be kept is said before", "[rows]") {
    RowsLab lab("CREATE TABLE mine (id int)", "lab_owner");
    lab.execute("CREATE TABLE theirs (id int); GRANT SELECT, UPDATE ON theirs TO lab_owner; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE f (a int) SERVER s");
    auto session = lab.connect();
    const auto said = [&](const std::string& table) -> std::string {
        const auto outcome = cairn::undo::can_capture(session, {{.oid = lab.oid(table)}});
        REQUIRE(std::holds_alternative<std::vector<cairn::compiler::Diagnostic>>(outcome));
        const auto& list = std::get<std::vector<cairn::compiler::Diagnostic>>(outcome);
        return list.empty() ? "" : cairn::compiler::code_name(list[0].code) + " " + list[0].message + " | " + list[0].help;
    };
    CHECK(said("mine").empty());
    CHECK(said("theirs") == "C0860 role `lab_owner` may not create triggers on `public.theirs`, so the rows that the step changes there can't be kept | GRANT TRIGGER ON public.theirs TO lab_owner;");
    CHECK(said("f") == "C0861 `public.f` is a foreign table: rows that change on another server can't be kept | rollback $$ … $$, or rollback none \"why nothing is needed\"");
    // The server's own refusal: a capture under a name that is taken.
    REQUIRE(session.script("BEGIN; CREATE FUNCTION cairn.\"keep_taken\"(text) RETURNS void LANGUAGE sql AS ''").ok());
    cairn::undo::RowCapture capture;
    const auto d = capture.begin(session, {.prefix = "taken", .tables = {{.oid = lab.oid("mine")}}});
    REQUIRE(d);
    CHECK(d->code == 862);
}

TEST_CASE("rows: the alarm names what was not captured", "[rows]") {
    RowsLab lab("CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE u (id int); CREATE SEQUENCE s; INSERT INTO u VALUES (1)");
    const auto alarm = lab.alarm({.tables = {"t"}, .statements = {"INSERT INTO t VALUES (1, 1)", "UPDATE u SET id = 2", "SELECT nextval('s')", "CREATE TABLE fresh (a int)", "INSERT INTO fresh VALUES (1)"}});
    REQUIRE(alarm.tables.size() == 1);
    CHECK(alarm.tables[0].name == "public.u");
    CHECK(alarm.tables[0].ops == cairn::undo::RowOps{.inserts = false, .updates = true, .deletes = false, .truncates = false});
    CHECK(alarm.sequences == std::vector<std::uint32_t>{lab.oid("s")});
    const auto large = lab.alarm({.tables = {"t"}, .statements = {"SELECT lo_from_bytea(0, 'x')"}});
    REQUIRE(large.refused.size() == 1);
    CHECK(large.refused[0].message == "the step changes large objects, which can't be kept");
    CHECK(lab.alarm({.tables = {"t"}, .statements = {"TRUNCATE u"}, .opaque = true}).tables.size() == 1);
    CHECK(lab.alarm({.tables = {"t"}, .statements = {"SELECT count(*) FROM u", "SELECT * FROM u FOR UPDATE"}, .opaque = true}).quiet());
}
