// Block floating point (Wilkinson, "Rounding Errors in Algebraic Processes", 1963): gradients
// enter int16 products as mantissas under one exponent for a vector or a column.
//
// Gradients are Q24 within +-2^30, so that adding half a unit fits int32. Sums of products
// are in Q27 - shift; they are added to a gradient, which is clamped to +-2^30.
#pragma once

#include "kernels/impl/basics.hpp"
#include "kernels/impl/normalise.hpp"

namespace weightless::kernels {
namespace {

// Without branches, so that every compiler can vectorise it.
i32 max_abs(const i32* v, int n) {
    i32 top = 0;
    for (int i = 0; i < n; ++i) {
        const i32 a = v[i] < 0 ? -v[i] : v[i];
        top = a > top ? a : top;
    }
    return top;
}

void narrow(const i32* WEIGHTLESS_RESTRICT v, int n, int shift, i32 limit,
            i16* WEIGHTLESS_RESTRICT out) {
    assert(0 <= shift && shift <= 30);
    const i32 half = (1 << shift) >> 1;
    for (int i = 0; i < n; ++i) {
        out[i] = static_cast<i16>(clamp32((v[i] + half) >> shift, -limit, limit));
    }
}

void narrow_columns(const i32* WEIGHTLESS_RESTRICT v, int n, int steps, int bits,
                    i32* WEIGHTLESS_RESTRICT exponents, i16* WEIGHTLESS_RESTRICT d) {
    assert(steps % 2 == 0 && 1 <= bits && bits <= 15);
    const i32 limit = (1 << bits) - 1;
    for (int i = 0; i < n; ++i) {
        exponents[i] = 0;
    }
    for (int t = 0; t < steps; ++t) {
        const i32* row = v + ptrdiff_t{t} * n;
        for (int i = 0; i < n; ++i) {
            // The bitwise OR of the magnitudes has the same highest bit as the largest one.
            exponents[i] |= row[i] < 0 ? -row[i] : row[i];
        }
    }
    for (int i = 0; i < n; ++i) {
        u32 a = static_cast<u32>(exponents[i]);
        const i32 used = a == 0 ? 0 : 32 - normalise(a);
        exponents[i] = used > bits ? used - bits : 0;
    }
    for (int t = 0; t < steps; t += 2) {
        const i32* even = v + ptrdiff_t{t} * n;
        const i32* odd = even + n;
        i16* out = d + ptrdiff_t{t} * n;
        for (int i = 0; i < n; ++i) {
            const i32 s = exponents[i];
            const i32 half = (1 << s) >> 1;
            out[2 * i] = static_cast<i16>(clamp32((even[i] + half) >> s, -limit, limit));
            out[2 * i + 1] = static_cast<i16>(clamp32((odd[i] + half) >> s, -limit, limit));
        }
    }
}

void widen_add(const i32* WEIGHTLESS_RESTRICT y, int n, int shift, i32* WEIGHTLESS_RESTRICT v) {
    assert(0 <= shift && shift <= 20);
    for (int i = 0; i < n; ++i) {
        v[i] = delta(v[i] + rounded(static_cast<i64>(y[i]) * (i64{1} << shift), 3));
    }
}

} // namespace
} // namespace weightless::kernels
