#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {

const std::vector<Family>& all_families() {
    static const std::vector<Family> families = [] {
        std::vector<Family> all;
        for (auto* of : {relation_families, type_families, routine_families, operator_families,
                         conversion_families, text_search_families, extension_families,
                         publication_families, subscription_families, foreign_families,
                         role_families, privilege_families, database_families})
            for (auto& family : of()) all.push_back(std::move(family));
        return all;
    }();
    return families;
}

}  // namespace cairn::catalog
