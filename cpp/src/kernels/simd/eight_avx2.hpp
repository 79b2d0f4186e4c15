// Eight int32 lanes with gathers, for loops with a table lookup for each lane. The AVX-512 target
// uses them too: gathers are no faster in wider vectors, and short lists leave smaller remainders.
#pragma once

#include <cstdint>
#include <immintrin.h>

namespace weightless::kernels {
namespace {

struct Eight {
    __m256i v;

    static Eight all(std::int32_t x) { return {_mm256_set1_epi32(x)}; }
    static Eight of(std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d, std::int32_t e,
                    std::int32_t f, std::int32_t g, std::int32_t h) {
        return {_mm256_setr_epi32(a, b, c, d, e, f, g, h)};
    }
    static Eight load(const void* p) {
        return {_mm256_loadu_si256(static_cast<const __m256i*>(p))};
    }
    void store(void* p) const { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }

    /// The four bytes at p + scale * at, for each lane.
    template <int scale> static Eight gather(const void* p, Eight at) {
        return {_mm256_i32gather_epi32(static_cast<const int*>(p), at.v, scale)};
    }
    /// For each lane of `at`, lane at % 8 of `words`.
    static Eight pick(Eight words, Eight at) {
        return {_mm256_permutevar8x32_epi32(words.v, at.v)};
    }

    /// Sums, differences and products mod 2^32.
    friend Eight operator+(Eight a, Eight b) { return {_mm256_add_epi32(a.v, b.v)}; }
    friend Eight operator-(Eight a, Eight b) { return {_mm256_sub_epi32(a.v, b.v)}; }
    friend Eight operator*(Eight a, Eight b) { return {_mm256_mullo_epi32(a.v, b.v)}; }
    friend Eight operator&(Eight a, Eight b) { return {_mm256_and_si256(a.v, b.v)}; }
    friend Eight operator|(Eight a, Eight b) { return {_mm256_or_si256(a.v, b.v)}; }
    friend Eight operator^(Eight a, Eight b) { return {_mm256_xor_si256(a.v, b.v)}; }
    /// ~a & b.
    static Eight and_not(Eight a, Eight b) { return {_mm256_andnot_si256(a.v, b.v)}; }

    template <int n> static Eight shift_left(Eight a) { return {_mm256_slli_epi32(a.v, n)}; }
    /// Shifts each lane by its own n; shifts by 32 or more give 0.
    static Eight shift_left(Eight a, Eight n) { return {_mm256_sllv_epi32(a.v, n.v)}; }
    /// Arithmetic shift: copies of the sign bit are shifted in.
    template <int n> static Eight shift_right(Eight a) { return {_mm256_srai_epi32(a.v, n)}; }
    /// Logical shift: zeros are shifted in.
    template <int n> static Eight shift_right_u(Eight a) { return {_mm256_srli_epi32(a.v, n)}; }

    static Eight min(Eight a, Eight b) { return {_mm256_min_epi32(a.v, b.v)}; }
    static Eight max(Eight a, Eight b) { return {_mm256_max_epi32(a.v, b.v)}; }
    static Eight clamp(Eight a, std::int32_t low, std::int32_t high) {
        return min(max(a, all(low)), all(high));
    }
    /// All ones where a > b, else 0.
    static Eight greater(Eight a, Eight b) { return {_mm256_cmpgt_epi32(a.v, b.v)}; }
    /// b where the mask is all ones, a where it is 0. With -funsigned-char, GCC 12 folds
    /// _mm256_blendv_epi8 to its first argument.
    static Eight select(Eight a, Eight b, Eight mask) { return a ^ ((a ^ b) & mask); }

    /// Stores eight int16; each lane is clamped to their range.
    static void store_short(std::int16_t* p, Eight a) {
        const __m256i narrow = _mm256_packs_epi32(a.v, a.v); // each half appears twice
        _mm_storeu_si128(reinterpret_cast<__m128i*>(p),
                         _mm_unpacklo_epi64(_mm256_castsi256_si128(narrow),
                                            _mm256_extracti128_si256(narrow, 1)));
    }
    /// Stores sixteen int32 at p: the pairs of lanes (a, b), in the order of kInterleaved.
    static void store_interleaved(void* p, Eight a, Eight b) {
        Eight{_mm256_unpacklo_epi32(a.v, b.v)}.store(p);
        Eight{_mm256_unpackhi_epi32(a.v, b.v)}.store(static_cast<std::int32_t*>(p) + 8);
    }
    /// The positions at which store_interleaved() stores the pair of each lane.
    static constexpr int kInterleaved[8] = {0, 1, 4, 5, 2, 3, 6, 7};
};

} // namespace
} // namespace weightless::kernels
