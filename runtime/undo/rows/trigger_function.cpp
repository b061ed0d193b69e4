#include "runtime/undo/rows/trigger_function.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/sql/facts.hpp"
#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/packed.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {

std::string keys_equal(const KeptRows& rows, const std::string& a, const std::string& b) {
    return joined(rows.key, " AND ", [&](const KeyColumn& k) {
        const auto& name = column(rows, k.number).name;
        return fmt::format("{}.{} {} {}.{}", a, name, k.equals, b, name);
    });
}

namespace {

// The number of a statement is drawn when it starts: of nested statements the inner one's AFTER triggers fire first.
// Each pair of BEFORE and AFTER STATEMENT triggers pushes and pops; row triggers look at the top. The stacks are settings of
// the transaction, so that an aborted subtransaction takes its own off with it.
//
// Code that gives the table other columns, and then changes rows, is not to fail for our sake: end() sees the columns.
constexpr const char* layout_check = R"sql(
    IF {now} IS DISTINCT FROM current_setting('cairn.l' || TG_RELID, true) THEN
        RETURN NULL;
    END IF;)sql";

// {number}: of the statement; {stack}: of its name TG_OP is the rest; {count}: a setting; {kept}: the kept table; {columns}, {from_table}: for TRUNCATE.
constexpr const char* function_frame = R"sql(
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp{pins} AS $cairn$
#variable_conflict use_variable
DECLARE
    cairn_stack text;
    cairn_s int;
    cairn_n bigint;
    cairn_written bigint;
    cairn_part bigint;
    cairn_most bigint;
BEGIN
    IF current_setting('cairn.over', true) LIKE '%,{prefix},%' THEN
        RETURN NULL;
    END IF;{layout}
    IF TG_WHEN = 'BEFORE' THEN
        cairn_s := {number};
        PERFORM set_config('cairn.seq', cairn_s::text, true);
        IF TG_OP = 'TRUNCATE' THEN
            IF current_setting('transaction_isolation') <> 'read committed' THEN
                RAISE EXCEPTION 'TRUNCATE under isolation level % takes rows that this transaction can not see',
                    current_setting('transaction_isolation') USING ERRCODE = 'feature_not_supported';
            END IF;
            EXECUTE format('INSERT INTO {kept} (cairn_seq, cairn_op{columns}) SELECT %s, {gone}{values} FROM ONLY %s t', cairn_s,
                TG_RELID::regclass);
            PERFORM set_config('{count}', (coalesce(nullif(current_setting('{count}', true), '')::bigint, 0) + 1)::text, true);
        ELSE
            PERFORM set_config('{stack}' || TG_OP, cairn_s || ',' || coalesce(current_setting('{stack}' || TG_OP, true), ''), true);
        END IF;
        RETURN NULL;
    END IF;
    cairn_stack := coalesce(current_setting('{stack}' || TG_OP, true), '');
    cairn_s := coalesce(nullif(split_part(cairn_stack, ',', 1), '')::int, 0);
    IF TG_LEVEL = 'STATEMENT' THEN
        PERFORM set_config('{stack}' || TG_OP, substr(cairn_stack, strpos(cairn_stack, ',') + 1), true);
{by_statement}
    ELSE
{by_row}
    END IF;
    IF cairn_n > 0 THEN
        PERFORM set_config('{count}', (coalesce(nullif(current_setting('{count}', true), '')::bigint, 0) + 1)::text, true);
    END IF;
    RETURN NULL;
END $cairn$;
)sql";

std::string insert_into(const KeptRows& rows, bool only_key) {
    return fmt::format("INSERT INTO {} (cairn_seq, cairn_op{})", rows.kept_table, list(rows, only_key, kept_name));
}

std::string insert(const KeptRows& rows, const char* op, bool only_key, const std::string& of, bool is_row = false) {
    return fmt::format("{} SELECT cairn_s, '{}'{}{};", insert_into(rows, only_key), op,
                       list(rows, only_key, [&](const KeptColumn& c) { return to_keep(c, of); }), is_row ? "" : " FROM " + of);
}

