// Context mixing: experts' contexts, their bit histories, a match model and the network's
// prediction, mixed and refined. docs/experiments.md says what
// each part saves.
#pragma once

#include "fixed/aligned.hpp"
#include "model/experts/clauses.hpp"
#include "model/experts/context_list.hpp"
#include "model/experts/expectations.hpp"
#include "model/experts/indirect.hpp"
#include "model/experts/layout.hpp"
#include "model/experts/lines.hpp"
#include "model/experts/markup.hpp"
#include "model/experts/phrases.hpp"
#include "model/experts/records.hpp"
#include "model/experts/shapes.hpp"
#include "model/experts/structures.hpp"
#include "model/experts/text_share.hpp"
#include "model/experts/words.hpp"
#include "model/mixing/adaptive_map.hpp"
#include "model/mixing/bit_history.hpp"
#include "model/mixing/byte_history.hpp"
#include "model/mixing/byte_runs.hpp"
#include "model/mixing/chain.hpp"
#include "model/mixing/final_mixer.hpp"
#include "model/mixing/history_inputs.hpp"
#include "model/mixing/history_table.hpp"
#include "model/mixing/match_model.hpp"
#include "model/mixing/mixer.hpp"
#include "model/parameters.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class ContextMixer {
public:
    /// parameters.experts >= 1. external: inputs from outside (the network's), 0 or
    /// kExternal.
    ContextMixer(const Parameters& parameters, bool external,
                 const kernels::Kernels& kernels = kernels::active());

    /// P(next bit = 1), Q22, in [1, 2^22 - 1]. external: the network's P(next bit = 1), Q22
    /// (not read without a network).
    std::uint32_t predict(std::uint32_t external);
    /// Takes the bit that came; predict() must have been called for it.
    void update(unsigned bit);

    /// After a copy: what points into the original's table points into this one's.
    void rebase(const ContextMixer& original) noexcept;

    /// What is added, mod 256, to the next byte for the symbol whose bits are predicted.
    std::uint8_t shift() const noexcept { return shift_; }

    /// Bytes of memory, all tables as if touched.
    std::size_t memory() const noexcept;
    /// The same for a mixer that need not exist.
    static std::size_t memory_for(const Parameters& parameters, bool external);

private:
    static constexpr int kExternal = 2;

    void begin_byte();
    void end_byte();
    void find_matches();
    /// Hashes the contexts of the nibble to come and fetches their slots;
    void begin_nibble();
    /// and finds them; of contexts that rest, a blank one.
    void find_slots();
    void choose_refinements();
    void train(unsigned bit);
    /// Chooses the mixers' weights; outside: the network's prediction, stretched, Q10.
    void select(std::int32_t outside);
    void select_richly(int*& s) const noexcept;
    void select_last(int match, std::int32_t outside);
    /// The final probability, Q22, of what the second layer's sets say (stretched, Q10).
    std::uint32_t finish(std::span<const std::int16_t> mixed);
    void load_histories(int first, int last, std::int16_t* x) noexcept {
        if (level_ >= 4) {
            inputs_of_histories_.load(widened_.data(), first, last, x);
        } else {
            inputs_of_histories_.load(state_.data(), first, last, x);
        }
    }
    const MatchModel& longest_match() const noexcept {
        return matches_.back().state() != 0 ? matches_.back() : matches_.front();
    }
    /// Of this nibble's tree: 1 is its root.
    unsigned node_of_nibble() const noexcept {
        const int known = bits_ & 3;
        return (1u << known) | (c0_ & ((1u << known) - 1));
    }

    const BitHistory* next_state_;
    int level_; // parameters.experts
    bool external_;
    bool lean_;
    ByteHistory history_;
    HistoryTable table_;
    ContextList contexts_;
    Words words_;
    Shapes shapes_;
    Phrases phrases_;
    Clauses clauses_;
    Expectations expectations_;
    Layout layout_;
    Markup markup_;
    TextShare text_share_;
    Lines lines_;
    Records records_;
    Indirect indirect_;
    Structures structures_;
    std::uint8_t shift_ = 0;
    bool text_ = true; // at experts 4: contexts of text speak
    std::vector<MatchModel> matches_;

    /// Contexts of words, lines, rows and text, which rest where those are not.
    struct Rest {
        int begin = 0;
        int end = 0;
    };
    template <typename F> void for_speaking(F f) {
        int i = 0;
        for (const Rest& rest : rest_) {
            for (; i < rest.begin; ++i) {
                f(i);
            }
            i = std::max(i, rest.end);
        }
        for (; i < count_; ++i) {
            f(i);
        }
    }
    std::array<Rest, 3> rest_{};           // at this byte; empty where all speak
    std::array<std::uint8_t, 32> blank_{}; // a slot

    int core_;          // contexts of the experts for all data
    int count_;         // and of a structure's, now
    int predicted_ = 0; // as many as when the bit in training was predicted
    std::array<std::uint32_t, ContextList::kMost> hashes_{};
    std::array<std::uint8_t*, ContextList::kMost> slot_; // this nibble's, by context
    std::array<std::uint8_t, ContextList::kMost> state_{};
    ByteRuns runs_;
    std::array<std::uint16_t, ContextList::kMost> widened_{}; // states with their runs
    HistoryInputs inputs_of_histories_;
    Chain orders_chain_;
    Chain words_chain_;
    AdaptiveMap order0_;
    AdaptiveMap order1_;

    int inputs_;             // padded; a structure's come behind these
    int structured_ = 0;     // how many, padded
    std::int32_t pace_ = 16; // of the first layer at experts 4, in sixteenths
    fixed::AlignedVector<std::int16_t> x_;
    fixed::AlignedVector<std::int16_t> x2_;
    MixerLayer first_;
    MixerLayer second_;
    FinalMixer final_;
    std::vector<int> selectors_;
    std::vector<Refinement> refinements_;
    std::array<int, FinalMixer::kSets> final_contexts_{};
    std::array<std::int32_t, 3> corrections_{}; // predictions for the final mixer, Q10
    std::size_t corrected_by_ = 0;              // so many of them
    std::size_t refined_by_ = 0;                // so many of them
    std::array<std::size_t, 11> refined_{};     // their contexts; 2 and 8, of matches, by predict()
    std::uint32_t p_ = 1u << 21;

    unsigned c0_ = 1; // this byte's bits so far behind a 1
    int bits_ = 0;    // how many
};

} // namespace weightless::model
