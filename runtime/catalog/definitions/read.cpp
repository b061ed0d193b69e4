#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "runtime/catalog/definitions.hpp"
#include "runtime/catalog/definitions/array_casts.hpp"
#include "runtime/catalog/definitions/family.hpp"
#include "runtime/catalog/definitions/questions.hpp"
#include "runtime/catalog/definitions/reading.hpp"
#include "runtime/catalog/definitions/relations.hpp"

namespace cairn::catalog {
namespace {

using compiler::Diagnostic;
using postgres::Answer;
using postgres::Command;
using postgres::Value;

std::string array(const std::vector<std::string>& values) {
    std::string text = "{";
    for (const auto& value : values) text += (text.size() > 1 ? "," : "") + value;
    return text + "}";
}

// The roots and what would have to be made again with them: rows (class, oid, own column, class it
// needs, its oid, its column, deptype, kind of the first), one at least for each object. Tables, constraints and the
// like are never made again while they stand, so what hangs on them is not followed, except on a
// column, when its type may be.
const std::string closure = R"(
WITH RECURSIVE up(classid, objid, subid) AS (
    SELECT r.c::regclass::oid, r.o, 0 FROM unnest($1::text[], $2::oid[]) r(c, o)
    UNION
    SELECT n.classid, n.objid, n.subid FROM up CROSS JOIN LATERAL (
        SELECT d.classid, d.objid, d.objsubid FROM pg_depend d
        WHERE d.refclassid = up.classid AND d.refobjid = up.objid AND d.deptype <> 'e'
          AND CASE WHEN up.classid <> 'pg_class'::regclass THEN up.classid <> ALL (ARRAY['pg_namespace', 'pg_extension', 'pg_language', 'pg_am',
                        'pg_constraint', 'pg_attrdef', 'pg_trigger', 'pg_policy', 'pg_rewrite', 'pg_statistic_ext']::regclass[]::oid[])
                   WHEN up.subid > 0 THEN d.refobjsubid = up.subid
                   ELSE (SELECT c.relkind IN ('v', 'm') FROM pg_class c WHERE c.oid = up.objid) END
        UNION ALL
        SELECT d.refclassid, d.refobjid, 0 FROM pg_depend d
        WHERE d.classid = up.classid AND d.objid = up.objid
          -- A partition's foreign key comes with its parent's.
          AND (d.deptype = 'i' OR d.deptype = 'P' AND d.classid = 'pg_constraint'::regclass AND d.refclassid = d.classid
               -- A check of a domain may only come again with that.
               OR d.deptype = 'a' AND d.classid = 'pg_constraint'::regclass AND d.refclassid = 'pg_type'::regclass)
        UNION ALL
        -- Made again along with a column of another type.
        SELECT 'pg_class'::regclass, k.conindid, 0 FROM pg_constraint k
        WHERE up.classid = 'pg_constraint'::regclass AND k.oid = up.objid AND k.contype IN ('p', 'u', 'x')
        UNION ALL
        SELECT 'pg_class'::regclass, d.adrelid, d.adnum FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE up.classid = 'pg_attrdef'::regclass AND d.oid = up.objid AND a.attgenerated <> '') n(classid, objid, subid))
SELECT DISTINCT own.classid::regclass, own.objid, coalesce(own.objsubid, d.objsubid), other.classid::regclass, other.objid,
       d.refobjsubid, d.deptype,
       CASE own.classid WHEN 'pg_class'::regclass THEN (SELECT )" + relation_kinds("c") + R"( FROM pg_class c WHERE c.oid = own.objid)
                        WHEN 'pg_constraint'::regclass THEN (SELECT CASE WHEN contypid <> 0 THEN 'd' ELSE contype::text END FROM pg_constraint WHERE oid = own.objid)
       END
FROM (SELECT DISTINCT classid, objid FROM up) n
     -- OFFSET 0 keeps it an index scan for each: they are few, which the planner can't know.
     LEFT JOIN LATERAL (SELECT * FROM pg_depend p WHERE p.classid = n.classid AND p.objid = n.objid OFFSET 0) d ON true
     CROSS JOIN LATERAL )" + whole_object("n.classid", "n.objid") +
                            R"( own
     LEFT JOIN LATERAL )" + whole_object("d.refclassid", "d.refobjid") +
                            R"( other ON d.classid IS NOT NULL
