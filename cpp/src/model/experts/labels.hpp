// The targets of forward jumps in machine code, called labels. A basic block begins at a label,
// other jumps often go to the same one, and the stack is as deep there as it was at the jump.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Labels {
public:
    static constexpr std::uint32_t kReach = 4096; // the longest jump that is recorded
    static constexpr std::uint32_t kFar = 128;    // the limit of nearest()

    /// Advances by one byte.
    void advance() noexcept {
        set_[word(position_)] &= ~bit(position_);
        ++position_;
    }

    /// Adds a jump from here by 0 <= distance < kReach, where the stack has this depth.
    void add(std::uint32_t distance, std::uint32_t depth) noexcept {
        const std::uint32_t target = position_ + distance;
        set_[word(target)] |= bit(target);
        depth_[target % kReach] = static_cast<std::uint16_t>(depth);
    }

    /// Whether this position is a label.
    bool here() const noexcept { return (set_[word(position_)] & bit(position_)) != 0; }
    /// The stack's depth at the jump to this position; 0 if it is no label.
    std::uint32_t depth() const noexcept { return here() ? depth_[position_ % kReach] : 0; }
    /// The distance to the next label in bytes, or kFar.
    std::uint32_t nearest() const noexcept {
        for (std::uint32_t n = 0; n < kFar; n += 64 - (position_ + n) % 64) {
            const std::uint64_t rest = set_[word(position_ + n)] >> ((position_ + n) % 64);
            if (rest != 0) {
                return n + static_cast<std::uint32_t>(std::countr_zero(rest));
            }
        }
        return kFar;
    }

private:
    static std::size_t word(std::uint32_t place) noexcept { return place % kReach / 64; }
    static std::uint64_t bit(std::uint32_t place) noexcept {
        return std::uint64_t{1} << (place % 64);
    }

    std::uint32_t position_ = 0;
    std::array<std::uint64_t, kReach / 64> set_{}; // a bit for each position ahead
    std::array<std::uint16_t, kReach> depth_{};
};

} // namespace weightless::model
