// Normalisation for software floating point: shifts the highest set bit of a value to bit 31.
#pragma once

#include "kernels/impl/basics.hpp"
#include "kernels/simd/simd.hpp"

namespace weightless::kernels {
namespace {

// Shifts v left until bit 31 is set; returns the shift count (31 if v == 0).
inline i32 normalise(u32& v) {
#if defined(WEIGHTLESS_COUNTS_ZEROS)
    const i32 n = __builtin_clz(v | 1u); // a vector instruction on these targets
    v <<= n;
    return n;
#else
    // Without branches or a count instruction, so that every compiler can vectorise it.
    u32 s = (v < (1u << 16) ? 1u : 0u) << 4;
    u32 n = s;
    v <<= s;
    s = (v < (1u << 24) ? 1u : 0u) << 3;
    n += s;
    v <<= s;
    s = (v < (1u << 28) ? 1u : 0u) << 2;
    n += s;
    v <<= s;
    s = (v < (1u << 30) ? 1u : 0u) << 1;
    n += s;
    v <<= s;
    s = v < (1u << 31) ? 1u : 0u;
    n += s;
    v <<= s;
    return static_cast<i32>(n);
#endif
}

} // namespace
} // namespace weightless::kernels
