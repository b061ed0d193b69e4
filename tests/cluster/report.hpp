// What tests look up in reports that the program gives as JSON.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace cairn::cluster {

// The entry of a list whose `key` says `value`. Fails the test when there is none.
[[nodiscard]] nlohmann::json entry(const nlohmann::json& list, const std::string& key,
                                   const std::string& value);

}  // namespace cairn::cluster
