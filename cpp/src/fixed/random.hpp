// The pseudo-random generator from which the initial weights are drawn.
#pragma once

#include <cstdint>

namespace weightless::fixed {

/// SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014): the same sequence on every machine.
class SplitMix64 {
public:
    explicit constexpr SplitMix64(std::uint64_t seed) noexcept : state_(seed) {}

    constexpr std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15ull;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }

    /// A uniform integer in [-bound, bound], bound < 2^31 (multiply and shift; bias < 2^-31).
    constexpr std::int32_t symmetric(std::int32_t bound) noexcept {
        const auto span = 2 * static_cast<std::uint64_t>(bound) + 1;
        return static_cast<std::int32_t>(static_cast<std::int64_t>(((next() >> 32) * span) >> 32) -
                                         bound);
    }

private:
    std::uint64_t state_;
};

} // namespace weightless::fixed
