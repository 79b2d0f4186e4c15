// The sum of the four int32 lanes of an SSE register.
#pragma once

#include <cstdint>
#include <smmintrin.h>

namespace weightless::kernels {
namespace {

inline std::int32_t sum_of_four(__m128i v) {
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0x4e));
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0xb1));
    return _mm_cvtsi128_si32(v);
}

} // namespace
} // namespace weightless::kernels
