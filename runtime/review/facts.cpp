#include "runtime/review/facts.hpp"

#include <algorithm>
#include <charconv>

#include "runtime/journal/arrays.hpp"

namespace cairn::review {

using compiler::Diagnostic;
using compiler::FoundRelation;
using journal::TextArray;
using Rows = std::vector<std::vector<postgres::Value>>;

namespace {

// By name as it is quoted, and not by to_regclass(), which asks for rights on the schema.
constexpr const char* resolved =
    "WITH named AS (SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS t "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = "
    "c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') ";

std::int64_t number(const postgres::Value& value) {
    std::int64_t out = 0;
    if (value) std::from_chars(value->data(), value->data() + value->size(), out);
    return out;
}

class Reading {
public:
    Reading(Database& database, std::vector<FoundRelation> asked)
        : database_(database), out_(std::move(asked)) {
        for (std::size_t i = 0; i < out_.size(); ++i) place_[out_[i].relation] = i;
    }

    std::variant<std::vector<FoundRelation>, Diagnostic> run() {
        for (const auto& relation : out_) relations_.add(relation.relation);
        if (auto error = sizes()) return std::move(*error);
        if (auto error = columns()) return std::move(*error);
        if (auto error = dependents()) return std::move(*error);
        return std::move(out_);
    }

private:
    template <typename Use>
    std::optional<Diagnostic> each(const std::string& query, std::vector<postgres::Value> params,
                                   const Use& use) {
        auto rows = database_.rows(resolved + query, std::move(params));
        if (auto* error = std::get_if<Diagnostic>(&rows)) return std::move(*error);
        for (const auto& row : std::get<Rows>(rows))
            if (const auto at = place_.find(row[0].value_or("")); at != place_.end())
                use(out_[at->second], row);
        return std::nullopt;
    }

    // A partitioned table is as large as its parts; the estimate of each may be missing.
    std::optional<Diagnostic> sizes() {
        return each(
            "SELECT t, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN "
            "'v' THEN 'view' WHEN 'm' THEN 'materialized view' "
            "WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type' ELSE "
            "'relation' END, "
            "coalesce(p.bytes, pg_total_relation_size(c.oid)), CASE WHEN c.relkind = 'p' THEN "
            "p.rows WHEN c.reltuples >= 0 THEN c.reltuples::bigint END, "
            "coalesce(p.parts, 0) FROM unnest($1::text[]) t JOIN named USING (t) JOIN pg_class c "
            "USING (oid) LEFT JOIN LATERAL (SELECT "
            "sum(pg_total_relation_size(l.oid))::bigint AS bytes, CASE WHEN min(l.reltuples) >= 0 "
            "THEN sum(l.reltuples)::bigint END AS rows, count(*) AS "
            "parts FROM pg_partition_tree(c.oid) x JOIN pg_class l ON l.oid = x.relid WHERE "
            "x.isleaf AND x.relid <> c.oid) p ON c.relkind = 'p'",
            {relations_.literal()}, [](FoundRelation& relation, const auto& row) {
                relation.exists = true;
                relation.kind = row[1].value_or("");
                relation.bytes = number(row[2]);
                if (row[3]) relation.rows = number(row[3]);
                relation.partitions = number(row[4]);
            });
    }

    std::optional<Diagnostic> columns() {
        TextArray tables, names, numbers;
        for (const auto& relation : out_) {
            for (const auto& column : relation.columns) {
                tables.add(relation.relation);
                names.add(column.name);
                numbers.add(std::to_string(column.number));
            }
        }
        auto error = each(
            "SELECT t, n, format_type(a.atttypid, a.atttypmod), a.attnum, a.attname FROM "
            "unnest($1::text[], $2::text[], $3::int2[]) u(t, n, number) JOIN "
            "named USING (t) JOIN pg_attribute a ON a.attrelid = named.oid AND (a.attname = n OR "
            "a.attnum = number) AND a.attnum > 0 AND NOT "
            "a.attisdropped",
            {tables.literal(), names.literal(), numbers.literal()},
            [](FoundRelation& relation, const auto& row) {
                for (auto& column : relation.columns) {
                    if (column.name != row[1]) continue;
                    if (row[1] != row[4]) {
                        column.now = row[4].value_or("");
                        continue;
                    }
                    column.type = row[2].value_or("");
                    column.number = static_cast<int>(number(row[3]));
                }
            });
        if (error) return error;
        TextArray owners, indexes;
        for (const auto& relation : out_) {
            for (const auto& index : relation.indexes) {
                owners.add(relation.relation);
                indexes.add(index.name);
            }
        }
        for (auto& relation : out_) relation.indexes.clear();
        return each(
            "SELECT t, i.relname, x.indisvalid FROM unnest($1::text[], $2::text[]) u(t, n) JOIN "
            "named USING (t) JOIN pg_index x ON x.indrelid = named.oid JOIN "
            "pg_class i ON i.oid = x.indexrelid AND i.relname = n ORDER BY 2",
            {owners.literal(), indexes.literal()}, [](FoundRelation& relation, const auto& row) {
                relation.indexes.push_back({.name = row[1].value_or(""), .valid = row[2] == "t"});
            });
    }

