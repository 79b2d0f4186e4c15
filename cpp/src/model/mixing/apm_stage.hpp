// An APM stage (adaptive probability map; also secondary symbol estimation, SSE): corrects a
// probability, given a context.
//
// Source: M. Mahoney's PAQ.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/logistic.hpp"
#include "fixed/prefetch.hpp"
#include "fixed/tracked.hpp"
#include "model/history/adaptive_map.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace weightless::model {

/// Interpolates between the two nearest of a context's 33 probabilities, which are spaced evenly
/// in the stretched domain, and trains both.
class ApmStage {
public:
    ApmStage(std::size_t contexts, std::uint32_t limit)
        : limit_(limit), reciprocals_(adaptive::reciprocals().data()) {
        fixed::AlignedVector<std::uint32_t> cells;
        cells.reserve(contexts * kPoints);
        const fixed::Logistic& logistic = fixed::Logistic::get();
        std::array<std::uint32_t, kPoints> row{};
        for (std::size_t j = 0; j < kPoints; ++j) {
            const auto x = static_cast<std::int32_t>(j) * kSpacing * 4 - (12 << 12);
            row[j] = (logistic.squash(x) << 10) | 6u;
        }
        // Rows are written in the order of their addresses.
        for (std::size_t i = 0; i < contexts; ++i) {
            cells.insert(cells.end(), row.begin(), row.end());
        }
        cells_ = fixed::Tracked<std::uint32_t>(std::move(cells));
    }

    /// Prefetches what predict() needs for a context.
    void prefetch(std::size_t context) const noexcept {
        const std::uint32_t* row = cells_.data() + context * kPoints;
        fixed::prefetch(row);
        fixed::prefetch(row + 16);
        fixed::prefetch(row + 32);
    }

    /// stretched: a stretched probability, Q10. Returns the corrected probability, Q22.
    std::uint32_t predict(std::int32_t stretched, std::size_t context) noexcept {
        const std::int32_t x =
            fixed::clamp(stretched, -fixed::kStretchLimit + 1, fixed::kStretchLimit - 1) +
            fixed::kStretchLimit;
        const std::int32_t j = x / kSpacing;
        const std::int32_t f = x % kSpacing;
        const std::size_t i = context * kPoints + static_cast<std::size_t>(j);
        trained_ = i;
        const std::int64_t low = cells_[i] >> 10;
        const std::int64_t high = cells_[i + 1] >> 10;
        return static_cast<std::uint32_t>((low * (kSpacing - f) + high * f) / kSpacing);
    }

    void update(unsigned bit) noexcept {
        adaptive::update(cells_.write(trained_), bit, limit_, reciprocals_);
        adaptive::update(cells_.write(trained_ + 1), bit, limit_, reciprocals_);
    }
    std::size_t memory() const noexcept { return cells_.size() * sizeof(std::uint32_t); }
    static std::size_t memory_for(std::size_t contexts) noexcept {
        return contexts * kPoints * sizeof(std::uint32_t);
    }

private:
    static constexpr std::size_t kPoints = 33;
    static constexpr std::int32_t kSpacing = 24 * 1024 / 32; // Q10

    fixed::Tracked<std::uint32_t> cells_;
    std::uint32_t limit_;
    const std::int32_t* reciprocals_;
    std::size_t trained_ = 0; // the lower of the two points in use
};

} // namespace weightless::model