WHERE d.classid IS NULL OR (own.classid, own.objid) <> (other.classid, other.objid)
  -- The schema of a part is nobody else's.
  AND (other.classid <> 'pg_namespace'::regclass OR (own.classid, own.objid) = (n.classid, n.objid)))";

// By catalog: what FacetQuery's kinds speak of.
using Kinds = std::map<std::string, std::string>;

Kinds take_dependencies(const Answer& answer, const std::set<ObjectId>& roots, Definitions& into) {
    Kinds kinds;
    for (const auto& row : answer.rows) {
        const ObjectId id{*row[0], number(row[1])};
        for (const char kind : row[7].value_or("")) {
            auto& of = kinds[id.catalog];
            if (of.find(kind) == std::string::npos) of += kind;
        }
        auto& object = into[id];
        object.id = id;
        object.root = roots.contains(id);
        if (!row[3] || !row[6]) continue;
        const Dependency dependency{.on = {*row[3], number(row[4])},
                                    .own_column = static_cast<int>(number(row[2])),
                                    .column = static_cast<int>(number(row[5])),
                                    .kind = row[6]->front()};
        if (dependency.kind == 'e') object.member = true;
        object.depends_on.push_back(dependency);
    }
    return kinds;
}

Facet::How how(const Value& value) {
    if (!value) return Facet::How::always;
    if (*value == "given") return Facet::How::given;
    if (*value == "created") return Facet::How::created;
    if (*value == "fresh") return Facet::How::fresh;
    if (*value == "last") return Facet::How::last;
    if (*value == "contents") return Facet::How::contents;
    if (*value == "retype") return Facet::How::retype;
    if (*value == "rename") return Facet::How::rename;
    return Facet::How::lasting;
}

void take_headers(const std::string& catalog, const Answer& answer, Definitions& into) {
    for (const auto& row : answer.rows) {
        auto& object = into[{catalog, number(row[0])}];
        object.word = row[1].value_or("");
        object.identity = row[2].value_or("");
        object.schema = row[3].value_or("");
        object.name = row[4].value_or("");
        object.suffix = row[5].value_or("");
    }
}

// Whether what sets it holds expressions that PostgreSQL has written back. Bodies of functions and comments are text.
bool holds_expressions(const std::string& catalog, const std::string& facet) {
    return (catalog == "pg_class" || catalog == "pg_constraint" || catalog == "pg_attrdef" ||
            catalog == "pg_policy" || catalog == "pg_trigger" || catalog == "pg_rewrite") &&
           !facet.starts_with("comment") && !facet.starts_with("label");
}

void take_facets(const std::string& catalog, const Answer& answer, Definitions& into) {
    for (const auto& row : answer.rows) {
        auto& object = into[{catalog, number(row[0])}];
        const auto kind = how(row[6]);
        const auto facet = row[1].value_or(""), set = row[3].value_or("");
        object.facets[facet] = {.value = row[2].value_or(""),
                                              .set = holds_expressions(catalog, facet) ? with_array_casts(set) : set,
                                              .reset = row[4].value_or(""),
                                              .in_place = row[5].value_or(""),
                                              .how = kind};
    }
}

// OFFSET 0: the planner would rather read the whole of pg_class.
constexpr const char* columns_of_tables = R"(
SELECT 'pg_class', c.oid, a.attname, a.attnum, c.oid
FROM pg_class c CROSS JOIN LATERAL (SELECT * FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped OFFSET 0) a
WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
UNION ALL
SELECT 'pg_type', t.oid, a.attname, a.attnum, c.oid
FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE t.oid = ANY ($2::oid[]))";

