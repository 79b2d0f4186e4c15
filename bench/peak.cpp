#include "peak.hpp"

#include <chrono>
#include <cstdint>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#define WEIGHTLESS_BENCH_X86 1
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace weightless::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr long kRounds = 2'000'000;
constexpr int kSums = 12; // enough to hide the latency of both instructions

template <typename F> double best_of(double work, F&& f) {
    double best = 0;
    for (int run = 0; run < 7; ++run) {
        const auto begin = Clock::now();
        f();
        const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        best = work / seconds > best ? work / seconds : best;
    }
    return best;
}

// Twelve independent chains of a multiply-add and an addition, in registers. The empty asm
// statements hide the factor's value from the compiler and keep the result alive.
#if defined(WEIGHTLESS_BENCH_X86)
#define WEIGHTLESS_PEAK(NAME, TARGET, TYPE, SET, ZERO, ADD, MADD, CLASS)                           \
    __attribute__((target(TARGET))) void NAME() {                                                  \
        TYPE s0 = ZERO(), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0, s8 = s0,  \
             s9 = s0, s10 = s0, s11 = s0;                                                          \
        TYPE a = SET(3);                                                                           \
        __asm__ volatile("" : "+" CLASS(a));                                                       \
        for (long i = 0; i < kRounds; ++i) {                                                       \
            s0 = ADD(a, MADD(s0, a)), s1 = ADD(a, MADD(s1, a)), s2 = ADD(a, MADD(s2, a));          \
            s3 = ADD(a, MADD(s3, a)), s4 = ADD(a, MADD(s4, a)), s5 = ADD(a, MADD(s5, a));          \
            s6 = ADD(a, MADD(s6, a)), s7 = ADD(a, MADD(s7, a)), s8 = ADD(a, MADD(s8, a));          \
            s9 = ADD(a, MADD(s9, a)), s10 = ADD(a, MADD(s10, a)), s11 = ADD(a, MADD(s11, a));      \
        }                                                                                          \
        s0 = ADD(ADD(ADD(s0, s1), ADD(s2, s3)), ADD(ADD(s4, s5), ADD(s6, s7)));                    \
        s0 = ADD(s0, ADD(ADD(s8, s9), ADD(s10, s11)));                                             \
        __asm__ volatile("" : : CLASS(s0));                                                        \
    }
WEIGHTLESS_PEAK(loop_avx512, "avx512f,avx512bw", __m512i, _mm512_set1_epi16, _mm512_setzero_si512,
                _mm512_add_epi32, _mm512_madd_epi16, "v")
WEIGHTLESS_PEAK(loop_avx2, "avx2", __m256i, _mm256_set1_epi16, _mm256_setzero_si256,
                _mm256_add_epi32, _mm256_madd_epi16, "x")
WEIGHTLESS_PEAK(loop_sse, "sse4.1", __m128i, _mm_set1_epi16, _mm_setzero_si128, _mm_add_epi32,
                _mm_madd_epi16, "x")
#elif defined(__aarch64__)
void loop_neon() {
    int32x4_t s[kSums];
    int16x8_t a = vdupq_n_s16(3);
    for (auto& v : s) {
        v = vdupq_n_s32(0);
    }
    for (long i = 0; i < kRounds; ++i) {
        for (auto& v : s) {
            __asm__ volatile("" : "+w"(a));
            v = vaddq_s32(
                v, vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(a)), vmull_high_s16(a, a)));
        }
    }
    for (auto& v : s) {
        __asm__ volatile("" : : "w"(v));
    }
}
#endif

void loop_scalar() {
    volatile std::int32_t factor = 3;
    std::uint32_t s[8] = {};
    for (long i = 0; i < kRounds; ++i) {
        const auto a = static_cast<std::uint32_t>(factor);
        for (auto& v : s) {
            v = v * a + a;
        }
    }
    std::uint32_t all = 0;
    for (const auto v : s) {
        all ^= v;
    }
    factor = static_cast<std::int32_t>(all);
}

} // namespace

double peak(std::string_view target) {
#if defined(WEIGHTLESS_BENCH_X86)
    if (target == "avx512") {
        return best_of(32.0 * kSums * kRounds, loop_avx512);
    }
    if (target == "avx2") {
        return best_of(16.0 * kSums * kRounds, loop_avx2);
    }
    if (target == "sse4" || target == "generic") {
        return best_of(8.0 * kSums * kRounds, loop_sse);
    }
#elif defined(__aarch64__)
    if (target == "neon" || target == "generic") {
        return best_of(8.0 * kSums * kRounds, loop_neon);
    }
#endif
    return best_of(8.0 * kRounds, loop_scalar);
}

} // namespace weightless::bench
