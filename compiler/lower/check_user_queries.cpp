// Checks that the user's own queries make.
#include <algorithm>

#include "compiler/lower/check_parts.hpp"

namespace cairn::compiler {

namespace {

const Statement& query_of(const Body& body) { return body.statements.front(); }

void merge(sql::StatementFacts& into, const sql::StatementFacts& other) {
    for (const std::string& relation : other.reads) {
        if (std::find(into.reads.begin(), into.reads.end(), relation) == into.reads.end()) {
            into.reads.push_back(relation);
        }
    }
    for (const sql::Lock& lock : other.locks) {
        const auto same = std::find_if(into.locks.begin(), into.locks.end(),
                                       [&](const sql::Lock& l) { return l.relation == lock.relation; });
        if (same == into.locks.end()) {
            into.locks.push_back(lock);
        } else {
            same->mode = std::max(same->mode, lock.mode);
        }
    }
}

}  // namespace

void lower_form(const grammar::QueryReturns& form, const std::vector<Body>& queries, const CheckContext&,
                Check& check) {
    const Statement& query = query_of(queries.front());
    if (!form.something) {
        check.query = query;
        check.expect = ExpectNothing{};
        return;
    }
    Statement exists{.sql = {}, .facts = query.facts};
    exists.sql.append("SELECT EXISTS (\n");
    exists.sql.append(query.sql);
    exists.sql.append("\n)");
    check.query = std::move(exists);
    check.expect = ExpectSomething{};
}

void lower_form(const grammar::QueryCompares& form, const std::vector<Body>& queries,
                const CheckContext& context, Check& check) {
    check.query = query_of(queries.front());
    check.expect = expect_value(form.op, form.value, context);
}

void lower_form(const grammar::Show&, const std::vector<Body>& queries, const CheckContext&, Check& check) {
    check.query = query_of(queries.front());
    check.expect = ExpectAny{};
}

void lower_form(const grammar::UsesIndex& form, const std::vector<Body>& queries, const CheckContext& context,
                Check& check) {
    const Statement& query = query_of(queries.front());
    Statement explained{.sql = {}, .facts = query.facts};
    explained.sql.append("EXPLAIN (FORMAT JSON)\n");
    explained.sql.append(query.sql);
    check.query = std::move(explained);
    check.expect = ExpectUsesIndex{.index = context.text(form.index)};
}

// Both answers are materialised once. Columns meet by position, as in UNION: PostgreSQL settles a common
// type and refuses types that have none. When the counts agree and nothing is only on the left, nothing
// can be only on the right, so that the second difference is not computed. `within` asks of each row
// whether it is on the right, not how often.
void lower_form(const grammar::QueryAgainstQuery& form, const std::vector<Body>& queries, const CheckContext& context,
                Check& check) {
    const Statement &left = query_of(queries[0]), &right = query_of(queries[1]);
    check.expect = ExpectSameRows{.within = form.within};
    if (auto database = context.another(form.database)) {
        check.query = left;
        check.elsewhere = {.database = std::move(*database), .query = right};
        return;
    }
    Statement differences{.sql = {}, .facts = left.facts};
    merge(differences.facts, right.facts);
    sql::MappedSql& sql = differences.sql;
    sql.append("WITH cairn_left AS MATERIALIZED (\n");
    sql.append(left.sql);
    sql.append("\n), cairn_right AS MATERIALIZED (\n");
    sql.append(right.sql);
    sql.append("\n), cairn_sizes AS MATERIALIZED (\n"
               "  SELECT (SELECT count(*) FROM cairn_left) AS l, (SELECT count(*) FROM cairn_right) AS r\n"
               "), cairn_left_only AS MATERIALIZED (\n");
    sql.append(form.within ? "  SELECT * FROM cairn_left EXCEPT SELECT * FROM cairn_right\n"
                           : "  SELECT * FROM cairn_left EXCEPT ALL SELECT * FROM cairn_right\n");
    if (!form.within) {
        sql.append("), cairn_right_only AS MATERIALIZED (\n"
                   "  SELECT * FROM cairn_right\n"
                   "  WHERE (SELECT l <> r FROM cairn_sizes) OR EXISTS (SELECT FROM cairn_left_only)\n"
                   "  EXCEPT ALL SELECT * FROM cairn_left\n"
                   "  WHERE (SELECT l <> r FROM cairn_sizes) OR EXISTS (SELECT FROM cairn_left_only)\n");
    }
    sql.append(")\n"
               "SELECT 'count' AS side, l AS rows, r::text AS row FROM cairn_sizes\n"
               "UNION ALL\n");
    sql.append(form.within
                   ? "SELECT 'left only', count(*), row FROM (\n"
                     "  SELECT cairn_row::text AS row FROM cairn_left_only AS cairn_row LIMIT 10\n"
                     ") AS first_rows GROUP BY row"
                   : "SELECT 'left only', count(*), row FROM (\n"
                     "  SELECT cairn_row::text AS row FROM cairn_left_only AS cairn_row LIMIT 5\n"
                     ") AS first_rows GROUP BY row\n"
                     "UNION ALL\n"
                     "SELECT 'right only', count(*), row FROM (\n"
                     "  SELECT cairn_row::text AS row FROM cairn_right_only AS cairn_row LIMIT 5\n"
                     ") AS first_rows GROUP BY row");
    check.query = std::move(differences);
}

}  // namespace cairn::compiler
