#include "runtime/undo/guard.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/journal/definition_parts.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/run/context.hpp"
#include "runtime/undo/give_back.hpp"
#include "runtime/undo/rows/switches.hpp"

namespace cairn::undo {
namespace {

using journal::UndoRow;
using postgres::Answer;
using postgres::Session;

std::string described(const UndoRow& row) {
    const std::string of = row.object.sub.empty() ? "" : fmt::format("`{}` of ", row.object.sub);
    return fmt::format("{} {}`{}`", row.object.kind, of, row.object.name);
}

// Rows that the undo would take along and that no transaction of this run has written.
// A column's value counts when it is neither NULL nor what the column's default gave: `given` is that as text in SQL,
// empty without a default.
std::string foreign_rows(const journal::DatabaseJournal& journal, const UndoRow& row, const std::string& given) {
    std::string condition = fmt::format("t.xmin::text NOT IN ({})", journal.own_xids_query());
    if (row.object.kind == "column") {
        const std::string column = "t." + sql::quote_identifier(row.object.sub);
        condition += fmt::format(" AND {} IS NOT NULL", column);
        if (!given.empty()) condition += fmt::format(" AND {}::text IS DISTINCT FROM {}", column, given);
    }
    return fmt::format("FROM {} t WHERE {}", row.object.name, condition);
}

GuardResult failed(Answer answer) { return {.conflict = {}, .gone = false, .failure = std::move(answer)}; }

// ADD COLUMN with a default leaves old rows as they are and notes once what they read there: with now() that is the moment of
// the ALTER, with 0 in a numeric(5,2) it is 0.00. Where no such note is left, the default as the column's type writes it.
constexpr const char* given_value =
    "coalesce((SELECT pg_catalog.format('((%s)::%s)::text', CASE WHEN a.atthasmissing "
    "THEN pg_catalog.quote_literal(pg_catalog.array_to_string(a.attmissingval, '')) ELSE pg_catalog.pg_get_expr(d.adbin, d.adrelid) END, "
    "pg_catalog.format_type(a.atttypid, a.atttypmod)) "
    "FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "WHERE a.attrelid = c.oid AND a.attname = $2 AND (a.atthasmissing OR d.oid IS NOT NULL)), '')";

GuardResult rows_of_others(Session& session, const journal::DatabaseJournal& journal, const UndoRow& row, const std::string& given) {
    const std::string from = foreign_rows(journal, row, given);
    const Answer count = session.query("SELECT count(*) " + from);
    if (!count.ok()) return failed(count);
    if (*count.rows[0][0] == "0") return {};
    const Answer some = session.query("SELECT left(t::text, 200) " + from + " LIMIT 10");
    if (!some.ok()) return failed(some);
    std::string list;
    for (const auto& r : some.rows) list += "\n  " + r[0].value_or("NULL");
    return {.conflict = run::problem(820, fmt::format("{} holds rows ({}) that others have written since; nothing was dropped:{}",
                                                      described(row), *count.rows[0][0], list),
                                     (row.object.kind == "column" ? "copy these values elsewhere and set them to NULL, then: cairn rollback "
                                                                  : "move these rows away, then: cairn rollback ") + journal.run()),
            .gone = false,
            .failure = {}};
}

}  // namespace

std::string gone_on(const compiler::Diagnostic& found, bool left) {
    std::string text = found.message;
    constexpr std::string_view stopped = "; nothing was dropped";
    if (const auto at = text.find(stopped); at != std::string::npos) text.erase(at, stopped.size());
    std::string line;
    for (const char c : text) {
        if (c == '\n') line += ' ';
        else if (c != ' ' || line.empty() || line.back() != ' ') line += c;
    }
    return (left ? "left as it is: " : "dropped or changed all the same: ") + line;
}

