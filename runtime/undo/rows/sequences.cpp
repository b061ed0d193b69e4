#include "runtime/undo/rows/sequences.hpp"

#include <fmt/format.h>

#include "compiler/sql/facts.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

using compiler::Diagnostic;
using postgres::Session;

constexpr const char* find_query = R"sql(
SELECT s.oid, pg_catalog.format('%I.%I', n.nspname, s.relname), q.seqincrement > 0
FROM pg_catalog.pg_class s JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
WHERE CASE WHEN s.relkind = 'S' THEN pg_catalog.has_sequence_privilege(s.oid, 'SELECT') END AND n.nspname <> 'cairn' AND (s.oid = ANY ($2::oid[])
   OR s.oid IN (SELECT d.objid FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
       AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = ANY ($1::oid[]))
   OR s.oid IN (SELECT d.refobjid FROM pg_catalog.pg_attrdef e JOIN pg_catalog.pg_depend d
       ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = e.oid
       WHERE e.adrelid = ANY ($1::oid[]) AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass))
ORDER BY s.oid)sql";

// Columns that draw from the sequence, by default or as identity.
constexpr const char* fed_query = R"sql(
SELECT DISTINCT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.quote_ident(a.attname)
FROM (SELECT d.refobjid AS rel, d.refobjsubid::int AS col FROM pg_catalog.pg_depend d
          WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = $1::oid
            AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0
      UNION
      SELECT e.adrelid, e.adnum FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attrdef e ON e.oid = d.objid
          WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.refobjid = $1::oid
            AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass) f
JOIN pg_catalog.pg_class c ON c.oid = f.rel JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = f.rel AND a.attnum = f.col
WHERE a.atttypid IN (20, 21, 23, 1700))sql";

std::optional<Diagnostic> read_now(Session& session, const std::vector<KeptSequence>& sequences,
                                   const std::function<void(std::size_t, std::int64_t, bool)>& each) {
    std::string query;
    for (std::size_t i = 0; i < sequences.size(); ++i)
        query += fmt::format("{}SELECT {}, last_value, is_called FROM {}", i ? " UNION ALL " : "", i, sequences[i].name);
    if (query.empty()) return std::nullopt;
    const auto a = session.query(query);
    if (!a.ok()) return server_refused(a, 862, "reading sequences");
    for (const auto& row : a.rows) each(std::stoul(*row[0]), std::stoll(*row[1]), row[2] == "t");
    return std::nullopt;
}

}  // namespace

std::variant<std::vector<KeptSequence>, Diagnostic> read_sequences(Session& session, const std::vector<std::uint32_t>& tables,
                                                                   const std::vector<std::uint32_t>& more) {
    if (tables.empty() && more.empty()) return std::vector<KeptSequence>{};
    const auto a = session.query(postgres::Command{find_query, {oid_array(tables), oid_array(more)}, true});
    if (!a.ok()) return server_refused(a, 862, "looking for sequences");
    std::vector<KeptSequence> found;
    for (const auto& row : a.rows)
        found.push_back({.oid = static_cast<std::uint32_t>(std::stoul(*row[0])), .name = *row[1], .is_ascending = row[2] == "t"});
    auto problem = read_now(session, found, [&](std::size_t i, std::int64_t value, bool called) {
        found[i].before = value;
        found[i].called_before = called;
    });
    if (problem) return *problem;
    return found;
}

// One query a sequence, put together by the server: planning one of them all takes longer than
// running them. Some at a time, and without their locks afterwards: there may be more sequences
// than a transaction can lock.
std::optional<Diagnostic> write_down_movable(Session& session, bool all,
                                             std::map<std::uint32_t, SequenceValue>& into) {
    constexpr std::size_t at_once = 500;
    static const std::string query = fmt::format(
        "SELECT s.oid, substring(x.row FROM '<last_value>(-?[0-9]+)<'), substring(x.row FROM "
        "'<is_called>([a-z]+)<') = 'true' FROM ("
        "SELECT s.oid, pg_catalog.format('SELECT last_value, is_called FROM %I.%I', n.nspname, "
        "s.relname) AS query "
        "FROM pg_catalog.pg_class s JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace "
        "WHERE ($1::bool OR EXISTS (SELECT FROM pg_catalog.pg_proc p "
        "WHERE p.oid >= 16384 AND p.prosrc ~* 'setval|nextval' AND p.pronamespace <> "
        "'cairn'::pg_catalog.regnamespace)) "
        "AND s.oid > $2::oid AND n.nspname <> 'cairn' AND s.relpersistence <> 't' "
        "AND CASE WHEN s.relkind = 'S' THEN pg_catalog.has_sequence_privilege(s.oid, 'SELECT') END "
        "ORDER BY s.oid LIMIT {}) s "
        "CROSS JOIN LATERAL (SELECT pg_catalog.query_to_xml(s.query, false, true, '')::text) "
        "x(row) ORDER BY s.oid",
        at_once);
    for (std::string after = "0";;) {
        const auto answers = session.pipeline({{"SAVEPOINT cairn_sequences", {}, false},
                                               {query, {all ? "t" : "f", after}, true},
                                               {"ROLLBACK TO SAVEPOINT cairn_sequences", {}, false},
                                               {"RELEASE SAVEPOINT cairn_sequences", {}, false}});
        for (const auto& a : answers) {
            if (!a.ok()) return server_refused(a, 862, "reading sequences");
        }
        for (const auto& row : answers[1].rows) {
            after = *row[0];
            into[static_cast<std::uint32_t>(std::stoul(*row[0]))] = {.value = std::stoll(*row[1]),
                                                                     .is_called = row[2] == "t"};
        }
        if (answers[1].rows.size() < at_once) return std::nullopt;
    }
}

