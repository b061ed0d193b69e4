#include <algorithm>
#include <charconv>

#include "runtime/catalog/definitions.hpp"
#include "runtime/catalog/definitions/reading.hpp"

namespace cairn::catalog {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Command;

// What each catalog's rows `r` say something about.
struct Source {
    const char* catalog;
    const char* object;          // (classid, objid)
    const char* key = nullptr;   // objid, where an index finds it
    const char* class_key = nullptr;  // classid, where that index asks for it first
};
constexpr Source sources[] = {
    {"pg_class", "'pg_class'::regclass, r.oid", "r.oid"},
    {"pg_attribute", "'pg_class'::regclass, r.attrelid", "r.attrelid"},
    {"pg_attrdef", "'pg_attrdef'::regclass, r.oid", "r.oid"},
    {"pg_constraint", "'pg_constraint'::regclass, r.oid", "r.oid"},
    {"pg_index", "'pg_class'::regclass, r.indexrelid", "r.indexrelid"},
    {"pg_trigger", "'pg_trigger'::regclass, r.oid", "r.oid"},
    {"pg_rewrite", "'pg_rewrite'::regclass, r.oid", "r.oid"},
    {"pg_policy", "'pg_policy'::regclass, r.oid", "r.oid"},
    {"pg_inherits", "'pg_class'::regclass, r.inhrelid", "r.inhrelid"},
    {"pg_partitioned_table", "'pg_class'::regclass, r.partrelid", "r.partrelid"},
    {"pg_sequence", "'pg_class'::regclass, r.seqrelid", "r.seqrelid"},
    {"pg_foreign_table", "'pg_class'::regclass, r.ftrelid", "r.ftrelid"},
    {"pg_statistic_ext", "'pg_statistic_ext'::regclass, r.oid", "r.oid"},
    {"pg_description", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_seclabel", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_init_privs", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_depend", "r.classid::regclass, r.objid", "r.objid", "r.classid"},
    {"pg_type", "'pg_type'::regclass, r.oid", "r.oid"},
    {"pg_enum", "'pg_type'::regclass, r.enumtypid", "r.enumtypid"},
    {"pg_range", "'pg_type'::regclass, r.rngtypid", "r.rngtypid"},
    {"pg_proc", "'pg_proc'::regclass, r.oid", "r.oid"},
    {"pg_aggregate", "'pg_proc'::regclass, r.aggfnoid::oid"},
    {"pg_operator", "'pg_operator'::regclass, r.oid", "r.oid"},
    {"pg_opclass", "'pg_opclass'::regclass, r.oid", "r.oid"},
    {"pg_opfamily", "'pg_opfamily'::regclass, r.oid", "r.oid"},
    {"pg_amop", "'pg_opfamily'::regclass, r.amopfamily"},
    {"pg_amproc", "'pg_opfamily'::regclass, r.amprocfamily"},
    {"pg_am", "'pg_am'::regclass, r.oid", "r.oid"},
    {"pg_cast", "'pg_cast'::regclass, r.oid", "r.oid"},
    {"pg_collation", "'pg_collation'::regclass, r.oid", "r.oid"},
    {"pg_conversion", "'pg_conversion'::regclass, r.oid", "r.oid"},
    {"pg_language", "'pg_language'::regclass, r.oid", "r.oid"},
    {"pg_transform", "'pg_transform'::regclass, r.oid", "r.oid"},
    {"pg_namespace", "'pg_namespace'::regclass, r.oid", "r.oid"},
    {"pg_extension", "'pg_extension'::regclass, r.oid", "r.oid"},
    {"pg_event_trigger", "'pg_event_trigger'::regclass, r.oid", "r.oid"},
    {"pg_publication", "'pg_publication'::regclass, r.oid", "r.oid"},
    {"pg_publication_rel", "'pg_publication'::regclass, r.prpubid"},
    {"pg_publication_namespace", "'pg_publication'::regclass, r.pnpubid"},
    {"pg_subscription", "'pg_subscription'::regclass, r.oid", "r.oid"},
    {"pg_foreign_data_wrapper", "'pg_foreign_data_wrapper'::regclass, r.oid", "r.oid"},
    {"pg_foreign_server", "'pg_foreign_server'::regclass, r.oid", "r.oid"},
    {"pg_user_mapping", "'pg_user_mapping'::regclass, r.oid", "r.oid"},
    {"pg_default_acl", "'pg_default_acl'::regclass, r.oid", "r.oid"},
    {"pg_ts_config", "'pg_ts_config'::regclass, r.oid", "r.oid"},
    {"pg_ts_config_map", "'pg_ts_config'::regclass, r.mapcfg"},
    {"pg_ts_dict", "'pg_ts_dict'::regclass, r.oid", "r.oid"},
    {"pg_ts_parser", "'pg_ts_parser'::regclass, r.oid", "r.oid"},
    {"pg_ts_template", "'pg_ts_template'::regclass, r.oid", "r.oid"},
    {"pg_largeobject_metadata", "'pg_largeobject'::regclass, r.oid", "r.oid"},
    {"pg_largeobject", "'pg_largeobject'::regclass, r.loid"},
    // Those that all databases share.
    {"pg_authid", "'pg_authid'::regclass, r.oid", "r.oid"},
    {"pg_auth_members", "'pg_authid'::regclass, r.member"},
    {"pg_database", "'pg_database'::regclass, r.oid", "r.oid"},
    {"pg_tablespace", "'pg_tablespace'::regclass, r.oid", "r.oid"},
    {"pg_db_role_setting",
     "CASE r.setrole WHEN 0 THEN 'pg_database'::regclass ELSE 'pg_authid'::regclass END, "
     // Those of everybody everywhere (ALTER ROLE ALL) count as this database's.
     "CASE WHEN r.setrole <> 0 THEN r.setrole WHEN r.setdatabase <> 0 THEN r.setdatabase "
     "ELSE (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) END"},
    {"pg_shdescription", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_shseclabel", "r.classoid::regclass, r.objoid", "r.objoid"},
    {"pg_parameter_acl", "'pg_parameter_acl'::regclass, r.oid", "r.oid"},
};

// A row that we see and whose transaction has not ended is ours. age() spares asking for nearly all
// of them.
const std::string written_by_us =
    "pg_catalog.age(r.xmin) <= 0 AND "
    "pg_catalog.pg_xact_status((pg_catalog.pg_current_xact_id()::text::numeric + "
    "(r.xmin::text::numeric - pg_catalog.mod(pg_catalog.pg_current_xact_id()::text::numeric, "
    "4294967296) + 4294967296) % "
    "4294967296)::text::xid8) = 'in progress'";
// $1: where the range of transactions begins; it ends with the newest.
// Nearly all rows have no xmax at all, which costs less to see than an age.
const std::string deleted_since =
    "r.xmax OPERATOR(pg_catalog.<>) 0 AND pg_catalog.age(r.xmax) <= pg_catalog.age($1::xid)";

// Where rows that belong to objects of `oids`, which are of `classes`, are found without looking through all.
std::string near(const Source& source, const std::string& oids, const std::string& classes) {
    if (source.key == nullptr) return oids + "::oid[] IS NULL";  // none
    std::string where = std::string(source.key) + " = ANY (" + oids + "::oid[])";
    if (source.class_key != nullptr)
        where += std::string(" AND ") + source.class_key + " = ANY (ARRAY(SELECT k::regclass::oid FROM unnest(" + classes + "::text[]) k))";
    return where;
}

std::string rows_where(const Source& source, const std::string& condition, const char* columns = "") {
    return std::string("SELECT ") + columns + source.object + " FROM pg_catalog." + source.catalog + " r WHERE " + condition;
}

// `raw`, with an `n` to its name and to those of what it is made of: rows of our transaction. Most belong to the objects $1 (of the catalogs $2), which one thinks of, or are in the last
// pages: the rest is looked through only when the transaction has written more versions than are
// found there.
std::string written(const Source& source, const std::string& n) {
    const std::string oid = std::string("'pg_catalog.") + source.catalog + "'::regclass";
    const auto rows = [&](const std::string& where) {
        return rows_where(source, where + " AND " + written_by_us, "r.ctid, ");
    };
    const auto fewer = [&](const std::string& found) {
        return "(SELECT (SELECT count(*) FROM " + found + ") < pg_stat_get_xact_tuples_inserted(" + oid +
               ") + pg_stat_get_xact_tuples_updated(" + oid + ") OR current_setting('track_counts') = 'off' AS needed)";
    };
    return "expected" + n + "(tid, classid, objid) AS MATERIALIZED (" + rows(near(source, "$1", "$2")) + "), more" + n +
           " AS MATERIALIZED " + fewer("expected" + n) + ", found" + n +
           "(tid, classid, objid) AS MATERIALIZED (SELECT * FROM expected" + n + " UNION " +
           rows("(SELECT needed FROM more" + n + ") AND r.ctid >= (SELECT format('(%s,0)', greatest(pg_relation_size(" + oid +
                ") / 8192 - 32, 0))::tid)") +
           "), whole" + n + " AS MATERIALIZED " + fewer("found" + n) + ", raw" + n + "(classid, objid) AS (SELECT classid, objid FROM found" +
           n + " UNION ALL " + rows_where(source, "(SELECT needed FROM whole" + n + ") AND " + written_by_us) + ")";
}

// $2: objects that one thinks of, of the catalogs $4; $3: how many rows the transaction has changed or deleted in each
// of the sources.
std::string deleted(const Source& source, const std::string& n) {
    return "found" + n + "(classid, objid) AS MATERIALIZED (" +
           rows_where(source, near(source, "$2", "$4") + " AND r.xmax OPERATOR(pg_catalog.=) $1::xid") + "), whole" + n +
           " AS MATERIALIZED (SELECT (SELECT count(*) FROM found" + n + ") < ($3::bigint[])[" + n + "] AS needed), raw" + n +
           "(classid, objid) AS (SELECT classid, objid FROM found" + n + " UNION ALL " +
           rows_where(source, "(SELECT needed FROM whole" + n + ") AND " + deleted_since) + ")";
}

// What only pg_depend or a comment names may be gone by now: reading definitions finds out.
// `classes`: the parameter that not every source needs, and whose type PostgreSQL has to know all the same.
std::string reading(const std::vector<const Source*>& from, std::string (*part)(const Source&, const std::string&),
                    const std::string& classes) {
    std::string parts = "classes AS (SELECT " + classes + "::text[]),\n", raw;
    for (std::size_t i = 0; i < from.size(); ++i) {
        const std::string n = std::to_string(i + 1);
        parts += part(*from[i], n) + ",\n";
        raw += (raw.empty() ? "SELECT * FROM raw" : " UNION SELECT * FROM raw") + n;
    }
    return "WITH " + parts + "raw(classid, objid) AS MATERIALIZED (" + raw + R"(),
w AS MATERIALIZED (SELECT DISTINCT o.classid, o.objid FROM raw CROSS JOIN LATERAL )" +
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
}

// $1: the system's catalogs. Those of them that the transaction has written to, by its own counters, and how many rows it
// has changed or deleted there.
constexpr const char* catalogs_written = R"(
WITH counted AS (
    SELECT o AS oid, pg_catalog.pg_stat_get_xact_tuples_inserted(o) AS inserted,
           pg_catalog.pg_stat_get_xact_tuples_updated(o) + pg_catalog.pg_stat_get_xact_tuples_deleted(o) AS replaced,
           pg_catalog.current_setting('track_counts') = 'off' AS all_may_be
    FROM unnest($1::oid[]) o)
SELECT c.relname, pg_catalog.pg_current_xact_id_if_assigned(), pg_catalog.has_table_privilege(c.oid, 'SELECT'),
       CASE WHEN w.all_may_be THEN 9223372036854775807 ELSE w.replaced END, w.inserted + w.replaced > 0
FROM counted w JOIN pg_catalog.pg_class c ON c.oid = w.oid
WHERE w.all_may_be OR w.inserted + w.replaced > 0)";

const Source* source_of(const std::string& catalog) {
    const auto* const found = std::find_if(std::begin(sources), std::end(sources),
                                           [&](const Source& one) { return catalog == one.catalog; });
    return found == std::end(sources) ? nullptr : found;
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

std::variant<std::set<ObjectId>, Diagnostic> objects_in(const std::vector<Answer>& answers, const Answer& from) {
    for (const auto& answer : answers)
        if (!answer.ok()) return unreadable(answer);
    std::set<ObjectId> objects;
    for (const auto& row : from.rows) objects.insert({*row[0], number(row[1])});
    return objects;
}

}  // namespace

std::variant<std::string, Diagnostic> read_system_catalogs(postgres::Session& session) {
    const auto answer = session.once(std::string("SELECT array_agg(oid)::text FROM (") + system_catalogs + ") c");
    if (!answer.ok()) return unreadable(answer);
    return *answer.rows[0][0];
}

std::variant<Touched, Diagnostic> touched(postgres::Session& session,
                                         const std::set<ObjectId>& likely, Pinned* pinned) {
    const auto catalogs = read_system_catalogs(session);
    if (const auto* diagnostic = std::get_if<Diagnostic>(&catalogs)) return *diagnostic;
    const auto answers = session.pipeline({settings_now(), pin_settings(), {catalogs_written, {std::get<std::string>(catalogs)}, true}});
    for (const auto& answer : answers)
        if (!answer.ok()) return unreadable(answer);
    Touched found;
    std::set<std::string> written_to;
    for (const auto& row : answers.back().rows)
        if (row[4] == "t") written_to.insert(*row[0]);
    for (const auto& row : answers.back().rows) {
        if (source_of(*row[0]) == nullptr) {
            if (row[4] == "t" && !says_nothing(*row[0], written_to)) found.unknown.push_back(*row[0]);
            continue;
        }
        if (!row[1]) continue;
        std::from_chars(row[1]->data(), row[1]->data() + row[1]->size(), found.xid);
        (row[2] == "t" ? found.catalogs : found.unreadable).push_back(*row[0]);
        if (row[2] == "t" && row[3] != "0") found.replaced_in.emplace(*row[0], *row[3]);
    }
    std::vector<const Source*> from;
    for (const auto& source : sources)
        if (std::find(found.catalogs.begin(), found.catalogs.end(), source.catalog) != found.catalogs.end()) from.push_back(&source);
    std::vector<Command> commands;
    if (!from.empty()) commands.push_back({reading(from, written, "$2"), {oid_array(likely), catalogs_of(likely)}, true});
    if (pinned == nullptr)
        commands.push_back(put_back_settings(answers.front().rows.front()));
    else
        *pinned = answers.front().rows.front();
    const auto read = commands.empty() ? std::vector<Answer>{} : session.pipeline(commands);
    auto objects = objects_in(read, from.empty() ? Answer{} : read.front());
    if (auto* diagnostic = std::get_if<Diagnostic>(&objects)) return std::move(*diagnostic);
    found.objects = std::get<std::set<ObjectId>>(std::move(objects));
    return found;
}

std::variant<std::set<ObjectId>, Diagnostic> touched_by_aborted(
    postgres::Session& session, const Touched& by, const std::set<ObjectId>& likely) {
    if (by.replaced_in.empty()) return std::set<ObjectId>{};
    std::set<ObjectId> objects = by.objects;
    objects.insert(likely.begin(), likely.end());
    std::vector<const Source*> from;
    std::string counts = "{";
    for (const auto& source : sources) {
        const auto replaced = by.replaced_in.find(source.catalog);
        if (replaced == by.replaced_in.end()) continue;
        from.push_back(&source);
        counts += (counts.size() > 1 ? "," : "") + replaced->second;
    }
    // The session has no transaction: what is pinned lasts as long as that of this pipeline.
    const auto answers = session.pipeline(
        {pin_settings(),
         {reading(from, deleted, "$4"),
          {std::to_string(by.xid & 0xffffffffU), oid_array(objects), counts + "}", catalogs_of(objects)},
          true}});
    return objects_in(answers, answers.back());
}

}  // namespace cairn::catalog