// In a tree of partitions the transition tables tell old keys from new ones.
std::string update_of_tree(const KeptRows& rows) {
    const std::string first = column(rows, rows.key[0].number).name;
    const std::string values = list(rows, false, [&](const KeptColumn& c) {
        for (const auto& k : rows.key) {
            if (k.number != c.number) continue;
            return fmt::format("coalesce({}, {})", to_keep(c, "o"), to_keep(c, "w"));
        }
        return to_keep(c, "o");
    });
    return fmt::format("{0} SELECT cairn_s, CASE WHEN w.{1} IS NULL THEN 'd' WHEN o.{1} IS NULL THEN 'i' ELSE 'u' END{2} "
                       "FROM cairn_old o FULL JOIN cairn_new w ON {3};",
                       insert_into(rows, false), first, values, keys_equal(rows, "o", "w"));
}

bool has_first(const Unit& u) {
    return u.may_create && !u.by_row && !u.is_tree && !u.rows.columns.empty();
}

struct Branches {
    std::string insert, update, remove;
};

std::string branches(const Branches& b) {
    const std::string counted = " GET DIAGNOSTICS cairn_n = ROW_COUNT;\n";
    return "        IF TG_OP = 'INSERT' THEN " + b.insert + counted + "        ELSIF TG_OP = 'UPDATE' THEN " + b.update + counted +
           "        ELSE " + b.remove + counted + "        END IF;";
}

// What runs `make`, which makes the first statement's table and leaves the number of its rows in cairn_n. What that writes to the
// catalog is not the step's doing.
std::string as_first(const Unit& u, const std::string& make, const std::string& word) {
    return fmt::format("cairn_written := {0}; {1} PERFORM set_config('{2}', {3} || ' ' || cairn_s, true), set_config('cairn.catalog_writes', "
                       "(coalesce(nullif(current_setting('cairn.catalog_writes', true), '')::bigint, 0) + {0} - cairn_written)::text, true);",
                       "(" + catalog_writes_query() + ")", make, first_setting(u), word);
}

// The rows of the first statement make a table of their own: CREATE TABLE AS takes the transition table's rows as they are, which
// costs two thirds of an INSERT. finish_first() gives it the columns of a kept table.
std::string first_or(const Unit& u, const std::string& transition, const std::string& first, const std::string& insert_text) {
    return fmt::format("IF coalesce(current_setting('{0}', true), '') = '' AND to_regclass({1}) IS NULL AND EXISTS (SELECT FROM {2}) THEN {3} "
                       "ELSE {4} GET DIAGNOSTICS cairn_n = ROW_COUNT; END IF;",
                       first_setting(u), sql::quote_literal(first_table(u)), transition,
                       as_first(u, fmt::format("EXECUTE $first$ CREATE TABLE {} {} $first$; GET DIAGNOSTICS cairn_n = ROW_COUNT;", first_table(u), first), "TG_OP"),
                       insert_text);
}

std::string first_or(const Unit& u, const char* op, bool only_key, const std::string& transition) {
    const std::string names = list(u.rows, only_key, kept_name).substr(2);
    const std::string values = list(u.rows, only_key, [&](const KeptColumn& c) { return to_keep(c, transition); }).substr(2);
    return first_or(u, transition, fmt::format("({}) AS SELECT {} FROM {}", names, values, transition), insert(u.rows, op, only_key, transition));
}

// Both sides of it, as a bag counts them. What a row is comes last, so that it does not shift the others to the next word.
std::string first_update_of_bag(const Unit& u) {
    const auto side = [&](const char* op, const std::string& of) {
        return fmt::format("SELECT {}, '{}'::\"char\" FROM {}", list(u.rows, false, [&](const KeptColumn& c) { return to_keep(c, of); }).substr(2), op, of);
    };
    return first_or(u, "cairn_old", fmt::format("({}, cairn_op) AS {} UNION ALL {}", list(u.rows, false, kept_name).substr(2), side("-", "cairn_old"), side("+", "cairn_new")),
                    insert(u.rows, "-", false, "cairn_old") + " " + insert(u.rows, "+", false, "cairn_new"));
}

