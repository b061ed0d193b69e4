// Columns that get their old type back take the kept values with them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/sql/facts.hpp"
#include "runtime/journal/silence.hpp"
#include "runtime/undo/rows/restore.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

using compiler::Diagnostic;

class Retyped {
public:
    Retyped(const KeptRows& rows, OnConflict mode) : rows_(rows), map_(named("m")) {
        const std::string which = mode == OnConflict::force ? "IN ('u', 'U')" : "= 'u'";
        std::string columns;
        for (const auto& k : rows.key) {
            const std::string was = as_text(column(rows, k.number));
            columns += fmt::format(", {} AS n_{}, {} AS o_{}", rows.rekeyed ? fmt::format("k.a_{}", k.number) : was, k.number, was, k.number);
        }
        for (const auto n : rows.restored) columns += ", k." + kept_name(column(rows, n)) + fmt::format(" AS v_{}", n);
        make_ = fmt::format("CREATE TABLE {0} AS SELECT 0 AS one{1} FROM {2} k WHERE k.cairn_op {3}; CREATE INDEX ON {0} ({4}); CREATE INDEX ON {0} ({5}); ANALYZE {0}", map_, columns,
                            rows.kept_table, which, keys("n_"), keys("o_"));
    }

    [[nodiscard]] const std::string& make() const { return make_; }
    [[nodiscard]] std::string drop() const { return "DROP TABLE " + map_; }

    // Their values are back when the statements have run.
    [[nodiscard]] const std::set<std::int16_t>& placed() const { return back_; }

    // The statement with its USING replaced, between what makes the function and what drops it; empty: not one of these.
    std::vector<std::string> replace(const std::string& statement) {
        for (const auto n : rows_.restored) {
            const KeptColumn& c = column(rows_, n);
            const std::string start = fmt::format("ALTER TABLE {} ALTER COLUMN {} TYPE ", rows_.table, c.name);
            if (!statement.starts_with(start)) continue;
            // The cast back, NULL, or nothing: the values come from here either way.
            const auto at = std::min(statement.find(" USING ", start.size()), statement.size());
            const std::string function = named(fmt::format("f{}", n));
            const std::string now = fmt::format("CASE WHEN {0} IS DISTINCT FROM NULL THEN pg_catalog.concat({0}) END", c.name);
            const std::string arguments = joined(rows_.key, "", [&](const KeyColumn& k) { return fmt::format("pg_catalog.concat({}), ", column(rows_, k.number).name); });
            auto all = journal::each_in_silence(create(function, c, n));
            all.push_back(fmt::format("{} USING {}({}{})", statement.substr(0, at), function, arguments, now));
            for (auto& one : journal::each_in_silence("DROP FUNCTION " + function)) all.push_back(std::move(one));
            back_.insert(n);
            return all;
        }
        return {};
    }

private:
    [[nodiscard]] std::string named(const std::string& suffix) const {
        return fmt::format("{}_{}\"", rows_.kept_table.substr(0, rows_.kept_table.size() - 1), suffix);
    }
    static std::string as_text(const KeptColumn& c) { return c.as_text ? "k." + kept_name(c) : fmt::format("pg_catalog.concat(k.{})", kept_name(c)); }
    [[nodiscard]] std::string keys(const char* prefix) const {
        return joined(rows_.key, ", ", [&](const KeyColumn& k) { return fmt::format("{}{}", prefix, k.number); });
    }
    // A key column that has its old type back holds its old value already.
    [[nodiscard]] std::string create(const std::string& function, const KeptColumn& c, std::int16_t n) const {
        std::string parameters, found, names, values;
        for (const auto& k : rows_.key) {
            names += (names.empty() ? "" : ", ") + column(rows_, k.number).name;
            values += (values.empty() ? "" : ", ', ', ") + fmt::format("k_{}", k.number);
            parameters += fmt::format("k_{} text, ", k.number);
            found += fmt::format("{}m.{}_{} = k_{}", found.empty() ? "" : " AND ", back_.contains(k.number) ? "o" : "n", k.number, k.number);
        }
        std::string pins;
        for (const auto& s : pinned_settings()) pins += " SET " + s;
        return fmt::format("CREATE FUNCTION {0}({1}cairn_now text) RETURNS {2} LANGUAGE plpgsql{3} AS $cairn$ DECLARE cairn_kept record; BEGIN "
                           "SELECT m.v_{4} AS value INTO cairn_kept FROM {5} m WHERE {6}; IF FOUND THEN RETURN cairn_kept.value::{2}; END IF; "
                           // A value of others, which may not fit.
                           "BEGIN RETURN cairn_now::{2}; EXCEPTION WHEN data_exception OR integrity_constraint_violation OR raise_exception THEN "
                           "RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM, DETAIL = pg_catalog.concat({7}, {8}, ')'); END; END $cairn$",
                           function, parameters, c.type, pins, n, map_, found, sql::quote_literal(fmt::format("the row ({})=(", names)), values);
    }

    const KeptRows& rows_;
    std::string map_, make_;
    std::set<std::int16_t> back_;
};

}  // namespace

std::optional<Diagnostic> use_kept_values(postgres::Session& session, Kept& kept, OnConflict mode, std::vector<std::string>& statements) {
    for (auto& rows : kept.rows) {
        if (rows.how != KeptRows::How::columns || !rows.retyped || rows.key.empty()) continue;
        Retyped retyped(rows, mode);
        std::vector<std::string> changed;
        bool any = false;
        for (const auto& statement : statements) {
            auto instead = retyped.replace(statement);
            any = any || !instead.empty();
            if (instead.empty()) changed.push_back(statement);
            for (auto& one : instead) changed.push_back(std::move(one));
        }
        if (!any) continue;
        for (auto& one : journal::each_in_silence(retyped.drop())) changed.push_back(std::move(one));
        statements = std::move(changed);
        // concat() in the statements has to write what it wrote when the rows were kept.
        std::string pins;
        for (const auto& s : pinned_settings()) pins += "SET LOCAL " + s + "; ";
        if (const auto a = session.script(pins + journal::in_silence(retyped.make())); !a.ok()) return server_refused(a, 865, fmt::format("laying out the values kept of `{}`", rows.table));
        std::erase_if(rows.restored, [&](std::int16_t n) { return retyped.placed().contains(n); });
    }
    return std::nullopt;
}

}  // namespace cairn::undo
