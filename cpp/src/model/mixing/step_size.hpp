// The normalised step size of a mixer: smaller where its inputs are large, that is where nearly all
// contexts are confident, and larger where they are small.
//
// Source: normalised least mean squares (Nagumo and Noda, "A learning method for system
// identification", 1967). That method divides by the inputs' energy; here the divisor is its fourth
// root, which compressed best.
#pragma once

#include "fixed/arithmetic.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model::step_size {

/// The step size in sixteenths of the full step: 32 for inputs of 0, 16 where their mean square is
/// 1, and half for each further factor of 16. x: n inputs, Q10, |x| < 2^14; 0 < n < 2^9.
inline std::int32_t of(const std::int16_t* x, int n) noexcept {
    constexpr std::uint32_t least = 1024; // 1/16, Q14
    static constexpr std::array<std::uint8_t, 56> steps = [] {
        std::array<std::uint8_t, 56> table{};
        std::uint64_t step = std::uint64_t{32} << 24;
        for (std::uint8_t& entry : table) {
            entry = static_cast<std::uint8_t>((step + (1u << 23)) >> 24);
            step = (step * 4112874773u) >> 32; // 2^(-1/16), Q32
        }
        return table;
    }();
    std::uint32_t energy = 0; // Q14
    for (int i = 0; i < n; ++i) {
        const std::int32_t v = x[i] >> 3;
        energy += static_cast<std::uint32_t>(v * v);
    }
    const std::uint32_t mean = energy / static_cast<std::uint32_t>(n) + least;
    // Quarters of an octave.
    const auto octave = static_cast<std::uint32_t>(fixed::log2_floor(mean));
    return steps[(octave - 10) * 4 + (mean >> (octave - 2) & 3u)];
}

} // namespace weightless::model::step_size
