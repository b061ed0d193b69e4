#include "runtime/undo/guard.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/journal/arrays.hpp"
#include "runtime/journal/definition_parts.hpp"
#include "runtime/journal/schema.hpp"
#include "runtime/run/context.hpp"
#include "runtime/undo/composite_values.hpp"
#include "runtime/undo/remade.hpp"
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

// Of a value that somebody has put there: it is neither NULL nor what the column's default gave, which is `given` as text in SQL, empty
// without a default. Of a column that the undo has computed again: it is another one than that.
std::string is_put_there(const std::string& value, const std::string& given, const std::string& computed) {
    if (!computed.empty()) return fmt::format("({})::text IS DISTINCT FROM ({})::text", value, computed);
    std::string condition = value + " IS DISTINCT FROM NULL";
    if (!given.empty()) condition += fmt::format(" AND ({})::text IS DISTINCT FROM {}", value, given);
    return condition;
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

// Rows that the undo would take along, or take values from, and that no transaction of this run has written.
struct Found {
    std::uint64_t count = 0;
    std::string list;
};
std::optional<Answer> look(Session& session, const journal::DatabaseJournal& journal, const std::string& from, const std::string& condition, const std::string& where,
                           Found& found) {
    const std::string rows = fmt::format("FROM {} t WHERE t.xmin::text NOT IN ({}){}{}", from, journal.own_xids_query(), condition.empty() ? "" : " AND ", condition);
    Answer count = session.query("SELECT count(*) " + rows);
    if (!count.ok()) return count;
    if (*count.rows[0][0] == "0") return std::nullopt;
    found.count += std::stoull(*count.rows[0][0]);
    Answer some = session.query("SELECT left(t::text, 200) " + rows + " LIMIT 10");
    if (!some.ok()) return some;
    for (const auto& r : some.rows) found.list += "\n  " + where + r[0].value_or("NULL");
    return std::nullopt;
}

GuardResult said(const journal::DatabaseJournal& journal, const UndoRow& row, const Again& again, const Found& found) {
    if (found.count == 0) return {};
    std::string message, help;
    if (!again.type.empty()) {
        message = fmt::format("{} holds values ({} row{}) that others have written since, and that would be others as {}; nothing was overwritten:{}", described(row),
                              found.count, found.count == 1 ? "" : "s", again.type, found.list);
        help = "copy these values elsewhere and set them to what that type holds, then: cairn rollback ";
    } else if (!again.computed.empty()) {
        message = fmt::format("{} holds values ({} row{}) that others have written since, and is to be computed again; nothing was overwritten:{}", described(row),
                              found.count, found.count == 1 ? "" : "s", found.list);
        help = "copy these values elsewhere and set them to what is computed, then: cairn rollback ";
    } else {
        message = fmt::format("{} holds rows ({}) that others have written since; nothing was dropped:{}", described(row), found.count, found.list);
        help = row.object.kind == "column" ? "copy these values elsewhere and set them to NULL, then: cairn rollback " : "move these rows away, then: cairn rollback ";
    }
    return {.conflict = run::problem(820, message, help + journal.run()), .gone = false, .failure = {}};
}

GuardResult taken_along(const journal::DatabaseJournal& journal, const UndoRow& row, const std::vector<std::string>& others) {
    std::string list;
    for (const auto& one : others) list += "\n  " + one;
    return {.conflict = run::problem(821, fmt::format("{} would take along what somebody else has made since; nothing was dropped:{}", described(row), list),
                                     "drop these, or make them anew elsewhere, then: cairn rollback " + journal.run()),
            .gone = false,
            .failure = {}};
}

}  // namespace

std::string gone_on(const compiler::Diagnostic& found, bool left) {
    std::string text = found.message;
    for (const std::string_view stopped : {"; nothing was dropped", "; nothing was overwritten"}) {
        if (const auto at = text.find(stopped); at != std::string::npos) text.erase(at, stopped.size());
    }
    std::string line;
    for (const char c : text) {
        if (c == '\n') line += ' ';
        else if (c != ' ' || line.empty() || line.back() != ' ') line += c;
    }
    return (left ? "left as it is: " : "dropped or changed all the same: ") + line;
}

