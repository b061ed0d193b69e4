#include "runtime/review/reliances.hpp"

#include "runtime/journal/arrays.hpp"
#include "runtime/review/names.hpp"

namespace cairn::review {

namespace {

std::string name_of(const postgres::Value& schema, const postgres::Value& relation) {
    return schema.value_or("") + "." + relation.value_or("");
}

constexpr const char* users =
    " n.nspname NOT IN ('pg_catalog', 'information_schema', 'cairn') AND n.nspname !~ '^pg_' ";

}  // namespace

// PostgreSQL keeps what the body of a standard SQL function depends on, column by column: a
// function that is gone again a moment later tells what the statement needs.
void Reliances::add_analysed(postgres::Session& scratch, const std::string& item,
                             const compiler::Statement& statement) {
    for (const auto& name : names_in(statement.sql.text)) names[name].insert(item);
    if (!scratch.query("SAVEPOINT cairn_reliance").ok()) return;
    const bool made =
        scratch
            .query(
                "CREATE FUNCTION pg_temp.cairn_reliance() RETURNS void LANGUAGE sql BEGIN ATOMIC " +
                statement.sql.text + "\n; END")
            .ok();
    if (made) {
        const auto found = scratch.query(
            std::string(
                "SELECT pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname), "
                "a.attname FROM pg_catalog.pg_depend d JOIN "
                "pg_catalog.pg_class c ON d.refclassid = "
                "'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.refobjid JOIN "
                "pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN "
                "pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = "
                "d.refobjsubid AND a.attnum > 0 WHERE d.classid = "
                "'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = "
                "'pg_temp.cairn_reliance'::pg_catalog.regproc AND") +
            users);
        for (const auto& row : found.rows) {
            Reliance& reliance = relations[name_of(row[0], row[1])];
            reliance.items.insert(item);
            if (row[2]) reliance.columns.insert(*row[2]);
        }
    }
    (void)scratch.query("ROLLBACK TO SAVEPOINT cairn_reliance");
    if (!made) add_named(scratch, item, statement);
}

void Reliances::add_named(postgres::Session& scratch, const std::string& item,
                          const compiler::Statement& statement) {
    const auto words = names_in(statement.sql.text);
    for (const auto& name : words) names[name].insert(item);
    journal::TextArray named;
    std::set<std::string> relations_named;
    for (const auto& lock : statement.facts.locks) relations_named.insert(lock.relation);
    relations_named.insert(statement.facts.reads.begin(), statement.facts.reads.end());
    relations_named.insert(statement.facts.writes.begin(), statement.facts.writes.end());
    for (const auto& name : relations_named) named.add(name);
    if (relations_named.empty()) return;
    const auto found = scratch.query(
        std::string(
            "SELECT pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname), t FROM "
            "pg_catalog.unnest($1::pg_catalog.text[]) t JOIN pg_catalog.pg_class c ON c.oid = "
            "pg_catalog.to_regclass(t) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind NOT IN "
            "('i', 'I') AND") +
            users,
        {named.literal()});
    for (const auto& row : found.rows) {
        Reliance& reliance = relations[name_of(row[0], row[1])];
        reliance.items.insert(item);
        reliance.columns.insert(words.begin(), words.end());
        for (const auto& inverse : statement.facts.inverse)
            if (inverse.object.kind == "column" && inverse.object.name == row[2])
                reliance.adds.insert(inverse.object.sub);
    }
}

}  // namespace cairn::review
