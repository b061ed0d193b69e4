#include "runtime/rehearse/mutations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "compiler/sql/facts.hpp"
#include "runtime/rehearse/finding_mutations.hpp"

namespace cairn::rehearse {
namespace {

using postgres::Answer;
using postgres::Session;
using sql::quote_literal;

constexpr std::size_t most_tables = 30;  // where a check may read any

// The constants of a query: strings as they mean, and numbers.
std::vector<std::string> constants_of(const std::string& text) {
    std::set<std::string> found;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\'') {
            std::string value;
            for (++at; at < text.size(); ++at) {
                if (text[at] == '\'' && (at + 1 >= text.size() || text[++at] != '\'')) break;
                value += text[at];
            }
            if (!value.empty()) found.insert(value);
        } else if (std::isdigit(static_cast<unsigned char>(c)) != 0 &&
                   (at == 0 || (std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0 &&
                                text[at - 1] != '_'))) {
            const auto end = std::min(text.find_first_not_of("0123456789.", at), text.size());
            found.insert(text.substr(at, end - at));
            at = end - 1;
        }
    }
    return {found.begin(), found.end()};
}

std::string literals(const std::vector<std::string>& texts) {
    std::string list;
    for (const auto& text : texts) list += (list.empty() ? "" : ", ") + quote_literal(text);
    return "ARRAY[" + list + "]::text[]";
}

}  // namespace

std::vector<std::string> first_column(const Answer& answer) {
    std::vector<std::string> values;
    for (const auto& row : answer.rows)
        if (!row.empty() && row[0]) values.push_back(*row[0]);
    return values;
}

FindingMutations::FindingMutations(Session& session, const compiler::Check& check) : session_(session), check_(check) {
    if (check.query) constants_ = constants_of(check.query->sql.text);
    if (const auto* uses = std::get_if<compiler::ExpectUsesIndex>(&check.expect))
        constants_.push_back(uses->index);
}

std::vector<Mutation> FindingMutations::all() {
    if (!check_.query) return {};
    objects();
    of_rows_ = true;
    const auto tables = tables_read();
    for (const auto& table : tables) rows(table);
    for (const auto& table : tables) values(table);
    return std::move(mutations_);
}

// What can't be asked is not found: some constants are no names.
Answer FindingMutations::ask(const std::string& query) {
    (void)session_.query("SAVEPOINT cairn_ask");
    auto answer = session_.query(query);
    if (!answer.ok()) (void)session_.query("ROLLBACK TO SAVEPOINT cairn_ask");
    (void)session_.query("RELEASE SAVEPOINT cairn_ask");
    return answer;
}

void FindingMutations::add(std::string what, std::vector<std::string> sql, std::string make_way) {
    mutations_.push_back({std::move(what), std::move(sql), std::move(make_way), of_rows_});
}

std::vector<std::string> FindingMutations::tables_read() {
    const auto& facts = check_.query->facts;
    auto tables = first_column(
        ask("WITH RECURSIVE behind(oid) AS ("
            "SELECT to_regclass(n)::oid FROM unnest(" +
            literals(facts.reads) +
            ") n UNION "
            "SELECT d.refobjid FROM behind JOIN pg_rewrite w ON w.ev_class = behind.oid "
            "JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid "
            "AND d.refclassid = 'pg_class'::regclass) "
            "SELECT c.oid::regclass FROM behind JOIN pg_class c ON c.oid = behind.oid "
            "WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 ORDER BY 1"));
    if (!tables.empty() || (facts.reads.empty() && facts.calls.empty())) return tables;
    // It looks through the catalog, or into what a function reads: those with keys first.
    return first_column(ask(
        "SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.oid >= 16384 "
        "AND n.nspname NOT IN ('cairn', 'pg_toast') "
        "ORDER BY EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND "
        "k.contype = 'f') DESC, c.oid LIMIT " +
        std::to_string(most_tables)));
}

std::string FindingMutations::one_row(const std::string& table) {
    return fmt::format(" WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM {} LIMIT 1)",
                       table);
}

// Keys, CHECKs and NOT NULLs may each refuse what is to be seen.
std::string FindingMutations::without_constraints(const std::string& table) {
    return fmt::format(
        "DO $cairn$ DECLARE r record; BEGIN "
        "FOR r IN SELECT conname FROM pg_constraint WHERE conrelid = {0}::regclass "
        "AND contype IN ('p', 'u', 'c', 'x') LOOP BEGIN "
        "EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', {0}::regclass, "
        "r.conname); EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; "
        "FOR r IN SELECT indexrelid::regclass AS i FROM pg_index WHERE indrelid = "
        "{0}::regclass AND indisunique LOOP EXECUTE format('DROP INDEX %s', r.i); END LOOP; "
        "FOR r IN SELECT attname FROM pg_attribute WHERE attrelid = {0}::regclass AND "
        "attnum > 0 AND NOT attisdropped AND attnotnull LOOP BEGIN "
        "IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = {0}::regclass AND attname = "
        "r.attname AND attidentity <> '') THEN EXECUTE format('ALTER TABLE %s ALTER COLUMN %I "
        "DROP IDENTITY', {0}::regclass, r.attname); END IF; "
        "EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', {0}::regclass, "
        "r.attname); EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $cairn$",
        quote_literal(table));
}

