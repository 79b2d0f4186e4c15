// Where jumps forward will land in x86 code: what comes there begins anew, other jumps often
// go to the same place, and the stack is as deep as it was at the jump.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class X86Labels {
public:
    static constexpr std::uint32_t kReach = 4096; // the longest jump that is kept

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
    /// Bytes to the nearest place where a jump lands; 128: not within so many.
    std::uint32_t nearest() const noexcept {
        const std::uint32_t shift = position_ % 64;
        const std::uint64_t first = set_[word(position_)];
        const std::uint64_t second = set_[word(position_ + 64)];
        const std::uint64_t third = set_[word(position_ + 128)];
        const std::uint64_t low = shift == 0 ? first : first >> shift | second << (64 - shift);
        const std::uint64_t high = shift == 0 ? second : second >> shift | third << (64 - shift);
        return static_cast<std::uint32_t>(low != 0 ? std::countr_zero(low)
                                                   : 64 + std::countr_zero(high));
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
