// The logistic function and its inverse, in integers: the domain in which predictions are
// mixed (Mahoney, "Adaptive Weighing of Context Models for Lossless Data Compression",
// Florida Tech TR CS-2005-16).
//
// Probabilities are Q22 in [1, 2^22 - 1]. Stretched probabilities, ln(p / (1 - p)), are within
// +-12: Q10 as inputs of a mixer, Q12 as its sums.
#pragma once

#include "fixed/arithmetic.hpp"

#include <array>
#include <cstdint>

namespace weightless::fixed {

inline constexpr std::int32_t kStretchLimit = 12 << 10; // Q10

class Logistic {
public:
    static const Logistic& get() {
        static const Logistic tables;
        return tables;
    }

    /// The tables for the kernels: entry i is squash((i - 768) / 64); stretch()'s two parts.
    const std::int32_t* squash_table() const noexcept { return squash_.data(); }
    const std::int16_t* stretch_table() const noexcept { return stretch_.data(); }

    /// 1 / (1 + e^-x), Q22; x is Q12 and is clamped to +-12.
    std::uint32_t squash(std::int32_t x) const noexcept {
        const std::int32_t held = clamp(x, -(12 << 12), (12 << 12) - 1) + (12 << 12);
        const std::int32_t i = held >> 6;
        const std::int32_t f = held & 63;
        return static_cast<std::uint32_t>((squash_[static_cast<std::size_t>(i)] * (64 - f) +
                                           squash_[static_cast<std::size_t>(i) + 1] * f + 32) >>
                                          6);
    }

    /// ln(p / (1 - p)), Q10; p is Q22. The table is 64 times as fine near 0 and 1.
    std::int16_t stretch(std::uint32_t p) const noexcept {
        constexpr std::uint32_t top = (1u << 22) - 1;
        // Branchless, because which part of the table is read is unpredictable.
        const std::uint32_t upper = 0u - (p >> 21); // all ones if p >= 1/2
        const std::uint32_t q = p ^ (upper & top);
        const std::uint32_t coarse = 0u - static_cast<std::uint32_t>(q >= 1u << 16);
        const std::uint32_t i = (q >> (4 + (6 & coarse))) + (4096 & coarse);
        const auto sign = static_cast<std::int32_t>(upper);
        return static_cast<std::int16_t>((stretch_[i] ^ sign) - sign);
    }

private:
    static constexpr int kSteps = 24 * 64; // steps of 1/64 from -12 to 12

    Logistic() {
        // e^(-i/64), Q31, from e^(-1/64) in Q32 (4228380000 = round(2^32 e^(-1/64))).
        std::array<std::uint64_t, kSteps / 2 + 1> power{};
        power[0] = std::uint64_t{1} << 31;
        for (std::size_t i = 1; i < power.size(); ++i) {
            power[i] = (power[i - 1] * 4228380000u + (1u << 31)) >> 32;
        }
        for (int i = 0; i <= kSteps / 2; ++i) {
            const std::uint64_t e = power[static_cast<std::size_t>(i)];
            const std::uint64_t one = std::uint64_t{1} << 31;
            // 1 / (1 + e^-x) for x >= 0, and one minus that for -x.
            const auto p = static_cast<std::int32_t>(((one << 22) + (one + e) / 2) / (one + e));
            const std::int32_t top = p > (1 << 22) - 1 ? (1 << 22) - 1 : p;
            squash_[static_cast<std::size_t>(kSteps / 2 + i)] = top;
            squash_[static_cast<std::size_t>(kSteps / 2 - i)] = (1 << 22) - top;
        }
        // The inverse at the middle of each entry's interval: the least x whose squash reaches it.
        std::int32_t x = -kStretchLimit;
        for (std::uint32_t i = 0; i < 4096; ++i) {
            stretch_[i] = invert(x, i * 16 + 8);
        }
        x = -kStretchLimit;
        for (std::uint32_t i = 0; i < 2048; ++i) {
            stretch_[4096 + i] = invert(x, i * 1024 + 512);
        }
    }

    std::int16_t invert(std::int32_t& x, std::uint32_t p) const noexcept {
        while (x < kStretchLimit && squash(x * 4) < p) {
            ++x;
        }
        return static_cast<std::int16_t>(x);
    }

    std::array<std::int32_t, kSteps + 1> squash_{};
    // For p < 2^16, then for p < 2^21, then padding for gathers that read two entries at once.
    std::array<std::int16_t, 4096 + 2048 + 2> stretch_{};
};

} // namespace weightless::fixed
