// Gated logistic mixing: weighted sums of stretched predictions, with weights chosen by
// contexts and trained online to lower the coding cost (Mahoney, "Adaptive Weighing of
// Context Models for Lossless Data Compression", 2005; two layers as in paq8).
//
// Inputs Q10 within +-12; weights Q28 within +-7, of which sums take the upper half; sums Q22.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/logistic.hpp"
#include "fixed/prefetch.hpp"
#include "kernels/kernels.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weightless::model {

/// How fast weights move: 2^-13 times a rate that falls from `first` to `last`.
struct MixingRate {
    std::int32_t first;
    std::int32_t last;
    std::int32_t half_time; // updates until half-way
};

/// One layer: sets of weight vectors; in each set a context selects one vector, and each
/// set makes one prediction.
class MixerLayer {
public:
    /// inputs: padded to 16 by the caller; sizes: contexts of each set.
    MixerLayer(int inputs, std::vector<int> sizes, std::int32_t weight, MixingRate rate,
               const kernels::Kernels& kernels)
        : inputs_(inputs), used_(inputs), kernels_(&kernels) {
        std::uint32_t rows = 0;
        for (const int size : sizes) {
            offsets_.push_back(rows);
            rows += static_cast<std::uint32_t>(size);
        }
        weights_.assign(std::size_t{rows} * static_cast<std::size_t>(inputs), weight);
        counts_.assign(std::size_t{rows} + 1, 0);
        rows_.assign(sizes.size(), nullptr);
        selected_.assign(room(sizes.size()), 0);
        p_.assign(room(sizes.size()), 1u << 21);
        errors_.assign(room(sizes.size()), 0);
        for (std::int32_t s = 0; s < kStages; ++s) {
            const std::int32_t count = s < kFine ? s : (s - kFine) * 64 + kFine;
            rates_[static_cast<std::size_t>(s)] =
                rate.last + (rate.first - rate.last) * rate.half_time / (rate.half_time + count);
        }
    }

    /// The weight of the inputs first..last-1 in all vectors, Q28; before anything is learnt.
    void set_weights(int first, int last, std::int32_t weight) noexcept {
        for (std::size_t row = 0; row < weights_.size(); row += static_cast<std::size_t>(inputs_)) {
            std::fill(weights_.data() + row + first, weights_.data() + row + last, weight);
        }
    }

    /// Only the first n inputs, a multiple of 16, are read and trained from now on.
    void use(int n) noexcept { used_ = n; }

    /// Learns at so many sixteenths of its rate from now on.
    void set_pace(std::int32_t pace) noexcept { pace_ = pace; }

    /// Sets first..last-1 learn at a sixteenth of the rate.
    void slow_down(int first, int last) noexcept {
        slow_ = static_cast<std::size_t>(first);
        fast_again_ = static_cast<std::size_t>(last);
    }

    /// What kernels ask for n sets.
    static constexpr std::size_t room(std::size_t n) noexcept { return (n + 7) / 8 * 8; }

    int sets() const noexcept { return static_cast<int>(offsets_.size()); }

    /// Fetches the weights of a prediction to come from n inputs, one context per set.
    void prefetch(std::span<const int> contexts, int n) const noexcept {
        for (std::size_t s = 0; s < offsets_.size(); ++s) {
            const std::size_t at = offsets_[s] + static_cast<std::uint32_t>(contexts[s]);
            fixed::prefetch(&counts_[at]);
            const std::int32_t* row = weights_.data() + at * static_cast<std::size_t>(inputs_);
            for (int i = 0; i < n; i += 16) {
                fixed::prefetch(row + i);
            }
        }
    }

    /// Chooses the weights of the next prediction.
    void select(std::span<const int> contexts) noexcept {
        for (std::size_t s = 0; s < offsets_.size(); ++s) {
            selected_[s] = offsets_[s] + static_cast<std::uint32_t>(contexts[s]);
        }
    }

    /// x: (inputs) Q10. Writes each set's prediction as stretched Q10 to out, which has room() for
    /// them; behind them it becomes 0.
    void predict(const std::int16_t* x, std::int16_t* out) noexcept {
        locate();
        kernels_->mix_predict(rows_.data(), sets(), x, used_, fixed::Logistic::get().squash_table(),
                              p_.data(), out);
    }

    /// Q22, of a set.
    std::uint32_t p(std::size_t set) const noexcept { return p_[set]; }

    void update(const std::int16_t* x, unsigned bit) noexcept {
        kernels_->mix_errors(p_.data(), sets(), bit, counts_.data(), selected_.data(),
                             rates_.data(), pace_, errors_.data());
        for (std::size_t s = slow_; s < fast_again_; ++s) {
            errors_[s] = (errors_[s] + 8) >> 4;
        }
        locate(); // once more: this object may be a copy by now
        kernels_->mix_train(rows_.data(), sets(), x, used_, errors_.data());
    }

    std::size_t memory() const noexcept {
        return weights_.size() * sizeof(std::int32_t) +
               (counts_.size() - 1) * sizeof(std::uint16_t);
    }
    static std::size_t memory_for(int inputs, std::span<const int> sizes) noexcept {
        std::size_t rows = 0;
        for (const int size : sizes) {
            rows += static_cast<std::size_t>(size);
        }
        return rows *
               (static_cast<std::size_t>(inputs) * sizeof(std::int32_t) + sizeof(std::uint16_t));
    }

private:
    std::int32_t* weights(std::size_t row) noexcept {
        return weights_.data() + row * static_cast<std::size_t>(inputs_);
    }
    void locate() noexcept {
        for (std::size_t s = 0; s < rows_.size(); ++s) {
            rows_[s] = weights(selected_[s]);
        }
    }

    // Rates are kept for each of the first updates, then for every 64th, as mix_errors() has it.
    static constexpr std::int32_t kFine = 1024;
    static constexpr std::int32_t kStages = kFine + (65536 - kFine) / 64;

    int inputs_;
    int used_;
    std::int32_t pace_ = 16;
    std::size_t slow_ = 0; // the first slow set, and the one behind the last
    std::size_t fast_again_ = 0;
    const kernels::Kernels* kernels_;
    std::vector<std::uint32_t> offsets_;
    fixed::AlignedVector<std::int32_t> weights_;
    std::vector<std::uint16_t> counts_; // updates of each vector
    std::vector<std::uint32_t> selected_;
    std::vector<std::int32_t*> rows_;
    std::vector<std::uint32_t> p_;
    std::vector<std::int32_t> errors_;
    std::array<std::int32_t, kStages> rates_{};
};

} // namespace weightless::model
