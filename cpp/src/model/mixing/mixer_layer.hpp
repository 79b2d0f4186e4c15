// Gated logistic mixing: weighted sums of stretched predictions, with weights chosen by
// contexts and trained online to lower the coding cost (Mahoney, "Adaptive Weighing of
// Context Models for Lossless Data Compression", 2005; two layers as in paq8).
//
// Inputs Q10 within +-12; weights Q28 within +-7, of which sums take the upper half; sums Q22.
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "fixed/logistic.hpp"
#include "fixed/prefetch.hpp"
#include "kernels/kernels.hpp"
#include "model/mixing/rates.hpp"
#include "model/observer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weightless::model {

/// A layer of several mixers. Each has many weight sets, vectors of as many weights as there are
/// inputs; a selector chooses one, with which the mixer makes its prediction.
template <int inputs, std::size_t mixers> class MixerLayer {
public:
    static_assert(inputs % 16 == 0);
    using Sizes = std::array<int, mixers>;
    using Selected = std::array<int, mixers>;

    /// sizes: how many weight sets each mixer has; weight: the initial weight, Q28.
    MixerLayer(const Sizes& sizes, std::int32_t weight, MixingRate rate,
               const kernels::Kernels& kernels)
        : kernels_(&kernels), weights_(size_of_weights(sizes), kInputs * sizeof(std::int32_t)),
          places_(rows_of(sizes), kNone), counts_(rows_of(sizes) + 2, 0) {
        std::uint32_t rows = 0;
        for (std::size_t s = 0; s < mixers; ++s) {
            offsets_[s] = rows;
            rows += static_cast<std::uint32_t>(sizes[s]);
        }
        initial_.fill(weight);
        p_.fill(1u << 21);
        for (std::int32_t s = 0; s < kStages; ++s) {
            const std::int32_t count = s < kFine ? s : (s - kFine) * 64 + kFine;
            rates_[static_cast<std::size_t>(s)] =
                rate.last + (rate.first - rate.last) * rate.half_time / (rate.half_time + count);
        }
    }

    /// Sets the initial weight of the inputs first..last-1 in all weight sets, Q28.
    void set_weights(int first, int last, std::int32_t weight) noexcept {
        std::fill(initial_.data() + first, initial_.data() + last, weight);
    }

    /// Only the first n inputs, a multiple of 16, are read and trained from now on.
    void use(int n) noexcept { used_ = n; }

    /// From now on multiplies the learning rate by this many sixteenths.
    void set_rate_scale(std::int32_t rate_scale) noexcept { rate_scale_ = rate_scale; }

    /// Mixers first..last-1 learn at a sixteenth of the learning rate.
    void slow_down(std::size_t first, std::size_t last) noexcept {
        slow_ = first;
        fast_again_ = last;
    }

    /// The array size that kernels require for n mixers.
    static constexpr std::size_t room(std::size_t n) noexcept { return (n + 7) / 8 * 8; }

    /// Prefetches the weights for a prediction from n inputs.
    void prefetch(const Selected& selected, int n) const noexcept {
        for (std::size_t s = 0; s < mixers; ++s) {
            const std::size_t at = places_[offsets_[s] + static_cast<std::uint32_t>(selected[s])];
            if (kStayNear && at == selected_[s]) {
                continue;
            }
            fixed::prefetch(&counts_[at]);
            const std::int32_t* row = weights_.as<std::int32_t>() + at * kInputs;
            for (int i = 0; i < n; i += 16) {
                fixed::prefetch(row + i);
            }
        }
    }

    /// Chooses the weight set of each mixer for the next prediction.
    void select(const Selected& selected) noexcept {
        for (std::size_t s = 0; s < mixers; ++s) {
            std::uint32_t& place = places_[offsets_[s] + static_cast<std::uint32_t>(selected[s])];
            if (place == kNone) {
                place = ++used_rows_;
                weights_.touch_unit(place);
                std::copy(initial_.begin(), initial_.end(),
                          weights_.as<std::int32_t>() + place * kInputs);
            }
            selected_[s] = place;
        }
    }

    /// x: (inputs) Q10. Writes each mixer's prediction as stretched Q10 to out, which has room()
    /// for them; the rest becomes 0.
    void predict(const std::int16_t* x, std::int16_t* out) noexcept {
        const Rows rows = this->rows();
        kernels_->mix_predict(rows.data(), kMixers, x, used_, fixed::Logistic::get().squash_table(),
                              p_.data(), out);
    }

    void update(const std::int16_t* x, unsigned bit) noexcept {
        kernels_->mix_errors(p_.data(), kMixers, bit, counts_.data(), selected_.data(),
                             rates_.data(), rate_scale_, errors_.data());
        for (std::size_t s = slow_; s < fast_again_; ++s) {
            errors_[s] = (errors_[s] + 8) >> 4;
        }
        for (std::size_t s = 0; s < mixers; ++s) {
            weights_.touch_unit(selected_[s]);
        }
        const Rows rows = this->rows();
        kernels_->mix_train(rows.data(), kMixers, x, used_, errors_.data());
    }

    /// The weight sets in use; x: the inputs that predict() read.
    LayerView view(std::span<const std::int16_t> x) const noexcept {
        static_assert(mixers <= kMaxShownMixers);
        return {x, std::span(selected_).first(mixers), weights_.as<std::int32_t>(), kInputs};
    }

    std::size_t memory() const noexcept { return weights_.size() + places_.size() * kPerRow; }
    static std::size_t memory_for(const Sizes& sizes) noexcept {
        return size_of_weights(sizes) + rows_of(sizes) * kPerRow;
    }

private:
    using Rows = std::array<std::int32_t*, mixers>;

    static std::size_t rows_of(const Sizes& sizes) noexcept {
        std::size_t rows = 0;
        for (const int size : sizes) {
            rows += static_cast<std::size_t>(size);
        }
        return rows;
    }
    static std::size_t size_of_weights(const Sizes& sizes) noexcept {
        return (rows_of(sizes) + 1) * kInputs * sizeof(std::int32_t);
    }

    Rows rows() noexcept {
        Rows rows;
        for (std::size_t s = 0; s < mixers; ++s) {
            rows[s] = weights_.as<std::int32_t>() + selected_[s] * kInputs;
        }
        return rows;
    }

    static constexpr std::size_t kInputs = static_cast<std::size_t>(inputs);
    static constexpr int kMixers = static_cast<int>(mixers);
    static constexpr std::uint32_t kNone = 0; // the place of a weight set that was never selected
    static constexpr std::size_t kPerRow = sizeof(std::uint32_t) + sizeof(std::uint16_t);
    // The weights in use are few enough to stay in the first-level cache from bit to bit.
    static constexpr bool kStayNear = mixers * kInputs * sizeof(std::int32_t) <= 16384;
    // The table has a rate for each of the first kFine updates, then one for every 64th, as
    // mix_errors() expects.
    static constexpr std::int32_t kFine = 1024;
    static constexpr std::int32_t kStages = kFine + (65536 - kFine) / 64;

    int used_ = inputs;
    std::int32_t rate_scale_ = 16;
    std::size_t slow_ = 0; // the first slow mixer, and the one after the last
    std::size_t fast_again_ = 0;
    const kernels::Kernels* kernels_;
    alignas(64) std::array<std::int32_t, kInputs> initial_{}; // the initial weight set
    // Weight sets stand in the order in which they were first selected, so that those in use take
    // as few pages as possible.
    fixed::LazyZeros weights_;
    std::vector<std::uint32_t> places_;           // of each weight set in weights_ and counts_
    std::vector<std::uint16_t> counts_;           // updates of each weight set, by its place
    std::uint32_t used_rows_ = 0;                 // so many weight sets have a place
    std::array<std::uint32_t, mixers> offsets_{}; // of each mixer's first weight set
    std::array<std::uint32_t, room(mixers)> selected_{}; // their places
    std::array<std::uint32_t, room(mixers)> p_{};
    std::array<std::int32_t, room(mixers)> errors_{};
    std::array<std::int32_t, kStages> rates_{};
};

} // namespace weightless::model
