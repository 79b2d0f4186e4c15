// Inputs of a mixer made from a probability: stretched, and linear.
#pragma once

#include "fixed/logistic.hpp"

#include <cstdint>

namespace weightless::model {

/// Writes stretch(p), Q10, and p - 1/2, Q12, of p in Q22; returns where the next input belongs.
inline std::int16_t* write_probability(std::uint32_t p, std::int16_t* x) noexcept {
    *x++ = fixed::Logistic::get().stretch(p);
    *x++ = static_cast<std::int16_t>((static_cast<std::int32_t>(p) - (1 << 21)) >> 10);
    return x;
}

} // namespace weightless::model
