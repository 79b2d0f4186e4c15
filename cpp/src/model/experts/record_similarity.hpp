// Finds the width of records in binary data: the distance at which bytes are most alike. Unlike the
// distances at which bytes recur, it is found in numbers that never recur.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class RecordSimilarity {
public:
    static constexpr std::uint32_t kLooks = 1024; // bytes that are compared
    static constexpr std::uint32_t kWidest = 256; // of a record

    /// latest: the last kLooks + kWidest bytes; before: the width until now, which is kept if it is
    /// as good as others. Returns the width of a record, or 0.
    static std::uint32_t width(const std::uint8_t* latest, std::uint32_t before) noexcept {
        const std::uint8_t* const x = latest + kWidest;
        if (looks_like_text(x)) {
            return 0;
        }
        std::array<std::uint32_t, kWidest + 1> differences{};
        std::uint64_t sum = 0;
        for (std::uint32_t n = 1; n <= kWidest; ++n) {
            differences[n] = difference(x, x - n);
            sum += differences[n];
        }
        const auto mean = static_cast<std::uint32_t>(sum / kWidest);
        const std::uint32_t least = *std::min_element(differences.begin() + 1, differences.end());
        if (least + mean / 16 >= mean) {
            return 0;
        }
        if (before != 0 && differences[before] <= least + (mean - least) / 3) {
            return before;
        }
        // The shortest of those that are nearly as good as the best: its multiples are good too.
        const std::uint32_t most = least + (mean - least) / 4;
        std::uint32_t n = 1;
        while (differences[n] > most) {
            ++n;
        }
        return n;
    }

private:
    // Differences above this are noise.
    static constexpr std::uint32_t kMost = 16;

    static std::uint32_t difference(const std::uint8_t* a, const std::uint8_t* b) noexcept {
        std::uint32_t sum = 0;
        for (std::uint32_t i = 0; i < kLooks; ++i) {
            const auto up = static_cast<std::uint8_t>(a[i] - b[i]);
            const auto down = static_cast<std::uint8_t>(b[i] - a[i]);
            sum += std::min<std::uint8_t>(std::min(up, down), kMost);
        }
        return sum;
    }

    // Text in any encoding but UTF-16 and UTF-32 has hardly any control characters.
    static bool looks_like_text(const std::uint8_t* x) noexcept {
        std::uint32_t controls = 0;
        for (std::uint32_t i = 0; i < kLooks; ++i) {
            controls += (x[i] < 9 || (x[i] > 13 && x[i] < 32)) ? 1u : 0u;
        }
        return controls < kLooks / 32;
    }
};

} // namespace weightless::model