void as_at_first(std::vector<KeptSequence>& sequences,
                 const SequencesOfTries& tries) {
    for (auto& s : sequences) {
        const auto first = tries.first.find(s.oid);
        if (first == tries.first.end()) continue;
        const auto& [value, called] = first->second;
        const auto left = tries.left.find(s.oid);
        const bool nobody_since = left != tries.left.end() && left->second.value == s.before && left->second.is_called == s.called_before;
        const bool further =
            value == s.before ? called && !s.called_before : (value > s.before) == s.is_ascending;
        if (!nobody_since && !further) continue;
        s.before = value;
        s.called_before = called;
    }
}

std::optional<Diagnostic> read_moved(Session& session, std::vector<KeptSequence>& sequences) {
    if (sequences.empty()) return std::nullopt;
    const std::string oids = oid_array([&] {
        std::vector<std::uint32_t> list;
        for (const auto& s : sequences) list.push_back(s.oid);
        return list;
    }());
    const auto names = session.query(postgres::Command{"SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c "
                                      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[])",
                                      {oids}, true});
    if (!names.ok()) return server_refused(names, 862, "looking for sequences");
    std::erase_if(sequences, [&](KeptSequence& s) {
        for (const auto& row : names.rows) {
            if (*row[0] != std::to_string(s.oid)) continue;
            s.name = *row[1];
            return false;
        }
        return true;
    });
    auto problem = read_now(session, sequences, [&](std::size_t i, std::int64_t value, bool called) {
        sequences[i].after = value;
        sequences[i].called_after = called;
    });
    std::erase_if(sequences, [](const KeptSequence& s) { return s.before == s.after && s.called_before == s.called_after; });
    return problem;
}

std::optional<Diagnostic> put_back(Session& session, const KeptSequence& s) {
    const auto there = session.query("SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind = 'S'", {s.name});
    if (!there.ok()) return server_refused(there, 865, "looking for a sequence");
    if (there.rows.empty()) return std::nullopt;
    const auto now = session.query(fmt::format("SELECT last_value = {} AND is_called = {} FROM {}", s.after, s.called_after, s.name));
    if (!now.ok()) return server_refused(now, 865, fmt::format("reading sequence `{}`", s.name));
    if (now.rows[0][0] != "t") return std::nullopt;
    const auto fed = session.query(fed_query, {there.rows[0][0]});
    if (!fed.ok()) return server_refused(fed, 865, "looking for the columns that a sequence feeds");
    const bool set_back =
        s.before == s.after ? s.called_before : (s.before > s.after) == s.is_ascending;
    for (const auto& row : fed.rows) {  // a number that is out must not be drawn again
        if (set_back) break;
        const char* beyond = s.is_ascending ? (s.called_before ? ">" : ">=") : (s.called_before ? "<" : "<=");
        const auto later = session.query(fmt::format("SELECT {}({}) {} {} FROM {}", s.is_ascending ? "max" : "min", *row[1], beyond, s.before, *row[0]));
        if (!later.ok()) return server_refused(later, 865, fmt::format("reading `{}`", *row[0]));
        if (later.rows[0][0] == "t") return std::nullopt;
    }
    const auto set = session.query(fmt::format("SELECT pg_catalog.setval({}, {}, {})", sql::quote_literal(s.name), s.before, s.called_before));
    if (!set.ok()) return server_refused(set, 865, fmt::format("putting back sequence `{}`", s.name));
    return std::nullopt;
}

std::variant<std::vector<std::string>, Diagnostic> pass_numbers_of_others(Session& session, const std::string& name, const std::string& own) {
    const auto found = session.query(fmt::format("SELECT q.seqrelid, q.seqrelid::pg_catalog.regclass, q.seqincrement > 0, q.seqcycle FROM pg_catalog.pg_sequence q "
                                                 "WHERE q.seqrelid = pg_catalog.to_regclass({})", name));
    if (!found.ok()) return server_refused(found, 865, "looking for a sequence");
    std::vector<std::string> said;
    if (found.rows.empty() || found.rows[0][3] == "t") return said;
    const bool ascending = found.rows[0][2] == "t";
    const auto fed = session.query(fed_query, {found.rows[0][0]});
    if (!fed.ok()) return server_refused(fed, 865, "looking for the columns that a sequence feeds");
    for (const auto& row : fed.rows) {
        const auto set = session.query(fmt::format(
            "SELECT pg_catalog.setval({0}, m.n, true) FROM (SELECT {1}(t.{2})::bigint AS n FROM {3} t WHERE t.xmin OPERATOR(pg_catalog.<>) ALL ({4}) "
            "AND pg_catalog.age(t.xmin) < (SELECT max(pg_catalog.age(x)) FROM pg_catalog.unnest({4}) x)) m, {5} s JOIN pg_catalog.pg_sequence q ON q.seqrelid = {6}::oid "
            "WHERE (m.n {7} s.last_value OR m.n = s.last_value AND NOT s.is_called) AND m.n BETWEEN q.seqmin AND q.seqmax",
            name, ascending ? "max" : "min", *row[1], *row[0], own, *found.rows[0][1], *found.rows[0][0], ascending ? ">" : "<"));
        if (!set.ok()) return server_refused(set, 865, fmt::format("moving sequence `{}` past the numbers of others", *found.rows[0][1]));
        for (const auto& moved : set.rows)
            said.push_back(fmt::format("sequence {} goes on after {}, which a row has that others have written into {} since", *found.rows[0][1], *moved[0], *row[0]));
    }
    return said;
}

}  // namespace cairn::undo
