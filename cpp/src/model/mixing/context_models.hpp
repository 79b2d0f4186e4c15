// The context models: experts' contexts, their bit histories and the match models, and what of
// them selects weights; bit by bit, from the data alone. bit_mixer.hpp makes a prediction of it.
// docs/experiments.md says what each part saves.
#pragma once

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
#include "model/history/adaptive_map.hpp"
#include "model/history/bit_history.hpp"
#include "model/history/byte_history.hpp"
#include "model/history/byte_runs.hpp"
#include "model/history/coding_cost.hpp"
#include "model/history/history_table.hpp"
#include "model/history/match_model.hpp"
#include "model/mixing/bit_features.hpp"
#include "model/mixing/chain.hpp"
#include "model/parameters.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weightless::model {

class ContextModels {
public:
    /// parameters.experts >= 1. external: a network is mixed, too.
    ContextModels(const Parameters& parameters, bool external);

    /// Takes the bit that came, and asks memory for what the next one needs. cost: of all bits
    /// so far, of which it is read where reads_cost() says so.
    void update(unsigned bit, CodingCost& cost);
    /// After update(), and after other work: what it asked for is there.
    void settle();
    /// What the models say of the next bit; once for each bit. First what selects weights, so that
    /// they can be fetched. external: the network's P(next bit = 1), Q22 (not read without one).
    void select(BitFeatures& features, std::uint32_t external);
    /// Then the rest.
    void complete(BitFeatures& features);

    /// Of the features to come, known since update(): 2 and 8, of matches, but by select().
    std::span<const std::uint32_t, levels::kRefined.size()> refined() const noexcept {
        return refined_;
    }
    /// Whether update() with the next bit will read what bits have cost.
    bool reads_cost() const noexcept { return bits_ == 7 && structures_.reads_cost(); }

    /// After a copy: what points into the original's table points into this one's.
    void rebase(const ContextModels& original) noexcept;

    /// What is added, mod 256, to the next byte for the symbol whose bits are predicted.
    std::uint8_t shift() const noexcept { return shift_; }

    /// Bytes of memory, all tables as if touched.
    std::size_t memory() const noexcept;
    /// The same for models that need not exist.
    static std::size_t memory_for(const Parameters& parameters, bool external);

private:
    void begin_byte();
    void end_byte(CodingCost& cost);
    void find_matches();
    /// Hashes the contexts of the nibble to come and fetches their slots;
    void begin_nibble();
    /// and finds them; of contexts that rest, a blank one.
    void find_slots();
    void choose_refinements();
    /// What selects the mixers' weights.
    void select_first(BitFeatures& features) const;
    void select_richly(int*& s) const noexcept;
    void select_last(BitFeatures& features) const noexcept;
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

    int core_;  // contexts of the experts for all data
    int count_; // and of a structure's, now
    std::array<std::uint32_t, ContextList::kMost> hashes_{};
    std::array<std::uint8_t*, ContextList::kMost> slot_; // this nibble's, by context
    std::array<std::uint8_t, ContextList::kMost> state_{};
    ByteRuns<ContextList::kMost> runs_;
    Chain orders_chain_;
    Chain words_chain_;
    AdaptiveMap order0_;
    AdaptiveMap order1_;
    std::array<std::uint32_t, levels::kRefined.size()> refined_{};
    ByteFeatures byte_;

    unsigned c0_ = 1; // this byte's bits so far behind a 1
    int bits_ = 0;    // how many
};

} // namespace weightless::model
