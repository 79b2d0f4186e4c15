// Where jumps forward will land in machine code: what comes there begins anew, other jumps often
// go to the same place, and the stack is as deep as it was at the jump.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Labels {
public:
    static constexpr std::uint32_t kReach = 4096; // the longest jump that is kept
    static constexpr std::uint32_t kFar = 128;    // as far as nearest() looks

    /// Goes on by a byte.
    void advance() noexcept {
        set_[word(position_)] &= ~bit(position_);
        ++position_;
    }

    /// A jump from here by 0 <= distance < kReach, with the stack as deep as `depth`.
    void add(std::uint32_t distance, std::uint32_t depth) noexcept {
        const std::uint32_t target = position_ + distance;
        set_[word(target)] |= bit(target);
        depth_[target % kReach] = static_cast<std::uint16_t>(depth);
    }

    /// A jump lands here.
    bool here() const noexcept { return (set_[word(position_)] & bit(position_)) != 0; }
    /// The stack's depth where a jump came here from; 0: none did.
    std::uint32_t depth() const noexcept { return here() ? depth_[position_ % kReach] : 0; }
    /// Bytes to the nearest place where a jump lands, or kFar.
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
    std::array<std::uint64_t, kReach / 64> set_{}; // a bit for each place to come
    std::array<std::uint16_t, kReach> depth_{};
};

} // namespace weightless::model
