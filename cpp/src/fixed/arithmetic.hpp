// Integer arithmetic whose result is defined for every input.
//
// Everything that affects a coded bit is computed with these helpers or with plain
// integer operators whose operands' ranges are stated beside them. C++20 defines signed
// right shifts and narrowing casts (two's complement). Signed overflow and left shifts of
// negative values are avoided: arithmetic that wraps does so in unsigned types.
#pragma once

#include <bit>
#include <cstdint>

namespace weightless::fixed {

/// a + b mod 2^32, as two's complement.
constexpr std::int32_t wrapping_add(std::int32_t a, std::int32_t b) noexcept {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b));
}

/// a - b mod 2^32, as two's complement.
constexpr std::int32_t wrapping_sub(std::int32_t a, std::int32_t b) noexcept {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b));
}

/// Arithmetic shift right, rounding half up. 1 <= n <= 62; |v| < 2^63 - 2^(n-1).
constexpr std::int64_t round_shift(std::int64_t v, int n) noexcept {
    return (v + (std::int64_t{1} << (n - 1))) >> n;
}

constexpr std::int32_t clamp(std::int32_t v, std::int32_t low, std::int32_t high) noexcept {
    return v < low ? low : (v > high ? high : v);
}

constexpr std::int32_t saturate32(std::int64_t v) noexcept {
    return v > INT32_MAX ? INT32_MAX : (v < INT32_MIN ? INT32_MIN : static_cast<std::int32_t>(v));
}

/// floor(log2(v)) for v >= 1; 0 for v == 0.
constexpr int log2_floor(std::uint32_t v) noexcept { return 31 - std::countl_zero(v | 1u); }

/// The square root of v >= 1, rounded down, by Newton's iteration from above.
constexpr std::int64_t square_root(std::int64_t v) noexcept {
    auto root = std::int64_t{1} << (std::bit_width(static_cast<std::uint64_t>(v)) + 1) / 2;
    for (;;) {
        const std::int64_t next = (root + v / root) / 2;
        if (next >= root) {
            return root;
        }
        root = next;
    }
}

/// log2(v), Q8, linear between powers of two; 0 for v == 0. v < 2^56.
constexpr std::uint64_t log2_q8(std::uint64_t v) noexcept {
    const auto width = static_cast<std::uint64_t>(std::bit_width(v));
    return v == 0 ? 0 : ((width - 1) << 8) + ((v << 8 >> (width - 1)) & 255u);
}

/// Quantises a magnitude to two steps per octave: 0, 1, 2, 3, then 2 log2(v), rounded down.
constexpr std::uint32_t half_octaves(std::uint64_t v) noexcept {
    const auto width = static_cast<std::uint32_t>(std::bit_width(v));
    return width < 2 ? static_cast<std::uint32_t>(v)
                     : (width - 1) * 2 + static_cast<std::uint32_t>(v >> (width - 2) & 1u);
}

} // namespace weightless::fixed