std::string statement_branches(const Unit& u) {
    const auto& r = u.rows;
    if (u.by_row) return "";
    const bool keyed = !r.key.empty();
    const char *put_in = keyed ? "i" : "+", *taken = keyed ? "d" : "-";
    if (!has_first(u)) {
        const std::string update = !keyed      ? insert(r, "-", false, "cairn_old") + " " + insert(r, "+", false, "cairn_new")
                                   : u.is_tree ? update_of_tree(r)
                                               : insert(r, "u", false, "cairn_old");
        return branches({.insert = insert(r, put_in, keyed, "cairn_new"), .update = update,
                         .remove = insert(r, taken, false, "cairn_old")});
    }
    std::string put_in_first = first_or(u, put_in, keyed, "cairn_new");
    if (can_pack(r)) {
        put_in_first = fmt::format("IF coalesce(current_setting('{}', true), '') = '' AND to_regclass({}) IS NULL AND {} THEN {} ELSE {} END IF;", first_setting(u),
                                   sql::quote_literal(first_table(u)), is_worth_packing("cairn_new"), as_first(u, pack(u, "cairn_new"), "'PACKED'"), put_in_first);
    }
    return "        IF TG_OP = 'INSERT' THEN " + put_in_first + "\n        ELSIF TG_OP = 'UPDATE' THEN " +
           (keyed ? first_or(u, "u", false, "cairn_old") : first_update_of_bag(u)) + "\n        ELSE " + first_or(u, taken, false, "cairn_old") +
           "\n        END IF;";
}

// x: a key that an UPDATE has changed to another one.
std::string row_branches(const Unit& u) {
    const auto& r = u.rows;
    const std::string moved = r.key.empty() ? "" : insert(r, "x", true, "OLD", true) + " " + insert(r, "i", true, "NEW", true);
    if (!u.by_row) return "        " + moved + " GET DIAGNOSTICS cairn_n = ROW_COUNT;";
    if (r.key.empty()) {
        return branches({.insert = insert(r, "+", false, "NEW", true),
                         .update = insert(r, "-", false, "OLD", true) + " " + insert(r, "+", false, "NEW", true),
                         .remove = insert(r, "-", false, "OLD", true)});
    }
    return branches({.insert = insert(r, "i", true, "NEW", true),
                     .update = insert(r, "u", false, "OLD", true) + " IF NOT (" + keys_equal(r, "OLD", "NEW") + ") THEN " + moved +
                               " END IF;",
                     .remove = insert(r, "d", false, "OLD", true)});
}

std::string quoted_in_literal(const std::string& text) {  // within '…' of format(): quotes and percent signs
    std::string quoted;
    for (const char c : text) {
        quoted += c;
        if (c == '\'' || c == '%') quoted += c;
    }
    return quoted;
}

}  // namespace

std::string function_ddl(const Unit& u) {
    std::string pins;
    for (const auto& c : u.rows.columns) {
        if (!c.as_text) continue;
        for (const auto& s : pinned_settings()) pins += " SET " + s;
        break;
    }
    // Heirs share one stack: a statement is pushed where it is named, and its rows are looked at in other tables.
    const std::string stack = u.by_row ? "cairn.sh_" : fmt::format("cairn.s{}_", u.index);
    const std::string by_statement = statement_branches(u), by_row = row_branches(u);
    return fmt::format(function_frame, fmt::arg("function", u.function), fmt::arg("pins", pins),
                       fmt::arg("kept", quoted_in_literal(u.rows.kept_table)),
                       fmt::arg("columns", list(u.rows, false, kept_name)),
                       fmt::arg("gone", u.rows.key.empty() ? "''-''" : "''d''"),
                       fmt::arg("values", quoted_in_literal(list(u.rows, false, [](const KeptColumn& c) { return to_keep(c, "t"); }))),
                       fmt::arg("count", count_setting(u)), fmt::arg("stack", stack),
                       fmt::arg("by_statement", by_statement.empty() ? "        NULL;" : by_statement),
                       fmt::arg("number", u.numbers.empty() ? "coalesce(nullif(current_setting('cairn.seq', true), '')::int, 0) + 1"
                                                            : fmt::format("nextval({})::int", sql::quote_literal(u.numbers))),
                       fmt::arg("by_row", by_row), fmt::arg("prefix", u.prefix),
                       fmt::arg("layout", u.watches_layout ? fmt::format(layout_check, fmt::arg("now", fmt::format(layout_now, "TG_RELID"))) : ""));
}

}  // namespace cairn::undo
