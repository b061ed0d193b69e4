// Names of items, made of what migrations are called.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace cairn::adopt {

// `[a-z_][a-z0-9_]*`: small letters, everything else a `_`, several of them one; never empty.
[[nodiscard]] std::string as_name(std::string_view);
// `v20240101_add_users` of version and title; either may be empty.
[[nodiscard]] std::string as_name(std::string_view version, std::string_view title);

// Gives each name once.
class Names {
public:
    // `wanted`, or with the first number that makes it another one.
    [[nodiscard]] std::string take(const std::string& wanted);

private:
    std::set<std::string> taken_;
};

}  // namespace cairn::adopt
