#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "runtime/catalog/definitions.hpp"
#include "runtime/catalog/definitions/reading.hpp"
#include "runtime/catalog/definitions/sources.hpp"

namespace cairn::catalog {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Command;
using postgres::Value;

// Conditions of a row `r`, with the transaction's ID $1. A row that we see and whose transaction has not ended is ours; age() spares
// asking for nearly all of them.
const std::string written_by_us =
    "$1::xid IS NOT NULL AND pg_catalog.age(r.xmin) <= 0 AND "
    "pg_catalog.pg_xact_status((pg_catalog.pg_current_xact_id()::text::numeric + "
    "(r.xmin::text::numeric - pg_catalog.mod(pg_catalog.pg_current_xact_id()::text::numeric, "
    "4294967296) + 4294967296) % "
    "4294967296)::text::xid8) = 'in progress'";
const std::string replaced_by_it = "r.xmax OPERATOR(pg_catalog.=) $1::xid";
// Or by a subtransaction of it: these are newer, have not ended either, and are no session's own transaction. Nearly all rows have no
// xmax at all, which costs less to see than an age.
const std::string replaced_since =
    "r.xmax OPERATOR(pg_catalog.<>) 0 AND pg_catalog.age(r.xmax) <= pg_catalog.age($1::xid) AND (" + replaced_by_it +
    " OR pg_catalog.pg_xact_status((pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::numeric - pg_catalog.mod("
    "pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::numeric - r.xmax::text::numeric, 4294967296))::text::xid8) = 'in progress' "
    "AND r.xmax::text NOT IN (SELECT backend_xid::text FROM pg_catalog.pg_stat_activity WHERE backend_xid IS NOT NULL))";

// Rows that belong to the objects $2, which are of the catalogs $3, found without looking through all. A rule is known as its view.
std::string near(const Source& source) {
    if (source.key == nullptr) return "($2::oid[] IS NULL AND $3::text[] IS NULL)";  // none
    if (source.class_key == nullptr) return std::string("(") + source.key + " = ANY ($2::oid[]) AND $3::text[] IS NOT NULL)";
    return std::string("(") + source.key + " = ANY ($2::oid[] || ARRAY(SELECT oid FROM pg_catalog.pg_rewrite WHERE ev_class = ANY ($2::oid[]))) AND " +
           source.class_key + " = ANY (ARRAY(SELECT k::regclass::oid FROM unnest($3::text[] || 'pg_rewrite'::text) k)))";
}

// Where rows are added to a large catalog, most come to its last pages.
std::string last_pages(const Source& source) {
    return std::string("r.ctid >= (SELECT format('(%s,0)', greatest(pg_relation_size('pg_catalog.") + source.catalog +
           "'::regclass) / 8192 - 32, 0))::tid)";
}

// $1, $2: classids and objids. The objects that users know them by, without temporary ones, TOAST and our own. What only
// pg_depend or a comment names may be gone by now: reading definitions finds out.
const std::string& whole_objects() {
    static const std::string query = R"(
WITH w AS MATERIALIZED (SELECT DISTINCT o.classid, o.objid FROM unnest($1::oid[], $2::oid[]) raw(classid, objid) CROSS JOIN LATERAL )" +
        whole_object("raw.classid", "raw.objid") + R"( o)
SELECT (SELECT relname FROM pg_catalog.pg_class WHERE oid = w.classid), w.objid
FROM w LEFT JOIN LATERAL (
    SELECT c.relnamespace, c.relkind FROM pg_catalog.pg_class c
    WHERE c.oid = CASE w.classid
        WHEN 'pg_catalog.pg_class'::regclass THEN w.objid
        WHEN 'pg_catalog.pg_attrdef'::regclass THEN (SELECT adrelid FROM pg_catalog.pg_attrdef WHERE oid = w.objid)
        WHEN 'pg_catalog.pg_trigger'::regclass THEN (SELECT tgrelid FROM pg_catalog.pg_trigger WHERE oid = w.objid)
        WHEN 'pg_catalog.pg_rewrite'::regclass THEN (SELECT ev_class FROM pg_catalog.pg_rewrite WHERE oid = w.objid)
        WHEN 'pg_catalog.pg_policy'::regclass THEN (SELECT polrelid FROM pg_catalog.pg_policy WHERE oid = w.objid) END
    UNION ALL
    SELECT connamespace, 'r' FROM pg_catalog.pg_constraint WHERE w.classid = 'pg_catalog.pg_constraint'::regclass AND oid = w.objid
    UNION ALL
    SELECT typnamespace, 'r' FROM pg_catalog.pg_type WHERE w.classid = 'pg_catalog.pg_type'::regclass AND oid = w.objid
    UNION ALL
    SELECT pronamespace, 'r' FROM pg_catalog.pg_proc WHERE w.classid = 'pg_catalog.pg_proc'::regclass AND oid = w.objid
    UNION ALL
    SELECT w.objid, 'r' WHERE w.classid = 'pg_catalog.pg_namespace'::regclass) o(namespace, kind) ON true
WHERE o.kind IS DISTINCT FROM 't' AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_namespace n
    WHERE n.oid = o.namespace AND (n.nspname = 'cairn' OR n.nspname ~ '^pg_(toast|temp_|toast_temp_)')))";
    return query;
}

