// Probabilities of bit histories, one cell at a time; the reference for histories_eight.hpp.
#pragma once

#include "kernels/impl/basics.hpp"

namespace weightless::kernels {
namespace {

void history_update(HistoryCell* cells, const u32* at, int n, unsigned bit, u32 limit,
                    const i32* reciprocals, const i16* stretch, const u32* runs) {
    const u32 certain = bit != 0 ? (1u << 22) - 1 : 0u;
    for (int i = 0; i < n; ++i) {
        HistoryCell& cell = cells[at[i]];
        const u32 count = cell.value & 1023u;
        const u32 away = (cell.value >> 10) ^ certain; // the distance from there
        const auto step =
            static_cast<u32>((u64{away} * static_cast<u32>(reciprocals[count])) >> 16);
        const u32 p = (away - step) ^ certain;
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

} // namespace
} // namespace weightless::kernels
