// The kernels' one source, included by one translation unit per instruction set, each
// compiled with that set's flags. Defines `table(name)`.
//
// Everything here has internal linkage and calls nothing that is inline elsewhere: the
// linker keeps one copy of an inline function, and it must not be one that needs AVX.
#include "kernels/kernels.hpp"

#include <cstring>

#if !defined(WEIGHTLESS_SIMD_SCALAR)
#include "kernels/simd.hpp"
#endif

#if defined(_MSC_VER)
#define WEIGHTLESS_RESTRICT __restrict
#else
#define WEIGHTLESS_RESTRICT __restrict__
#endif

// Saves the copies that GCC makes of every sum in a loop of one step.
#if defined(__GNUC__) && !defined(__clang__)
#define WEIGHTLESS_UNROLL _Pragma("GCC unroll 4")
#else
#define WEIGHTLESS_UNROLL
#endif

namespace weightless::kernels {
namespace {

using i16 = std::int16_t;
using u16 = std::uint16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using std::ptrdiff_t;

inline i32 clamp32(i32 v, i32 low, i32 high) { return v < low ? low : (v > high ? high : v); }

// Rounds half up; n >= 1.
inline i64 rounded(i64 v, int n) { return (v + (i64{1} << (n - 1))) >> n; }

inline i32 delta(i64 v) {
    return static_cast<i32>(v < -kDeltaLimit ? -kDeltaLimit : (v > kDeltaLimit ? kDeltaLimit : v));
}

#if defined(WEIGHTLESS_SIMD_SCALAR)

void matvec(const i16* weights, const i16* x, int inputs, int outputs, i32* y) {
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

#else

constexpr int kPerPanel = kPanel / Vec::lanes;

// C vectors x against V vectors of outputs (of one panel, or of several whole ones): C * V
// sums in registers.
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
        Vec sum[C][V];
        for (int c = 0; c < C; ++c) {
            for (int v = 0; v < V; ++v) {
                sum[c][v] = Vec::zero();
            }
        }
        WEIGHTLESS_UNROLL
        for (int k = begin; k < end; k += 2) {
            const i16* row = weights + ptrdiff_t{k} * kPanel;
            Vec w[V];
            for (int v = 0; v < V; ++v) {
                w[v] =
                    Vec::load(row + (v / kPerPanel) * panel_size + v % kPerPanel * Vec::lanes * 2);
            }
            for (int c = 0; c < C; ++c) {
                const Vec p = Vec::pair(x + ptrdiff_t{c} * x_stride + k);
                for (int v = 0; v < V; ++v) {
                    sum[c][v] = Vec::madd(sum[c][v], w[v], p);
                }
            }
        }
        for (int c = 0; c < C; ++c) {
            for (int v = 0; v < V; ++v) {
                total[c][v] =
                    Vec::add(total[c][v], Vec::template shift_right<kFoldShift>(sum[c][v]));
            }
        }
    }
    for (int c = 0; c < C; ++c) {
        for (int v = 0; v < V; ++v) {
            total[c][v].store(y + ptrdiff_t{c} * y_stride + v * Vec::lanes);
        }
    }
}

// Tiles of W vectors, and what is left at the end in narrower ones.
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
    // From the second-level cache one panel after the other comes faster than two at once.
    if (ptrdiff_t{inputs} * outputs * ptrdiff_t{sizeof(i16)} > (1 << 15)) {
        tiles<1, kPerPanel>(weights, x, 0, inputs, outputs, y, 0);
    } else {
        tiles<1, 4>(weights, x, 0, inputs, outputs, y, 0);
    }
}

void matmul(const i16* weights, const i16* x, int x_stride, int inputs, int outputs, int count,
            i32* y, int y_stride) {
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
    for (int m = 0; m < outputs; m += 2 * Vec::lanes) {
        Vec sum[4][2];
        for (int r = 0; r < 4; ++r) {
            sum[r][0] = Vec::zero();
            sum[r][1] = Vec::zero();
        }
        for (int t = 0; t < steps; t += 2) {
            const i16* row = d + (ptrdiff_t{t / 2} * outputs + m) * 2;
            const Vec a = Vec::load(row);
            const Vec b = Vec::load(row + 2 * Vec::lanes);
            for (int r = 0; r < 4; ++r) {
                const Vec p = Vec::pair(x + ptrdiff_t{r} * x_stride + t);
                sum[r][0] = Vec::madd(sum[r][0], a, p);
                sum[r][1] = Vec::madd(sum[r][1], b, p);
            }
        }
        for (int r = 0; r < 4; ++r) {
            sum[r][0].store(gradient + ptrdiff_t{r} * outputs + m);
            sum[r][1].store(gradient + ptrdiff_t{r} * outputs + m + Vec::lanes);
        }
    }
}

