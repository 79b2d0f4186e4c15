// Sixteen int32 lanes: AVX-512 F, BW, VL and DQ. The operations are described in simd.hpp.
#pragma once

#include "kernels/simd/load_pair.hpp"
#include "kernels/simd/sum_of_four.hpp"

#include <cstdint>
#include <immintrin.h>

namespace weightless::kernels {
namespace {

struct Vec {
    using Pairs = Vec;
    using Sum = Vec;
    static constexpr int lanes = 16;
    __m512i v;
    static Vec zero() { return {_mm512_setzero_si512()}; }
    static Vec load(const void* p) { return {_mm512_loadu_si512(p)}; }
    static Pairs pairs(const std::int16_t* p) { return load(p); }
    static Pairs uppers(const std::int32_t* p) { return load(p); }
    static Pairs pair(const std::int16_t* p) { return {_mm512_set1_epi32(load_pair(p))}; }
    void store(void* p) const { _mm512_storeu_si512(p, v); }
    static Vec add(Vec a, Vec b) { return {_mm512_add_epi32(a.v, b.v)}; }
    static Vec lanes_of(Sum sum) { return sum; }
    static Sum madd(Sum sum, Pairs a, Pairs b) {
        return {_mm512_add_epi32(sum.v, _mm512_madd_epi16(a.v, b.v))};
    }
    template <int n> static Vec shift_right(Vec a) { return {_mm512_srai_epi32(a.v, n)}; }
    static Pairs widen_high(const std::int16_t* p) {
        const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
        return {_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16)};
    }
    // GCC's _mm512_reduce_add_epi32 adds as int, which must not overflow.
    static std::int32_t sum(Sum a) {
        const __m256i eight =
            _mm256_add_epi32(_mm512_castsi512_si256(a.v), _mm512_extracti64x4_epi64(a.v, 1));
        return sum_of_four(
            _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1)));
    }
};

} // namespace
} // namespace weightless::kernels
