// Where SQL literals end, found in time that does not depend on how far away that is.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cairn::grammar {

class Dollars {
public:
    explicit Dollars(std::string_view text) : text_(text) {}

    // Start of the next `delimiter` from `at` on; npos if there is none.
    [[nodiscard]] std::size_t close_of(std::string_view delimiter, std::size_t at);

private:
    void build_index();

    std::string_view text_;
    bool indexed_ = false;
    std::unordered_map<std::string_view, std::vector<std::uint32_t>> positions_;  // ascending
};

}  // namespace cairn::grammar
