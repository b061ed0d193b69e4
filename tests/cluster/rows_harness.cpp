#include "tests/cluster/rows_harness.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

namespace cairn::cluster {

using undo::Captured;
using undo::Kept;

namespace {
constexpr const char* own_query = "SELECT xid FROM cairn.own";

void must(postgres::Session& session, const std::string& sql) {
    const auto a = session.script(sql);
    INFO(sql << "\n" << a.error.message << " " << a.error.detail << " " << a.error.context);
    REQUIRE(a.ok());
}

template <class T>
T value(std::variant<T, compiler::Diagnostic> outcome) {
    if (auto* d = std::get_if<compiler::Diagnostic>(&outcome)) FAIL(compiler::code_name(d->code) << " " << d->message);
    return std::get<T>(std::move(outcome));
}

void none(const std::optional<compiler::Diagnostic>& d) {
    if (d) FAIL(compiler::code_name(d->code) << " " << d->message);
}
}  // namespace

RowsLab::RowsLab(const std::string& setup, const std::string& role) : role_(role) {
    if (!role_.empty()) {
        database_.execute(fmt::format("DO $$ BEGIN IF to_regrole('{0}') IS NULL THEN CREATE ROLE {0} LOGIN; END IF; END $$; "
                                      "GRANT CREATE ON DATABASE \"{1}\" TO {0}; ALTER SCHEMA public OWNER TO {0}", role_, database_.name()));
    }
    auto session = connect();
    must(session, "CREATE SCHEMA cairn; CREATE TABLE cairn.own (xid text)");
    must(session, setup);
}

postgres::Session RowsLab::connect() {
    auto session = database_.connect();
    if (!role_.empty()) must(session, "SET SESSION AUTHORIZATION " + role_);
    return session;
}

std::uint32_t RowsLab::oid(const std::string& table) {
    return static_cast<std::uint32_t>(std::stoul(query(fmt::format("SELECT '{}'::regclass::oid", table))));
}

undo::CaptureRequest RowsLab::request(const Step& step) {
    undo::CaptureRequest r{.prefix = fmt::format("t{}", ++steps_)};
    for (const auto& t : step.tables) r.tables.push_back({.oid = oid(t)});
    for (const auto& t : step.images) r.images.push_back({.oid = oid(t)});
    for (const auto& [table, columns] : step.columns) {
        undo::CaptureImage image{.oid = oid(table)};
        for (const auto& c : columns) {
            image.columns.push_back(static_cast<std::int16_t>(std::stoi(
                query(fmt::format("SELECT attnum FROM pg_attribute WHERE attrelid = '{}'::regclass AND attname = '{}'", table, c)))));
        }
        r.images.push_back(image);
    }
    r.opaque = step.opaque;
    r.earlier = [this](const std::set<std::uint32_t>& tables) {
        std::vector<undo::StandingRows> standing;
        for (const auto& k : kept_) {
            if (tables.contains(k.oid)) standing.push_back({.rows = k, .of_this_run = true, .xids = own_query});
        }
        return standing;
    };
    return r;
}

Captured RowsLab::attempt(postgres::Session& session, const undo::CaptureRequest& request, const Step& step, undo::RowCapture& capture) {
    must(session, "SELECT pg_stat_force_next_flush()");
    must(session, "BEGIN");
    must(session, "INSERT INTO cairn.own SELECT (pg_current_xact_id()::text::bigint % 4294967296)::text");
    none(capture.begin(session, request));
    for (const auto& sql : step.statements) must(session, sql);
    return value(capture.end(session));
}

Kept RowsLab::apply(const Step& step) {
    auto session = connect();
    auto wanted = request(step);
    for (tries = 1; tries < 5; ++tries) {
        undo::RowCapture capture;
        auto captured = attempt(session, wanted, step, capture);
        for (const auto& d : captured.alarm.refused) FAIL(d.message);
        if (captured.alarm.quiet()) {
            must(session, "SET CONSTRAINTS ALL IMMEDIATE");
            none(capture.close(session));
            must(session, "COMMIT");
            CHECK(query("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%cairn%'") == "0");
            CHECK(query("SELECT count(*) FROM pg_proc WHERE pronamespace = 'cairn'::regnamespace") == "0");
            for (const auto& r : captured.kept.rows) kept_.push_back(r);
            return value(undo::kept_from_json(undo::to_json(captured.kept)));
        }
        must(session, "ROLLBACK");
        REQUIRE(step.widen);
        for (const auto& t : captured.alarm.tables) {
            if (t.whole) wanted.images.push_back({.oid = t.oid});
            else wanted.tables.push_back({.oid = t.oid, .ops = t.ops});
        }
        for (const auto s : captured.alarm.sequences) wanted.sequences.push_back(s);
        wanted.prefix += "w";
    }
    FAIL("the alarm never fell silent");
    return {};
}

undo::Alarm RowsLab::alarm(const Step& step) {
    auto session = connect();
    undo::RowCapture capture;
    auto captured = attempt(session, request(step), step, capture);
    must(session, "ROLLBACK");
    return captured.alarm;
}

undo::RestoreResult RowsLab::restore(const Kept& kept, undo::OnConflict mode, const std::vector<std::string>& way_back) {
    undo::Kept to_give = kept;
    auto session = connect();
    must(session, "BEGIN");
    must(session, "INSERT INTO cairn.own SELECT (pg_current_xact_id()::text::bigint % 4294967296)::text");
    if (!way_back.empty()) {
        auto looked = value(undo::look_for_conflicts(session, kept, own_query));
        if (looked.conflict_count > 0 && mode == undo::OnConflict::stop) {
            must(session, "ROLLBACK");
            return looked;
        }
        auto statements = way_back;
        none(undo::use_kept_values(session, to_give, mode, statements));
        for (const auto& sql : statements) must(session, sql);
    }
    const auto result = value(undo::restore(session, to_give, mode, own_query));
    for (const auto& xid : result.xids) must(session, "INSERT INTO cairn.own VALUES (" + xid + ")");
    if (result.conflict_count > 0 && mode == undo::OnConflict::stop) {
        must(session, "ROLLBACK");
        return result;
    }
    none(undo::forget(session, kept));
    must(session, "COMMIT");
    for (const auto& r : kept.rows) std::erase_if(kept_, [&](const undo::KeptRows& k) { return k.kept_table == r.kept_table; });
    return result;
}

compiler::Diagnostic RowsLab::refused(const Kept& kept) {
    auto session = connect();
    must(session, "BEGIN");
    auto outcome = undo::restore(session, kept, undo::OnConflict::stop, own_query);
    must(session, "ROLLBACK");
    REQUIRE(std::holds_alternative<compiler::Diagnostic>(outcome));
    return std::get<compiler::Diagnostic>(outcome);
}

std::string RowsLab::contents() {
    const std::string relations = query(
        "SELECT coalesce(string_agg(format('SELECT %L || coalesce((SELECT string_agg(%s, E''\\n'' ORDER BY %s) FROM %s t), '''')', "
        "c.oid::regclass::text || E':\\n', CASE c.relkind WHEN 'S' THEN 'last_value || '' '' || is_called' ELSE '(t.*)::text' END, "
        "CASE c.relkind WHEN 'S' THEN 'last_value' ELSE '(t.*)::text COLLATE \"C\"' END, "
        "CASE c.relkind WHEN 'S' THEN '' ELSE 'ONLY ' END || c.oid::regclass), ' UNION ALL ' ORDER BY c.relname), 'SELECT 1') "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'S') AND n.nspname NOT IN ('cairn', 'pg_catalog', 'information_schema', 'pg_toast')");
    return query(relations);
}

std::string listed(const undo::RestoreResult& r) {
    std::string text;
    for (const auto& c : r.conflicts) text += c.table + " " + c.key + ": " + c.kept + " / " + c.now + "\n";
    return text;
}

}  // namespace cairn::cluster
