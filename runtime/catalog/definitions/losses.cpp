#include "runtime/catalog/definitions/losses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace cairn::catalog {
namespace {

using How = Facet::How;

bool is_altered(const Plan& plan, const ObjectId& id, const std::string& column) {
    const std::string indexes = column + " indexes";
    return plan.differs(id, column + " version") &&
           (plan.differs(id, indexes) || !find_facet(plan.before, id, indexes) ||
            !find_facet(plan.after, id, indexes));
}

const Object* holder_of(const Plan& plan, const ObjectId& type) {
    std::set<ObjectId> types{type};
    for (bool more = true; more;) {
        more = false;
        for (const auto& [id, object] : plan.before)
            for (const auto& on : object.depends_on) {
                if (!types.contains(on.on)) continue;
                if (is_whole_table(object) && on.own_column > 0 && plan.kept(id) &&
                    find_facet(plan.after, id, column_facet(on.own_column)))
                    return &object;
                if (id.catalog == "pg_type") more = types.insert(id).second || more;
            }
    }
    return nullptr;
}

// An attribute's values are gone from every column of the type, and in no statement of a table.
void refuse_lost_attributes(const Plan& plan, std::vector<compiler::Diagnostic>& refused) {
    for (const auto& [id, object] : plan.before) {
        if (id.catalog != "pg_type" || !plan.kept(id) || !plan.is_set(id, "attributes"))
            continue;
        const auto& was = object.facets.at("attributes").value;
        const auto* is = find_facet(plan.after, id, "attributes");
        if (!is || is->value.starts_with(was)) continue;
        if (const auto* table = holder_of(plan, id))
            refused.push_back(
                {.code = 841,
                 .message = fmt::format("columns of `{}` hold values of type `{}`, and those "
                                        "of an attribute that is gone would not come back",
                                        table->identity, object.identity)});
    }
}

bool is_of_type(const Definitions& all, const ObjectId& table) {
    const auto* type = find_facet(all, table, "of type");
    return type && type->value != "0";
}

// A column comes back behind the others. Of a typed table they have to stand in its type's order: these others would be
// made anew with the type's attributes, or the table could not be of its type again.
void refuse_reordered_typed(const Plan& plan, std::vector<compiler::Diagnostic>& refused) {
    for (const auto& [id, table] : plan.before) {
        if (!is_whole_table(table) || !plan.kept(id) || !is_of_type(plan.before, id)) continue;
        bool is_one_gone = false, stands_another_behind = false;
        for (const auto& [name, facet] : table.facets) {
            if (!name.starts_with("column ") || name.size() != 11) continue;
            const bool is_there = find_facet(plan.after, id, name) != nullptr;
            stands_another_behind = stands_another_behind || (is_one_gone && is_there);
            is_one_gone = is_one_gone || !is_there;
        }
        if (!stands_another_behind) continue;
        refused.push_back({.code = 841,
                           .message = fmt::format("a column of the typed table `{}` would come back behind the others, and these could only get "
                                                  "their places again without their values",
                                                  table.identity)});
    }
}

}  // namespace

std::vector<RowLoss> row_losses(const Plan& plan) {
    std::vector<RowLoss> all;
    for (const auto& [id, object] : plan.before) {
        const auto* whole = find_facet(plan.before, id, "");
        if (!whole || whole->value != "r" || id.catalog != "pg_class") continue;
        if (plan.gone(id)) {
            all.push_back({.table = id.oid,
                                   .identity = object.identity,
                                   .columns = {},
                                   .why = RowLoss::Why::dropped_table});
            continue;
        }
        RowLoss dropped{.table = id.oid,
                        .identity = object.identity,
                        .columns = {},
                        .why = RowLoss::Why::dropped_column};
        RowLoss retyped{.table = id.oid,
                        .identity = object.identity,
                        .columns = {},
                        .why = RowLoss::Why::retyped};
        std::vector<std::int16_t> revalued;
        for (const auto& [name, facet] : object.facets) {
            if (!name.starts_with("column ")) continue;
            if (name.size() == 11 && facet.value == "plain" && plan.is_set(id, name))
                dropped.columns.push_back(column_number(name));
            if (facet.how == How::retype && plan.is_retyped(id, name) && plan.rewritten(id))
                retyped.columns.push_back(column_number(name));
            // USING may have given other values of the same type, of the key too. A rewrite alone changes the row in
            // pg_attribute of a column whose default older rows had not been given.
            if (facet.how == How::retype && !plan.differs(id, name) && plan.rewritten(id) &&
                is_altered(plan, id, name.substr(0, 11)))
                revalued.push_back(column_number(name));
        }
        // Without an index they are of no key, and are kept as columns where others are anyway.
        const bool as_columns = !dropped.columns.empty() && std::none_of(revalued.begin(), revalued.end(), [&](std::int16_t column) {
            return find_facet(plan.before, id, column_facet(column) + " indexes") != nullptr;
        });
        if (!revalued.empty() && retyped.columns.empty() && !as_columns) {
            all.push_back({.table = id.oid,
                                   .identity = object.identity,
                                   .columns = {},
                                   .why = RowLoss::Why::retyped});
            continue;
        }
        retyped.columns.insert(retyped.columns.end(), revalued.begin(), revalued.end());
        for (const auto* loss : {&dropped, &retyped})
            if (!loss->columns.empty()) all.push_back(*loss);
    }
    return all;
}

std::vector<compiler::Diagnostic> refusals(const Plan& plan) {
    std::vector<compiler::Diagnostic> refused;
    refuse_lost_attributes(plan, refused);
    refuse_reordered_typed(plan, refused);
    for (const auto& [id, object] : plan.before)
        for (const auto& [name, facet] : object.facets)
            if (facet.how == How::lasting && plan.is_set(id, name) &&
                // A check validated by way of its parent gets what it was by way of it.
                (name == "valid" ? !plan.kept(id) : name.empty() || name == "populated" || plan.kept(id)))
                refused.push_back({.code = 841, .message = facet.set});
    return refused;
}

}  // namespace cairn::catalog
