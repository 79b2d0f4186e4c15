// A hash of the latest bytes that is updated with each byte: a polynomial mod 2^32.
//
// Source: R. M. Karp and M. O. Rabin, "Efficient randomized pattern-matching algorithms", 1987.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace weightless::fixed {

/// Of the last `length` bytes, or of all while there are fewer.
template <std::uint32_t length> class RollingHash {
public:
    void push(std::uint8_t latest) noexcept { hash_ = hash_ * kFactor + latest + 1u; }
    /// Takes the byte that came `length` bytes before the latest one out again.
    void drop(std::uint8_t oldest) noexcept { hash_ -= kOldest * (oldest + 1u); }

    /// An index into a table of `size` entries, a power of two from 2 on.
    std::size_t index(std::size_t size) const noexcept {
        return hash_ * 0x9e3779b1u >> (33 - std::bit_width(size));
    }

private:
    static constexpr std::uint32_t kFactor = 0x2c9277b5u;
    static constexpr std::uint32_t kOldest = [] { // kFactor to the power of length
        std::uint32_t power = 1;
        for (std::uint32_t i = 0; i < length; ++i) {
            power *= kFactor;
        }
        return power;
    }();

    std::uint32_t hash_ = 0;
};

} // namespace weightless::fixed