    std::optional<Diagnostic> dependents() {
        return each(
            "SELECT t, d.what FROM unnest($1::text[]) t JOIN named USING (t) CROSS JOIN LATERAL "
            "(SELECT DISTINCT CASE v.relkind WHEN 'm' THEN 'materialized view ' ELSE "
            "'view ' END || quote_ident(n.nspname) || '.' || quote_ident(v.relname) AS what FROM "
            "pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN "
            "pg_class v ON v.oid = r.ev_class JOIN pg_namespace n ON n.oid = v.relnamespace WHERE "
            "d.classid = 'pg_rewrite'::regclass AND d.refclassid = "
            "'pg_class'::regclass AND d.refobjid = named.oid AND v.oid <> d.refobjid UNION SELECT "
            "'foreign key of ' || quote_ident(n.nspname) || "
            "'.' || quote_ident(c.relname) FROM pg_constraint k JOIN pg_class c ON c.oid = "
            "k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
            "k.contype = 'f' AND k.confrelid = named.oid AND k.conrelid <> k.confrelid AND "
            "k.conparentid = 0) d ORDER BY 1, 2",
            {relations_.literal()}, [](FoundRelation& relation, const auto& row) {
                relation.dependents.push_back(row[1].value_or(""));
            });
    }

    Database& database_;
    std::vector<FoundRelation> out_;
    std::map<std::string, std::size_t> place_;
    TextArray relations_;
};

std::vector<std::string> in_order(const std::set<std::string>& items,
                                  const std::vector<std::string>& order) {
    std::vector<std::string> out;
    for (const auto& item : order)
        if (items.contains(item)) out.push_back(item);
    return out;
}

}  // namespace

std::variant<std::vector<FoundRelation>, Diagnostic> read_facts(
    Database& database, const Reliances& reliances, const std::vector<std::string>& order) {
    // Indexes that the plan names bring their tables along.
    TextArray words;
    for (const auto& [name, items] : reliances.names) words.add(name);
    auto found = database.rows(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), i.relname FROM pg_index x "
        "JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c "
        "ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.relname = ANY "
        "($1::text[]) AND c.oid >= 16384 AND n.nspname <> 'cairn' "
        "AND n.nspname !~ '^pg_' ORDER BY 1, 2",
        {words.literal()});
    if (auto* error = std::get_if<Diagnostic>(&found)) return std::move(*error);
    std::map<std::string, Reliance> all = reliances.relations;
    std::map<std::string, std::vector<compiler::FoundIndex>> indexes;
    for (const auto& row : std::get<Rows>(found)) {
        const auto table = row[0].value_or(""), index = row[1].value_or("");
        indexes[table].push_back({.name = index});
        const auto& items = reliances.names.at(index);
        all[table].items.insert(items.begin(), items.end());
    }
    std::vector<FoundRelation> asked;
    for (const auto& [name, reliance] : all) {
        FoundRelation relation{.database = database.role(), .relation = name};
        auto columns = reliance.columns;
        columns.insert(reliance.adds.begin(), reliance.adds.end());
        for (const auto& column : columns) relation.columns.push_back({.name = column, .type = {}});
        relation.indexes = indexes[name];
        relation.items = in_order(reliance.items, order);
        asked.push_back(std::move(relation));
    }
    auto read = Reading(database, std::move(asked)).run();
    if (auto* list = std::get_if<std::vector<FoundRelation>>(&read)) {
        for (auto& relation : *list) {
            const auto& adds = all[relation.relation].adds;
            std::erase_if(relation.columns, [&](const auto& column) {
                return column.type.empty() && !(relation.exists && adds.contains(column.name));
            });
        }
    }
    return read;
}

std::variant<std::vector<FoundRelation>, Diagnostic> read_again(
    Database& database, const std::vector<FoundRelation>& before) {
    std::vector<FoundRelation> asked;
    for (const auto& relation : before) {
        if (relation.database != database.role()) continue;
        FoundRelation fresh{.database = relation.database, .relation = relation.relation};
        for (const auto& column : relation.columns)
            fresh.columns.push_back({.name = column.name, .type = {}, .number = column.number});
        fresh.indexes = relation.indexes;
        fresh.items = relation.items;
        asked.push_back(std::move(fresh));
    }
    return Reading(database, std::move(asked)).run();
}

}  // namespace cairn::review