// $1: the system's catalogs. Those of them that the transaction has written to, by its own counters. With whether none of
// its subtransactions was rolled back: they have later IDs than it, and the newest that has ended comes behind such a one.
constexpr const char* catalogs_written = R"(
WITH counted AS (
    SELECT o AS oid, pg_catalog.pg_stat_get_xact_tuples_inserted(o) AS inserted,
           pg_catalog.pg_stat_get_xact_tuples_updated(o) AS updated, pg_catalog.pg_stat_get_xact_tuples_deleted(o) AS deleted,
           pg_catalog.current_setting('track_counts') = 'off'
               OR pg_catalog.current_setting('cairn.counts_are_hidden', true) = 'on' IS TRUE AS all_may_be
    FROM unnest($1::oid[]) o)
SELECT c.relname, pg_catalog.pg_current_xact_id_if_assigned(), pg_catalog.has_table_privilege(c.oid, 'SELECT'),
       w.inserted, w.updated, w.deleted, w.all_may_be,
       pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot()) <= pg_catalog.pg_current_xact_id_if_assigned()
FROM counted w JOIN pg_catalog.pg_class c ON c.oid = w.oid
WHERE w.all_may_be OR w.inserted + w.updated + w.deleted > 0)";

constexpr std::int64_t unknown_count = std::numeric_limits<std::int64_t>::max();

std::int64_t number64(const Value& value) {
    std::int64_t read = 0;
    std::from_chars(value->data(), value->data() + value->size(), read);
    return read;
}

// Statistics are no definition, and what a subscription or a table has in these goes with it.
bool says_nothing(const std::string& catalog, const std::set<std::string>& written) {
    if (catalog == "pg_shdepend" || catalog == "pg_statistic" || catalog == "pg_statistic_ext_data") return true;
    if (catalog == "pg_replication_origin") return written.contains("pg_subscription");
    return catalog == "pg_subscription_rel" && (written.contains("pg_subscription") || written.contains("pg_class"));
}

std::string oid_array(const std::set<ObjectId>& objects) {
    std::string text = "{";
    for (const auto& id : objects) text += (text.size() > 1 ? "," : "") + std::to_string(id.oid);
    return text + "}";
}

std::string catalogs_of(const std::set<ObjectId>& objects) {
    std::set<std::string> names;
    for (const auto& id : objects) names.insert(id.catalog);
    std::string text = "{";
    for (const auto& name : names) text += (text.size() > 1 ? "," : "") + name;
    return text + "}";
}