void FindingMutations::rows(const std::string& table) {
    const auto way = without_constraints(table);
    add(fmt::format("all rows of {} deleted", table), {"DELETE FROM " + table});
    add(fmt::format("a row of {} deleted", table), {"DELETE FROM " + table + one_row(table)});
    const auto columns = first_column(
        ask("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
            "WHERE attrelid = " +
            quote_literal(table) +
            "::regclass AND attnum > 0 "
            "AND NOT attisdropped AND attgenerated = ''"));
    if (!columns.empty())
        add(fmt::format("each row of {} there twice", table),
            {fmt::format("INSERT INTO {0} ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM {0}",
                         table, columns.front())},
            way);
    add(fmt::format("half of the rows of {} deleted", table),
        {"DELETE FROM " + table + " WHERE hashtext(ctid::text) % 2 = 0"});
    add(fmt::format("a row of {} added", table),
        {fmt::format("INSERT INTO {} DEFAULT VALUES", table)}, way);
}

// What a value becomes.
std::vector<std::string> FindingMutations::others(const Column& column) const {
    const auto& c = column.name;
    std::vector<std::string> becomes{"NULL"};
    if (column.category == "N")
        becomes.insert(becomes.end(), {c + " + 1", "-" + c, c + " + 1000000", c + " - 1", "0"});
    if (column.category == "S")
        becomes.insert(becomes.end(),
                       {c + " || 'x'", "''", "upper(" + c + ")", "reverse(" + c + ")"});
    if (column.category == "B") becomes.push_back("NOT " + c);
    if (column.category == "D")
        becomes.insert(becomes.end(),
                       {c + " + interval '10 years'", c + " - interval '10 years'"});
    if (column.category == "A") becomes.emplace_back("'{}'");
    if (column.type == "uuid") becomes.emplace_back("gen_random_uuid()");
    if (column.type == "json" || column.type == "jsonb") becomes.emplace_back("'{}'");
    for (const auto& label : column.labels) becomes.push_back(quote_literal(label));
    for (const auto& constant : constants_)
        becomes.push_back(quote_literal(constant) + "::" + column.type);
    return becomes;
}

std::vector<FindingMutations::Column> FindingMutations::columns_of(const std::string& table) {
    std::vector<Column> columns;
    const auto answer = ask(
        "SELECT quote_ident(a.attname), t.typcategory, format_type(a.atttypid, a.atttypmod), "
        "(SELECT string_agg(e.enumlabel, chr(31) ORDER BY e.enumsortorder) FROM pg_enum e "
        "WHERE e.enumtypid = t.oid) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
        "WHERE a.attrelid = " +
        quote_literal(table) +
        "::regclass AND a.attnum > 0 "
        "AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum");
    for (const auto& row : answer.rows) {
        Column column{row[0].value_or(""), row[1].value_or(""), row[2].value_or(""), {}};
        const auto labels = row[3].value_or("");
        for (std::size_t begin = 0; begin < labels.size();) {
            const auto end = std::min(labels.find('\x1f', begin), labels.size());
            column.labels.push_back(labels.substr(begin, end - begin));
            begin = end + 1;
        }
        columns.push_back(std::move(column));
    }
    return columns;
}

// One row first: that is what slips through. A table without rows gets one.
void FindingMutations::values(const std::string& table) {
    const auto way = without_constraints(table);
    const auto empty = first_column(ask("SELECT true FROM " + table + " LIMIT 1")).empty();
    const std::vector<std::string> first =
        empty ? std::vector<std::string>{"INSERT INTO " + table + " DEFAULT VALUES"}
              : std::vector<std::string>{};
    for (const bool all : {false, true}) {
        if (all && empty) break;
        for (const auto& column : columns_of(table)) {
            for (const auto& other : others(column)) {
                auto sql = first;
                sql.push_back(fmt::format("UPDATE {} SET {} = {}{}", table, column.name, other,
                                          all ? "" : one_row(table)));
                add(fmt::format("{}.{} set to {} in {} of {}", table, column.name, other,
                                all ? "every row" : "a row", table),
                    std::move(sql), way);
            }
        }
    }
}

std::vector<Mutation> mutations_for(Session& session, const compiler::Check& check) {
    return FindingMutations(session, check).all();
}

}  // namespace cairn::rehearse
