#include "runtime/rehearse/second_apply.hpp"

#include <algorithm>

#include "compiler/sql/facts.hpp"

namespace cairn::rehearse {
namespace {

using compiler::Diagnostic;
using postgres::Session;

// A default is volatile when it calls something that gives another value each time.
constexpr const char* volatile_columns_query = R"(
WITH RECURSIVE loose(rel, att) AS (
    SELECT a.attrelid, a.attnum
    FROM pg_attribute a
         JOIN pg_class c ON c.oid = a.attrelid
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p', 'm') AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped
      AND (a.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype, 'date'::regtype, 'time'::regtype,
                          'timetz'::regtype, 'uuid'::regtype)
           OR a.attidentity <> ''
           OR pg_get_expr(d.adbin, d.adrelid) ~ '(random|nextval|now|clock_timestamp|statement_timestamp|timeofday|txid_current|pg_current_xact_id|uuid[a-z_0-9]*)\('
           OR pg_get_expr(d.adbin, d.adrelid) ~ 'CURRENT_(DATE|TIME)|LOCALTIME')
  UNION
    SELECT k.conrelid, key.att
    FROM pg_constraint k
         CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS key(att, ref)
         JOIN loose l ON l.rel = k.confrelid AND l.att = key.ref
    WHERE k.contype = 'f'
)
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) || '.' || quote_ident(a.attname)
FROM loose l
     JOIN pg_class c ON c.oid = l.rel
     JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = l.rel AND a.attnum = l.att)";

constexpr const char* in_other_rows = ": the same values in other combinations";

std::string table_of(const std::string& line) {
    const std::string prefix = "rows of ";
    return line.substr(prefix.size(), line.find(": ") - prefix.size());
}

// The columns of a table whose values are not the same in both.
std::vector<std::string> differing_columns(const catalog::ColumnContents& first,
                                           const catalog::ColumnContents& second,
                                           const std::string& table) {
    std::vector<std::string> columns;
    const std::string prefix = table + ".";
    for (auto at = first.lower_bound(prefix); at != first.end() && at->first.starts_with(prefix);
         ++at) {
        const auto other = second.find(at->first);
        if (other != second.end() && other->second != at->second) columns.push_back(at->first);
    }
    return columns;
}

template <typename Map>
typename Map::mapped_type entry(const Map& map, const std::string& key) {
    const auto found = map.find(key);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

void compare_values(const EndState& first, const EndState& second, const std::string& role,
                    const std::string& table, Again& again) {
    const auto columns =
        differing_columns(entry(first.columns, role), entry(second.columns, role), table);
    // Each column holds the same values as before, but they stand together in other rows.
    if (columns.empty())
        again.differences.push_back("rows of " + table + in_other_rows);
    const auto loose = entry(second.volatile_columns, role);
    for (const auto& column : columns) {
        if (loose.contains(column))
            again.notes.push_back("values of " + column +
                                  " differ, as its type or default lets them");
        else
            again.differences.push_back("values of " + column + " differ");
    }
}

}  // namespace

std::variant<EndState, Diagnostic> read_end_state(Databases& databases) {
    EndState end;
    auto states = databases.read_states();
    if (auto* error = std::get_if<Diagnostic>(&states)) return std::move(*error);
    end.states = std::get<States>(std::move(states));
    for (const auto& role : databases.changed()) {
        auto opened = databases.session(role);
        if (auto* error = std::get_if<Diagnostic>(&opened)) return std::move(*error);
        auto& session = *std::get<Session*>(opened);
        auto columns = catalog::read_columns(session);
        if (auto* error = std::get_if<Diagnostic>(&columns)) return std::move(*error);
        end.columns[role] = std::get<catalog::ColumnContents>(std::move(columns));
        const auto answer = session.query(volatile_columns_query);
        for (const auto& row : answer.rows) end.volatile_columns[role].insert(row[0].value_or(""));
    }
    return end;
}

Again compare_applies(const EndState& first, const EndState& second) {
    Again again;
    for (const auto& [role, state] : first.states) {
        const auto difference = catalog::compare(state, entry(second.states, role));
        for (const auto& line : difference.lines) {
            if (line.starts_with("rows of ") && line.ends_with(", other values"))
                compare_values(first, second, role, table_of(line), again);
            else if (line.starts_with("value of sequence "))
                again.notes.push_back(line);
            else
                again.differences.push_back(line);
        }
    }
    return again;
}

bool is_of_values(const std::string& difference) {
    return difference.starts_with("values of ") ||
           (difference.starts_with("rows of ") && difference.ends_with(in_other_rows));
}

void set_apart(const Again& fresh, Again& again) {
    std::erase_if(again.differences, [&](const std::string& line) {
        const bool random = is_of_values(line) &&
                            std::find(fresh.differences.begin(), fresh.differences.end(), line) !=
                                fresh.differences.end();
        if (random) again.notes.push_back(line + ", as they do from one fresh start to the next");
        return random;
    });
}

void reset_sequences(Databases& databases, const States& start) {
    const std::string prefix = "sequence ";
    for (const auto& [role, state] : start) {
        auto opened = databases.session(role);
        if (!std::holds_alternative<Session*>(opened)) continue;
        for (auto at = state.contents.lower_bound(prefix);
             at != state.contents.end() && at->first.starts_with(prefix); ++at) {
            const auto value = at->second.substr(0, at->second.find(' '));
            const bool called = at->second.find(" called") != std::string::npos;
            // One that is gone, or an identity's that was re-created elsewhere, is told by the
            // comparison.
            (void)std::get<Session*>(opened)->query(
                "SELECT setval(" + sql::quote_literal(at->first.substr(prefix.size())) +
                "::regclass, " + value + ", " + (called ? "true" : "false") + ")");
        }
    }
}

}  // namespace cairn::rehearse