#endif

// Shifts v left until bit 31 is set and returns by how much (v == 0: 31).
inline i32 normalise(u32& v) {
#if defined(__AVX512CD__) || defined(WEIGHTLESS_SIMD_NEON)
    const i32 n = __builtin_clz(v | 1u); // a vector instruction there
    v <<= n;
    return n;
#else
    // Without branches or a count instruction, so that every compiler makes vectors of it.
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

// The second moment is a float of our own in one word: bits 31..6 are the upper bits of a
// mantissa m in [2^31, 2^32), bits 5..0 an exponent e; the value is m 2^-32 2^(e - 47), from
// 2^-48 up to 2^16, its root from 2^-24 to 2^8.
//
// 1 / sqrt(x) on [1/2, 1) is taken as a parabola fitted for least relative error, 0.32 %.
constexpr i32 kRoot0 = 36601; // Q14
constexpr i32 kRoot1 = 33853;
constexpr i32 kRoot2 = 13688;
constexpr i32 kSqrt2 = 23170;

// A panel's columns on their way through an update of R rows.
template <int R> struct Moves {
    i32 gradient[R][kPanel]; // 15 bits and a sign, under one exponent for the R of a column
    i32 factor[kPanel];      // these times the factor, shifted down, are the moves, Q26
    i32 half[kPanel];
    i32 down[kPanel];
};

// From a panel's gradients to its new moments and its moves.
template <int R, bool rms>
inline void divide(const UpdateRule& rule, int n, const i32* WEIGHTLESS_RESTRICT gradient,
                   const i32* WEIGHTLESS_RESTRICT exponents, u32* WEIGHTLESS_RESTRICT moment,
                   Moves<R>& moves) {
    const i32 rate = rule.rate;
    const i32 floor = rule.floor;
    const i32 step = rule.step;
    const i32 shift = rule.shift;
    const i32 offset = rule.exponent;
    // At rate 0 nothing of the moment stays, and its exponent must not hold the square's down.
    const u32 exponent = rate == 0 ? 0u : 63u;
    for (int i = 0; i < kPanel; ++i) {
        u32 all = 0; // its highest bit is the greatest magnitude's
        for (int r = 0; r < R; ++r) {
            const i32 g = gradient[i + ptrdiff_t{r} * n];
            all |= static_cast<u32>(g < 0 ? -g : g);
        }
        const i32 zeros = normalise(all);
        u32 square = 0;
        for (int r = 0; r < R; ++r) {
            const u32 g = static_cast<u32>(gradient[i + ptrdiff_t{r} * n]);
            const i32 short_g = static_cast<i32>(g << (zeros - 1)) >> 16;
            square += static_cast<u32>(short_g * short_g);
            moves.gradient[r][i] = short_g;
        }
        square *= 4 / R; // as of four, a mean's divisor
        const i32 scale = exponents[i] + offset;
        i32 e_square = 41 - 2 * zeros + 2 * scale;
        e_square = square == 0 ? 0 : clamp32(e_square, 0, 63);
        // The moment's share 1 - 2^-rate and the square's 2^-rate, the latter taken off its
        // exponent, meet at the greater exponent, with a bit to spare for the sum.
        const u32 word = moment[i];
        const i32 e_word = static_cast<i32>(word & exponent);
        const i32 e_now = e_square - rate;
        const i32 e = e_now > e_word ? e_now : e_word;
        u32 mixed = (word & ~63u) >> 1;
        mixed = (mixed - (mixed >> rate)) >> (e - e_word < 31 ? e - e_word : 31);
        mixed += (square >> 1) >> (e - e_now < 31 ? e - e_now : 31);
        // Of a term that was not shifted, bit 27 or one above is set: at most four to go.
        i32 e_mixed = e + 1;
        constexpr u32 steps[] = {2, 1, 1};
        for (const u32 by : steps) {
            const u32 up = mixed < (1u << (32 - by)) ? by : 0u;
            mixed <<= up;
            e_mixed -= static_cast<i32>(up);
        }
        mixed = e_mixed < 0 ? 1u << 31 : mixed; // below the range: its least value
        e_mixed = clamp32(e_mixed, 0, 63);
        moment[i] = (mixed & ~63u) | static_cast<u32>(e_mixed);

        const u32 m = e_mixed < floor ? 1u << 31 : mixed;
        const i32 e_used = e_mixed < floor ? floor : e_mixed;
        i32 root = 1 << 14; // 1 / (root of the mantissa), Q14, < 2
        i32 k;              // root of the power of two behind it
        if constexpr (rms) {
            const i32 x = static_cast<i32>(m >> 17); // Q15
            root = kRoot0 - ((x * (kRoot1 - ((x * kRoot2) >> 15))) >> 15);
            root = (e_used & 1) != 0 ? root : (root * kSqrt2) >> 14;
            k = (e_used - 46) >> 1;
        } else {
            k = (e_used - 47) >> 1;
        }
        // Below 0 only what is far above any clip.
        const i32 down = clamp32(zeros + 5 + k - scale + shift, 0, 31);
        moves.factor[i] = (root * step) >> 15;
        moves.half[i] = static_cast<i32>((1u << down) >> 1);
        moves.down[i] = down;
    }
}

template <int R, bool rms>
inline void update_adaptive(const UpdateRule& rule, int n, const i32* gradient,
                            const i32* exponents, i32* master, u32* moment) {
    const i32 limit = rule.limit;
    const i32 most = rule.clip * rule.step >> rule.shift;
    Moves<R> moves;
    for (int m = 0; m < n; m += kPanel) {
        divide<R, rms>(rule, n, gradient + m, exponents + m, moment + m, moves);
        for (int r = 0; r < R; ++r) {
            i32* WEIGHTLESS_RESTRICT w = master + ptrdiff_t{r} * n + m;
            for (int i = 0; i < kPanel; ++i) {
                const i32 move =
                    (moves.gradient[r][i] * moves.factor[i] + moves.half[i]) >> moves.down[i];
                w[i] = clamp32(w[i] - clamp32(move, -most, most), -limit, limit);
            }
        }
    }
}

void update_sgd(const UpdateRule& rule, int n, const i32* WEIGHTLESS_RESTRICT gradient,
                const i32* WEIGHTLESS_RESTRICT exponents, i32* WEIGHTLESS_RESTRICT master) {
    const u32 half = 1u << (rule.shift - 1);
    const u32 clip = static_cast<u32>(rule.clip);
    for (int i = 0; i < n; ++i) {
        const i32 g = gradient[i];
        const i32 sign = g >> 31;
        const u32 a = (static_cast<u32>(g) ^ static_cast<u32>(sign)) - static_cast<u32>(sign);
        // To Q12. What would need a shift to the left is past the clip if not zero.
        const i32 down = 23 - exponents[i] - rule.exponent;
        u32 u = a >> clamp32(down, 0, 31);
        u = down < 0 && a != 0 ? clip : u;
        u = u < clip ? u : clip;
        const i32 move = static_cast<i32>((u * static_cast<u32>(rule.step) + half) >> rule.shift);
        master[i] = clamp32(master[i] - ((move ^ sign) - sign), -rule.limit, rule.limit);
    }
}

template <int R>
inline void update_rows(const UpdateRule& rule, int n, const i32* gradient, const i32* exponents,
                        i32* master, u32* moment) {
    if (rule.optimizer == 0) {
        for (int r = 0; r < R; ++r) {
            const ptrdiff_t row = ptrdiff_t{r} * n;
            update_sgd(rule, n, gradient + row, exponents, master + row);
        }
    } else if (rule.optimizer == 1) {
        update_adaptive<R, false>(rule, n, gradient, exponents, master, moment);
    } else {
        update_adaptive<R, true>(rule, n, gradient, exponents, master, moment);
    }
}

void update(const UpdateRule& rule, int rows, int n, const i32* gradient, const i32* exponents,
            i32* master, u32* moment) {
    if (rows == kShared) {
        update_rows<kShared>(rule, n, gradient, exponents, master, moment);
    } else {
        update_rows<1>(rule, n, gradient, exponents, master, moment);
    }
}

void pack(const i32* WEIGHTLESS_RESTRICT master, int row, int inputs, int outputs,
          int forward_shift, int backward_shift, i16* WEIGHTLESS_RESTRICT forward,
          i16* WEIGHTLESS_RESTRICT backward) {
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

// 2^-f for f in [0, 1), Q15 to Q15: 1 - f (c1 - f (c2 - f c3)), c1 - c2 + c3 = 1/2, so that
// it meets itself at whole steps; within 0.02 %.
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
    // 4 each are set aside as the floor; the rest is shared in proportion, rounded down, and
    // what rounding leaves goes to the best.
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
    const i32 half = (1 << shift) >> 1;
    for (int i = 0; i < n; ++i) {
        out[i] = static_cast<i16>(clamp32((v[i] + half) >> shift, -limit, limit));
    }
}

void narrow_columns(const i32* WEIGHTLESS_RESTRICT v, int n, int steps, int bits,
                    i32* WEIGHTLESS_RESTRICT exponents, i16* WEIGHTLESS_RESTRICT d) {
    const i32 limit = (1 << bits) - 1;
    for (int i = 0; i < n; ++i) {
        exponents[i] = 0;
    }
    for (int t = 0; t < steps; ++t) {
        const i32* row = v + ptrdiff_t{t} * n;
        for (int i = 0; i < n; ++i) {
            // The union of the magnitudes has the same highest bit as the greatest one.
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
    for (int i = 0; i < n; ++i) {
        v[i] = delta(v[i] + rounded(static_cast<i64>(y[i]) * (i64{1} << shift), 3));
    }
}

// q(z) = u (2 - |u|), Q15, of u in [-1, 1], Q15.
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

void mix_train(i32* const* rows, int count, const i16* WEIGHTLESS_RESTRICT x, int n,
               const i32* errors) {
    constexpr i32 limit = 7 << 28; // a step is less than 2^27
    for (int r = 0; r < count; ++r) {
        i32* WEIGHTLESS_RESTRICT weights = rows[r];
        const i32 error = errors[r];
        if (error == 0) {
            continue;
        }
        for (int i = 0; i < n; i += 16) {
            for (int k = i; k < i + 16; ++k) {
                weights[k] = clamp32(weights[k] + ((x[k] * error + 8) >> 4), -limit, limit);
            }
        }
    }
}

inline i32 dot(const i32* weights, const i16* x, int n) {
#if defined(WEIGHTLESS_SIMD_SCALAR)
    u32 sum = 0;
    for (int i = 0; i < n; ++i) {
        sum += static_cast<u32>((weights[i] >> 16) * x[i]);
    }
    return static_cast<i32>(sum);
#else
    Vec sum = Vec::zero();
    for (int i = 0; i < n; i += 16) {
        for (int k = i; k < i + 16; k += Vec::lanes) {
            sum = Vec::madd(sum, Vec::load(weights + k), Vec::widen_high(x + k));
        }
    }
    return Vec::sum(sum);
#endif
}

// Row by row.
inline void predict_each(const i32* const* rows, int count, const i16* x, int n, const i32* squash,
                         u32* p, i16* out) {
    constexpr i32 limit = 12 << 12;
    for (int r = 0; r < count; ++r) {
        const i32 held = clamp32((dot(rows[r], x, n) + 512) >> 10, -limit, limit);
        const i32 at = (held < limit ? held : limit - 1) + limit;
        const i32* entry = squash + (at >> 6);
        p[r] = static_cast<u32>((entry[0] * (64 - (at & 63)) + entry[1] * (at & 63) + 32) >> 6);
        out[r] = static_cast<i16>((held + 2) >> 2);
    }
    for (int r = count; r < (count + 7) / 8 * 8; ++r) {
        out[r] = 0;
    }
}

inline void errors_each(const u32* p, int n, unsigned bit, u16* counts, const u32* at,
                        const i32* rates, i32 pace, i32* errors) {
    constexpr i64 limit = (1 << 17) - 1;
    const i32 target = bit != 0 ? (1 << 22) - 1 : 0;
    for (int i = 0; i < n; ++i) {
        u16& count = counts[at[i]];
        const i32 stage = count < 1024 ? count : 1024 + (count - 1024) / 64;
        const i64 rate = (rates[stage] * pace) >> 4;
        const i64 e = rounded((target - static_cast<i32>(p[i])) * rate, 13);
        errors[i] = static_cast<i32>(e < -limit ? -limit : (e > limit ? limit : e));
        count = static_cast<u16>(count < 65535 ? count + 1 : count);
    }
}

#if defined(WEIGHTLESS_SIMD_AVX2) || defined(WEIGHTLESS_SIMD_AVX512)

// Eight lanes do for both: gathers are no faster in wider vectors, and rests are smaller.
inline __m256i load8(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
inline void store8(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
inline __m256i all8(i32 v) { return _mm256_set1_epi32(v); }
template <int scale> inline __m256i gather8(const void* p, __m256i at) {
    return _mm256_i32gather_epi32(static_cast<const int*>(p), at, scale);
}
inline __m256i clamp8(__m256i v, i32 low, i32 high) {
    return _mm256_min_epi32(_mm256_max_epi32(v, all8(low)), all8(high));
}

constexpr int kFew = 2; // for which vectors do not pay

// Sums of R rows, and zeros behind them.
template <int R> inline __m256i dots(const i32* const* rows, const i16* x, int n) {
    Vec sum[R];
    for (int r = 0; r < R; ++r) {
        sum[r] = Vec::zero();
    }
    for (int i = 0; i < n; i += Vec::lanes) {
        const Vec at = Vec::widen_high(x + i);
        for (int r = 0; r < R; ++r) {
            sum[r] = Vec::madd(sum[r], Vec::load(rows[r] + i), at);
        }
    }
    const auto of = [&sum](int r) { return r < R ? Vec::sum(sum[r < R ? r : 0]) : 0; };
    return _mm256_setr_epi32(of(0), of(1), of(2), of(3), of(4), of(5), of(6), of(7));
}

void mix_predict(const i32* const* rows, int count, const i16* x, int n, const i32* squash, u32* p,
                 i16* out) {
    constexpr i32 limit = 12 << 12;
    if (count <= kFew) {
        predict_each(rows, count, x, n, squash, p, out);
        return;
    }
    for (int r = 0; r < count; r += 8) {
        __m256i sums;
        switch (count - r) {
        case 1:
            sums = dots<1>(rows + r, x, n);
            break;
        case 2:
            sums = dots<2>(rows + r, x, n);
            break;
        case 3:
            sums = dots<3>(rows + r, x, n);
            break;
        case 4:
            sums = dots<4>(rows + r, x, n);
            break;
        case 5:
            sums = dots<5>(rows + r, x, n);
            break;
        case 6:
            sums = dots<6>(rows + r, x, n);
            break;
        case 7:
            sums = dots<7>(rows + r, x, n);
            break;
        default:
            sums = dots<8>(rows + r, x, n);
        }
        const __m256i held =
            clamp8(_mm256_srai_epi32(_mm256_add_epi32(sums, all8(512)), 10), -limit, limit);
        const __m256i at = _mm256_add_epi32(_mm256_min_epi32(held, all8(limit - 1)), all8(limit));
        const __m256i entry = _mm256_srli_epi32(at, 6);
        const __m256i f = _mm256_and_si256(at, all8(63));
        const __m256i a = gather8<4>(squash, entry);
        const __m256i b = gather8<4>(squash + 1, entry);
        const __m256i more = _mm256_mullo_epi32(_mm256_sub_epi32(b, a), f);
        const __m256i whole = _mm256_add_epi32(_mm256_slli_epi32(a, 6), all8(32));
        store8(p + r, _mm256_srli_epi32(_mm256_add_epi32(whole, more), 6));
        const __m256i q10 = _mm256_srai_epi32(_mm256_add_epi32(held, all8(2)), 2);
        const __m256i narrow = _mm256_packs_epi32(q10, q10); // each half twice
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + r),
                         _mm_unpacklo_epi64(_mm256_castsi256_si128(narrow),
                                            _mm256_extracti128_si256(narrow, 1)));
    }
}

void mix_errors(const u32* p, int n, unsigned bit, u16* counts, const u32* at, const i32* rates,
                i32 pace, i32* errors) {
    constexpr i32 limit = (1 << 17) - 1;
    const __m256i target = all8(bit != 0 ? (1 << 22) - 1 : 0);
    if (n <= kFew) {
        errors_each(p, n, bit, counts, at, rates, pace, errors);
        return;
    }
    for (int i = 0; i < n; i += 8) {
        const __m256i count = _mm256_and_si256(gather8<2>(counts, load8(at + i)), all8(65535));
        const __m256i late = _mm256_add_epi32(_mm256_srli_epi32(count, 6), all8(1024 - 1024 / 64));
        const __m256i stage =
            _mm256_blendv_epi8(count, late, _mm256_cmpgt_epi32(count, all8(1023)));
        const __m256i r =
            _mm256_srli_epi32(_mm256_mullo_epi32(gather8<4>(rates, stage), all8(pace)), 4);
        // A product of 32 bits and a sign, of which the lower 13 are dropped, in two.
        const __m256i d = _mm256_sub_epi32(target, load8(p + i));
        const __m256i high = _mm256_mullo_epi32(_mm256_srai_epi32(d, 11), r);
        const __m256i low = _mm256_mullo_epi32(_mm256_and_si256(d, all8(2047)), r);
        const __m256i kept = _mm256_srli_epi32(_mm256_add_epi32(low, all8(4096)), 11);
        store8(errors + i,
               clamp8(_mm256_srai_epi32(_mm256_add_epi32(high, kept), 2), -limit, limit));
        alignas(32) i32 next[8];
        store8(next, _mm256_min_epi32(_mm256_add_epi32(count, all8(1)), all8(65535)));
        for (int k = 0; k < 8 && i + k < n; ++k) {
            counts[at[i + k]] = static_cast<u16>(next[k]);
        }
    }
}

// Eight cells each of V vectors, whose gathers, of long latency, stand side by side.
template <int V>
inline void learn(HistoryCell* cells, const u32* at, int n, __m256i target, __m256i most,
                  const i32* reciprocals, const i16* stretch, __m256i all_runs) {
    __m256i after[V];
    for (int v = 0; v < V; ++v) {
        after[v] = gather8<8>(cells, load8(at + 8 * v));
    }
    __m256i entry[V];
    for (int v = 0; v < V; ++v) {
        const __m256i count = _mm256_and_si256(after[v], all8(1023));
        const __m256i r = gather8<4>(reciprocals, count);
        const __m256i p = _mm256_srli_epi32(after[v], 10);
        // A product of 39 bits, of which the lower 16 are dropped, in two of 28.
        const __m256i d = _mm256_sub_epi32(target, p);
        const __m256i high = _mm256_mullo_epi32(_mm256_srai_epi32(d, 11), r);
        const __m256i low = _mm256_mullo_epi32(_mm256_and_si256(d, all8(2047)), r);
        const __m256i step =
            _mm256_srai_epi32(_mm256_add_epi32(high, _mm256_srli_epi32(low, 11)), 5);
        const __m256i moved = _mm256_slli_epi32(_mm256_add_epi32(p, step), 10);
        const __m256i more = _mm256_cmpgt_epi32(most, count); // -1 there
        after[v] = _mm256_or_si256(moved, _mm256_sub_epi32(count, more));
        const __m256i q =
            _mm256_srli_epi32(_mm256_xor_si256(moved, _mm256_srai_epi32(moved, 31)), 10);
        const __m256i coarse = _mm256_cmpgt_epi32(q, all8((1 << 16) - 1));
        entry[v] =
            _mm256_blendv_epi8(_mm256_srli_epi32(q, 4),
                               _mm256_add_epi32(_mm256_srli_epi32(q, 10), all8(4096)), coarse);
    }
    // Cells 0, 1, 4, 5 and 2, 3, 6, 7 of each vector.
    alignas(32) u64 pairs[8 * V];
    for (int v = 0; v < V; ++v) {
        const __m256i two = gather8<2>(stretch, entry[v]);
        const __m256i upper = _mm256_srai_epi32(after[v], 31);
        // In the upper half of a lane, out of which the next entry is shifted.
        const __m256i s =
            _mm256_sub_epi32(_mm256_xor_si256(_mm256_slli_epi32(two, 16), upper), upper);
        const __m256i place = load8(at + 8 * v);
        const __m256i word = _mm256_permutevar8x32_epi32(all_runs, _mm256_srli_epi32(place, 5));
        const __m256i run =
            _mm256_srai_epi32(_mm256_sllv_epi32(word, _mm256_andnot_si256(place, all8(31))), 31);
        const __m256i inputs = _mm256_or_si256(_mm256_srli_epi32(s, 16), _mm256_and_si256(s, run));
        store8(pairs + 8 * v, _mm256_unpacklo_epi32(after[v], inputs));
        store8(pairs + 8 * v + 4, _mm256_unpackhi_epi32(after[v], inputs));
    }
    constexpr int from[8] = {0, 1, 4, 5, 2, 3, 6, 7};
    for (int i = 0; i < 8 * V; i += 8) {
        for (int k = 0; k < 8 && i + k < n; ++k) {
            std::memcpy(&cells[at[i + k]], pairs + i + from[k], sizeof *pairs);
        }
    }
}

void history_update(HistoryCell* cells, const u32* at, int n, unsigned bit, u32 limit,
                    const i32* reciprocals, const i16* stretch, const u32* runs) {
    const __m256i target = all8(bit != 0 ? (1 << 22) - 1 : 0);
    const __m256i most = all8(static_cast<i32>(limit));
    const __m256i all_runs = load8(runs);
    int i = 0;
    for (; i + 4 * 8 - 7 <= n; i += 4 * 8) {
        learn<4>(cells, at + i, n - i, target, most, reciprocals, stretch, all_runs);
    }
    for (; i < n; i += 8) {
        learn<1>(cells, at + i, n - i, target, most, reciprocals, stretch, all_runs);
    }
}

#else

void mix_predict(const i32* const* rows, int count, const i16* x, int n, const i32* squash, u32* p,
                 i16* out) {
    predict_each(rows, count, x, n, squash, p, out);
}

void mix_errors(const u32* p, int n, unsigned bit, u16* counts, const u32* at, const i32* rates,
                i32 pace, i32* errors) {
    errors_each(p, n, bit, counts, at, rates, pace, errors);
}

void history_update(HistoryCell* cells, const u32* at, int n, unsigned bit, u32 limit,
                    const i32* reciprocals, const i16* stretch, const u32* runs) {
    const i32 target = bit != 0 ? (1 << 22) - 1 : 0;
    for (int i = 0; i < n; ++i) {
        HistoryCell& cell = cells[at[i]];
        const u32 count = cell.value & 1023u;
        const auto before = static_cast<i32>(cell.value >> 10);
        const auto p = static_cast<u32>(
            before + static_cast<i32>((i64{target - before} * reciprocals[count]) >> 16));
        cell.value = p << 10 | (count < limit ? count + 1 : count);
        const u32 upper = 0u - (p >> 21); // all ones if p >= 1/2
        const u32 q = p ^ (upper & ((1u << 22) - 1));
        const u32 coarse = 0u - static_cast<u32>(q >= 1u << 16);
        const u32 entry = (q >> (4 + (6 & coarse))) + (4096 & coarse);
        const u32 run = 0u - (runs[at[i] >> 5 & 7u] >> (at[i] & 31u) & 1u);
        const auto s = static_cast<i16>((static_cast<u32>(i32{stretch[entry]}) ^ upper) - upper);
        cell.inputs[0] = s;
        cell.inputs[1] = static_cast<i16>(s & static_cast<i32>(run));
    }
}

#endif

constexpr Kernels table(const char* name) {
    return {name,          matvec,      matmul,    outer,          update,        pack,
            softmax,       max_abs,     narrow,    narrow_columns, widen_add,     cell_forward,
            cell_backward, mix_predict, mix_train, mix_errors,     history_update};
}

} // namespace
} // namespace weightless::kernels
