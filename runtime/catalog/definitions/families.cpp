#include "runtime/catalog/definitions/family.hpp"

namespace cairn::catalog {

const std::vector<Family>& all_families() {
    static const std::vector<Family> families = [] {
        std::vector<Family> all;
        for (auto* of : {relation_families})
            for (auto& family : of()) all.push_back(std::move(family));
        return all;
    }();
    return families;
}

}  // namespace cairn::catalog
