// Mixing, one row at a time, for every target; the reference for mixing_eight.hpp. mixing.hpp
// states formats and ranges.
#pragma once

#include "kernels/impl/basics.hpp"
#include "kernels/simd/simd.hpp"

namespace weightless::kernels {
namespace {

constexpr i32 kSumLimit = 12 << 12; // limit of a sum, Q12
constexpr i32 kErrorLimit = (1 << 17) - 1;
constexpr i32 kWeightLimit = 7 << 28;

void mix_train(i32* const* rows, int count, const i16* WEIGHTLESS_RESTRICT x, int n,
               const i32* errors) {
    assert(n % 16 == 0);
    for (int r = 0; r < count; ++r) {
        i32* WEIGHTLESS_RESTRICT weights = rows[r];
        const i32 error = errors[r];
        if (error == 0) {
            continue;
        }
        for (int i = 0; i < n; i += 16) {
            for (int k = i; k < i + 16; ++k) {
                weights[k] =
                    clamp32(weights[k] + ((x[k] * error + 8) >> 4), -kWeightLimit, kWeightLimit);
            }
        }
    }
}

// The sum of (weights[i] >> 16) * x[i], mod 2^32.
inline i32 dot(const i32* weights, const i16* x, int n) {
#if !defined(WEIGHTLESS_HAS_VEC)
    u32 sum = 0;
    for (int i = 0; i < n; ++i) {
        sum += static_cast<u32>((weights[i] >> 16) * x[i]);
    }
    return static_cast<i32>(sum);
#else
    Vec::Sum sum = Vec::Sum::zero();
    for (int i = 0; i < n; i += 16) {
        for (int k = i; k < i + 16; k += Vec::lanes) {
            sum = Vec::madd(sum, Vec::uppers(weights + k), Vec::widen_high(x + k));
        }
    }
    return Vec::sum(sum);
#endif
}

// mix_predict().
inline void predict_each(const i32* const* rows, int count, const i16* x, int n, const i32* squash,
                         u32* p, i16* out) {
    assert(n % 16 == 0);
    for (int r = 0; r < count; ++r) {
        const auto sum = static_cast<i32>(static_cast<u32>(dot(rows[r], x, n)) + 512u); // may wrap
        const i32 held = clamp32(sum >> 10, -kSumLimit, kSumLimit);
        const i32 at = (held < kSumLimit ? held : kSumLimit - 1) + kSumLimit;
        const i32* entry = squash + (at >> 6);
        p[r] = static_cast<u32>((entry[0] * (64 - (at & 63)) + entry[1] * (at & 63) + 32) >> 6);
        out[r] = static_cast<i16>((held + 2) >> 2);
    }
    for (int r = count; r < (count + 7) / 8 * 8; ++r) {
        out[r] = 0;
    }
}

// mix_errors().
inline void errors_each(const u32* p, int n, unsigned bit, u16* counts, const u32* at,
                        const i32* rates, i32 rate_scale, i32* errors) {
    const i32 target = bit != 0 ? (1 << 22) - 1 : 0;
    for (int i = 0; i < n; ++i) {
        u16& count = counts[at[i]];
        const i32 stage = count < 1024 ? count : 1024 + (count - 1024) / 64;
        const i64 rate = (rates[stage] * rate_scale) >> 4;
        const i64 e = rounded((target - static_cast<i32>(p[i])) * rate, 13);
        errors[i] =
            static_cast<i32>(e < -kErrorLimit ? -kErrorLimit : (e > kErrorLimit ? kErrorLimit : e));
        count = static_cast<u16>(count < 65535 ? count + 1 : count);
    }
}

} // namespace
} // namespace weightless::kernels
