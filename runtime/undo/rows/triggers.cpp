#include "runtime/undo/rows/triggers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/sql/facts.hpp"
#include "runtime/undo/rows/look.hpp"
#include "runtime/undo/rows/packed.hpp"
#include "runtime/undo/rows/sql.hpp"
#include "runtime/undo/rows/trigger_function.hpp"

namespace cairn::undo {
namespace {

// Ours fires first after a statement, and last before it: what the user's own BEFORE STATEMENT triggers do comes before.
constexpr const char* before_name = "\"~~~cairn {} {}\"";
constexpr const char* after_name = "\" cairn {} {}\"";

struct TriggerDdl {
    std::string name, when, rest;
};

std::string events(const RowOps& ops) {
    std::string text;
    const auto add = [&](bool wanted, const char* word) {
        if (wanted) text += (text.empty() ? "" : " OR ") + std::string(word);
    };
    add(ops.inserts, "INSERT");
    add(ops.updates, "UPDATE");
    add(ops.deletes, "DELETE");
    return text;
}

std::vector<TriggerDdl> triggers(const Unit& u, const Table& member) {
    const bool keyed = !u.rows.key.empty();
    std::vector<TriggerDdl> all;
    const auto before = [&](const char* what) { return fmt::format(before_name, what, u.prefix); };
    const auto after = [&](const char* what) { return fmt::format(after_name, what, u.prefix); };
    const std::string changes = events(u.ops);
    if (!changes.empty() && keyed) all.push_back({before("change"), "BEFORE " + changes, "FOR EACH STATEMENT"});
    if (u.by_row && !changes.empty()) {
        all.push_back({after("row"), "AFTER " + changes, "FOR EACH ROW"});
        if (keyed) all.push_back({after("change"), "AFTER " + changes, "FOR EACH STATEMENT"});
    }
    if (!u.by_row) {
        const bool both = !keyed || u.is_tree;
        // Only a trigger of the user's can change a key that the statement does not name.
        const std::string named = member.has_code ? "" : " OF " + joined(u.rows.key, ", ", [&](const KeyColumn& k) { return column(u.rows, k.number).name; });
        if (u.ops.inserts) all.push_back({after("insert"), "AFTER INSERT", "REFERENCING NEW TABLE AS cairn_new FOR EACH STATEMENT"});
        if (u.ops.updates) {
            all.push_back({after("update"), "AFTER UPDATE", fmt::format("REFERENCING OLD TABLE AS cairn_old{} FOR EACH STATEMENT",
                                                                       both ? " NEW TABLE AS cairn_new" : "")});
        }
        if (u.ops.deletes) all.push_back({after("delete"), "AFTER DELETE", "REFERENCING OLD TABLE AS cairn_old FOR EACH STATEMENT"});
        if (u.ops.updates && !both)
            all.push_back({after("key"), "AFTER UPDATE" + named, fmt::format("FOR EACH ROW WHEN (NOT ({}))", keys_equal(u.rows, "OLD", "NEW"))});
    }
    if (u.ops.truncates && member.kind == 'r') all.push_back({before("truncate"), "BEFORE TRUNCATE", "FOR EACH STATEMENT"});
    return all;
}

}  // namespace

std::string count_setting(const Unit& u) { return fmt::format("cairn.c{}", u.index); }

std::string first_setting(const Unit& u) { return fmt::format("cairn.f{}", u.index); }

bool is_packed(const std::string& first) { return first.starts_with("PACKED"); }

std::string first_table(const Unit& u) {
    return u.rows.kept_table.substr(0, u.rows.kept_table.size() - 1) + "_f\"";
}

namespace {
// What all rows of the first statement are; 0: each row says it.
char op_of(const Unit& u, const std::string& first) {
    const bool keyed = !u.rows.key.empty();
    if (first.starts_with("INSERT")) return keyed ? 'i' : '+';
    if (first.starts_with("DELETE")) return keyed ? 'd' : '-';
    return keyed ? 'u' : '\0';
}
}  // namespace

// Constants for every row, and columns that are NULL in all of them, cost no rewrite.
std::string finish_first(const Unit& u, const std::string& first) {
    if (is_packed(first)) return finish_packed(u);
    const char op = op_of(u, first);
    std::string columns;
    if (op != '\0') columns += fmt::format(", ADD COLUMN cairn_op \"char\" DEFAULT '{}'", op);
    for (const auto& c : u.rows.columns) {
        const bool in_key = std::any_of(u.rows.key.begin(), u.rows.key.end(), [&](const KeyColumn& k) { return k.number == c.number; });
        if (op == 'i' && !in_key) columns += fmt::format(", ADD COLUMN {} {}", kept_name(c), kept_type(c));
    }
    return fmt::format("ALTER TABLE {} ADD COLUMN cairn_seq int DEFAULT 0{};\n", first_table(u), columns);
}

// Of a bag, who wrote a row of the table is told by who wrote the kept one: that is carried along.
std::string merge_first(const Unit& u, const std::string& first) {
    const std::string statement = first.substr(first.find(' ') + 1);
    if (is_packed(first)) return merge_packed(u, statement);
    const char op = op_of(u, first);
    const std::string columns = list(u.rows, op == 'i', kept_name);
    const bool is_bag = u.rows.key.empty();
    return fmt::format("{5}INSERT INTO {0} (cairn_seq, cairn_op{1}{6}) SELECT {2}, {3}{1}{7} FROM {4};\nDROP TABLE {4};\n", u.rows.kept_table, columns,
                       statement, op == '\0' ? "cairn_op" : fmt::format("'{}'", op), first_table(u),
                       is_bag ? fmt::format("ALTER TABLE {} ADD COLUMN cairn_xmin xid;\n", u.rows.kept_table) : "", is_bag ? ", cairn_xmin" : "",
                       is_bag ? ", xmin" : "");
}

std::string kept_table_ddl(const KeptRows& rows) {
    return fmt::format("CREATE TABLE {} (cairn_seq int, cairn_op \"char\"{});\n", rows.kept_table,
                       list(rows, false, [](const KeptColumn& c) { return kept_name(c) + " " + kept_type(c); }));
}

std::string set_up(const Unit& u) {
    std::string ddl = kept_table_ddl(u.rows) + function_ddl(u);
    ddl += fmt::format("REVOKE ALL ON FUNCTION {}() FROM PUBLIC;\nSELECT pg_catalog.set_config('{}', '0', true), pg_catalog.set_config('{}', '', true);\n",
                       u.function, count_setting(u), first_setting(u));
    for (const Table* member : u.members) {
        if (u.watches_layout) {
            ddl += fmt::format("SELECT pg_catalog.set_config('cairn.l{}', {}, true);\n", member->oid, fmt::format(layout_now, member->oid));
        }
        std::string always;
        for (const auto& t : triggers(u, *member)) {
            ddl += fmt::format("CREATE TRIGGER {} {} ON {} {} EXECUTE FUNCTION {}();\n", t.name, t.when, member->name, t.rest, u.function);
            always += (always.empty() ? "" : ", ") + ("ENABLE ALWAYS TRIGGER " + t.name);
        }
        // They fire under session_replication_role = replica as well.
        if (member->is_owned && !always.empty()) ddl += fmt::format("ALTER TABLE ONLY {} {};\n", member->name, always);
    }
    return ddl;
}

std::string take_off(const Unit& u) {
    return fmt::format("DROP FUNCTION IF EXISTS {}() CASCADE;\n", u.function);
}

}  // namespace cairn::undo
