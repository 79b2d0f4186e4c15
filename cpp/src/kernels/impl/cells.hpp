// The LSTM's cells (Hochreiter & Schmidhuber, 1997; forget gates of Gers, Schmidhuber & Cummins,
// 2000), forward and backward, with gates that are coupled (Greff et al., "LSTM: A Search Space
// Odyssey", 2017: the input gate is 1 - forget gate) or full. docs/network.md specifies them;
// activations are piecewise quadratic, with the slope 1 - |u|.
//
// z: gate sums Q16, any int32. Sigmoids Q16 in [0, 2^16]; g, squashed and slopes Q15 in [-2^15,
// 2^15]. c: Q24, within +-1 (coupled) or +-16 (full). h: Q11 within +-1. Gradients: Q24 within
// +-2^30; every product with one fits int64.
#pragma once

#include "kernels/impl/basics.hpp"

namespace weightless::kernels {
namespace {

// q(z) = u (2 - |u|), Q15, for u in [-1, 1], Q15.
inline i32 squash(i32 u) { return (u * (65536 - (u < 0 ? -u : u))) >> 15; }

// 1 - |u|, the slope of q.
inline i32 slope_of(i32 u) { return 32768 - (u < 0 ? -u : u); }

void cell_forward(int full, int width, const i32* WEIGHTLESS_RESTRICT z, i32* WEIGHTLESS_RESTRICT c,
                  i32* WEIGHTLESS_RESTRICT gates, i32* WEIGHTLESS_RESTRICT slopes,
                  i32* WEIGHTLESS_RESTRICT squashed, i16* WEIGHTLESS_RESTRICT h) {
    const int sigmoids = (full != 0 ? 3 : 2) * width;
    for (int i = 0; i < sigmoids; ++i) {
        const i32 u = clamp32(z[i] >> 3, -32768, 32768);
        gates[i] = 32768 + squash(u);
        slopes[i] = slope_of(u);
    }
    for (int i = sigmoids; i < sigmoids + width; ++i) {
        const i32 u = clamp32(z[i] >> 2, -32768, 32768);
        gates[i] = squash(u);
        slopes[i] = slope_of(u);
    }
    if (full != 0) {
        const i32* in = gates;
        const i32* f = gates + width;
        const i32* o = gates + ptrdiff_t{2} * width;
        const i32* g = gates + ptrdiff_t{3} * width;
        constexpr i64 limit = 16 << 24;
        for (int i = 0; i < width; ++i) {
            const i64 sum = rounded(static_cast<i64>(c[i]) * f[i], 16) +
                            rounded(static_cast<i64>(in[i]) * g[i], 7);
            c[i] = static_cast<i32>(sum < -limit ? -limit : (sum > limit ? limit : sum));
            const i32 u = clamp32(c[i] >> 10, -32768, 32768);
            squashed[i] = squash(u);
            squashed[width + i] = slope_of(u);
            h[i] = static_cast<i16>(rounded(static_cast<i64>(o[i]) * squashed[i], 20));
        }
    } else {
        const i32* f = gates;
        const i32* o = gates + width;
        const i32* g = gates + ptrdiff_t{2} * width;
        for (int i = 0; i < width; ++i) {
            const i32 wide = g[i] * 512; // Q24
            c[i] = wide + static_cast<i32>(rounded(static_cast<i64>(f[i]) * (c[i] - wide), 16));
            h[i] = static_cast<i16>(rounded(static_cast<i64>(o[i]) * c[i], 29));
        }
    }
}

void cell_backward(int full, int width, const i32* WEIGHTLESS_RESTRICT dh,
                   const i32* WEIGHTLESS_RESTRICT before, const i32* WEIGHTLESS_RESTRICT after,
                   const i32* WEIGHTLESS_RESTRICT gates, const i32* WEIGHTLESS_RESTRICT slopes,
                   const i32* WEIGHTLESS_RESTRICT squashed, i32* WEIGHTLESS_RESTRICT dc,
                   i32* WEIGHTLESS_RESTRICT dz) {
    const ptrdiff_t w = width;
    if (full != 0) {
        for (ptrdiff_t i = 0; i < w; ++i) {
            const i64 d = dh[i];
            const i64 d_o = delta(rounded(d * squashed[i], 15));
            const i64 d_q = delta(rounded(d * gates[2 * w + i], 16));
            const i64 e = delta(dc[i] + rounded(d_q * squashed[w + i], 15));
            const i64 d_i = delta(rounded(e * gates[3 * w + i], 15));
            const i64 d_f = delta(rounded(e * before[i], 24));
            const i64 d_g = delta(rounded(e * gates[i], 16));
            dz[i] = delta(rounded(d_i * slopes[i], 17));
            dz[w + i] = delta(rounded(d_f * slopes[w + i], 17));
            dz[2 * w + i] = delta(rounded(d_o * slopes[2 * w + i], 17));
            dz[3 * w + i] = delta(rounded(d_g * slopes[3 * w + i], 15));
            dc[i] = delta(rounded(e * gates[w + i], 16));
        }
    } else {
        for (ptrdiff_t i = 0; i < w; ++i) {
            const i64 d = dh[i];
            const i64 d_o = delta(rounded(d * after[i], 24));
            const i64 e = delta(dc[i] + rounded(d * gates[w + i], 16));
            const i64 d_f = delta(rounded(e * (before[i] - gates[2 * w + i] * 512), 24));
            const i64 d_g = delta(rounded(e * (65536 - gates[i]), 16));
            dz[i] = delta(rounded(d_f * slopes[i], 17));
            dz[w + i] = delta(rounded(d_o * slopes[w + i], 17));
            dz[2 * w + i] = delta(rounded(d_g * slopes[2 * w + i], 15));
            dc[i] = delta(rounded(e * gates[i], 16));
        }
    }
}

} // namespace
} // namespace weightless::kernels
