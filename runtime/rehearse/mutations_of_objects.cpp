// Objects that a check's query names, dropped, renamed or made.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "compiler/sql/facts.hpp"
#include "runtime/rehearse/finding_mutations.hpp"

namespace cairn::rehearse {

using postgres::Answer;
using postgres::Session;
using sql::quote_literal;

// Every object that a constant of the query names, and those that it says should not be there.
void FindingMutations::objects() {
    for (const auto& name : constants_) {
        relation(name);
        routines(name);
    }
    for (const auto& name : constants_) absent(name);
}

void FindingMutations::relation(const std::string& name) {
    const auto found =
        ask("SELECT c.oid::regclass, c.relkind FROM pg_class c WHERE c.oid = to_regclass(" +
            quote_literal(name) + ") AND c.oid >= 16384");
    if (!found.ok() || found.rows.empty()) return;
    const auto relation = found.rows[0][0].value_or("");
    const auto kind = found.rows[0][1].value_or("");
    const auto oid = quote_literal(relation) + "::regclass";
    if (kind == "i" || kind == "I") {
        add("index " + relation + " not valid",
            {"UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = " + oid});
        add("index " + relation + " dropped",
            {fmt::format(
                "DO $cairn$ DECLARE r record; BEGIN FOR r IN SELECT conname, conrelid "
                "FROM pg_constraint WHERE conindid = {0} AND contype IN ('p', 'u', "
                "'x') LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', "
                "r.conrelid::regclass, r.conname); END LOOP; EXECUTE 'DROP INDEX IF "
                "EXISTS {1} CASCADE'; END $cairn$",
                oid, relation)});
        return;
    }
    const char* word = kind == "v"   ? "VIEW"
                       : kind == "m" ? "MATERIALIZED VIEW"
                       : kind == "S" ? "SEQUENCE"
                       : kind == "f" ? "FOREIGN TABLE"
                                     : "TABLE";
    for (const auto& part : constants_) parts_of(relation, oid, part);
    if (kind == "r" || kind == "p") {
        for (const auto* to : {"DISABLE", "ENABLE"})
            add(fmt::format("row level security of {} {}", relation,
                            std::string(to) == "ENABLE" ? "on" : "off"),
                {fmt::format("ALTER TABLE {} {} ROW LEVEL SECURITY", relation, to)});
    }
    add(fmt::format("{} dropped", relation),
        {fmt::format("DROP {} {} CASCADE", word, relation)});
}

// A column, constraint or policy of the relation, if `part` names one.
void FindingMutations::parts_of(const std::string& relation, const std::string& oid, const std::string& part) {
    const auto named = quote_literal(part);
    const auto quoted = sql::quote_identifier(part);
    const auto is = [&](const std::string& query) {
        const auto answer = ask(query);
        return answer.ok() && !answer.rows.empty();
    };
    if (is("SELECT 1 FROM pg_attribute WHERE attrelid = " + oid + " AND attname = " + named +
           " AND NOT attisdropped")) {
        const auto column = relation + "." + quoted;
        add(column + " nullable", {without_constraints(relation)});
        for (const auto* type : {"text", "bytea"})
            add(column + " of type " + type,
                {fmt::format("ALTER TABLE {0} ALTER COLUMN {1} DROP DEFAULT", relation, quoted),
                 fmt::format("ALTER TABLE {0} ALTER COLUMN {1} TYPE {2} USING {3}", relation,
                             quoted, type,
                             std::string(type) == "text" ? quoted + "::text" : "NULL")},
                without_constraints(relation));
        add(column + " dropped",
            {fmt::format("ALTER TABLE {} DROP COLUMN {} CASCADE", relation, quoted)});
    }
    if (is("SELECT 1 FROM pg_constraint WHERE conrelid = " + oid + " AND conname = " + named)) {
        add(fmt::format("constraint {} of {} not valid", quoted, relation),
            {"UPDATE pg_catalog.pg_constraint SET convalidated = false WHERE conrelid = " +
             oid + " AND conname = " + named});
        add(fmt::format("constraint {} of {} dropped", quoted, relation),
            {fmt::format("ALTER TABLE {} DROP CONSTRAINT {} CASCADE", relation, quoted)});
    }
    if (is("SELECT 1 FROM pg_policy WHERE polrelid = " + oid + " AND polname = " + named))
        add(fmt::format("policy {} of {} dropped", quoted, relation),
            {fmt::format("DROP POLICY {} ON {}", quoted, relation)});
    // What should not be there.
    add(fmt::format("column {} added to {}", quoted, relation),
        {fmt::format("ALTER TABLE {} ADD COLUMN {} int", relation, quoted)});
    add(fmt::format("constraint {} added to {}", quoted, relation),
        {fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK (true)", relation, quoted)});
    add(fmt::format("policy {} added to {}", quoted, relation),
        {fmt::format("CREATE POLICY {} ON {}", quoted, relation)});
}

void FindingMutations::routines(const std::string& name) {
    const auto found = first_column(
        ask("SELECT p.oid::regprocedure FROM pg_proc p WHERE p.oid >= 16384 AND (p.proname = " +
            quote_literal(name) + " OR p.oid = CASE WHEN " + quote_literal(name) +
            " ~ '[(]' THEN to_regprocedure(" + quote_literal(name) + ") END)"));
    for (const auto& routine : found)
        add(routine + " dropped", {"DROP ROUTINE " + routine + " CASCADE"});
}

void FindingMutations::absent(const std::string& name) {
    const bool is_name = !name.empty() &&
                         (std::isalpha(static_cast<unsigned char>(name[0])) || name[0] == '_' ||
                          name[0] == '"') &&
                         name.find_first_of("\n'; ") == std::string::npos;
    if (!is_name) return;
    if (name.ends_with(')')) {
        add(name + " made",
            {"CREATE FUNCTION " + name + " RETURNS int LANGUAGE sql AS 'SELECT 1'"});
        return;
    }
    const auto dot = name.rfind('.');
    const auto schema = dot == std::string::npos ? "" : name.substr(0, dot + 1);
    add("table " + name + " made", {"CREATE TABLE " + name + " ()"});
    add("index " + name + " made",
        {"CREATE TABLE " + schema + "cairn_mutant (a int)",
         "CREATE INDEX " + name.substr(dot + 1) + " ON " + schema + "cairn_mutant (a)"});
    add("function " + name + " made",
        {"CREATE FUNCTION " + name + "() RETURNS int LANGUAGE sql AS 'SELECT 1'"});
}

}  // namespace cairn::rehearse