// Rows of a catalog that a transaction has written, or replaced.
struct Search {
    const Source* source;
    std::int64_t count;      // of them, by PostgreSQL's counters
    std::int64_t found = 0;  // so far
    std::set<std::pair<std::string, std::string>> objects;  // classid, objid
};

// Looks where such rows are to be expected, and further only while fewer are found than there are. Where there is no transaction,
// `before` comes before each lot of queries.
class Lookup {
public:
    Lookup(postgres::Session& session, std::vector<Search>& searches, std::uint64_t xid, const std::set<ObjectId>& likely, std::vector<Command> before)
        : session_(session), searches_(searches), xid_(std::to_string(xid & 0xffffffffU)), likely_(oid_array(likely)), catalogs_(catalogs_of(likely)),
          before_(std::move(before)) {}

    std::optional<Diagnostic> written() {
        if (auto d = ask([&](const Source& s) { return near(s) + " AND " + written_by_us; }, {xid_, likely_, catalogs_}, false)) return d;
        if (auto d = ask([&](const Source& s) { return last_pages(s) + " AND NOT " + near(s) + " AND " + written_by_us; }, {xid_, likely_, catalogs_}, false)) return d;
        return ask([&](const Source&) { return written_by_us; }, {xid_}, true);
    }
    std::optional<Diagnostic> replaced() {
        if (auto d = ask([&](const Source& s) { return near(s) + " AND " + replaced_by_it; }, {xid_, likely_, catalogs_}, false)) return d;
        return ask([&](const Source&) { return replaced_since; }, {xid_}, true);
    }

    // What the rows say something about.
    std::variant<std::set<ObjectId>, Diagnostic> objects(const std::vector<Command>& after = {}) {
        std::string classids, objids;
        for (const auto& search : searches_) {
            for (const auto& [classid, objid] : search.objects) {
                classids += (classids.empty() ? "{" : ",") + classid;
                objids += (objids.empty() ? "{" : ",") + objid;
            }
        }
        std::vector<Command> commands = before_;
        if (!objids.empty()) commands.push_back({whole_objects(), {classids + "}", objids + "}"}, true});
        commands.insert(commands.end(), after.begin(), after.end());
        std::set<ObjectId> found;
        if (commands.size() == before_.size()) return found;
        const auto answers = session_.pipeline(commands);
        for (const auto& answer : answers)
            if (!answer.ok()) return unreadable(answer);
        if (objids.empty()) return found;
        for (const auto& row : answers[before_.size()].rows) found.insert({*row[0], number(row[1])});
        return found;
    }

private:
    // `all`: nothing else need be looked at; else what is found comes to what was found before.
    template <class Where>
    std::optional<Diagnostic> ask(const Where& where, const std::vector<Value>& parameters, bool all) {
        std::vector<Command> commands = before_;
        std::vector<Search*> asked;
        for (auto& search : searches_) {
            if (search.found >= search.count) continue;
            asked.push_back(&search);
            const Source& source = *search.source;
            // OFFSET 0: the groups would be read in order, by an index of the whole catalog.
            commands.push_back({std::string("SELECT classid::oid, objid, count(*) FROM (SELECT ") + source.object + " FROM pg_catalog." + source.catalog +
                                    " r WHERE " + where(source) + " OFFSET 0) o(classid, objid) GROUP BY 1, 2",
                                parameters, true});
        }
        if (asked.empty()) return std::nullopt;
        const auto answers = session_.pipeline(commands);
        for (const auto& answer : answers)
            if (!answer.ok()) return unreadable(answer);
        for (std::size_t i = 0; i < asked.size(); ++i) {
            if (all) asked[i]->found = 0;
            for (const auto& row : answers[before_.size() + i].rows) {
                asked[i]->objects.insert({*row[0], *row[1]});
                asked[i]->found += number64(row[2]);
            }
        }
        return std::nullopt;
    }

