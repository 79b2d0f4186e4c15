// Probabilities of bit histories, eight cells at a time, with the results of histories_each.hpp;
// for targets with gathers.
#pragma once

#include "kernels/impl/basics.hpp"
#include "kernels/simd/simd.hpp"

#include <cstring>

namespace weightless::kernels {
namespace {

// Updates V vectors of eight cells, with interleaved gathers to hide their latency. at: the indices
// of n cells, of which at most 8 V are processed; all 8 V indices must be valid to read.
template <int V>
inline void learn(HistoryCell* cells, const u32* at, int n, Eight certain, Eight most,
                  const i32* reciprocals, const i16* stretch, Eight all_runs) {
    Eight after[V];
    for (int v = 0; v < V; ++v) {
        after[v] = Eight::gather<8>(cells, Eight::load(at + 8 * v));
    }
    Eight entry[V];
    for (int v = 0; v < V; ++v) {
        const Eight count = after[v] & Eight::all(1023);
        const Eight r = Eight::gather<4>(reciprocals, count);
        const Eight away = Eight::shift_right_u<10>(after[v]) ^ certain;
        // A 38-bit product without its lower 16 bits, computed in two parts of 28 bits.
        const Eight high = Eight::shift_right<11>(away) * r;
        const Eight low = (away & Eight::all(2047)) * r;
        const Eight step = Eight::shift_right<5>(high + Eight::shift_right_u<11>(low));
        const Eight moved = Eight::shift_left<10>((away - step) ^ certain);
        const Eight more = Eight::greater(most, count); // -1 there
        after[v] = moved | (count - more);
        const Eight q = Eight::shift_right_u<10>(moved ^ Eight::shift_right<31>(moved));
        const Eight coarse = Eight::greater(q, Eight::all((1 << 16) - 1));
        entry[v] = Eight::select(Eight::shift_right_u<4>(q),
                                 Eight::shift_right_u<10>(q) + Eight::all(4096), coarse);
    }
    alignas(32) u64 pairs[8 * V];
    for (int v = 0; v < V; ++v) {
        const Eight two = Eight::gather<2>(stretch, entry[v]); // the entry and the next one
        const Eight upper = Eight::shift_right<31>(after[v]);
        // The shift to the upper half of a lane removes the next entry.
        const Eight s = (Eight::shift_left<16>(two) ^ upper) - upper;
        const Eight place = Eight::load(at + 8 * v);
        const Eight word = Eight::pick(all_runs, Eight::shift_right_u<5>(place));
        const Eight run =
            Eight::shift_right<31>(Eight::shift_left(word, Eight::and_not(place, Eight::all(31))));
        const Eight inputs = Eight::shift_right_u<16>(s) | (s & run);
        Eight::store_interleaved(pairs + 8 * v, after[v], inputs);
    }
    for (int i = 0; i < 8 * V; i += 8) {
        for (int k = 0; k < 8 && i + k < n; ++k) {
            std::memcpy(&cells[at[i + k]], pairs + i + Eight::kInterleaved[k], sizeof *pairs);
        }
    }
}

void history_update(HistoryCell* cells, const u32* at, int n, unsigned bit, u32 limit,
                    const i32* reciprocals, const i16* stretch, const u32* runs) {
    const Eight certain = Eight::all(bit != 0 ? (1 << 22) - 1 : 0);
    const Eight most = Eight::all(static_cast<i32>(limit));
    const Eight all_runs = Eight::load(runs);
    int i = 0;
    for (; i + 4 * 8 - 7 <= n; i += 4 * 8) {
        learn<4>(cells, at + i, n - i, certain, most, reciprocals, stretch, all_runs);
    }
    for (; i < n; i += 8) {
        learn<1>(cells, at + i, n - i, certain, most, reciprocals, stretch, all_runs);
    }
}

} // namespace
} // namespace weightless::kernels
