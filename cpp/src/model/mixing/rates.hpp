// How fast a mixer's weights move.
#pragma once

#include <cstdint>

namespace weightless::model {

/// 2^-13 times a rate that falls from `first` to `last`.
struct MixingRate {
    std::int32_t first;
    std::int32_t last;
    std::int32_t half_time; // updates until half-way
};

} // namespace weightless::model