// Tables and the columns of tables hold rows; views, sequences and indexes don't.
// Row level security would hide others' rows from the look, and not from the drop: an owner lifts it, to others the server
// refuses the look.
GuardResult look_at_rows(Session& session, const journal::DatabaseJournal& journal, const UndoRow& row) {
    if (const Answer open = session.query("SET LOCAL row_security = off"); !open.ok()) return failed(open);
    const Answer facts = session.query(
        std::string("SELECT c.relkind, ") + given_value + ", "
        "coalesce((SELECT a.attgenerated FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = $2), ''), c.oid "
        "FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1)",
        {row.object.name, row.object.sub});
    if (!facts.ok()) return failed(facts);
    if (facts.rows.empty()) return {};
    const std::string kind = *facts.rows[0][0];
    const bool generated = !facts.rows[0][2]->empty();
    if ((kind != "r" && kind != "p") || generated) return {};
    if (const Answer locked = session.query(fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", row.object.name)); !locked.ok())
        return failed(locked);
    GuardResult seen;
    const auto problem = without_forced_security(session, {static_cast<std::uint32_t>(std::stoul(*facts.rows[0][3]))}, [&]() -> std::optional<compiler::Diagnostic> {
        seen = rows_of_others(session, journal, row, *facts.rows[0][1]);
        return seen.failure ? std::optional(compiler::Diagnostic{}) : std::nullopt;
    });
    if (problem && !seen.failure) seen.conflict = problem;
    return seen;
}

namespace {

// The catalog whose OIDs cairn.identity() gives for this kind of object.
const char* catalog_of(std::string_view kind) {
    static constexpr std::pair<std::string_view, const char*> catalogs[] = {
        {"relation", "pg_class"}, {"column", "pg_class"}, {"constraint", "pg_constraint"}, {"trigger", "pg_trigger"},
        {"rule", "pg_rewrite"}, {"policy", "pg_policy"}, {"function", "pg_proc"}, {"type", "pg_type"}, {"schema", "pg_namespace"},
        {"role", "pg_authid"}, {"collation", "pg_collation"}, {"extension", "pg_extension"}, {"foreign_server", "pg_foreign_server"},
        {"publication", "pg_publication"}, {"event_trigger", "pg_event_trigger"}, {"statistics", "pg_statistic_ext"}};
    for (const auto& [name, catalog] : catalogs) {
        if (name == kind) return catalog;
    }
    return "";
}

// What a DROP would silently take along although somebody else has made it: indexes, constraints, triggers, policies,
// partitions. pg_depend's row is as old as the dependency: https://www.postgresql.org/docs/15/catalog-pg-depend.html
GuardResult look_at_parts(Session& session, const journal::DatabaseJournal& journal, const UndoRow& row) {
    const bool column = row.object.kind == "column";
    if (!column && row.object.kind != "relation") return {};
    // What is renamed or moved back takes along what it has always had.
    if (!(column ? row.guard_rows : row.statement.starts_with("DROP "))) return {};
    const Answer parts = session.query(
        "SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_catalog.pg_depend d "
        "WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = pg_catalog.to_regclass($1) "
        "AND ($2 = '' OR d.refobjsubid = (SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = d.refobjid AND attname = $2)) "
        "AND d.deptype IN ('a', 'i', 'P', 'S') AND d.xmin::text NOT IN (" + journal.settled_xids_query() + ") "
        // An index that a rollback has built again CONCURRENTLY is of a transaction that nobody has written down.
        "AND NOT EXISTS (SELECT FROM cairn.remade r WHERE r.\"is\" = d.classid::regclass::text || ' ' || d.objid) "
        "ORDER BY 1 LIMIT 10",
        {row.object.name, row.object.sub});
    if (!parts.ok()) return failed(parts);
    if (parts.rows.empty()) return {};
    std::string list;
    for (const auto& r : parts.rows) list += "\n  " + r[0].value_or("");
    return {.conflict = run::problem(821, fmt::format("{} would take along what somebody else has made since; nothing was dropped:{}", described(row), list),
                                     "drop these, or make them anew elsewhere, then: cairn rollback " + journal.run()),
            .gone = false,
            .failure = {}};
}

// What became of the identity when later steps were undone.
std::string known_now(const std::map<std::string, std::string>& remade, const UndoRow& row) {
    const std::string catalog = catalog_of(row.object.kind);
    return now_known_as(remade, catalog + " " + *row.identity).substr(catalog.size() + 1);
}

// Whether `now` is what the object with this identity has become.
std::variant<bool, compiler::Diagnostic> made_again(journal::DatabaseJournal& journal, const UndoRow& row, const std::string& now) {
    if (!row.identity) return false;
    auto remade = journal.all_remade();
    if (auto* error = std::get_if<compiler::Diagnostic>(&remade)) return *error;
    return known_now(std::get<0>(remade), row) == now;
}

}  // namespace

std::variant<std::map<int, std::string>, compiler::Diagnostic> changed_since(Session& session, journal::DatabaseJournal& journal, std::vector<UndoRow> rows) {
    std::map<int, std::string> changed;
    if (std::none_of(rows.begin(), rows.end(), journal::has_parts)) return changed;
    auto remade = journal.all_remade();
    if (auto* error = std::get_if<compiler::Diagnostic>(&remade)) return *error;
    for (auto& row : rows) {
        if (row.identity) row.identity = known_now(std::get<0>(remade), row);
    }
    const Answer a = session.query(journal::changed_parts(journal.run(), rows, journal.settled_xids_query()));
    if (!a.ok()) return journal::journal_error(a, "looking for what others have changed since");
    for (const auto& row : a.rows) changed[std::stoi(*row[0])] = *row[1];
    return changed;
}

GuardResult look_before_undo(Session& session, journal::DatabaseJournal& journal, const UndoRow& row, const std::map<int, std::string>& changed) {
    if (row.object.kind.empty()) return {};
    const Answer now = session.query("SELECT cairn.identity($1, $2, $3)", {row.object.kind, row.object.name, row.object.sub});
    if (!now.ok()) return failed(now);
    const auto& identity = now.rows[0][0];
    bool same = identity == row.identity;
    if (!same && identity) {
        auto again = made_again(journal, row, *identity);
        if (auto* error = std::get_if<compiler::Diagnostic>(&again)) return {.conflict = *error, .gone = false, .failure = {}};
        same = std::get<bool>(again);
    }
    if (!same) {
        const std::string what = identity ? "is another one than this run has made" : "is no longer there";
        return {.conflict = run::problem(821, fmt::format("{} {}: `{}` was not run", described(row), what, row.statement),
                                         fmt::format("look who changed it; to leave it as it is: cairn rollback {} --on-conflict skip", journal.run())),
                .gone = !identity,
                .failure = {}};
    }
    const auto news = changed.find(row.seq);
    if (news != changed.end()) {
        return {.conflict = run::problem(821, fmt::format("{} has been changed by somebody else since ({}): `{}` was not run", described(row), news->second,
                                                          row.statement),
                                         fmt::format("change it back, or leave it as it is: cairn rollback {} --on-conflict skip", journal.run())),
                .gone = false,
                .failure = {}};
    }
    if (auto parts = look_at_parts(session, journal, row); parts.conflict || parts.failure) return parts;
    return row.guard_rows ? look_at_rows(session, journal, row) : GuardResult{};
}

}  // namespace cairn::undo
