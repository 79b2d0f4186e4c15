// Gated logistic mixing: of what the context models say of a bit, and the network, one
// prediction, in two layers, refined and mixed once more.
#pragma once

#include "fixed/aligned.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/mixing/apm_stage.hpp"
#include "model/mixing/bit_features.hpp"
#include "model/mixing/expert_levels.hpp"
#include "model/mixing/final_mixer.hpp"
#include "model/mixing/history_inputs.hpp"
#include "model/mixing/mixer.hpp"
#include "model/parameters.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weightless::model {

class BitMixer {
public:
    /// parameters.experts >= 1. external: a network is mixed, too.
    BitMixer(const Parameters& parameters, bool external, const kernels::Kernels& kernels);

    /// Asks memory for what the refinements will need of a bit (BitFeatures::refined);
    void prefetch(std::span<const std::uint32_t, levels::kRefined.size()> refined) const noexcept;
    /// and for both layers' weights.
    void prefetch(const BitFeatures& features) const noexcept;
    /// P(next bit = 1), Q22, in [1, 2^22 - 1].
    std::uint32_t predict(const BitFeatures& features);
    /// Takes the bit that came; predict() must have been called for it.
    void train(unsigned bit);

    /// Bytes of memory.
    std::size_t memory() const noexcept;
    /// The same for a mixer that need not exist.
    static std::size_t memory_for(const Parameters& parameters, bool external);

private:
    /// Writes the first layer's inputs.
    void load(const BitFeatures& features);
    /// The final probability, Q22, of what the second layer's sets say (stretched, Q10).
    std::uint32_t finish(const BitFeatures& features, std::span<const std::int16_t> mixed);

    int level_; // parameters.experts
    bool external_;
    bool lean_;
    int core_;          // contexts for all data
    int predicted_ = 0; // as many as when the bit in training was predicted
    HistoryInputs inputs_of_histories_;

    int inputs_; // padded; a structure's come behind these
    fixed::AlignedVector<std::int16_t> x_;
    fixed::AlignedVector<std::int16_t> x2_;
    MixerLayer first_;
    MixerLayer second_;
    FinalMixer final_;
    std::vector<ApmStage> refinements_;
    std::size_t refined_by_ = 0; // so many of them, at this bit
};

} // namespace weightless::model
