// Centring of a mixer's inputs. Predictions mostly agree, and gradient descent converges slowly
// where inputs are correlated. Their common part is therefore subtracted from them, in whole or in
// part, and is an input of its own.
//
// Source: inputs of mean 0 and without correlation are learnt from fastest (LeCun, Bottou, Orr
// and Mueller, "Efficient BackProp", 1998).
#pragma once

#include "fixed/logistic.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace weightless::model::centring {

/// A prediction less the common part, Q10, clamped to the range of a mixer's inputs.
inline std::int16_t less(std::int32_t x, std::int32_t common) noexcept {
    constexpr std::int32_t most = (1 << 14) - 1;
    return static_cast<std::int16_t>(fixed::clamp(x - common, -most, most));
}

/// Centres the inputs of n contexts (HistoryInputs) with these states: subtracts half of the common
/// part (Q10, within the range of stretch) from the first input of each, and a quarter from the
/// second, which deterministic states have. Inputs of new contexts stay 0.
inline void centre(std::int16_t* x, const std::uint16_t* states, int n,
                   std::int32_t common) noexcept {
    const std::int32_t half = common / 2;
    const std::int32_t quarter = common / 4;
    for (int i = 0; i < n; ++i) {
        const std::int32_t known = states[i] != 0 ? half : 0;
        const std::int32_t run = x[2 * i + 1] != 0 ? quarter : 0;
        x[2 * i] = less(x[2 * i], known);
        x[2 * i + 1] = less(x[2 * i + 1], run);
    }
}

/// Subtracts the mean from stretched predictions, Q10, and returns it.
inline std::int16_t centre(std::span<std::int16_t> x) noexcept {
    std::int32_t sum = 0;
    for (const std::int16_t value : x) {
        sum += value;
    }
    const auto mean = static_cast<std::int16_t>(sum / static_cast<std::int32_t>(x.size()));
    for (std::int16_t& value : x) {
        value = less(value, mean);
    }
    return mean;
}

} // namespace weightless::model::centring
