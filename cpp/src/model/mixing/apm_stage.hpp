// An APM stage (adaptive probability map; also secondary symbol estimation, SSE): corrects a
// probability, given a context.
//
// Source: M. Mahoney's PAQ.
#pragma once

#include "fixed/logistic.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/mixing/apm_rows.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// Interpolates between the two nearest of a context's 33 probabilities, which are spaced evenly
/// in the stretched domain, and trains both.
class ApmStage {
public:
    ApmStage(std::size_t contexts, std::uint32_t limit)
        : limit_(limit), reciprocals_(adaptive::reciprocals().data()), rows_(contexts) {
        const fixed::Logistic& logistic = fixed::Logistic::get();
        for (std::size_t j = 0; j < kPoints; ++j) {
            const auto x = static_cast<std::int32_t>(j) * kSpacing * 4 - (12 << 12);
            initial_[j] = (logistic.squash(x) << 10) | 6u;
        }
    }

    /// Prefetches what predict() needs for a context.
    void prefetch(std::size_t context) const noexcept { rows_.prefetch(context); }

    /// stretched: a stretched probability, Q10. Returns the corrected probability, Q22.
    std::uint32_t predict(std::int32_t stretched, std::size_t context) noexcept {
        const std::int32_t x =
            fixed::clamp(stretched, -fixed::kStretchLimit + 1, fixed::kStretchLimit - 1) +
            fixed::kStretchLimit;
        point_ = static_cast<std::size_t>(x / kSpacing);
        const std::int32_t f = x % kSpacing;
        rows_.select(context);
        const std::int64_t low = cell(point_) >> 10;
        const std::int64_t high = cell(point_ + 1) >> 10;
        return static_cast<std::uint32_t>((low * (kSpacing - f) + high * f) / kSpacing);
    }

    /// Throws std::bad_alloc.
    void update(unsigned bit) {
        rows_.make_writable();
        update(point_, bit);
        update(point_ + 1, bit);
    }
    std::size_t memory() const noexcept { return rows_.memory(); }
    static std::size_t memory_for(std::size_t contexts) noexcept {
        return ApmRows::memory_for(contexts);
    }

private:
    static constexpr std::size_t kPoints = ApmRows::kPoints;
    static constexpr std::int32_t kSpacing = 24 * 1024 / 32; // Q10

    std::uint32_t cell(std::size_t point) const noexcept {
        return rows_.cell(point) ^ initial_[point];
    }
    void update(std::size_t point, unsigned bit) noexcept {
        std::uint32_t value = cell(point);
        adaptive::update(value, bit, limit_, reciprocals_);
        rows_.set_cell(point, value ^ initial_[point]);
    }

    std::uint32_t limit_;
    const std::int32_t* reciprocals_;
    // What a cell differs in from its initial value, so that in the beginning all are 0.
    ApmRows rows_;
    std::array<std::uint32_t, kPoints> initial_{};
    std::size_t point_ = 0; // the lower of the two points in use
};

} // namespace weightless::model
