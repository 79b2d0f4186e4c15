// An adaptive map (PAQ's StateMap): a table of adaptive probabilities indexed by a small context.
//
// Source: M. Mahoney's PAQ.
#pragma once

#include "fixed/aligned.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

namespace adaptive {

/// 2^16 / (n + 3/2) for the counts 0 to 1023.
inline const std::array<std::int32_t, 1024>& reciprocals() {
    static const std::array<std::int32_t, 1024> table = [] {
        std::array<std::int32_t, 1024> t{};
        for (int n = 0; n < 1024; ++n) {
            t[static_cast<std::size_t>(n)] = 131072 / (2 * n + 3);
        }
        return t;
    }();
    return table;
}

/// Moves an entry (p, Q22, in the upper bits, a count in the lower 10) towards the bit at the rate
/// 1 / (count + 1.5); steps are rounded down, so that certainty is never quite reached. The count
/// stops at `limit`, the adaptation limit.
inline void update(std::uint32_t& cell, unsigned bit, std::uint32_t limit,
                   const std::int32_t* reciprocals) noexcept {
    const std::uint32_t count = cell & 1023u;
    const std::uint32_t certain = bit != 0 ? (1u << 22) - 1 : 0u;
    const std::uint32_t away = (cell >> 10) ^ certain; // the distance from there
    const auto step = static_cast<std::uint32_t>(
        (std::uint64_t{away} * static_cast<std::uint32_t>(reciprocals[count])) >> 16);
    cell = ((away - step) ^ certain) << 10 | (count < limit ? count + 1 : count);
}

inline constexpr std::uint32_t kHalf = 1u << 31; // p = 1/2, count 0

} // namespace adaptive

/// n probabilities, each a running average of the bits seen in its context.
class AdaptiveMap {
public:
    AdaptiveMap(std::size_t n, std::uint32_t limit)
        : cells_(n, adaptive::kHalf), limit_(limit), reciprocals_(adaptive::reciprocals().data()) {}

    /// P(bit = 1) in context i, Q22.
    std::uint32_t p(std::size_t i) const noexcept { return cells_[i] >> 10; }
    void update(std::size_t i, unsigned bit) noexcept {
        adaptive::update(cells_[i], bit, limit_, reciprocals_);
    }
    std::size_t memory() const noexcept { return cells_.size() * sizeof(std::uint32_t); }
    static std::size_t memory_for(std::size_t n) noexcept { return n * sizeof(std::uint32_t); }

private:
    fixed::AlignedVector<std::uint32_t> cells_;
    std::uint32_t limit_;
    const std::int32_t* reciprocals_;
};

} // namespace weightless::model
