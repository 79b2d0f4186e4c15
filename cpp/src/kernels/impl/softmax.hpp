// Softmax in base 2 over the 256 byte values.
//
// logits: Q15, any int32; their distances from the largest fit uint32. p: Q24, each at least 4, sum
// exactly 2^24. The largest logit contributes at least 2^23 to the sum before division, so that the
// factor fits 32 bits.
#pragma once

#include "kernels/impl/basics.hpp"

namespace weightless::kernels {
namespace {

// 2^-f for f in [0, 1), Q15 to Q15: 1 - f (c1 - f (c2 - f c3)) with c1 - c2 + c3 = 1/2, so that
// 2^-d is continuous at integers; the error is within 0.02 %.
inline i32 exp2_of_minus(i32 f) {
    constexpr i32 c1 = 22657;
    constexpr i32 c2 = 7555;
    constexpr i32 c3 = 1282;
    return 32768 - ((f * (c1 - ((f * (c2 - ((f * c3) >> 15))) >> 15))) >> 15);
}

int softmax(const i32* WEIGHTLESS_RESTRICT logits, u32* WEIGHTLESS_RESTRICT p) {
    i32 top = logits[0];
    for (int i = 1; i < 256; ++i) {
        top = logits[i] > top ? logits[i] : top;
    }
    u32 sum = 0; // <= 256 * 2^23
    for (int i = 0; i < 256; ++i) {
        const u32 d = static_cast<u32>(top) - static_cast<u32>(logits[i]);
        const u32 whole = d >> 15;
        const u32 e = static_cast<u32>(exp2_of_minus(static_cast<i32>(d & 32767))) << 8; // Q23
        const u32 v = e >> (whole < 31 ? whole : 31);
        p[i] = v;
        sum += v;
    }
    // Each value gets 4 as a minimum. The rest is distributed in proportion, rounded down, and the
    // remainder of the rounding goes to the best value.
    constexpr u64 shared = (u64{1} << 24) - 256 * 4;
    const u32 factor = static_cast<u32>((shared << 31) / sum); // < 2^32 as sum >= 2^23
    u32 total = 0;
    for (int i = 0; i < 256; ++i) {
        const u32 v = 4 + static_cast<u32>((static_cast<u64>(p[i]) * factor) >> 31);
        p[i] = v;
        total += v;
    }
    int best = 0;
    while (logits[best] != top) {
        ++best;
    }
    p[best] += (1u << 24) - total;
    return best;
}

} // namespace
} // namespace weightless::kernels
