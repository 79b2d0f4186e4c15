#include "model/mixing/bit_mixer.hpp"

#include "model/history/bit_history.hpp"
#include "model/mixing/centring.hpp"
#include "model/mixing/step_size.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace weightless::model {
using namespace levels;
static_assert(kFinalSets == FinalMixer::kSets);

BitMixer::BitMixer(const Parameters& parameters, bool external, const kernels::Kernels& kernels)
    : level_(parameters.experts), external_(external), lean_(is_lean(level_, external)),
      core_(contexts_of(level_)),
      inputs_of_histories_(core_ + Structures::kContexts, variants_of(level_), 1023, kernels),
      inputs_(inputs_of(level_, external)),
      x_(static_cast<std::size_t>(all_inputs_of(level_, external))),
      x2_(static_cast<std::size_t>(second_inputs(level_))),
      first_(static_cast<int>(x_.size()), sets_of(level_, external), first_weight(level_),
             first_rate(level_), kernels),
      second_(second_inputs(level_), second_sets(level_, external), (1 << 28) / first_.sets(),
              kSecondRate, kernels),
      final_(final_sets(level_), kFinalRate, kernels), refinements_(refinements_at(level_)) {
    assert(first_.sets() <= second_inputs(level_));
    const BitHistory& histories = BitHistory::get();
    for (int s = 1; s < histories.states(); ++s) {
        const auto state = static_cast<std::uint8_t>(s);
        inputs_of_histories_.set(state, BitHistory::first_p(histories, state), 6,
                                 histories.zeros(state) == 0 || histories.ones(state) == 0);
    }
    if (is_rich(level_)) {
        const int slow = first_.sets() - (external ? 1 : 0);
        first_.slow_down(slow - kSlowSets, slow);
        first_.set_weights(stretched_of(level_, external), inputs_ - 1, 0);
        first_.set_weights(inputs_ - 1, inputs_, 20 * first_weight(level_));
    }
    if (!lean_) {
        // At first the mean of the first layer's.
        const int sets = first_.sets();
        second_.set_weights(0, sets, (1 << 28) / sets);
        second_.set_weights(sets, sets + 1, 1 << 28);
        second_.set_weights(sets + 1, second_inputs(level_), 0);
    }
}

void BitMixer::prefetch(
    std::span<const std::uint32_t, levels::kRefined.size()> refined) const noexcept {
    for (std::size_t i = 0; i < refinements_.size(); ++i) {
        refinements_[i].prefetch(refined[i]);
    }
}

void BitMixer::prefetch(const BitFeatures& features) const noexcept {
    first_.prefetch(features.first_sets, inputs_ + features.byte.structured);
    second_.prefetch(features.second_sets, second_inputs(level_));
}

std::uint32_t BitMixer::predict(const BitFeatures& features) {
    const int used = inputs_ + features.byte.structured;
    first_.use(used);
    first_.select(features.first_sets);
    second_.select(features.second_sets);
    predicted_ = features.byte.contexts;
    load(features);
    first_.predict(x_.data(), x2_.data());
    if (is_rich(level_)) {
        first_.set_pace(features.byte.pace * step_size::of(x_.data(), used) / 16);
    }
    if (!lean_) {
        const auto sets = static_cast<std::size_t>(first_.sets());
        std::int16_t* more = x2_.data() + sets;
        const std::int16_t mean = centring::centre({x2_.data(), sets});
        *more++ = mean;
        *more++ = 256;
        *more++ = centring::less(features.order1, mean);
        if (external_) {
            *more++ = centring::less(features.outside, mean);
        }
    }
    if (is_rich(level_)) {
        second_.set_pace(features.byte.last_pace);
    }
    std::array<std::int16_t, MixerLayer::room(kSecondSets)> mixed{x2_[0], x2_[1]};
    if (!lean_) {
        second_.predict(x2_.data(), mixed.data());
    }
    return finish(features, std::span(mixed).first(level_ >= 4 ? kSecondSets : 2));
}

