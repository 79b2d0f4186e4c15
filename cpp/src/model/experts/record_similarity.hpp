// Finds the width of records in binary data: the distance at which bytes are most alike. Unlike the
// distances at which bytes recur, it is found in numbers that never recur.
#pragma once

#include "kernels/kernels.hpp"
#include "model/experts/byte_classes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace weightless::model {

class RecordSimilarity {
public:
    static constexpr std::uint32_t kLooks = 1024;    // bytes that are compared
    static constexpr std::uint32_t kWidest = 256;    // of a record
    static constexpr std::uint32_t kFarthest = 8192; // of a row of records

    /// latest: the last kLooks + kWidest bytes; before: the width until now, which is kept if it is
    /// as good as others. Returns the width of a record, or 0.
    static std::uint32_t width(const std::uint8_t* latest, std::uint32_t before) noexcept {
        const std::uint8_t* const x = latest + kWidest;
        if (looks_like_text(x)) {
            return 0;
        }
        std::array<std::uint16_t, kWidest> differences{}; // by distance - 1
        static_assert(kLooks % kernels::kSimilarityBlock == 0);
        kernels::active().similarity(x, static_cast<int>(kLooks), static_cast<int>(kWidest),
                                     differences.data());
        const std::uint32_t sum = std::accumulate(differences.begin(), differences.end(), 0u);
        const std::uint32_t mean = sum / kWidest;
        const std::uint32_t least = *std::min_element(differences.begin(), differences.end());
        if (least + mean / (before == 0 ? 12 : 16) >= mean) {
            return 0;
        }
        if (before != 0 && differences[before - 1] <= least + (mean - least) / 3) {
            return before;
        }
        // The shortest of those that are nearly as good as the best: its multiples are good too.
        const std::uint32_t most = least + (mean - least) / 4;
        std::uint32_t n = 1;
        while (differences[n - 1] > most) {
            ++n;
        }
        return n == 2 && looks_like_wide_text(x) ? 0 : n;
    }

    /// A longer distance at which bytes are still more alike, such as that between the rows of an
    /// image or a table; 0 if there is none. x: the last kLooks / 2 bytes, with at least `farthest`
    /// before them; width: the result of width(), at most `farthest`; before: the result until now.
    static std::uint32_t row(const std::uint8_t* x, std::uint32_t farthest, std::uint32_t width,
                             std::uint32_t before) {
        constexpr std::uint32_t looks = kLooks / 2;
        std::vector<std::uint16_t> differences(farthest);
        static_assert(looks == kernels::kSimilarityBlock);
        kernels::active().similarity(x, static_cast<int>(looks), static_cast<int>(farthest),
                                     differences.data());
        const std::uint32_t beside = differences[width - 1];
        std::uint32_t least = beside - beside / 8;
        std::uint32_t best = 0;
        for (std::uint32_t n = width + 1; n <= farthest; ++n) {
            const std::uint32_t d = differences[n - 1];
            if (d < least) {
                least = d;
                best = n;
            }
        }
        if (before > width && before <= farthest && best != 0 &&
            differences[before - 1] <= least + (beside - least) / 4) {
            return before;
        }
        return best;
    }

private:
    // Text in any encoding but UTF-16 and UTF-32 has hardly any control characters.
    static bool looks_like_text(const std::uint8_t* x) noexcept {
        return controls(x) + zeros(x) < kLooks / 32;
    }
    // UTF-16.
    static bool looks_like_wide_text(const std::uint8_t* x) noexcept {
        return controls(x) < kLooks / 32 && zeros(x) > kLooks / 4;
    }
    static std::uint32_t controls(const std::uint8_t* x) noexcept {
        std::uint32_t sum = 0;
        for (std::uint32_t i = 0; i < kLooks; ++i) {
            sum += x[i] != 0 && is_control(x[i]) ? 1u : 0u;
        }
        return sum;
    }
    static std::uint32_t zeros(const std::uint8_t* x) noexcept {
        std::uint32_t sum = 0;
        for (std::uint32_t i = 0; i < kLooks; ++i) {
            sum += x[i] == 0 ? 1u : 0u;
        }
        return sum;
    }
};

} // namespace weightless::model
