// Four int32 lanes: SSE4.1. The operations are described in simd.hpp.
#pragma once

#include "kernels/simd/load_pair.hpp"
#include "kernels/simd/sum_of_four.hpp"

#include <cstdint>
#include <smmintrin.h>

namespace weightless::kernels {
namespace {

struct Vec {
    using Pairs = Vec;
    using Sum = Vec;
    static constexpr int lanes = 4;
    __m128i v;
    static Vec zero() { return {_mm_setzero_si128()}; }
    static Vec load(const void* p) { return {_mm_loadu_si128(static_cast<const __m128i*>(p))}; }
    static Pairs pairs(const std::int16_t* p) { return load(p); }
    static Pairs uppers(const std::int32_t* p) { return load(p); }
    static Pairs pair(const std::int16_t* p) { return {_mm_set1_epi32(load_pair(p))}; }
    void store(void* p) const { _mm_storeu_si128(static_cast<__m128i*>(p), v); }
    static Vec add(Vec a, Vec b) { return {_mm_add_epi32(a.v, b.v)}; }
    static Vec lanes_of(Sum sum) { return sum; }
    static Sum madd(Sum sum, Pairs a, Pairs b) {
        return {_mm_add_epi32(sum.v, _mm_madd_epi16(a.v, b.v))};
    }
    template <int n> static Vec shift_right(Vec a) { return {_mm_srai_epi32(a.v, n)}; }
    static Pairs widen_high(const std::int16_t* p) {
        const __m128i x = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
        return {_mm_unpacklo_epi16(_mm_setzero_si128(), x)};
    }
    static std::int32_t sum(Sum a) { return sum_of_four(a.v); }
};

} // namespace
} // namespace weightless::kernels
