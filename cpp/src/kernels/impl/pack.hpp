// Working copies of a matrix from its master weights. These are int32 Q26 within the limit of the
// format (model/network/weights.hpp), so that adding half a unit does not overflow int32 and the
// shifted value fits int16.
#pragma once

#include "kernels/impl/basics.hpp"

namespace weightless::kernels {
namespace {

void pack(const i32* WEIGHTLESS_RESTRICT master, int row, int inputs, int outputs,
          int forward_shift, int backward_shift, i16* WEIGHTLESS_RESTRICT forward,
          i16* WEIGHTLESS_RESTRICT backward) {
    assert(row % 4 == 0 && outputs % kPanel == 0 && forward_shift > 0 && backward_shift > 0);
    const i32 half = 1 << (forward_shift - 1);
    for (int pair = 0; pair < 2; ++pair) {
        const i32* even = master + ptrdiff_t{2 * pair} * outputs;
        const i32* odd = even + outputs;
        for (int p = 0; p < outputs; p += kPanel) {
            i16* out = forward + ptrdiff_t{p} * inputs + ptrdiff_t{row / 2 + pair} * kPanel * 2;
            for (int j = 0; j < kPanel; ++j) {
                out[2 * j] = static_cast<i16>((even[p + j] + half) >> forward_shift);
                out[2 * j + 1] = static_cast<i16>((odd[p + j] + half) >> forward_shift);
            }
        }
    }
    const i32 back_half = 1 << (backward_shift - 1);
    i16* out = backward + ptrdiff_t{row / kPanel} * outputs * kPanel + row % kPanel * 2;
    for (int m = 0; m < outputs; m += 2) {
        for (int r = 0; r < 4; ++r) {
            const i32* w = master + ptrdiff_t{r} * outputs + m;
            out[2 * r] = static_cast<i16>((w[0] + back_half) >> backward_shift);
            out[2 * r + 1] = static_cast<i16>((w[1] + back_half) >> backward_shift);
        }
        out += kPanel * 2;
    }
}

} // namespace
} // namespace weightless::kernels
