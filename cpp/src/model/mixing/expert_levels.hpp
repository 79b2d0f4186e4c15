// What the mixer is made of at each level of experts (parameters.hpp): how many contexts, inputs,
// sets of weights and refinements, and how fast they learn.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/experts/structures.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/history/byte_runs.hpp"
#include "model/history/match_model.hpp"
#include "model/mixing/apm_stage.hpp"
#include "model/mixing/history_inputs.hpp"
#include "model/mixing/mixer.hpp"
#include "model/parameters.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace weightless::model::levels {

inline int padded(int n) { return (n + 15) / 16 * 16; }

// Contexts, by the level of experts.
inline int contexts_of(int level) {
    constexpr std::array<int, 5> counts{0, 6, 17, 37, 56};
    return counts[static_cast<std::size_t>(level)];
}
static_assert(56 + Structures::kContexts <= ContextList::kMost);
inline int matches_of(int level) { return level >= 2 ? 2 : 1; }

// Level 1 does with what fits into 16 inputs, and with one refinement;
constexpr bool has_order0(int level) { return level >= 2; }
constexpr std::size_t refinements_of(int level) { return level >= 4 ? 11 : (level >= 2 ? 3 : 1); }
// and for speed alone, without a network, with two sets of weights and no second layer.
constexpr bool is_lean(int level, bool external) { return level < 2 && !external; }

// At level 4 the first layer's inputs are centred as the second's always are (centring.hpp), and
// what comes last is mixed once more (final_mixer.hpp).
constexpr bool is_rich(int level) { return level >= 4; }

// Contexts of each refinement.
inline constexpr std::array<std::size_t, 11> kRefined{
    65536, 65536, MatchModel::kBuckets * 256, 65536, 65536, 65536, 65536, 65536, 65536,
    65536, 65536};

inline std::vector<ApmStage> refinements_at(int level) {
    std::vector<ApmStage> result;
    for (std::size_t i = 0; i < refinements_of(level); ++i) {
        result.emplace_back(kRefined[i], 255);
    }
    return result;
}

constexpr std::size_t order0_of(int level) { return has_order0(level) ? 256 : 0; }
constexpr std::size_t order1_of(int level, bool external) {
    return is_lean(level, external) ? 0 : 65536;
}
constexpr int variants_of(int level) { return level >= 4 ? kRunVariants : 1; }

// Contexts of the chains, of which three stages are inputs: two of the first, the second's last.
inline constexpr std::size_t kChained = 3;
inline constexpr std::array<int, 7> kOrdersChain{0, 1, 2, 3, 5, 4, 6};
inline constexpr std::array<int, 7> kWordsChain{0, 21, 46, 7, 8, 10, 30};
constexpr int chained_of(int level) { return level >= 4 ? static_cast<int>(kChained) : 0; }
inline std::span<const int> stages_of(std::span<const int> chain, int level) {
    return level >= 4 ? chain : std::span<const int>();
}

// Inputs at every level; behind them, at level 4, p - 1/2 of each context, and what is common.
inline int stretched_of(int level, bool external) {
    return chained_of(level) + contexts_of(level) * HistoryInputs::kInputs +
           matches_of(level) * MatchModel::kInputs + (has_order0(level) ? 1 : 0) +
           (is_lean(level, external) ? 1 : 2) + (external ? 2 : 0);
}
inline int inputs_of(int level, bool external) {
    return padded(stretched_of(level, external) + (is_rich(level) ? contexts_of(level) + 1 : 0));
}

// Contexts of each set of the first layer. The last of level 4, but for the network's, learn
// slowly.
inline constexpr std::size_t kFirstSets = 24; // at most
inline constexpr int kSlowSets = 3;
inline std::vector<int> sets_of(int level, bool external) {
    std::vector<int> sizes{256 * Structures::kGroups, 256 * 8 + Structures::kSelectors};
    if (!is_lean(level, external)) {
        sizes.push_back(MatchModel::kBuckets * 8);
        sizes.push_back(Structures::kSelectors);
    }
    if (level >= 2) {
        sizes.push_back(256);
        sizes.push_back(64 * 8);
    }
    if (level >= 3) {
        sizes.push_back(256 * 2);
        sizes.push_back(2048);
        sizes.push_back(256 * 16);
        sizes.push_back(4096);
    }
    if (level >= 4) {
        for (const int size :
             {1, 2048, 256, 2048, 2048, 2048, 2048, 2048, 2048, 2048, 256, 2048, 2048}) {
            sizes.push_back(size);
        }
    }
    if (external) {
        sizes.push_back(32 * 3);
    }
    return sizes;
}

// Of the second layer, which has room for as many inputs; its predictions are averaged.
constexpr int second_inputs(int level) { return level >= 4 ? 32 : 16; }
inline std::vector<int> second_sets(int level, bool external) {
    if (is_lean(level, external)) {
        return {};
    }
    std::vector<int> sizes{512, MatchModel::kBuckets};
    if (level >= 4) {
        sizes.insert(sizes.end(), {256, 2048, 256});
    }
    return sizes;
}

inline constexpr int kSecondSets = 5; // at most

// Of the final mixer.
inline constexpr std::size_t kFinalSets = 10; // at most
inline std::vector<int> final_sets(int level) {
    return is_rich(level) ? std::vector<int>{512,  MatchModel::kBuckets,
                                             256,  2048,
                                             2048, 1024,
                                             2048, 2048,
                                             2048, 2048}
                          : std::vector<int>();
}
inline constexpr int kOrders = 4;     // the first contexts, at every level
inline constexpr int kToRecords = 31; // the first at level 4, up to those of records.hpp

// Inputs of a structure's expert, at most.
inline constexpr int kStructure =
    (Structures::kContexts * HistoryInputs::kInputs + Structures::kInputs + 15) / 16 * 16;
inline int all_inputs_of(int level, bool external) {
    return inputs_of(level, external) + kStructure;
}

inline int ring_bits(const Parameters& p) { return std::clamp(p.memory_bits - 2, 16, 24); }
inline int match_bits(const Parameters& p) { return std::clamp(p.memory_bits - 6, 12, 20); }
inline int expectation_bits(const Parameters& p) {
    return p.experts >= 4 ? std::clamp(p.memory_bits - 7, 12, 21) : 0;
}

// Q28. With more inputs, less each.
constexpr std::int32_t first_weight(int level) { return level >= 4 ? 3 << 21 : 5 << 21; }
// With more inputs and sets, slower.
constexpr MixingRate first_rate(int level) {
    return level >= 4 ? MixingRate{100, 12, 400} : MixingRate{256, 18, 400};
}
inline constexpr MixingRate kFinalRate{200, 20, 400};
inline constexpr MixingRate kSecondRate{300, 20, 400};

} // namespace weightless::model::levels
