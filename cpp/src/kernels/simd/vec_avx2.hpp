// Eight int32 lanes: AVX2. The operations are described in simd.hpp.
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
    static constexpr int lanes = 8;
    __m256i v;
    static Vec zero() { return {_mm256_setzero_si256()}; }
    static Vec load(const void* p) { return {_mm256_loadu_si256(static_cast<const __m256i*>(p))}; }
    static Pairs pairs(const std::int16_t* p) { return load(p); }
    static Pairs uppers(const std::int32_t* p) { return load(p); }
    static Pairs pair(const std::int16_t* p) { return {_mm256_set1_epi32(load_pair(p))}; }
    void store(void* p) const { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
    static Vec add(Vec a, Vec b) { return {_mm256_add_epi32(a.v, b.v)}; }
    static Vec lanes_of(Sum sum) { return sum; }
    static Sum madd(Sum sum, Pairs a, Pairs b) {
        return {_mm256_add_epi32(sum.v, _mm256_madd_epi16(a.v, b.v))};
    }
    template <int n> static Vec shift_right(Vec a) { return {_mm256_srai_epi32(a.v, n)}; }
    static Pairs widen_high(const std::int16_t* p) {
        const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        return {_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16)};
    }
    static std::int32_t sum(Sum a) {
        const __m128i four =
            _mm_add_epi32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
        return sum_of_four(four);
    }
};

} // namespace
} // namespace weightless::kernels
