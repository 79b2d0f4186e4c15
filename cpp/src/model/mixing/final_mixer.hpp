// The final mixer: weighs the results of the APM stages instead of averaging them. Initially it
// computes their mean.
//
// Source: PAQ8 averages its SSE stages with fixed weights (M. Mahoney); a mixer in their place
// is our own.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/logistic.hpp"
#include "kernels/kernels.hpp"
#include "model/mixing/mixer_layer.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

namespace weightless::model {

template <std::size_t mixers> class FinalMixer {
public:
    static constexpr std::size_t kInputs = 32;
    using Layer = MixerLayer<static_cast<int>(kInputs), mixers>;

    FinalMixer(const typename Layer::Sizes& sizes, MixingRate rate, const kernels::Kernels& kernels)
        : layer_(sizes, 0, rate, kernels), x_(kInputs) {
        layer_.set_weights(0, 1, 1 << 28);
        x_[kInputs - 1] = 256;
    }

    /// mean: the probability to correct, Q22, in [1, 2^22 - 1]; others: at most kInputs - 2
    /// stretched predictions, Q10; selected: the weight set of each mixer. Returns a probability,
    /// Q22, in the same range.
    std::uint32_t mix(std::uint32_t mean, std::span<const std::int32_t> others,
                      const typename Layer::Selected& selected) noexcept {
        assert(others.size() <= kInputs - 2);
        constexpr std::int32_t most = (1 << 14) - 1; // of a mixer's inputs
        const fixed::Logistic& logistic = fixed::Logistic::get();
        const std::int32_t base = logistic.stretch(mean);
        x_[0] = static_cast<std::int16_t>(base);
        for (std::size_t i = 0; i < others.size(); ++i) {
            // Differences are small; doubling them makes learning four times as fast.
            x_[1 + i] =
                static_cast<std::int16_t>(fixed::clamp(2 * (others[i] - base), -most, most));
        }
        layer_.select(selected);
        std::array<std::int16_t, Layer::room(mixers)> out{};
        layer_.predict(x_.data(), out.data());
        std::int32_t sum = 0;
        for (const std::int16_t value : out) {
            sum += value;
        }
        return std::clamp(logistic.squash(sum * 4 / static_cast<std::int32_t>(mixers)), 1u,
                          (1u << 22) - 1);
    }

    void update(unsigned bit) noexcept { layer_.update(x_.data(), bit); }

    std::size_t memory() const noexcept { return layer_.memory(); }
    static std::size_t memory_for(const typename Layer::Sizes& sizes) noexcept {
        return Layer::memory_for(sizes);
    }

private:
    Layer layer_;
    fixed::AlignedVector<std::int16_t> x_; // the mean, differences from it, a constant
};

} // namespace weightless::model
