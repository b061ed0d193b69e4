#include "runtime/undo/rows/sql.hpp"

#include <fmt/format.h>

#include <cassert>

#include "compiler/diagnostics/ways_out.hpp"
#include "compiler/sql/facts.hpp"

namespace cairn::undo {

const std::vector<std::string>& pinned_settings() {
    static const std::vector<std::string> settings{
        "extra_float_digits = 1", "DateStyle = 'ISO, YMD'", "IntervalStyle = 'postgres'", "bytea_output = 'hex'",
        "TimeZone = 'UTC'",       "lc_monetary = 'C'",      "xmloption = 'content'",
        "array_nulls = on",       "standard_conforming_strings = on"};
    return settings;
}

std::string oid_array(const std::vector<std::uint32_t>& oids) {
    return "{" + joined(oids, ",", [](std::uint32_t oid) { return std::to_string(oid); }) + "}";
}

std::string kept_name(const KeptColumn& c) { return fmt::format("c_{}", c.number); }

std::string kept_type(const KeptColumn& c) { return c.as_text ? "text" : c.type; }

// concat() calls the type's output function, where a cast to text may be somebody's own. IS DISTINCT FROM, since a
// composite value of nulls IS NULL.
std::string to_keep(const KeptColumn& c, const std::string& of) {
    if (!c.as_text) return fmt::format("{}.{}", of, c.name);
    return fmt::format("CASE WHEN {0}.{1} IS DISTINCT FROM NULL THEN pg_catalog.concat({0}.{1}) END", of, c.name);
}

std::string kept_value(const KeptColumn& c, const std::string& of) {
    return c.as_text ? fmt::format("({}.{}::{})", of, kept_name(c), c.type) : fmt::format("{}.{}", of, kept_name(c));
}

const KeptColumn& column(const KeptRows& rows, std::int16_t number) {
    for (const auto& c : rows.columns) {
        if (c.number == number) return c;
    }
    assert(!"a key column that was not kept");
    return rows.columns.front();
}

std::vector<std::string> key_values(const KeptRows& rows, const std::string& kept) {
    std::vector<std::string> values;
    for (const auto& k : rows.key) {
        std::string value = kept_value(column(rows, k.number), kept);
        if (!k.collation.empty()) value = fmt::format("({} COLLATE {})", value, k.collation);
        values.push_back(std::move(value));
    }
    return values;
}

std::string same_key(const KeptRows& rows, const std::string& table, const std::string& kept) {
    const auto values = key_values(rows, kept);
    std::string condition;
    for (std::size_t i = 0; i < values.size(); ++i) {
        condition += fmt::format("{}{}.{} {} {}", i ? " AND " : "", table, column(rows, rows.key[i].number).name,
                                 rows.key[i].equals, values[i]);
    }
    return condition;
}

std::string from(const KeptRows& rows) { return (rows.only ? "ONLY " : "") + rows.table; }

namespace {
template <class Each>
std::string row_of(const KeptRows& rows, const Each& each) {
    std::vector<KeptColumn> plain;
    for (const auto& c : rows.columns) {
        if (!c.is_generated) plain.push_back(c);
    }
    return fmt::format("ROW({})::text", joined(plain, ", ", each));
}
}  // namespace

std::string row_text(const KeptRows& rows, const std::string& table) {
    return row_of(rows, [&](const KeptColumn& c) { return to_keep(c, table); });
}

std::string kept_row_text(const KeptRows& rows, const std::string& kept) {
    return row_of(rows, [&](const KeptColumn& c) { return kept + "." + kept_name(c); });
}

std::string shown_key(const KeptRows& rows, const std::string& kept) {
    const std::string names = joined(rows.key, ", ", [&](const KeyColumn& k) { return column(rows, k.number).name; });
    const std::string values = joined(rows.key, ", ', ', ", [&](const KeyColumn& k) {
        return kept + "." + kept_name(column(rows, k.number));
    });
    return fmt::format("pg_catalog.concat({}, {}, ')')", sql::quote_literal("(" + names + ")=("), values);
}

std::string shown_kept(const KeptRows& rows, const std::string& kept) {
    return fmt::format("CASE WHEN pg_catalog.lower({0}.cairn_op::text) = 'i' THEN 'no row' ELSE pg_catalog.left({1}, 200) END", kept,
                       kept_row_text(rows, kept));
}

compiler::Diagnostic rows_problem(std::uint16_t code, std::string message, std::string help) {
    compiler::Diagnostic d;
    d.code = code;
    d.message = std::move(message);
    d.help = std::move(help);
    return d;
}

compiler::Diagnostic no_way_back(std::string message) { return rows_problem(861, std::move(message), compiler::ways_out); }

compiler::Diagnostic server_refused(const postgres::Answer& answer, std::uint16_t code, const std::string& doing) {
    if (answer.fate == postgres::Fate::lost)
        return rows_problem(709, fmt::format("the connection was lost while {}: {}", doing, answer.error.message));
    const std::string detail = answer.error.detail.empty() ? "" : ": " + answer.error.detail;
    auto problem = rows_problem(code, fmt::format("{} failed: {}{} ({})", doing, answer.error.message, detail, answer.error.sqlstate));
    if (answer.error.sqlstate == "42501")
        problem.help = fmt::format("role `{}` may not: it takes the role that applied the run, or a superuser", answer.error.user);
    else if (answer.error.sqlstate == "55006" && answer.error.message.find("pending trigger events") != std::string::npos)
        problem.help = compiler::write_otherwise;
    else if (answer.error.context.starts_with("PL/pgSQL function "))
        problem.help = fmt::format("code of the database's own stood in the way ({}): mend what it refuses, or set it aside (an event trigger: ALTER EVENT TRIGGER … DISABLE){}",
                                   answer.error.context.substr(0, answer.error.context.find('\n')), code == 865 ? ", then: cairn rollback RUN" : "");
    return problem;
}

}  // namespace cairn::undo
