// Mixing, eight rows at a time, with the results of mixing_each.hpp; for targets with gathers.
#pragma once

#include "kernels/impl/mixing_each.hpp"
#include "kernels/simd/simd.hpp"

namespace weightless::kernels {
namespace {

constexpr int kFew = 2; // up to this many rows, vectors are not faster

// Dot products of R rows, followed by zeros.
template <int R> inline Eight dots(const i32* const* rows, const i16* x, int n) {
    Vec::Sum sum[R];
    for (int r = 0; r < R; ++r) {
        sum[r] = Vec::Sum::zero();
    }
    for (int i = 0; i < n; i += Vec::lanes) {
        const Vec::Pairs at = Vec::widen_high(x + i);
        for (int r = 0; r < R; ++r) {
            sum[r] = Vec::madd(sum[r], Vec::uppers(rows[r] + i), at);
        }
    }
    const auto of = [&sum](int r) { return r < R ? Vec::sum(sum[r < R ? r : 0]) : 0; };
    return Eight::of(of(0), of(1), of(2), of(3), of(4), of(5), of(6), of(7));
}

void mix_predict(const i32* const* rows, int count, const i16* x, int n, const i32* squash, u32* p,
                 i16* out) {
    if (count <= kFew) {
        predict_each(rows, count, x, n, squash, p, out);
        return;
    }
    for (int r = 0; r < count; r += 8) {
        Eight sums;
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
        const Eight held =
            Eight::clamp(Eight::shift_right<10>(sums + Eight::all(512)), -kSumLimit, kSumLimit);
        const Eight at = Eight::min(held, Eight::all(kSumLimit - 1)) + Eight::all(kSumLimit);
        const Eight entry = Eight::shift_right_u<6>(at);
        const Eight f = at & Eight::all(63);
        const Eight a = Eight::gather<4>(squash, entry);
        const Eight b = Eight::gather<4>(squash + 1, entry);
        const Eight more = (b - a) * f;
        const Eight whole = Eight::shift_left<6>(a) + Eight::all(32);
        Eight::shift_right_u<6>(whole + more).store(p + r);
        Eight::store_short(out + r, Eight::shift_right<2>(held + Eight::all(2)));
    }
}

void mix_errors(const u32* p, int n, unsigned bit, u16* counts, const u32* at, const i32* rates,
                i32 rate_scale, i32* errors) {
    if (n <= kFew) {
        errors_each(p, n, bit, counts, at, rates, rate_scale, errors);
        return;
    }
    const Eight target = Eight::all(bit != 0 ? (1 << 22) - 1 : 0);
    for (int i = 0; i < n; i += 8) {
        const Eight count = Eight::gather<2>(counts, Eight::load(at + i)) & Eight::all(65535);
        const Eight late = Eight::shift_right_u<6>(count) + Eight::all(1024 - 1024 / 64);
        const Eight stage = Eight::select(count, late, Eight::greater(count, Eight::all(1023)));
        const Eight rate =
            Eight::shift_right_u<4>(Eight::gather<4>(rates, stage) * Eight::all(rate_scale));
        // A product of 32 bits and a sign without its lower 13 bits, computed in two parts.
        const Eight d = target - Eight::load(p + i);
        const Eight high = Eight::shift_right<11>(d) * rate;
        const Eight low = (d & Eight::all(2047)) * rate;
        const Eight kept = Eight::shift_right_u<11>(low + Eight::all(4096));
        Eight::clamp(Eight::shift_right<2>(high + kept), -kErrorLimit, kErrorLimit)
            .store(errors + i);
        alignas(32) i32 next[8];
        Eight::min(count + Eight::all(1), Eight::all(65535)).store(next);
        for (int k = 0; k < 8 && i + k < n; ++k) {
            counts[at[i + k]] = static_cast<u16>(next[k]);
        }
    }
}

} // namespace
} // namespace weightless::kernels
