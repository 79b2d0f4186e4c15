// Two neighbouring int16 as the two halves of one int32 lane.
#pragma once

#include <cstdint>
#include <cstring>

namespace weightless::kernels {
namespace {

inline std::int32_t load_pair(const std::int16_t* p) {
    std::int32_t both;
    std::memcpy(&both, p, sizeof both);
    return both;
}

} // namespace
} // namespace weightless::kernels