// Tables and the columns of tables hold rows; views, sequences and indexes don't. A column is a field of the table's rows wherever these are
// values, and so is a composite type's attribute.
// Row level security would hide others' rows from the look, and not from the drop: an owner lifts it, to others the server
// refuses the look.
GuardResult look_at_rows(Session& session, const journal::DatabaseJournal& journal, const UndoRow& row, const Again& again) {
    if (const Answer open = session.query("SET LOCAL row_security = off"); !open.ok()) return failed(open);
    const Answer facts = session.query(
        std::string("SELECT c.relkind, ") + given_value + ", a.attgenerated, c.oid, pg_catalog.format_type(a.atttypid, a.atttypmod) "
        "FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = $2 WHERE c.oid = pg_catalog.to_regclass($1)",
        {row.object.name, row.object.sub});
    if (!facts.ok()) return failed(facts);
    if (facts.rows.empty()) return {};
    const auto& fact = facts.rows[0];
    const auto oid = static_cast<std::uint32_t>(std::stoul(*fact[3]));
    const bool is_column = row.object.kind == "column", has_rows = (fact[0] == "r" || fact[0] == "p") && fact[2].value_or("").empty();
    const std::string given = fact[1].value_or(""), expression = again.type.empty() ? again.computed : fmt::format("t.{}::{}", sql::quote_identifier(row.object.sub), again.type),
                      computed = expression.empty() ? "" : fmt::format("({})::{}", expression, fact[4].value_or("text"));
    std::vector<FieldHolder> holders;
    if (is_column && expression.empty()) {
        auto read = holders_of_field(session, oid, row.object.sub);
        if (const auto* answer = std::get_if<Answer>(&read)) return failed(*answer);
        holders = std::get<0>(std::move(read));
    }
    std::vector<std::uint32_t> tables;
    if (has_rows) {
        if (Answer locked = session.query(fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", row.object.name)); !locked.ok()) return failed(std::move(locked));
        tables.push_back(oid);
    }
    for (const auto& holder : holders) {
        tables.push_back(holder.table);
        if (!holder.may_lock) continue;
        if (Answer locked = session.query(fmt::format("LOCK TABLE {} IN SHARE MODE", holder.from)); !locked.ok()) return failed(std::move(locked));
    }
    if (fact[0] == "c") {
        const auto read = dependents_of_field(session, oid, row.object.sub, journal.settled_xids_query());
        if (const auto* answer = std::get_if<Answer>(&read)) return failed(*answer);
        if (const auto& others = std::get<0>(read); !others.empty()) return taken_along(journal, row, others);
    }
    if (tables.empty()) return {};
    Found found;
    std::optional<Answer> failure;
    const auto problem = without_forced_security(session, tables, [&]() -> std::optional<compiler::Diagnostic> {
        if (has_rows) failure = look(session, journal, row.object.name, is_column ? is_put_there("t." + sql::quote_identifier(row.object.sub), given, computed) : "", "", found);
        for (const auto& holder : holders) {
            if (!failure) failure = look(session, journal, holder.from, holder.where(is_put_there(holder.field, given, "")), fmt::format("{} in {}: ", holder.column, holder.name), found);
        }
        return failure ? std::optional(compiler::Diagnostic{}) : std::nullopt;
    });
    if (failure) return failed(std::move(*failure));
    if (problem) return {.conflict = problem, .gone = false, .failure = {}};
    return said(journal, row, again, found);
}

// pg_depend's row is as old as the dependency: https://www.postgresql.org/docs/15/catalog-pg-depend.html
GuardResult look_at_parts(Session& session, const journal::DatabaseJournal& journal, const UndoRow& row, const std::vector<std::string>& known) {
    journal::TextArray left_out;
    for (const auto& one : known) left_out.add(one);
    const Answer parts = session.query(
        "SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_catalog.pg_depend d "
        "WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = pg_catalog.to_regclass($1) "
        "AND ($2 = '' OR d.refobjsubid = (SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = d.refobjid AND attname = $2)) "
        "AND d.deptype IN ('a', 'i', 'P', 'S') AND d.xmin::text NOT IN (" + journal.settled_xids_query() + ") "
        "AND d.classid::regclass::text || ' ' || d.objid <> ALL ($3::text[]) "
        // An index that a rollback has built again CONCURRENTLY is of a transaction that nobody has written down.
        "AND NOT EXISTS (SELECT FROM cairn.remade r WHERE r.\"is\" = d.classid::regclass::text || ' ' || d.objid) "
        "ORDER BY 1 LIMIT 10",
        {row.object.name, row.object.sub, left_out.literal()});
    if (!parts.ok()) return failed(parts);
    if (parts.rows.empty()) return {};
    std::vector<std::string> others;
    for (const auto& r : parts.rows) others.push_back(r[0].value_or(""));
    return taken_along(journal, row, others);
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
    // What is renamed or moved back takes along what it has always had.
    const bool drops = row.object.kind == "column" ? row.guard_rows : row.object.kind == "relation" && row.statement.starts_with("DROP ");
    if (drops) {
        if (auto parts = look_at_parts(session, journal, row); parts.conflict || parts.failure) return parts;
    }
    return row.guard_rows ? look_at_rows(session, journal, row) : GuardResult{};
}

}  // namespace cairn::undo
