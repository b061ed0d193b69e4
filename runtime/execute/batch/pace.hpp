// How many rows the next range of a batch takes: pure bookkeeping, without clock or connection.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace cairn::execute {

// Other sessions wait for a range's rows until it commits, so a range that took longer than `target` halves the size,
// down to a hundredth of what the plan asks for; one that took less than half of it doubles it again, up to that.
class Pace {
public:
    Pace(std::int64_t most, std::chrono::milliseconds target) : most_(most), size_(most), target_(target) {}

    [[nodiscard]] std::int64_t size() const { return size_; }
    // Goes on from what a former runner had come to.
    void continue_with(std::int64_t size) { size_ = std::clamp(size, least(), most_); }
    void took(std::chrono::milliseconds time) {
        if (time > target_) {
            refused();
        } else if (time * 2 < target_) {
            size_ = std::min(most_, size_ * 2);
        }
    }
    // A lock timeout, a deadlock or a serialization failure: a smaller range meets fewer others.
    void refused() { size_ = std::max(least(), size_ / 2); }

private:
    [[nodiscard]] std::int64_t least() const { return std::max<std::int64_t>(1, most_ / 100); }

    std::int64_t most_, size_;
    std::chrono::milliseconds target_;
};

}  // namespace cairn::execute
