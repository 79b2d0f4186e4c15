// An ISSE chain (indirect secondary symbol estimation): each stage corrects the prediction of the
// one before by two weights that the bit history in its context selects.
//
// Source: M. Mahoney's ZPAQ.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/logistic.hpp"
#include "model/history/bit_history.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// Positions::kAt: an array of the indices of its stages' contexts; variants: how many variants a
/// state has (byte_runs.hpp).
template <class Positions, int variants> class IsseChain {
public:
    static constexpr std::size_t kStages = Positions::kAt.size();

    IsseChain() : weights_(kStages * kRow) {
        const BitHistory& histories = BitHistory::get();
        const fixed::Logistic& logistic = fixed::Logistic::get();
        for (std::size_t i = 0; i < weights_.size(); ++i) {
            const auto state = static_cast<std::uint8_t>(i % BitHistory::kStates);
            const bool known = state != 0 && state < histories.states();
            weights_[i] = {known ? 1 << 15 : 1 << 16,
                           known ? logistic.stretch(BitHistory::first_p(histories, state)) * 128
                                 : 0};
        }
    }

    /// Takes a stretched prediction, Q10, through all stages; out() has the result of each.
    void predict(std::int32_t x, const std::uint16_t* states) noexcept {
        const fixed::Logistic& logistic = fixed::Logistic::get();
        for (std::size_t i = 0; i < kStages; ++i) {
            const std::size_t at = i * kRow + states[Positions::kAt[i]];
            const Weights& w = weights_[at];
            at_[i] = at;
            in_[i] = x;
            const std::int64_t sum =
                static_cast<std::int64_t>(w.scale) * x + static_cast<std::int64_t>(w.offset) * kOne;
            x = fixed::clamp(static_cast<std::int32_t>((sum + 32768) >> 16), -kMaxStretched,
                             kMaxStretched);
            out_[i] = x;
            p_[i] = logistic.squash(x * 4);
        }
    }

    /// The stretched prediction of a stage, Q10.
    std::int16_t out(std::size_t stage) const noexcept {
        return static_cast<std::int16_t>(out_[stage]);
    }

    void update(unsigned bit) noexcept {
        const std::int32_t target = bit != 0 ? 4095 : 0;
        for (std::size_t i = 0; i < kStages; ++i) {
            Weights& w = weights_[at_[i]];
            const std::int32_t error = target - static_cast<std::int32_t>(p_[i] >> 10); // Q12
            w.scale = fixed::clamp(w.scale + ((in_[i] * error + 16384) >> 15), -kBound, kBound);
            w.offset =
                fixed::clamp(w.offset + ((kOne * error + 8192) >> 14), -8 * kBound, 8 * kBound);
        }
    }

    std::size_t memory() const noexcept { return weights_.size() * sizeof(Weights); }
    static std::size_t memory_for() noexcept { return kStages * kRow * sizeof(Weights); }

private:
    static constexpr std::size_t kRow = std::size_t{variants} * BitHistory::kStates;
    static constexpr std::int32_t kOne = 256; // 1/4, Q10
    static constexpr std::int32_t kMaxStretched = fixed::kStretchLimit - 1;
    static constexpr std::int32_t kBound = 1 << 19; // of weights

    struct Weights {
        std::int32_t scale = 0;  // Q16
        std::int32_t offset = 0; // Q16
    };

    fixed::AlignedVector<Weights> weights_;
    std::array<std::size_t, kStages> at_{};
    std::array<std::int32_t, kStages> in_{};
    std::array<std::int32_t, kStages> out_{};
    std::array<std::uint32_t, kStages> p_{};
};

} // namespace weightless::model
