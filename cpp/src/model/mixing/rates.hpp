// The learning rate of a mixer.
#pragma once

#include <cstdint>

namespace weightless::model {

/// A learning rate, in units of 2^-13, that decays from `first` to `last`.
struct MixingRate {
    std::int32_t first;
    std::int32_t last;
    std::int32_t half_time; // updates until it is half-way between them
};

} // namespace weightless::model
