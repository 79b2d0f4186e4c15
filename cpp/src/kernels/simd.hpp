// A vector of int32 lanes for each instruction set, with the few operations that
// compilers do not find by themselves in the panel loops. Included by kernels_impl.hpp.
// widen_high(): int16 as the upper halves of lanes, so that madd() multiplies by upper halves.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(WEIGHTLESS_SIMD_AVX512) || defined(WEIGHTLESS_SIMD_AVX2)
#include <immintrin.h>
#elif defined(WEIGHTLESS_SIMD_SSE4)
#include <smmintrin.h>
#elif defined(WEIGHTLESS_SIMD_NEON)
#include <arm_neon.h>
#endif

namespace {

// Two neighbouring int16 as one lane.
inline std::int32_t load_pair(const std::int16_t* p) {
    std::int32_t both;
    std::memcpy(&both, p, sizeof both);
    return both;
}

#if defined(WEIGHTLESS_SIMD_AVX2) || defined(WEIGHTLESS_SIMD_SSE4)
inline std::int32_t sum_of_four(__m128i v) {
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0x4e));
    v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0xb1));
    return _mm_cvtsi128_si32(v);
}
#endif

#if defined(WEIGHTLESS_SIMD_AVX512)
struct Vec {
    static constexpr int lanes = 16;
    __m512i v;
    static Vec zero() { return {_mm512_setzero_si512()}; }
    static Vec load(const void* p) { return {_mm512_loadu_si512(p)}; }
    static Vec pair(const std::int16_t* p) { return {_mm512_set1_epi32(load_pair(p))}; }
    void store(void* p) const { _mm512_storeu_si512(p, v); }
    static Vec add(Vec a, Vec b) { return {_mm512_add_epi32(a.v, b.v)}; }
    static Vec madd(Vec sum, Vec a, Vec b) {
        return {_mm512_add_epi32(sum.v, _mm512_madd_epi16(a.v, b.v))};
    }
    template <int n> static Vec shift_right(Vec a) { return {_mm512_srai_epi32(a.v, n)}; }
    static Vec widen_high(const std::int16_t* p) {
        const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
        return {_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16)};
    }
    static std::int32_t sum(Vec a) { return _mm512_reduce_add_epi32(a.v); }
};
#elif defined(WEIGHTLESS_SIMD_AVX2)
struct Vec {
    static constexpr int lanes = 8;
    __m256i v;
    static Vec zero() { return {_mm256_setzero_si256()}; }
    static Vec load(const void* p) { return {_mm256_loadu_si256(static_cast<const __m256i*>(p))}; }
    static Vec pair(const std::int16_t* p) { return {_mm256_set1_epi32(load_pair(p))}; }
    void store(void* p) const { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
    static Vec add(Vec a, Vec b) { return {_mm256_add_epi32(a.v, b.v)}; }
    static Vec madd(Vec sum, Vec a, Vec b) {
        return {_mm256_add_epi32(sum.v, _mm256_madd_epi16(a.v, b.v))};
    }
    template <int n> static Vec shift_right(Vec a) { return {_mm256_srai_epi32(a.v, n)}; }
    static Vec widen_high(const std::int16_t* p) {
        const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
        return {_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16)};
    }
    static std::int32_t sum(Vec a) {
        const __m128i four =
            _mm_add_epi32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
        return sum_of_four(four);
    }
};
#elif defined(WEIGHTLESS_SIMD_SSE4)
struct Vec {
    static constexpr int lanes = 4;
    __m128i v;
    static Vec zero() { return {_mm_setzero_si128()}; }
    static Vec load(const void* p) { return {_mm_loadu_si128(static_cast<const __m128i*>(p))}; }
    static Vec pair(const std::int16_t* p) { return {_mm_set1_epi32(load_pair(p))}; }
    void store(void* p) const { _mm_storeu_si128(static_cast<__m128i*>(p), v); }
    static Vec add(Vec a, Vec b) { return {_mm_add_epi32(a.v, b.v)}; }
    static Vec madd(Vec sum, Vec a, Vec b) {
        return {_mm_add_epi32(sum.v, _mm_madd_epi16(a.v, b.v))};
    }
    template <int n> static Vec shift_right(Vec a) { return {_mm_srai_epi32(a.v, n)}; }
    static Vec widen_high(const std::int16_t* p) {
        const __m128i x = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
        return {_mm_unpacklo_epi16(_mm_setzero_si128(), x)};
    }
    static std::int32_t sum(Vec a) { return sum_of_four(a.v); }
};
#elif defined(WEIGHTLESS_SIMD_NEON)
struct Vec {
    static constexpr int lanes = 4;
    int32x4_t v;
    static Vec zero() { return {vdupq_n_s32(0)}; }
    static Vec load(const void* p) { return {vld1q_s32(static_cast<const std::int32_t*>(p))}; }
    static Vec load(const std::int16_t* p) { return {vreinterpretq_s32_s16(vld1q_s16(p))}; }
    static Vec pair(const std::int16_t* p) { return {vdupq_n_s32(load_pair(p))}; }
    void store(void* p) const { vst1q_s32(static_cast<std::int32_t*>(p), v); }
    static Vec add(Vec a, Vec b) { return {vaddq_s32(a.v, b.v)}; }
    static Vec madd(Vec sum, Vec a, Vec b) {
        const int16x8_t x = vreinterpretq_s16_s32(a.v);
        const int16x8_t y = vreinterpretq_s16_s32(b.v);
        const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(y));
        const int32x4_t high = vmull_high_s16(x, y);
        return {vaddq_s32(sum.v, vpaddq_s32(low, high))};
    }
    template <int n> static Vec shift_right(Vec a) { return {vshrq_n_s32(a.v, n)}; }
    static Vec widen_high(const std::int16_t* p) {
        return {vshlq_n_s32(vmovl_s16(vld1_s16(p)), 16)};
    }
    static std::int32_t sum(Vec a) { return vaddvq_s32(a.v); }
};
#endif

} // namespace
