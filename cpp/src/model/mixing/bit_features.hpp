// What the context models and the network say of one bit: all that mixing needs to know. It
// follows from the bits before alone, never from how those were predicted, so that who knows the
// data can be ahead of mixing.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/experts/structures.hpp"
#include "model/history/coding_cost.hpp"
#include "model/history/match_model.hpp"
#include "model/mixing/expert_levels.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// What holds for all bits of a byte.
struct ByteFeatures {
    /// Contexts that have a history: first those for all data (levels::contexts_of), of which the
    /// first `contexts` are in use, then a structure's.
    int contexts = 0;
    int structure_inputs = 0;    // that its expert writes itself
    int structured = 0;          // padded, with those of its contexts
    std::int32_t pace = 16;      // of the first layer at experts 4, in sixteenths
    std::int32_t last_pace = 16; // of the second
    bool bitwise = false;        // structures.hpp
    bool wordless = false;
    CodingCost::Ask ask = CodingCost::Ask::nothing;
};

struct BitFeatures {
    ByteFeatures byte;
    std::array<std::uint16_t, ContextList::kMost> states{}; // with their runs, at experts 4
    std::array<std::int16_t, 2 * MatchModel::kInputs> matches{};
    std::array<std::int16_t, Structures::kInputs> structure{};
    std::int16_t order0 = 0; // stretched, Q10
    std::int16_t order1 = 0;
    std::array<std::int16_t, levels::kChained> chained{}; // of the chains' stages, Q10
    std::int16_t odds = 0;                                // the network's p - 1/2, Q12
    std::int32_t outside = 0;                             // the same stretched, Q10

    std::array<int, levels::kFirstSets> first_sets{};
    std::array<int, levels::kSecondSets> second_sets{};
    std::array<int, levels::kFinalSets> final_sets{};
    std::array<std::uint32_t, levels::kRefined.size()> refined{};
};

} // namespace weightless::model
