#include "model/experts/series_prediction.hpp"

#include "fixed/arithmetic.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace weightless::model {

SeriesPrediction::SeriesPrediction(const Settings& settings, std::uint32_t channels)
    : order_(settings.order), forget_(settings.forget), every_(settings.every), channels_(channels),
      rows_((order_ + 1) * (order_ + 1)), waited_(channels), weights_(order_ * channels),
      triangle_(order_ * order_) {}

std::size_t SeriesPrediction::memory_for(std::uint32_t order, std::uint32_t channels) noexcept {
    const std::size_t n = order;
    return (n + 1) * (n + 1) * sizeof(std::int64_t) + n * n * sizeof(std::int32_t) +
           (n + 1) * channels * sizeof(std::int32_t);
}

std::int64_t SeriesPrediction::predict(std::uint32_t channel,
                                       const std::int32_t* latest) const noexcept {
    // Q20; below 2^24 * 2^31 * 2^7.
    const std::int32_t* weights = weights_.data() + channel * order_;
    std::int64_t sum = 1 << 15;
    for (std::size_t i = 0; i < order_; ++i) {
        sum += std::int64_t{weights[i]} * latest[i];
    }
    return sum >> 16;
}

void SeriesPrediction::update(std::uint32_t channel, const std::int32_t* latest) noexcept {
    // The sums of the channel's previous number lose a part; they stay below 2^30 * 2^16 / forget.
    const std::int64_t* previous = row(channels_ - 1);
    const std::size_t all = rows_.size() / (order_ + 1);
    latest_ = latest_ + 1 == all ? 0 : latest_ + 1;
    std::int64_t* sums = rows_.data() + latest_ * (order_ + 1);
    const std::int64_t x = latest[0];
    for (std::size_t i = 0; i <= order_; ++i) {
        sums[i] = previous[i] - (previous[i] * forget_ >> 16) + x * latest[i];
    }
    if (++waited_[channel] >= every_) {
        waited_[channel] = 0;
        solve(channel);
    }
}

void SeriesPrediction::solve(std::uint32_t channel) noexcept {
    constexpr std::int64_t kMost = std::int64_t{1} << 27; // of an element of the decomposition
    constexpr std::int64_t kRidge = 1 << 16;
    const std::int64_t* target = row(0);
    // The largest sum becomes nearly 2^54, so that roots are nearly 2^27 and sums of 128 products
    // below 2^61. The errors of rounded sums are far below kRidge.
    std::int64_t largest = std::max(target[0], kRidge);
    for (std::size_t i = 0; i < order_; ++i) {
        largest = std::max(largest, row(i + 1)[0]);
    }
    const int up = 54 - static_cast<int>(std::bit_width(static_cast<std::uint64_t>(largest)));
    const auto scaled = [up](std::int64_t v) { return v * (std::int64_t{1} << up); };
    const std::int64_t more = scaled(kRidge) + (std::int64_t{1} << 30);
    std::array<std::int64_t, kMostOrder> y;
    std::array<std::int64_t, kMostOrder> w;
    for (std::size_t i = 0; i < order_; ++i) {
        std::int32_t* c = triangle_.data() + i * order_;
        std::int64_t d = scaled(row(i + 1)[0]) + more;
        for (std::size_t j = 0; j < i; ++j) {
            const std::int32_t* b = triangle_.data() + j * order_;
            std::int64_t v = scaled(row(j + 1)[i - j]);
            for (std::size_t k = 0; k < j; ++k) {
                v -= std::int64_t{c[k]} * b[k];
            }
            c[j] = static_cast<std::int32_t>(std::clamp(v / b[j], -kMost, kMost));
            d -= std::int64_t{c[j]} * c[j];
        }
        d = std::max(d, more / 2);
        c[i] = static_cast<std::int32_t>(std::min(fixed::square_root(d), kMost));
        std::int64_t v = scaled(target[i + 1]);
        for (std::size_t k = 0; k < i; ++k) {
            v -= c[k] * y[k];
        }
        y[i] = std::clamp(v / c[i], -kMost, kMost);
    }
    // Column by column: each weight is taken from the sums of those before it.
    for (std::size_t i = 0; i < order_; ++i) {
        y[i] *= 1 << 20;
    }
    std::int32_t* weights = weights_.data() + channel * order_;
    for (std::size_t i = order_; i-- > 0;) {
        const std::int32_t* c = triangle_.data() + i * order_;
        w[i] = std::clamp<std::int64_t>(y[i] / c[i], -(1 << 24), 1 << 24);
        for (std::size_t k = 0; k < i; ++k) {
            y[k] -= c[k] * w[i];
        }
        weights[i] = static_cast<std::int32_t>(w[i]);
    }
}

} // namespace weightless::model
