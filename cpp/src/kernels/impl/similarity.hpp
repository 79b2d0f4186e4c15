// How much bytes differ from those before them, by distance.
#pragma once

#include "kernels/impl/basics.hpp"

namespace weightless::kernels {
namespace {

// The lower of a - b and b - a mod 256, at most kMostDifference.
inline u8 difference(u8 a, u8 b) {
    const auto up = static_cast<u8>(a - b);
    const auto down = static_cast<u8>(b - a);
    const u8 least = up < down ? up : down;
    return least < kMostDifference ? least : static_cast<u8>(kMostDifference);
}

void similarity(const u8* x, int n, int distances, u16* means) {
    // Differences are summed in bytes, lane by lane.
    constexpr int lanes = 32;
    constexpr int rows = kSimilarityBlock / lanes;
    static_assert(rows * lanes == kSimilarityBlock && rows * kMostDifference < 256);
    for (int d = 1; d <= distances; ++d) {
        const u8* y = x - d;
        u32 sum = 0;
        for (int begin = 0; begin < n; begin += kSimilarityBlock) {
            u8 sums[lanes] = {};
            for (int row = 0; row < rows; ++row) {
                const u8* a = x + begin + row * lanes;
                const u8* b = y + begin + row * lanes;
                for (int lane = 0; lane < lanes; ++lane) {
                    sums[lane] = static_cast<u8>(sums[lane] + difference(a[lane], b[lane]));
                }
            }
            for (int lane = 0; lane < lanes; ++lane) {
                sum += sums[lane];
            }
        }
        means[d - 1] = static_cast<u16>(means[d - 1] - (means[d - 1] >> kSimilarityDecay) + sum);
    }
}

} // namespace
} // namespace weightless::kernels
