// What the context models and the network predict of one bit: all that mixing needs to know. It
// depends on the bits before alone, never on how those were predicted, so that the context models
// of an encoder, which knows the data, can be ahead of mixing.
//
// Shape is a struct of constants, of which mixing is made at compile time:
//     kContexts, kInputs: contexts and inputs of experts for all data; kOwnContexts, kOwnInputs: of
//         a structure, at most
//     kMatchInputs; kOrderZero, kOrderOne: whether there are direct probabilities
//     kOutputs: of chains that are inputs; kChains: how many of those are last stages, which come
//         last in their chain (kLast has their places)
//     kNetwork; kVariants: of each state of a history
//     kOdds, kCentred, kNormalised, kPaced: options that recipes/recipe.hpp describes
//     kFirst, kSecond, kFinal: how many weight sets each mixer of a layer has, arrays
//     kSlowFirst, kSlowLast: slow mixers of the first layer; kApm: contexts of each APM stage
//     kFirstWeight, kFirstRate, kSecondRate, kFinalRate
#pragma once

#include "model/history/coding_cost.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// What holds for all bits of a byte.
struct ByteFeatures {
    /// Contexts that have a history: first those for all data, of which the first `contexts` are
    /// in use, then a structure's own.
    int contexts = 0;
    int own_inputs = 0;           // that a structure's expert writes itself
    int own = 0;                  // padded, with those of its contexts
    std::int32_t first_pace = 16; // of the layers, in sixteenths
    std::int32_t second_pace = 16;
    bool few = false;    // few contexts for all data are in use
    bool refined = true; // by APM stages
    CodingCost::Wanted cost = CodingCost::Wanted::nothing;
};

template <class Shape> struct BitFeatures {
    ByteFeatures byte;
    std::array<std::uint16_t, std::size_t{Shape::kContexts + Shape::kOwnContexts}> states{};
    std::array<std::int16_t, std::size_t{Shape::kMatchInputs}> matches{};
    std::array<std::int16_t, std::size_t{Shape::kInputs}> inputs{};
    std::array<std::int16_t, std::size_t{Shape::kOwnInputs}> own{};
    std::int16_t order0 = 0; // stretched, Q10
    std::int16_t order1 = 0;
    std::array<std::int16_t, std::size_t{Shape::kOutputs}> chained{}; // of chains' stages, Q10
    std::int16_t odds = 0;                                            // the network's p - 1/2, Q12
    std::int32_t outside = 0;                                         // the same stretched, Q10

    std::array<int, Shape::kFirst.size()> first{}; // the weight set of each mixer
    std::array<int, Shape::kSecond.size()> second{};
    std::array<int, Shape::kFinal.size()> final{};
    std::array<std::uint32_t, Shape::kApm.size()> apm{}; // the context of each APM stage
};

} // namespace weightless::model
