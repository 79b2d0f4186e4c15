// Four int32 lanes: NEON of AArch64. The operations are described in simd.hpp.
#pragma once

#include "kernels/simd/load_pair.hpp"

#include <arm_neon.h>
#include <cstdint>

namespace weightless::kernels {
namespace {

struct Vec {
    using Pairs = Vec;
    using Sum = Vec;
    static constexpr int lanes = 4;
    int32x4_t v;
    static Vec zero() { return {vdupq_n_s32(0)}; }
    static Vec load(const std::int32_t* p) { return {vld1q_s32(p)}; }
    static Pairs pairs(const std::int16_t* p) { return {vreinterpretq_s32_s16(vld1q_s16(p))}; }
    static Pairs uppers(const std::int32_t* p) { return load(p); }
    static Pairs pair(const std::int16_t* p) { return {vdupq_n_s32(load_pair(p))}; }
    void store(std::int32_t* p) const { vst1q_s32(p, v); }
    static Vec add(Vec a, Vec b) { return {vaddq_s32(a.v, b.v)}; }
    static Vec lanes_of(Sum sum) { return sum; }
    static Sum madd(Sum sum, Pairs a, Pairs b) {
        const int16x8_t x = vreinterpretq_s16_s32(a.v);
        const int16x8_t y = vreinterpretq_s16_s32(b.v);
        const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(y));
        const int32x4_t high = vmull_high_s16(x, y);
        return {vaddq_s32(sum.v, vpaddq_s32(low, high))};
    }
    template <int n> static Vec shift_right(Vec a) { return {vshrq_n_s32(a.v, n)}; }
    static Pairs widen_high(const std::int16_t* p) {
        return {vshlq_n_s32(vmovl_s16(vld1_s16(p)), 16)};
    }
    static std::int32_t sum(Sum a) { return vaddvq_s32(a.v); }
};

} // namespace
} // namespace weightless::kernels
