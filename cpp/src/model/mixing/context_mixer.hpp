// Context mixing: the context models, and the mixer of what they say, bit by bit.
#pragma once

#include "kernels/kernels.hpp"
#include "model/history/coding_cost.hpp"
#include "model/mixing/bit_features.hpp"
#include "model/mixing/bit_mixer.hpp"
#include "model/mixing/context_models.hpp"
#include "model/parameters.hpp"

#include <cstddef>
#include <cstdint>

namespace weightless::model {

class ContextMixer {
public:
    /// parameters.experts >= 1. external: a network is mixed, too.
    ContextMixer(const Parameters& parameters, bool external,
                 const kernels::Kernels& kernels = kernels::active())
        : models_(parameters, external), mixer_(parameters, external, kernels) {}

    /// P(next bit = 1), Q22, in [1, 2^22 - 1]; once for each bit. external: the network's, Q22
    /// (not read without a network).
    std::uint32_t predict(std::uint32_t external) {
        models_.select(features_, external);
        mixer_.prefetch(features_);
        models_.complete(features_);
        p_ = mixer_.predict(features_);
        return p_;
    }
    /// Takes the bit that came.
    void update(unsigned bit) {
        cost_.pay(bit, p_, features_.byte.ask);
        models_.update(bit, cost_);
        mixer_.prefetch(models_.refined());
        // While what the next bit needs is on its way:
        mixer_.train(bit);
        models_.settle();
    }

    // The same in two halves, for two threads. That of the models knows the data:

    void look(BitFeatures& features, std::uint32_t external) {
        models_.select(features, external);
        models_.complete(features);
    }
    /// If reads_cost(), train() must be done with this bit and no other; else it may be later.
    void pass(unsigned bit) {
        models_.update(bit, cost_);
        models_.settle();
    }
    bool reads_cost() const noexcept { return models_.reads_cost(); }

    // That of the mixer is told all that it needs:

    void prefetch(const BitFeatures& features) const noexcept {
        mixer_.prefetch(features.refined);
        mixer_.prefetch(features);
    }
    std::uint32_t mix(const BitFeatures& features) { return mixer_.predict(features); }
    /// With the bit's features and what mix() said.
    void train(const BitFeatures& features, std::uint32_t p, unsigned bit) {
        cost_.pay(bit, p, features.byte.ask);
        mixer_.train(bit);
    }

    /// After a copy: what points into the original's table points into this one's.
    void rebase(const ContextMixer& original) noexcept { models_.rebase(original.models_); }

    /// What is added, mod 256, to the next byte for the symbol whose bits are predicted.
    std::uint8_t shift() const noexcept { return models_.shift(); }

    /// Bytes of memory, all tables as if touched.
    std::size_t memory() const noexcept {
        return models_.memory() + mixer_.memory() + sizeof features_ + sizeof cost_;
    }
    /// The same for a mixer that need not exist.
    static std::size_t memory_for(const Parameters& parameters, bool external) {
        return ContextModels::memory_for(parameters, external) +
               BitMixer::memory_for(parameters, external) + sizeof(BitFeatures) +
               sizeof(CodingCost);
    }

private:
    // The halves share no cache line.
    ContextModels models_;
    alignas(64) BitMixer mixer_;
    alignas(64) BitFeatures features_; // of one thread
    CodingCost cost_;
    std::uint32_t p_ = 1u << 21;
};

} // namespace weightless::model
