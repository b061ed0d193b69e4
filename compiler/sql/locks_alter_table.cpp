// After AlterTableGetLockLevel in PostgreSQL 15's src/backend/commands/tablecmds.c.
#include "compiler/sql/locks_alter_table.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "compiler/sql/names.hpp"
#include "compiler/sql/rules.hpp"

namespace cairn::sql {
namespace {

using enum LockMode;

constexpr auto share_update_exclusive_commands = std::to_array<std::string_view>({
    "AT_AttachPartition",
    "AT_ClusterOn",
    "AT_DetachPartitionFinalize",
    "AT_DropCluster",
    "AT_ResetOptions",
    "AT_SetOptions",
    "AT_SetStatistics",
    "AT_ValidateConstraint",
});
constexpr auto share_row_exclusive_commands = std::to_array<std::string_view>({
    "AT_DisableTrig",
    "AT_DisableTrigAll",
    "AT_DisableTrigUser",
    "AT_EnableAlwaysTrig",
    "AT_EnableReplicaTrig",
    "AT_EnableTrig",
    "AT_EnableTrigAll",
    "AT_EnableTrigUser",
});
// Storage parameters that queries look at: those of views, and of index methods but for fillfactor
// and deduplicate_items (src/backend/access/common/reloptions.c).
constexpr auto access_exclusive_parameters = std::to_array<std::string_view>({
    "autosummarize",
    "buffering",
    "check_option",
    "fastupdate",
    "gin_pending_list_limit",
    "pages_per_range",
    "security_barrier",
    "security_invoker",
    "user_catalog_table",
});

template <typename List>
bool holds(const List& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

LockMode parameters_mode(Value list) {
    for (const Value element : list) {
        if (holds(access_exclusive_parameters, element.as("DefElem")["defname"].text()))
            return access_exclusive;
    }
    return share_update_exclusive;
}

LockMode mode_of(Value command) {
    const std::string_view type = command["subtype"].text();
    if (holds(share_update_exclusive_commands, type)) return share_update_exclusive;
    if (holds(share_row_exclusive_commands, type)) return share_row_exclusive;
    if (type == "AT_SetRelOptions" || type == "AT_ResetRelOptions") {
        return parameters_mode(command["def"].as("List")["items"]);
    }
    if (type == "AT_AddConstraint" &&
        command["def"].as("Constraint")["contype"].is("CONSTR_FOREIGN")) {
        return share_row_exclusive;
    }
    if (type == "AT_DetachPartition" && command["def"].as("PartitionCmd")["concurrent"].is_true()) {
        return share_update_exclusive;
    }
    return access_exclusive;
}

// The other table of a subcommand: partition, parent, table pointed at.
void lock_other(Value command, std::vector<Lock>& locks) {
    const std::string_view type = command["subtype"].text();
    const Value partition = command["def"].as("PartitionCmd");
    if (partition) add_lock(locks, relation_name(partition["name"]), access_exclusive);
    const Value parent = command["def"].as("RangeVar");
    if (type == "AT_AddInherit") add_lock(locks, relation_name(parent), share_update_exclusive);
    if (type == "AT_DropInherit") add_lock(locks, relation_name(parent), access_share);
    if (type == "AT_AddConstraint" || type == "AT_AddColumn") lock_referenced(command, locks);
}

void lock_constraint(Value constraint, std::vector<Lock>& locks) {
    if (constraint["pktable"])
        add_lock(locks, relation_name(constraint["pktable"]), share_row_exclusive);
}

}  // namespace

void lock_referenced(Value elements, std::vector<Lock>& locks) {
    for (const Value element : elements) {
        if (element.key() == "def") {
            lock_constraint(element.as("Constraint"), locks);
            lock_referenced(element.as("ColumnDef")["constraints"], locks);
        }
        lock_constraint(element.as("Constraint"), locks);
        for (const Value constraint : element.as("ColumnDef")["constraints"]) {
            lock_constraint(constraint.as("Constraint"), locks);
        }
    }
}

void lock_alter_table(Value alter_table, std::vector<Lock>& locks) {
    LockMode mode = access_share;
    for (const Value node : alter_table["cmds"])
        mode = std::max(mode, mode_of(node.as("AlterTableCmd")));
    add_lock(locks, relation_name(alter_table["relation"]), mode);
    for (const Value node : alter_table["cmds"]) lock_other(node.as("AlterTableCmd"), locks);
}

}  // namespace cairn::sql
