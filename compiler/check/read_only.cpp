#include <fmt/format.h>

#include "compiler/check/rules.hpp"

namespace cairn::compiler {

namespace {

bool writes(const ResolvedItem& item) {
    return item.as<grammar::Step>() != nullptr || item.as<grammar::Snapshot>() != nullptr ||
           item.as<grammar::Restore>() != nullptr || item.as<grammar::RestorePoint>() != nullptr ||
           item.as<grammar::Copy>() != nullptr || item.as<grammar::Clone>() != nullptr;
}

}  // namespace

void check_read_only(const ResolvedPlan& plan, Report& report) {
    for (const ResolvedItem& item : plan.items) {
        if (!item.database || !writes(item)) continue;
        const DatabaseRole* role = plan.find_database(*item.database);
        if (role == nullptr || !role->read_only) continue;
        report.add(555, item.where,
                   fmt::format("{} `{}` writes to database `{}`, which is declared read only", item.kind,
                               item.name, role->name),
                   {}, {{.where = role->where, .text = "declared here"}});
    }
}

}  // namespace cairn::compiler
