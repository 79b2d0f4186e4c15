// The matrix products in scalar code; the reference for products_vec.hpp.
#pragma once

#include "kernels/impl/basics.hpp"

namespace weightless::kernels {
namespace {

void matvec(const i16* weights, const i16* x, int inputs, int outputs, i32* y) {
    assert(inputs % 2 == 0 && outputs % kPanel == 0);
    for (int m = 0; m < outputs; ++m) {
        const i16* panel = weights + ptrdiff_t{m / kPanel} * inputs * kPanel;
        u32 total = static_cast<u32>(y[m]);
        for (int begin = 0; begin < inputs; begin += kFold) {
            const int end = begin + kFold < inputs ? begin + kFold : inputs;
            u32 sum = 0;
            for (int k = begin; k < end; ++k) {
                const i32 w = panel[(ptrdiff_t{k / 2} * kPanel + m % kPanel) * 2 + k % 2];
                sum += static_cast<u32>(w * x[k]);
            }
            total += static_cast<u32>(static_cast<i32>(sum) >> kFoldShift);
        }
        y[m] = static_cast<i32>(total);
    }
}

void matmul(const i16* weights, const i16* x, int x_stride, int inputs, int outputs, int count,
            i32* y, int y_stride) {
    for (int i = 0; i < count; ++i) {
        matvec(weights, x + ptrdiff_t{i} * x_stride, inputs, outputs, y + ptrdiff_t{i} * y_stride);
    }
}

void outer(const i16* d, const i16* x, int x_stride, int steps, int outputs, i32* gradient) {
    assert(steps % 2 == 0 && outputs % kPanel == 0);
    for (int r = 0; r < 4; ++r) {
        for (int m = 0; m < outputs; ++m) {
            u32 sum = 0;
            for (int t = 0; t < steps; ++t) {
                const i32 e = d[(ptrdiff_t{t / 2} * outputs + m) * 2 + t % 2];
                sum += static_cast<u32>(e * x[ptrdiff_t{r} * x_stride + t]);
            }
            gradient[ptrdiff_t{r} * outputs + m] = static_cast<i32>(sum);
        }
    }
}

} // namespace
} // namespace weightless::kernels
