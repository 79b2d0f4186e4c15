// The format of the probabilities that the model passes to the coder.
#pragma once

#include <cstdint>

namespace weightless::fixed {

/// Fraction bits of a probability: P(bit = 1) is p / 2^22 with 1 <= p <= 2^22 - 1.
inline constexpr int kProbabilityBits = 22;
inline constexpr std::uint32_t kProbabilityOne = 1u << kProbabilityBits;

} // namespace weightless::fixed