void take_columns(const Answer& answer, Definitions& into) {
    for (const auto& row : answer.rows) {
        auto& object = into[{row[0].value_or(""), number(row[1])}];
        object.columns.emplace_back(row[2].value_or(""), static_cast<int>(number(row[3])));
        object.relation = number(row[4]);
    }
}

// Everything of the families whose catalogs occur, in one round trip, and the settings as they
// were.
std::optional<Diagnostic> read_families(postgres::Session& session,
                                        const std::vector<Value>& settings, const Kinds& kinds, Definitions& into) {
    std::map<std::string, std::vector<std::string>> oids;
    for (const auto& [id, object] : into) oids[id.catalog].push_back(std::to_string(id.oid));
    const auto& families = all_families();
    std::vector<Command> commands;
    struct Part {
        std::size_t family;
        bool header;
    };
    std::vector<Part> parts;
    for (std::size_t at = 0; at < families.size(); ++at) {
        const auto found = oids.find(families[at].catalog);
        if (found == oids.end()) continue;
        const auto occurs = [&](const char* wanted) {
            const auto of = kinds.find(families[at].catalog);
            return wanted == nullptr || (of != kinds.end() && of->second.find_first_of(wanted) != std::string::npos);
        };
        if (!occurs(families[at].kinds)) continue;
        const std::vector<Value> params{array(found->second)};
        const auto& own = all_questions()[at];
        const auto ask = [&](const std::string& sql, bool header) {
            commands.push_back({sql, params, true});
            parts.push_back({at, header});
        };
        ask(own.header, true);
        for (const auto& facet : own.facets) {
            if (occurs(facet.kinds)) ask(facet.sql, false);
        }
    }
    const auto all_of = [&](const char* catalog) {
        const auto found = oids.find(catalog);
        return array(found == oids.end() ? std::vector<std::string>{} : found->second);
    };
    const bool any = oids.contains("pg_class") || oids.contains("pg_type");
    if (any) commands.push_back({columns_of_tables, {all_of("pg_class"), all_of("pg_type")}, true});
    commands.push_back(put_back_settings(settings));
    const auto answers = session.pipeline(commands);
    for (const auto& answer : answers)
        if (!answer.ok()) return unreadable(answer);
    if (any) take_columns(answers[parts.size()], into);
    for (std::size_t at = 0; at < parts.size(); ++at) {
        const auto& catalog = families[parts[at].family].catalog;
        if (parts[at].header)
            take_headers(catalog, answers[at], into);
        else
            take_facets(catalog, answers[at], into);
    }
    // Depended on, but of no kind that is known (a TOAST table), or gone.
    std::erase_if(into, [](const auto& entry) { return entry.second.identity.empty(); });
    return std::nullopt;
}

}  // namespace

std::variant<Definitions, Diagnostic> read_definitions(postgres::Session& session,
                                                       const std::set<ObjectId>& roots, const Pinned& pinned) {
    Definitions read;
    if (roots.empty()) {
        if (pinned.empty()) return read;
        const Answer answer = session.query(put_back_settings(pinned));
        if (!answer.ok()) return unreadable(answer);
        return read;
    }
    std::vector<std::string> catalogs, oids;
    for (const auto& root : roots) {
        catalogs.push_back(root.catalog);
        oids.push_back(std::to_string(root.oid));
    }
    std::vector<Command> commands;
    if (pinned.empty()) commands = {settings_now(), pin_settings()};
    commands.push_back({closure, {array(catalogs), array(oids)}, true});
    const auto answers = session.pipeline(commands);
    for (const auto& answer : answers)
        if (!answer.ok()) return unreadable(answer);
    const auto kinds = take_dependencies(answers.back(), roots, read);
    if (auto diagnostic = read_families(session, pinned.empty() ? answers.front().rows.front() : pinned, kinds, read))
        return std::move(*diagnostic);
    return read;
}

}  // namespace cairn::catalog
