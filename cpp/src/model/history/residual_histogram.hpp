// Adaptive histograms of residuals: what a byte's value was, less a prediction of it. Given a
// prediction, a histogram is a distribution of the byte, from which follows the probability of each
// of its bits given those before: the share of the upper half in the interval of values that are
// still possible.
//
// A histogram is stored as its cumulative distribution, over a circle of residuals mod 256 that is
// cut at +-128. Each observation moves it towards a step; until there are many, the steps are
// larger. It begins as a mixture of two Laplace distributions of a given scale.
//
// Source: the use of residuals' distributions in contexts of the local error is that of CALIC (Wu
// and Memon, 1997) and TMW (Meyer and Tischer, 1997); the adaptive cumulative distribution is that
// of F. Giesen's and C. Bloom's adaptive models for range coders.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/logistic.hpp"
#include "model/history/coding_cost.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// Some histograms, of which a context chooses one. Predictions are Q4, mod 256.
/// nodes: how many nodes of the cumulative distribution there are per unit; 1, 2, 4, 8 or 16. A
/// single one lies between two values, so that a value takes exactly the mass between two nodes.
/// smooth: an observation far from its prediction also counts for values beside it.
template <int nodes, bool smooth = true> class ResidualHistograms {
public:
    static constexpr std::uint32_t kFraction = 16; // Q4
    static constexpr std::uint32_t kTurn = 256 * kFraction;

    /// slowest: each observation moves a histogram by at least 2^-slowest of the difference; at
    /// most 12.
    ResidualHistograms(std::size_t contexts, int slowest)
        : slowest_(slowest), nodes_(contexts * kStride), counts_(contexts) {
        for (std::size_t c = 0; c < contexts; ++c) {
            reset(c, 8 * kFraction);
        }
    }

    /// Begins a histogram anew. mean: the expected mean magnitude of residuals, Q4, above 0.
    void reset(std::size_t context, std::uint32_t mean) noexcept {
        // Between nodes e^(-1 / (nodes * mean)) or so remains of a tail, Q16.
        const auto rest = [](std::uint32_t scale) {
            return static_cast<std::uint64_t>(scale * nodes) * 65536 / (scale * nodes + kFraction);
        };
        const std::uint64_t narrow = rest(std::max(mean, 1u));
        const std::uint64_t wide = rest(std::max(mean, 1u) * 4);
        std::uint32_t* node = nodes_.data() + context * kStride;
        std::uint64_t near = (std::uint64_t{kOne} / 16) * 7; // above it in the narrow one
        std::uint64_t far = kOne / 16;
        for (std::uint32_t i = 0; i <= kHalf; ++i) {
            const auto tail = static_cast<std::uint32_t>(near + far);
            node[kHalf - i] = tail;
            node[kHalf + i] = kOne - tail;
            near = near * narrow >> 16;
            far = far * wide >> 16;
        }
        node[0] = 0;
        node[kNodes] = kOne;
        counts_[context] = 0;
    }

    /// Adds the actual value of a byte, of which `prediction` was predicted.
    void add(std::size_t context, std::uint32_t prediction, std::uint32_t value) noexcept {
        std::uint32_t* node = nodes_.data() + context * kStride;
        const int shift = std::min(rate(counts_[context]), slowest_);
        counts_[context] = static_cast<std::uint16_t>(std::min(counts_[context] + 1, 1 << 14));
        // The value takes one unit around it, or more the farther it is from the prediction;
        // across the cut it is moved to one side.
        const std::uint32_t middle = place(value * kFraction, prediction) + kFraction / 2;
        const std::uint32_t far = (middle > kTurn / 2 ? middle - kTurn / 2 : kTurn / 2 - middle);
        const int wide = smooth ? std::bit_width(far / (8 * kFraction)) : 0;
        const std::uint32_t size = kFraction << wide;
        const std::uint32_t begin = std::clamp(middle, size / 2, kTurn - size / 2) - size / 2;
        const std::uint32_t end = begin + size;
        const std::uint32_t below = begin / kStep;
        const std::uint32_t above = end / kStep + 1;
        for (std::uint32_t i = 1; i <= below; ++i) {
            node[i] -= node[i] >> shift;
        }
        // Rounded such that no node gets above the next one.
        const std::uint32_t up = (1u << shift) - 1;
        for (std::uint32_t i = below + 1; i < std::min(above, kNodes); ++i) {
            const std::uint32_t target = (i * kStep - begin) * (kOne / size);
            node[i] = node[i] - ((node[i] + up) >> shift) + (target >> shift);
        }
        for (std::uint32_t i = above; i < kNodes; ++i) {
            node[i] += (kOne - node[i]) >> shift;
        }
    }

    std::size_t memory() const noexcept { return memory_for(counts_.size()); }
    static std::size_t memory_for(std::size_t contexts) noexcept {
        return contexts * (kStride * sizeof(std::uint32_t) + sizeof(std::uint16_t));
    }

    /// One prediction of a byte, bit after bit, always with the same histograms.
    class Prediction {
    public:
        /// Begins a byte. prediction: Q4, used mod 256.
        void begin(const ResidualHistograms& histograms, std::size_t context,
                   std::uint32_t prediction) noexcept {
            context_ = context;
            prediction_ = prediction % kTurn;
            low_ = 0;
            size_ = 256;
            before_ = 0;
            mass_ = kOne;
            start_ = histograms.below(context_, place(0, prediction_));
            split(histograms);
        }

        /// P(next bit = 1), Q22, in [1, 2^22 - 1].
        std::uint32_t p() const noexcept {
            const std::uint64_t one = mass_ - zero_ + kFloor * (size_ / 2);
            const std::uint64_t both = mass_ + kFloor * size_;
            return static_cast<std::uint32_t>(one * ((1u << 22) - 2) / both + 1);
        }
        /// The same, stretched, Q10.
        std::int16_t stretched() const noexcept { return fixed::Logistic::get().stretch(p()); }

        /// Takes the actual bit.
        void take(const ResidualHistograms& histograms, unsigned bit) noexcept {
            size_ /= 2;
            if (bit != 0) {
                low_ += size_;
                before_ += zero_;
                mass_ -= zero_;
            } else {
                mass_ = zero_;
            }
            if (size_ > 1) {
                split(histograms);
            }
        }

        /// What a byte would cost, of which no bit has been taken: bits, Q16.
        std::uint32_t cost_of(const ResidualHistograms& histograms,
                              std::uint8_t byte) const noexcept {
            CodingCost cost;
            Prediction bits = *this;
            for (int i = 7; i >= 0; --i) {
                const unsigned bit = (byte >> i) & 1u;
                cost.add(bit, bits.p(), CodingCost::Wanted::all);
                bits.take(histograms, bit);
            }
            return cost.all();
        }

        /// At the end of a byte: adds its value to the histogram that it was predicted by.
        void end(ResidualHistograms& histograms) const noexcept {
            histograms.add(context_, prediction_, low_);
        }

    private:
        // Computes the mass of the interval's lower half.
        void split(const ResidualHistograms& histograms) noexcept {
            const std::uint32_t middle = place((low_ + size_ / 2) * kFraction, prediction_);
            const std::uint32_t turn = middle < place(0, prediction_) ? kOne : 0;
            zero_ = histograms.below(context_, middle) + turn - start_ - before_;
        }

        std::size_t context_ = 0;
        std::uint32_t prediction_ = 0;
        std::uint32_t low_ = 0;     // the lowest value that is still possible
        std::uint32_t size_ = 256;  // and how many are
        std::uint32_t start_ = 0;   // mass of the circle from its cut to the value 0
        std::uint32_t before_ = 0;  // mass of the values below the interval of possible ones
        std::uint32_t mass_ = kOne; // of that interval
        std::uint32_t zero_ = 0;    // of its lower half
    };

private:
    static constexpr std::uint32_t kNodes = 256 * static_cast<std::uint32_t>(nodes);
    static constexpr std::uint32_t kHalf = kNodes / 2;
    static constexpr std::uint32_t kStep = kFraction / static_cast<std::uint32_t>(nodes);
    static constexpr std::uint32_t kMiddle = nodes == 1 ? kFraction / 2 : 0;
    static constexpr std::size_t kStride = kNodes + 16;
    static constexpr std::uint32_t kOne = 1u << 28;
    // Every value's mass is at least this.
    static constexpr std::uint32_t kFloor = kOne >> 16;

    // Where on the circle, from its cut on, the unit around a value begins.
    static std::uint32_t place(std::uint32_t value, std::uint32_t prediction) noexcept {
        return (value - prediction - kMiddle - kFraction / 2 + kTurn / 2) % kTurn;
    }
    // The mass of the circle from its cut to this place, Q28.
    std::uint32_t below(std::size_t context, std::uint32_t place) const noexcept {
        const std::uint32_t* node = nodes_.data() + context * kStride + place / kStep;
        return node[0] + (node[1] - node[0]) / kStep * (place % kStep);
    }
    // Its use by the rate of learning: about 1 / (observations + 8).
    static int rate(int count) noexcept {
        return static_cast<int>(std::bit_width(static_cast<unsigned>(count) + 8)) - 1;
    }

    int slowest_;
    fixed::AlignedVector<std::uint32_t> nodes_;
    std::vector<std::uint16_t> counts_;
};

} // namespace weightless::model
