// The optimiser: updates the weights of a tensor with its gradient, as specified in
// docs/network.md, "Update". Optimizer 2 ("rms") is RMSProp (Tieleman & Hinton, 2012), that is,
// Adam with beta1 = 0 (Kingma & Ba, ICLR 2015), with one second moment for four rows of a matrix; 1
// ("shift") rounds the divisor to a power of two; 0 ("sgd") does not divide.
//
// gradient: int32, |g| < 2^31, in units of 2^-(35 - exponents[i] - rule.exponent).
// master: Q26 within +-rule.limit. moment: a float of 26 bits and an exponent of 6, see below.
// Gradients are first converted to 15 bits and a sign with one exponent for each column, so that
// the sum of four squares fits 32 bits.
#pragma once

#include "kernels/impl/basics.hpp"
#include "kernels/impl/normalise.hpp"

namespace weightless::kernels {
namespace {

// The second moment is a custom floating-point number in one word: bits 31..6 are the upper bits of
// a mantissa m in [2^31, 2^32), bits 5..0 an exponent e; the value is m 2^-32 2^(e - 47), from
// 2^-48 to 2^16, and its square root from 2^-24 to 2^8.
//
// 1 / sqrt(x) on [1/2, 1) is approximated by a parabola with the least maximum relative error,
// 0.32 %.
constexpr i32 kRoot0 = 36601; // Q14
constexpr i32 kRoot1 = 33853;
constexpr i32 kRoot2 = 13688;
constexpr i32 kSqrt2 = 23170;

// Intermediate values for the columns of a panel during an update of R rows.
template <int R> struct Moves {
    i32 gradient[R][kPanel]; // 15 bits and a sign, with one exponent for the R of a column
    i32 factor[kPanel];      // gradient * factor, shifted right, is the step, Q26
    i32 half[kPanel];
    i32 down[kPanel];
};

// Computes the new moments and the steps of a panel from its gradients.
template <int R, bool rms>
inline void divide(const UpdateRule& rule, int n, const i32* WEIGHTLESS_RESTRICT gradient,
                   const i32* WEIGHTLESS_RESTRICT exponents, u32* WEIGHTLESS_RESTRICT moment,
                   Moves<R>& moves) {
    const i32 rate = rule.rate;
    const i32 floor = rule.floor;
    const i32 step = rule.step;
    const i32 shift = rule.shift;
    const i32 offset = rule.exponent;
    // At rate 0 nothing of the old moment remains, so its exponent must have no influence.
    const u32 exponent = rate == 0 ? 0u : 63u;
    for (int i = 0; i < kPanel; ++i) {
        u32 all = 0; // has the highest bit of the largest magnitude
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
        square *= 4 / R; // scaled to a sum of four, because the mean divides by 4
        const i32 scale = exponents[i] + offset;
        i32 e_square = 41 - 2 * zeros + 2 * scale;
        e_square = square == 0 ? 0 : clamp32(e_square, 0, 63);
        // Add (1 - 2^-rate) times the moment and 2^-rate times the square (by its exponent), both
        // shifted to the larger exponent, with one spare bit for the sum.
        const u32 word = moment[i];
        const i32 e_word = static_cast<i32>(word & exponent);
        const i32 e_now = e_square - rate;
        const i32 e = e_now > e_word ? e_now : e_word;
        u32 mixed = (word & ~63u) >> 1;
        mixed = (mixed - (mixed >> rate)) >> (e - e_word < 31 ? e - e_word : 31);
        mixed += (square >> 1) >> (e - e_now < 31 ? e - e_now : 31);
        // In a term that was not shifted, bit 27 or a higher one is set: at most four shifts
        // remain.
        i32 e_mixed = e + 1;
        constexpr u32 steps[] = {2, 1, 1};
        for (const u32 by : steps) {
            const u32 up = mixed < (1u << (32 - by)) ? by : 0u;
            mixed <<= up;
            e_mixed -= static_cast<i32>(up);
        }
        mixed = e_mixed < 0 ? 1u << 31 : mixed; // below the range: the least value
        e_mixed = clamp32(e_mixed, 0, 63);
        moment[i] = (mixed & ~63u) | static_cast<u32>(e_mixed);

        const u32 m = e_mixed < floor ? 1u << 31 : mixed;
        const i32 e_used = e_mixed < floor ? floor : e_mixed;
        i32 root = 1 << 14; // 1 / (root of the mantissa), Q14, < 2
        i32 k;              // square root of the power of two, as an exponent
        if constexpr (rms) {
            const i32 x = static_cast<i32>(m >> 17); // Q15
            root = kRoot0 - ((x * (kRoot1 - ((x * kRoot2) >> 15))) >> 15);
            root = (e_used & 1) != 0 ? root : (root * kSqrt2) >> 14;
            k = (e_used - 46) >> 1;
        } else {
            k = (e_used - 47) >> 1;
        }
        // A negative shift occurs only for values far above any clip.
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
        // Convert to Q12. A value that would need a left shift exceeds the clip unless it is zero.
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

[[maybe_unused]] inline bool in_range(const UpdateRule& rule) {
    return 0 <= rule.rate && rule.rate <= 15 && 0 <= rule.floor && rule.floor <= 48 &&
           0 <= rule.clip && rule.clip <= 1 << 16 && 0 <= rule.step && rule.step < 1 << 15 &&
           1 <= rule.shift && rule.shift <= 20 && 0 <= rule.limit && rule.limit <= 1 << 30;
}

void update(const UpdateRule& rule, int rows, int n, const i32* gradient, const i32* exponents,
            i32* master, u32* moment) {
    assert((rows == 1 || rows == kShared) && n % kPanel == 0 && in_range(rule));
    if (rows == kShared) {
        update_rows<kShared>(rule, n, gradient, exponents, master, moment);
    } else {
        update_rows<1>(rule, n, gradient, exponents, master, moment);
    }
}

} // namespace
} // namespace weightless::kernels
