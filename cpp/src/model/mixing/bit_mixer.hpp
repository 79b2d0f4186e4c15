// Gated logistic mixing: combines the predictions of the context models and of the network into
// one. Two layers of mixers are followed by APM stages and a final mixer.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/logistic.hpp"
#include "model/history/bit_history.hpp"
#include "model/mixing/apm_stage.hpp"
#include "model/mixing/bit_features.hpp"
#include "model/mixing/centring.hpp"
#include "model/mixing/final_mixer.hpp"
#include "model/mixing/history_inputs.hpp"
#include "model/mixing/mixer_layer.hpp"
#include "model/mixing/step_size.hpp"
#include "model/observer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

namespace weightless::model {

template <class Shape> class BitMixer {
public:
    using Features = BitFeatures<Shape>;

    explicit BitMixer(const kernels::Kernels& kernels)
        : histories_(1023, kernels), x_(std::size_t{kAllInputs}), x2_(std::size_t{kSecondInputs}),
          first_(Shape::kFirst, Shape::kFirstWeight, Shape::kFirstRate, kernels),
          second_(Shape::kSecond, kOne / kFirstMixers, Shape::kSecondRate, kernels),
          final_(Shape::kFinal, Shape::kFinalRate, kernels) {
        const BitHistory& table = BitHistory::get();
        for (int s = 1; s < table.states(); ++s) {
            const auto state = static_cast<std::uint8_t>(s);
            histories_.set(state, BitHistory::first_p(table, state), 6,
                           table.zeros(state) == 0 || table.ones(state) == 0);
        }
        first_.slow_down(Shape::kSlowFirst, Shape::kSlowLast);
        if constexpr (Shape::kLinearInputs) {
            first_.set_weights(kStretched, kInputs, 0);
        }
        if constexpr (Shape::kCentred) {
            first_.set_weights(kInputs - 1, kInputs, 20 * Shape::kFirstWeight);
        }
        if constexpr (kTwoLayers) {
            // Initially the second layer computes the mean of the first layer's predictions.
            second_.set_weights(kFirstMixers, kFirstMixers + 1, kOne);
            second_.set_weights(kFirstMixers + 1, kSecondInputs, 0);
        }
        apm_.reserve(kApm);
        for (const int size : Shape::kApm) {
            apm_.emplace_back(static_cast<std::size_t>(size), Shape::kApmLimit);
        }
    }

    /// Prefetches what the APM stages need for a bit.
    void prefetch(const std::array<std::uint32_t, Shape::kApm.size()>& contexts) const noexcept {
        for (std::size_t i = 0; i < kApm; ++i) {
            apm_[i].prefetch(contexts[i]);
        }
    }
    /// Prefetches the weights of both layers.
    void prefetch(const Features& features) const noexcept {
        first_.prefetch(features.first, kInputs + features.byte.own);
        second_.prefetch(features.second, kSecondInputs);
    }

    /// P(next bit = 1), Q22, in [1, 2^22 - 1].
    std::uint32_t predict(const Features& features) {
        const int used = kInputs + features.byte.own;
        first_.use(used);
        first_.select(features.first);
        predicted_ = features.byte.contexts;
        load(features);
        first_.predict(x_.data(), x2_.data());
        if constexpr (Shape::kScaledRates) {
            const std::int32_t step = Shape::kNormalised ? step_size::of(x_.data(), used) : 16;
            first_.set_rate_scale(
                std::min(features.byte.first_rate_scale * step / 16, kMaxFirstScale));
            second_.set_rate_scale(features.byte.second_rate_scale);
        }
        if constexpr (kTwoLayers) {
            std::int16_t* more = x2_.data() + kFirstMixers;
            const std::int16_t mean = centring::centre({x2_.data(), std::size_t{kFirstMixers}});
            *more++ = mean;
            *more++ = 256;
            *more++ = centring::less(features.order1, mean);
            if constexpr (Shape::kNetwork) {
                *more++ = centring::less(features.network, mean);
            }
            std::array<std::int16_t, Second::room(kSecondMixers)> mixed;
            second_.select(features.second);
            second_.predict(x2_.data(), mixed.data());
            return finish(features, std::span(mixed).template first<kSecondMixers>());
        } else {
            return finish(features, std::span(x2_).template first<std::size_t{kFirstMixers}>());
        }
    }

    /// Trains with the actual bit; predict() must have been called for it.
    void train(unsigned bit) {
        first_.update(x_.data(), bit);
        if constexpr (kTwoLayers) {
            second_.update(x2_.data(), bit);
        }
        if (apm_used_) {
            if constexpr (kFinalMixers != 0) {
                final_.update(bit);
            }
            for (std::size_t i = 0; i < kApm; ++i) {
                apm_[i].update(bit);
            }
        }
        histories_.update(predicted_, bit);
    }

    /// What predict() did for the bit; valid until train().
    MixingView view(const Features& features) const noexcept {
        MixingView view;
        const auto used = static_cast<std::size_t>(kInputs + features.byte.own);
        view.first = first_.view(std::span(x_).first(used));
        if constexpr (kTwoLayers) {
            view.second = second_.view(std::span(x2_).first(std::size_t{kSecondInputs}));
        }
        view.mixed = stretched_;
        view.order1 = features.order1;
        view.network = features.network;
        view.has_network = Shape::kNetwork;
        return view;
    }

    /// Bytes of memory.
    std::size_t memory() const noexcept {
        std::size_t sum = sizeof *this + first_.memory() + second_.memory() + final_.memory() +
                          histories_.memory();
        for (const ApmStage& stage : apm_) {
            sum += stage.memory();
        }
        return sum;
    }
    /// The same without constructing an object.
    static std::size_t memory_for() {
        std::size_t sum = sizeof(BitMixer) + First::memory_for(Shape::kFirst) +
                          Second::memory_for(Shape::kSecond) +
                          FinalMixer<kFinalMixers>::memory_for(Shape::kFinal) +
                          Histories::memory_for();
        for (const int size : Shape::kApm) {
            sum += ApmStage::memory_for(static_cast<std::size_t>(size));
        }
        return sum;
    }

private:
    static constexpr int padded(int n) { return (n + 15) / 16 * 16; }

    using Histories = HistoryInputs<Shape::kContexts + Shape::kOwnContexts, Shape::kVariants>;
    static constexpr bool kTwoLayers = Shape::kSecond.size() != 0;
    static constexpr int kFirstMixers = static_cast<int>(Shape::kFirst.size());
    static constexpr std::size_t kSecondMixers = Shape::kSecond.size();
    static constexpr std::size_t kFinalMixers = Shape::kFinal.size();
    static constexpr std::size_t kApm = Shape::kApm.size();
    static constexpr std::int32_t kOne = 1 << 28; // a weight

    // The learning rate must stay below 512 (kernels.hpp, mix_errors).
    static constexpr std::int32_t kMaxFirstScale = 511 * 16 / Shape::kFirstRate.first;

    // Inputs of the first layer: stretched predictions and a constant, then p - 1/2 of each
    // context, then the chains' mean. The inputs of a structure follow after padding.
    static constexpr int kStretched = Shape::kMatchInputs + Shape::kContexts * Histories::kInputs +
                                      (Shape::kOrderZero ? 1 : 0) + (Shape::kOrderOne ? 1 : 0) + 1 +
                                      Shape::kInputs + Shape::kOutputs + (Shape::kNetwork ? 2 : 0);
    static constexpr int kInputs = padded(
        kStretched + (Shape::kLinearInputs ? Shape::kContexts : 0) + (Shape::kCentred ? 1 : 0));
    static constexpr int kAllInputs =
        kInputs + padded(Shape::kOwnContexts * Histories::kInputs + Shape::kOwnInputs);
    // Inputs of the second layer: the first layer's predictions, their mean, a constant, the
    // prediction of order 1, and that of the network.
    static constexpr int kSecondInputs = kTwoLayers ? padded(kFirstMixers + 4) : 16;

    using First = MixerLayer<kAllInputs, Shape::kFirst.size()>;
    using Second = MixerLayer<kSecondInputs, kSecondMixers>;

    // Writes the first layer's inputs.
    void load(const Features& features) {
        const std::uint16_t* states = features.states.data();
        std::int16_t* x = std::copy(features.matches.begin(), features.matches.end(), x_.data());
        histories_.load(states, 0, Shape::kContexts, x);
        if constexpr (Shape::kCentred) {
            if (!features.byte.few) {
                const std::int32_t common = this->common(features);
                centring::centre(x, states, Shape::kContexts, common);
                x_[std::size_t{kInputs - 1}] = static_cast<std::int16_t>(common);
            }
        }
        if (features.byte.own != 0) {
            load_own(features);
        }
        x += Shape::kContexts * Histories::kInputs;
        if constexpr (Shape::kOrderZero) {
            *x++ = features.order0;
        }
        if constexpr (Shape::kOrderOne) {
            *x++ = features.order1;
        }
        *x++ = 256;
        x = std::copy(features.inputs.begin(), features.inputs.end(), x);
        x = std::copy(features.chained.begin(), features.chained.end(), x);
        if constexpr (Shape::kNetwork) {
            *x++ = static_cast<std::int16_t>(features.network);
            *x++ = features.network_linear;
        }
        if constexpr (Shape::kLinearInputs) {
            if (features.byte.few) {
                std::fill(x, x + Shape::kContexts, std::int16_t{0});
            } else {
                histories_.load_linear(states, 0, Shape::kContexts, x);
            }
        }
    }
    void load_own(const Features& features) {
        const ByteFeatures& byte = features.byte;
        std::int16_t* own = x_.data() + kInputs;
        std::int16_t* const end = own + byte.own;
        if (byte.contexts > Shape::kContexts) {
            histories_.load(features.states.data(), Shape::kContexts, byte.contexts, own);
            own += (byte.contexts - Shape::kContexts) * Histories::kInputs;
        }
        own = std::copy_n(features.own.begin(), byte.own_inputs, own);
        std::fill(own, end, std::int16_t{0});
    }
    static std::int32_t common(const Features& features) noexcept {
        std::int32_t sum = 0;
        for (const std::size_t last : Shape::kLast) {
            sum += features.chained[last];
        }
        return sum / static_cast<std::int32_t>(Shape::kLast.size());
    }

    // Computes the final probability, Q22, from the last layer's predictions (stretched, Q10).
    template <std::size_t n>
    std::uint32_t finish(const Features& features, std::span<const std::int16_t, n> mixed) {
        const std::int32_t stretched =
            std::accumulate(mixed.begin(), mixed.end(), std::int32_t{0}) /
            static_cast<std::int32_t>(n);
        stretched_ = stretched;
        const fixed::Logistic& logistic = fixed::Logistic::get();
        std::uint32_t sum = logistic.squash(stretched * 4);
        apm_used_ = features.byte.apm_stages;
        if (!apm_used_) {
            return std::clamp(sum, 1u, (1u << 22) - 1);
        }
        std::array<std::uint32_t, kApm> corrected;
        for (std::size_t i = 0; i < kApm; ++i) {
            corrected[i] = apm_[i].predict(stretched, features.apm[i]);
            sum += corrected[i];
        }
        const std::uint32_t mean =
            std::clamp(sum / static_cast<std::uint32_t>(kApm + 1), 1u, (1u << 22) - 1);
        if constexpr (kFinalMixers == 0) {
            return mean;
        } else {
            std::array<std::int32_t, 1 + kApm + Shape::kLast.size() + (Shape::kNetwork ? 1 : 0) + n>
                others{stretched};
            auto end = std::transform(corrected.begin(), corrected.end(), others.begin() + 1,
                                      [&](std::uint32_t p) { return logistic.stretch(p); });
            for (const std::size_t last : Shape::kLast) {
                *end++ = features.chained[last];
            }
            if constexpr (Shape::kNetwork) {
                *end++ = features.network;
            }
            std::copy(mixed.begin(), mixed.end(), end);
            return final_.mix(mean, others, features.final);
        }
    }
    template <std::size_t n>
    std::uint32_t finish(const Features& features, std::span<std::int16_t, n> mixed) {
        return finish(features, std::span<const std::int16_t, n>(mixed));
    }

    Histories histories_;
    int predicted_ = 0;          // number of contexts that predicted the bit
    bool apm_used_ = false;      // for the bit
    std::int32_t stretched_ = 0; // the prediction before the APM stages, for view()
    fixed::AlignedVector<std::int16_t> x_;
    fixed::AlignedVector<std::int16_t> x2_;
    First first_;
    Second second_;
    FinalMixer<kFinalMixers> final_;
    std::vector<ApmStage> apm_;
};

} // namespace weightless::model