void BitMixer::load(const BitFeatures& features) {
    const std::uint16_t* states = features.states.data();
    const bool few = features.byte.bitwise || features.byte.wordless; // contexts of bytes
    const int matched = matches_of(level_) * MatchModel::kInputs;
    std::int16_t* x = std::copy_n(features.matches.begin(), matched, x_.data());
    inputs_of_histories_.load(states, 0, core_, x);
    if (is_rich(level_) && !few) {
        const std::int32_t common = (features.chained[1] + features.chained[2]) / 2;
        centring::centre(x, states, core_, common);
        x_[static_cast<std::size_t>(inputs_ - 1)] = static_cast<std::int16_t>(common);
    }
    if (features.byte.structured != 0) {
        std::int16_t* own = x_.data() + inputs_;
        if (features.byte.contexts > core_) {
            inputs_of_histories_.load(states, core_, features.byte.contexts, own);
            own += (features.byte.contexts - core_) * HistoryInputs::kInputs;
        }
        own = std::copy_n(features.structure.begin(), features.byte.structure_inputs, own);
        std::fill(own, x_.data() + inputs_ + features.byte.structured, std::int16_t{0});
    }
    x += core_ * HistoryInputs::kInputs;
    if (has_order0(level_)) {
        *x++ = features.order0;
    }
    if (!lean_) {
        *x++ = features.order1;
    }
    *x++ = 256;
    if (level_ >= 4) {
        x = std::copy(features.chained.begin(), features.chained.end(), x);
    }
    if (external_) {
        *x++ = static_cast<std::int16_t>(features.outside);
        *x++ = features.odds;
    }
    if (is_rich(level_)) {
        if (few) {
            std::fill(x, x + core_, std::int16_t{0});
        } else {
            inputs_of_histories_.load_odds(states, 0, core_, x);
        }
    }
}

std::uint32_t BitMixer::finish(const BitFeatures& features, std::span<const std::int16_t> mixed) {
    const std::int32_t total = std::accumulate(mixed.begin(), mixed.end(), std::int32_t{0});
    const std::int32_t stretched =
        is_rich(level_) ? total / static_cast<std::int32_t>(kSecondSets) : total / 2;
    const fixed::Logistic& logistic = fixed::Logistic::get();
    std::array<std::uint32_t, kRefined.size()> refined;
    std::uint32_t sum = logistic.squash(stretched * 4);
    // Letters of genes, all but random, are blurred by it.
    refined_by_ = features.byte.wordless ? 0 : refinements_.size();
    for (std::size_t i = 0; i < refined_by_; ++i) {
        refined[i] = refinements_[i].refine(stretched, features.refined[i]);
        sum += refined[i];
    }
    const std::uint32_t mean =
        std::clamp(sum / static_cast<std::uint32_t>(refined_by_ + 1), 1u, (1u << 22) - 1);
    if (!is_rich(level_) || refined_by_ == 0) {
        return mean;
    }
    std::array<std::int32_t, FinalMixer::kInputs - 2> others{stretched};
    auto end = std::transform(refined.begin(), refined.end(), others.begin() + 1,
                              [&](std::uint32_t p) { return logistic.stretch(p); });
    *end++ = features.chained[1];
    *end++ = features.chained[2];
    if (external_) {
        *end++ = features.outside;
    }
    end = std::copy(mixed.begin(), mixed.end(), end);
    return final_.mix(mean, std::span(others.begin(), end), features.final_sets);
}

void BitMixer::train(unsigned bit) {
    first_.update(x_.data(), bit);
    if (!lean_) {
        second_.update(x2_.data(), bit);
    }
    if (is_rich(level_) && refined_by_ != 0) {
        final_.update(bit);
    }
    for (std::size_t i = 0; i < refined_by_; ++i) {
        refinements_[i].update(bit);
    }
    inputs_of_histories_.update(predicted_, bit);
}

std::size_t BitMixer::memory() const noexcept {
    std::size_t sum = sizeof *this + first_.memory() + second_.memory() + final_.memory() +
                      inputs_of_histories_.memory();
    for (const ApmStage& refinement : refinements_) {
        sum += refinement.memory();
    }
    return sum;
}

std::size_t BitMixer::memory_for(const Parameters& parameters, bool external) {
    const int level = parameters.experts;
    std::size_t sum =
        sizeof(BitMixer) +
        MixerLayer::memory_for(all_inputs_of(level, external), sets_of(level, external)) +
        MixerLayer::memory_for(second_inputs(level), second_sets(level, external)) +
        FinalMixer::memory_for(final_sets(level)) +
        HistoryInputs::memory_for(contexts_of(level) + Structures::kContexts, variants_of(level));
    for (std::size_t i = 0; i < refinements_of(level); ++i) {
        sum += ApmStage::memory_for(kRefined[i]);
    }
    return sum;
}

} // namespace weightless::model
