#include "tests/cluster/report.hpp"

#include <catch2/catch.hpp>

namespace cairn::cluster {

nlohmann::json entry(const nlohmann::json& list, const std::string& key, const std::string& value) {
    for (const auto& each : list)
        if (each.at(key) == value) return each;
    FAIL("no " << key << ' ' << value << " in " << list.dump(2));
    return {};
}

}  // namespace cairn::cluster
