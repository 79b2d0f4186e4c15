// Gated logistic mixing (Mahoney, "Adaptive Weighing of Context Models for Lossless Data
// Compression", 2005): dot products of inputs and the weight vectors that selectors chose, and
// the step of online gradient descent on the coding cost after each bit.
//
// x: inputs, Q10, any int16 for mix_predict, |x| < 2^14 for mix_train. Weights: Q28 within
// +-7, of which sums use the upper 16 bits. Sums: Q22, mod 2^32, clamped to +-12 after conversion
// to Q12. p: Q22. Errors: within +-(2^17 - 1), so that a step x * error is below 2^31 and, shifted
// right by 4, below 2^27: adding it to a weight cannot overflow int32.
#pragma once

#include "kernels/impl/mixing_each.hpp"
#include "kernels/simd/simd.hpp"

#if defined(WEIGHTLESS_HAS_EIGHT)
#include "kernels/impl/mixing_eight.hpp"
#else

namespace weightless::kernels {
namespace {

void mix_predict(const i32* const* rows, int count, const i16* x, int n, const i32* squash, u32* p,
                 i16* out) {
    predict_each(rows, count, x, n, squash, p, out);
}

void mix_errors(const u32* p, int n, unsigned bit, u16* counts, const u32* at, const i32* rates,
                i32 rate_scale, i32* errors) {
    errors_each(p, n, bit, counts, at, rates, rate_scale, errors);
}

} // namespace
} // namespace weightless::kernels

#endif
