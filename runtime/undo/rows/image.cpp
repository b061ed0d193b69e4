#include "runtime/undo/rows/image.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/sql/facts.hpp"
#include "runtime/undo/rows/sql.hpp"

namespace cairn::undo {
namespace {

bool holds(const std::vector<std::int16_t>& numbers, std::int16_t n) { return std::find(numbers.begin(), numbers.end(), n) != numbers.end(); }

bool in_key(const KeptRows& rows, std::int16_t n) {
    return std::any_of(rows.key.begin(), rows.key.end(), [n](const KeyColumn& k) { return k.number == n; });
}

const KeptColumn* find(const std::vector<KeptColumn>& columns, std::int16_t n) {
    for (const auto& c : columns) {
        if (c.number == n) return &c;
    }
    return nullptr;
}

template <class Each>
std::string list(const std::vector<KeptColumn>& columns, const Each& each) {
    std::string text;
    for (const auto& c : columns) text += ", " + each(c);
    return text;
}

// The image beside the table, key by key: what differs is what the stretch has done. A column that has another type now
// has changed in every row.
std::string compared_by_key(const KeptRows& image, const KeptRows& after, const std::vector<KeptColumn>& comparable, bool all_rows) {
    const std::string table_first = column(after, after.key[0].number).name;
    const std::string kept_first = kept_name(column(image, image.key[0].number));
    const std::string values = list(image.columns, [&](const KeptColumn& c) {
        return in_key(image, c.number) ? fmt::format("coalesce(k.{0}, {1}) AS {0}", kept_name(c), to_keep(column(after, c.number), "t"))
                                       : "k." + kept_name(c);
    });
    const std::string now = joined(comparable, ", ", [](const KeptColumn& c) { return to_keep(c, "t"); });
    const std::string then = joined(comparable, ", ", [](const KeptColumn& c) { return "k." + kept_name(c); });
    const std::string differs = all_rows ? "true" : fmt::format("ROW({})::record OPERATOR(pg_catalog.*<>) ROW({})::record", now, then);
    return fmt::format("CREATE TABLE {} AS SELECT 0 AS cairn_seq, CASE WHEN k.{} IS NULL THEN 'i' WHEN t.{} IS NULL THEN 'd' ELSE 'u' END::\"char\" AS cairn_op, "
                       "t.xmin AS cairn_xmin{} FROM {} k FULL JOIN {} t ON {} WHERE k.{} IS NULL OR t.{} IS NULL OR {}",
                       after.kept_table, kept_first, table_first, values, image.kept_table, from(after), same_key(after, "t", "k"),
                       kept_first, table_first, differs);
}

// Without a key: what the one bag holds more of than the other.
std::string compared_as_bags(const KeptRows& image, const KeptRows& after) {
    const std::string values = list(image.columns, [&](const KeptColumn& c) {
        return fmt::format("CASE WHEN k.r IS NULL THEN t.{0} ELSE k.{0} END AS {0}", kept_name(c));
    });
    return fmt::format(
        "CREATE TABLE {} AS WITH k AS (SELECT {} AS r, row_number() OVER (PARTITION BY {}) AS n{} FROM {} k), "
        "t AS (SELECT {} AS r, row_number() OVER (PARTITION BY {}) AS n{} FROM {} t) "
        "SELECT 0 AS cairn_seq, CASE WHEN k.r IS NULL THEN '+' ELSE '-' END::\"char\" AS cairn_op{} "
        "FROM k FULL JOIN t ON k.r = t.r AND k.n = t.n WHERE k.r IS NULL OR t.r IS NULL",
        after.kept_table, kept_row_text(image, "k"), kept_row_text(image, "k"),
        list(image.columns, [](const KeptColumn& c) { return "k." + kept_name(c); }), image.kept_table, row_text(after, "t"),
        row_text(after, "t"), list(after.columns, [](const KeptColumn& c) { return to_keep(c, "t") + " AS " + kept_name(c); }),
        from(after), values);
}

std::string beside(const std::string& kept_table, const char* suffix) {  // cairn."kept_x" -> cairn."kept_x_changes"
    return kept_table.substr(0, kept_table.size() - 1) + suffix + "\"";
}

// The rows of a table whose key was retyped, beside what it has become: a rewrite keeps their order. `?`: it did not.
std::string paired_by_order(const KeptRows& image, const Table& now, const std::string& into) {
    std::string then, there, keys;
    for (const auto& c : image.columns) {
        const KeptColumn* after = find(now.columns, c.number);
        if (after == nullptr || holds(image.restored, c.number) || after->type != c.type || c.is_generated) continue;
        then += (then.empty() ? "" : ", ") + ("k." + kept_name(c));
        there += (there.empty() ? "" : ", ") + to_keep(*after, "t");
    }
    for (const auto& k : image.key) keys += fmt::format(", pg_catalog.concat(t.{}) AS a_{}", find(now.columns, k.number)->name, k.number);
    return fmt::format(
        "CREATE TABLE {} AS SELECT 0 AS cairn_seq, CASE WHEN k.n IS NULL OR t.n IS NULL OR k.rest OPERATOR(pg_catalog.*<>) t.rest THEN '?' ELSE 'u' END::\"char\" AS cairn_op{}{} "
        "FROM (SELECT k.*, ROW({})::record AS rest, row_number() OVER (ORDER BY k.ctid) AS n FROM {} k) k "
        "FULL JOIN (SELECT ROW({})::record AS rest, row_number() OVER (ORDER BY t.tableoid, t.ctid) AS n{} FROM {} t) t ON t.n = k.n",
        into, list(image.columns, [](const KeptColumn& c) { return "k." + kept_name(c); }),
        joined(image.key, "", [](const KeyColumn& k) { return fmt::format(", t.a_{}", k.number); }), then, image.kept_table, there, keys,
        (now.has_heirs ? "ONLY " : "") + now.name);
}

// What is the same in each row is a column's default, and takes no room in it.
std::string copied(const KeptRows& rows, const std::string& into, const char* op, const char* order = "") {
    const std::string values = list(rows.columns, [](const KeptColumn& c) { return to_keep(c, "t") + " AS " + kept_name(c); });
    return fmt::format("CREATE TABLE {0} AS SELECT {1} FROM {2} t{3}; ALTER TABLE {0} ADD COLUMN cairn_seq int DEFAULT 0, ADD COLUMN cairn_op \"char\" DEFAULT '{4}'",
                       into, values.empty() ? values : values.substr(2), from(rows), order, op);
}

bool key_is_restored(const KeptRows& rows) {
    return std::any_of(rows.key.begin(), rows.key.end(), [&](const KeyColumn& k) { return holds(rows.restored, k.number); });
}

ImageFate missing() { return {.kind = ImageFate::Kind::missing, .rows = {}, .statements = {}}; }

ImageFate end_of_whole(const KeptRows& image, const Table& now) {
    KeptRows after = image;
    after.how = KeptRows::How::changes;
    after.table = now.name;
    after.only = now.has_heirs;
    after.kept_table = beside(image.kept_table, "_d");
    std::vector<KeptColumn> comparable;
    bool all_rows = false;
    std::vector<std::int16_t> changed;
    for (auto& c : after.columns) {
        const KeptColumn* there = find(now.columns, c.number);
        if (there != nullptr && there->type == c.type) {
            c.name = there->name;  // renamed: read under the new name, given back under the old one
            comparable.push_back(c);
        } else if (in_key(image, c.number) || image.key.empty()) {
            return missing();
        } else {
            all_rows = true;
            changed.push_back(c.number);
        }
    }
    ImageFate fate{.kind = ImageFate::Kind::compared, .rows = after, .statements = {}};
    fate.rows.columns = image.columns;
    fate.rows.restored = changed;
    fate.rows.has_xmin = !image.key.empty();
    const std::string compare = image.key.empty() ? compared_as_bags(image, after) : compared_by_key(image, after, comparable, all_rows);
    fate.statements = compare;
    return fate;
}

}  // namespace

std::string image_of(const Table& table, const std::vector<std::int16_t>& columns, KeptRows& rows) {
    const std::string kept_table = rows.kept_table;
    rows = keeping(table);
    rows.kept_table = kept_table;
    rows.how = columns.empty() ? KeptRows::How::table : KeptRows::How::columns;
    rows.restored = columns;
    // A key that is itself retyped or dropped is none to find a row by: end_of_image() sees to that.
    const bool key_goes = key_is_restored(rows);
    if (!columns.empty() && !rows.key.empty() && !key_goes) {
        std::erase_if(rows.columns, [&](const KeptColumn& c) { return !holds(columns, c.number) && !in_key(rows, c.number); });
    }
    const char* op = rows.key.empty() || key_goes ? "-" : columns.empty() ? "d" : "u";
    return copied(rows, rows.kept_table, op, key_goes ? " ORDER BY t.tableoid, t.ctid" : "");
}

ImageFate end_of_image(const KeptRows& image, const Table* now) {
    if (image.how == KeptRows::How::table) {
        if (now == nullptr) return {.kind = ImageFate::Kind::kept, .rows = image, .statements = {}};
        return end_of_whole(image, *now);
    }
    if (now == nullptr) return missing();
    ImageFate fate{.kind = ImageFate::Kind::kept, .rows = image, .statements = {}};
    fate.rows.table = now->name;
    for (const auto n : image.restored) {
        const KeptColumn* there = find(now->columns, n);
        const KeptColumn* then = find(image.columns, n);
        // Of the same type: USING may have given it other values.
        if (there != nullptr && then != nullptr) fate.rows.retyped = true;
    }
    if (!key_is_restored(image)) return fate;
    const bool key_stays = std::all_of(image.key.begin(), image.key.end(), [&](const KeyColumn& k) { return find(now->columns, k.number) != nullptr; });
    // A column that is inherited gets its old type back where it comes from, whatever the heirs' keys are.
    const bool inherits = now->root != now->oid || now->is_heir;
    if (!key_stays || !fate.rows.retyped || inherits) {
        fate.rows.key.clear();
        return fate;
    }
    fate.kind = ImageFate::Kind::compared;
    fate.rows.rekeyed = true;
    fate.rows.kept_table = beside(image.kept_table, "_d");
    fate.statements = paired_by_order(image, *now, fate.rows.kept_table);
    return fate;
}

ImageFate end_of_every_row(const KeptRows& image, const Table& now) {
    ImageFate fate{.kind = ImageFate::Kind::compared, .rows = image, .statements = {}};
    fate.rows.how = KeptRows::How::changes;
    fate.rows.table = now.name;
    fate.rows.put_in_table = beside(image.kept_table, "_new");
    fate.statements = copied(fate.rows, fate.rows.put_in_table, "+");
    return fate;
}

std::string joins(const KeptRows& rows) { return fmt::format("ALTER TABLE {} INHERIT {};\n", rows.put_in_table, rows.kept_table); }

std::string runner_ddl(const std::string& function) {
    return fmt::format("CREATE FUNCTION {}(statement text) RETURNS void LANGUAGE plpgsql SET row_security = off{} AS "
                       "$cairn$ BEGIN EXECUTE statement; END $cairn$;\n",
                       function, joined(pinned_settings(), "", [](const std::string& s) { return " SET " + s; }));
}

std::string run_pinned(const std::string& function, const std::string& statement) {
    return fmt::format("SELECT {}({});\n", function, sql::quote_literal(statement));
}

}  // namespace cairn::undo
