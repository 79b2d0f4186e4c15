// The matrix products in tiles whose sums stay in registers. A broadcast pair of inputs needs one
// pair-multiply-add for each vector of outputs.
#pragma once

#include "kernels/impl/basics.hpp"
#include "kernels/simd/simd.hpp"

// Avoids the copies that GCC makes of every sum if the loop is not unrolled.
#if defined(__GNUC__) && !defined(__clang__)
#define WEIGHTLESS_UNROLL _Pragma("GCC unroll 4")
#else
#define WEIGHTLESS_UNROLL
#endif

namespace weightless::kernels {
namespace {

constexpr int kPerPanel = kPanel / Vec::lanes;
constexpr int kWidest = kPerPanel < 8 ? kPerPanel : 8; // vectors whose sums fit the registers

// A tile of C vectors x and V vectors of outputs (from one panel or from several whole panels),
// with C * V sums in registers.
template <int C, int V>
inline void tile(const i16* WEIGHTLESS_RESTRICT weights, const i16* WEIGHTLESS_RESTRICT x,
                 int x_stride, int inputs, i32* WEIGHTLESS_RESTRICT y, int y_stride) {
    const ptrdiff_t panel_size = ptrdiff_t{inputs} * kPanel;
    Vec total[C][V];
    for (int c = 0; c < C; ++c) {
        for (int v = 0; v < V; ++v) {
            total[c][v] = Vec::load(y + ptrdiff_t{c} * y_stride + v * Vec::lanes);
        }
    }
    for (int begin = 0; begin < inputs; begin += kFold) {
        const int end = begin + kFold < inputs ? begin + kFold : inputs;
        Vec::Sum sum[C][V];
        for (int c = 0; c < C; ++c) {
            for (int v = 0; v < V; ++v) {
                sum[c][v] = Vec::Sum::zero();
            }
        }
        WEIGHTLESS_UNROLL
        for (int k = begin; k < end; k += 2) {
            const i16* row = weights + ptrdiff_t{k} * kPanel;
            Vec::Pairs w[V];
            for (int v = 0; v < V; ++v) {
                w[v] =
                    Vec::pairs(row + (v / kPerPanel) * panel_size + v % kPerPanel * Vec::lanes * 2);
            }
            for (int c = 0; c < C; ++c) {
                const Vec::Pairs p = Vec::pair(x + ptrdiff_t{c} * x_stride + k);
                for (int v = 0; v < V; ++v) {
                    sum[c][v] = Vec::madd(sum[c][v], w[v], p);
                }
            }
        }
        for (int c = 0; c < C; ++c) {
            for (int v = 0; v < V; ++v) {
                total[c][v] =
                    Vec::add(total[c][v], Vec::shift_right<kFoldShift>(Vec::lanes_of(sum[c][v])));
            }
        }
    }
    for (int c = 0; c < C; ++c) {
        for (int v = 0; v < V; ++v) {
            total[c][v].store(y + ptrdiff_t{c} * y_stride + v * Vec::lanes);
        }
    }
}

// Tiles of W vectors, with narrower ones for the remainder.
template <int C, int W>
inline void tiles(const i16* weights, const i16* x, int x_stride, int inputs, int outputs, i32* y,
                  int y_stride) {
    int m = 0;
    for (; m + W * Vec::lanes <= outputs; m += W * Vec::lanes) {
        const i16* w = weights + ptrdiff_t{m / kPanel} * inputs * kPanel + m % kPanel * 2;
        tile<C, W>(w, x, x_stride, inputs, y + m, y_stride);
    }
    if constexpr (W > kPerPanel) {
        tiles<C, W / 2>(weights + ptrdiff_t{m} * inputs, x, x_stride, inputs, outputs - m, y + m,
                        y_stride);
    }
}

void matvec(const i16* weights, const i16* x, int inputs, int outputs, i32* y) {
    assert(inputs % 2 == 0 && outputs % kPanel == 0);
    // Weights that do not fit the first-level cache are read faster one panel at a time than two at
    // a time.
    if (ptrdiff_t{inputs} * outputs * ptrdiff_t{sizeof(i16)} > (1 << 15)) {
        tiles<1, kWidest>(weights, x, 0, inputs, outputs, y, 0);
    } else {
        tiles<1, 4>(weights, x, 0, inputs, outputs, y, 0);
    }
}

void matmul(const i16* weights, const i16* x, int x_stride, int inputs, int outputs, int count,
            i32* y, int y_stride) {
    assert(inputs % 2 == 0 && outputs % kPanel == 0);
    int i = 0;
    for (; i + 2 <= count; i += 2) {
        tiles<2, 4>(weights, x + ptrdiff_t{i} * x_stride, x_stride, inputs, outputs,
                    y + ptrdiff_t{i} * y_stride, y_stride);
    }
    for (; i < count; ++i) {
        tiles<1, 4>(weights, x + ptrdiff_t{i} * x_stride, 0, inputs, outputs,
                    y + ptrdiff_t{i} * y_stride, 0);
    }
}

void outer(const i16* WEIGHTLESS_RESTRICT d, const i16* WEIGHTLESS_RESTRICT x, int x_stride,
           int steps, int outputs, i32* WEIGHTLESS_RESTRICT gradient) {
    assert(steps % 2 == 0 && outputs % kPanel == 0);
    for (int m = 0; m < outputs; m += 2 * Vec::lanes) {
        Vec::Sum sum[4][2];
        for (int r = 0; r < 4; ++r) {
            sum[r][0] = Vec::Sum::zero();
            sum[r][1] = Vec::Sum::zero();
        }
        for (int t = 0; t < steps; t += 2) {
            const i16* row = d + (ptrdiff_t{t / 2} * outputs + m) * 2;
            const Vec::Pairs a = Vec::pairs(row);
            const Vec::Pairs b = Vec::pairs(row + 2 * Vec::lanes);
            for (int r = 0; r < 4; ++r) {
                const Vec::Pairs p = Vec::pair(x + ptrdiff_t{r} * x_stride + t);
                sum[r][0] = Vec::madd(sum[r][0], a, p);
                sum[r][1] = Vec::madd(sum[r][1], b, p);
            }
        }
        for (int r = 0; r < 4; ++r) {
            Vec::lanes_of(sum[r][0]).store(gradient + ptrdiff_t{r} * outputs + m);
            Vec::lanes_of(sum[r][1]).store(gradient + ptrdiff_t{r} * outputs + m + Vec::lanes);
        }
    }
}

} // namespace
} // namespace weightless::kernels
