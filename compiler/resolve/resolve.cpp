#include "compiler/resolve/resolve.hpp"

namespace cairn::compiler {

const DatabaseRole* ResolvedPlan::find_database(std::string_view role) const {
    for (const DatabaseRole& database : databases) {
        if (database.name == role) return &database;
    }
    return nullptr;
}

ResolvedPlan resolve(const grammar::PlanFile& plan, const CompileOptions& options,
                     const Loader& loader, Sources& sources, Report& report) {
    ResolvedPlan resolved;
    resolved.syntax = &plan;
    resolve_parameters(options, resolved, report);
    if (plan.title) resolved.title = resolved.words.text(*plan.title, nullptr);
    resolve_databases(resolved, report);
    expand_items(resolved, report);
    resolve_item_databases(resolved, report);
    resolve_settings(resolved);
    read_bodies(resolved, loader, sources, report);
    return resolved;
}

}  // namespace cairn::compiler