    postgres::Session& session_;
    std::vector<Search>& searches_;
    std::string xid_, likely_, catalogs_;
    std::vector<Command> before_;
};

}  // namespace

std::variant<std::string, Diagnostic> read_system_catalogs(postgres::Session& session) {
    const auto answer = session.once(std::string("SELECT array_agg(oid)::text FROM (") + system_catalogs + ") c");
    if (!answer.ok()) return unreadable(answer);
    return *answer.rows[0][0];
}

std::variant<Touched, Diagnostic> touched(postgres::Session& session,
                                         const std::set<ObjectId>& likely, Pinned* pinned, bool counts_are_its_own) {
    const auto catalogs = read_system_catalogs(session);
    if (const auto* diagnostic = std::get_if<Diagnostic>(&catalogs)) return *diagnostic;
    const auto answers = session.pipeline({settings_now(), pin_settings(), {catalogs_written, {std::get<std::string>(catalogs)}, true}});
    for (const auto& answer : answers)
        if (!answer.ok()) return unreadable(answer);
    const auto& counted = answers.back().rows;
    Touched found;
    std::set<std::string> written_to;
    for (const auto& row : counted)
        if (row[6] == "f") written_to.insert(*row[0]);
    std::vector<Search> searches;
    const bool all_stands = counts_are_its_own && !counted.empty() && counted[0][6] == "f" && counted[0][7] == "t";
    for (const auto& row : counted) {
        const Source* source = source_of(*row[0]);
        if (source == nullptr) {
            if (row[6] == "f" && !says_nothing(*row[0], written_to)) found.unknown.push_back(*row[0]);
            continue;
        }
        if (!row[1]) continue;
        found.xid = static_cast<std::uint64_t>(number64(row[1]));
        if (row[2] != "t") {
            found.unreadable.push_back(*row[0]);
            continue;
        }
        const auto inserted = number64(row[3]), updated = number64(row[4]), deleted = number64(row[5]);
        searches.push_back({.source = source, .count = row[6] == "t" ? unknown_count : inserted + updated, .objects = {}});
        if (row[6] == "t")
            found.replaced_in[*row[0]] = unknown_count;
        else if (updated + deleted > 0)
            found.replaced_in[*row[0]] = updated + deleted;
    }
    std::vector<Command> after;
    if (pinned == nullptr)
        after.push_back(put_back_settings(answers.front().rows.front()));
    else
        *pinned = answers.front().rows.front();
    Lookup lookup(session, searches, found.xid, likely, {});
    if (auto diagnostic = lookup.written()) return std::move(*diagnostic);
    auto objects = lookup.objects(after);
    if (auto* diagnostic = std::get_if<Diagnostic>(&objects)) return std::move(*diagnostic);
    found.objects = std::get<std::set<ObjectId>>(std::move(objects));
    if (!all_stands) return found;
    // What it has written and no longer stands, it has replaced itself.
    for (const auto& search : searches) {
        const auto replaced = found.replaced_in.find(search.source->catalog);
        if (replaced == found.replaced_in.end()) continue;
        replaced->second -= search.count - search.found;
        if (replaced->second == 0) found.replaced_in.erase(replaced);
    }
    return found;
}

std::variant<std::set<ObjectId>, Diagnostic> touched_by_aborted(
    postgres::Session& session, const Touched& by, const std::set<ObjectId>& likely) {
    std::set<ObjectId> objects = by.objects;
    objects.insert(likely.begin(), likely.end());
    std::vector<Search> searches;
    for (const auto& [catalog, count] : by.replaced_in) searches.push_back({.source = source_of(catalog), .count = count, .objects = {}});
    // The session has no transaction: what is pinned lasts as long as that of a pipeline.
    Lookup lookup(session, searches, by.xid, objects, {pin_settings()});
    if (auto diagnostic = lookup.replaced()) return std::move(*diagnostic);
    return lookup.objects();
}

}  // namespace cairn::catalog
