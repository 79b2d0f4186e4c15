// The features of one bit: all that mixing needs from the context models and the network. They
// depend on the preceding bits alone, never on how those were predicted, so that the context models
// of an encoder, which knows the data, can run ahead of mixing.
//
// Shape is a struct of constants from which mixing is generated at compile time:
//     kContexts, kInputs: the number of contexts, and of inputs that experts compute themselves
//     kOwnContexts, kOwnInputs: the largest number of these that any structure adds
//     kMatchInputs: the number of inputs of the match models
//     kOrderZero, kOrderOne: whether adaptive maps of these orders are inputs
//     kOutputs: the number of ISSE stages whose predictions are inputs
//     kLast: the index of each chain's last output among them
//     kNetwork: whether there is a network
//     kVariants: the number of variants of a bit-history state (byte_runs.hpp)
//     kLinearInputs, kCentred, kNormalised, kScaledRates: options; see recipes/recipe.hpp
//     kFirst, kSecond, kFinal: arrays of the number of weight sets of each mixer in a layer
//     kSlowFirst, kSlowLast: the range of mixers in the first layer that learn slowly
//     kApm: an array of the number of contexts of each APM stage
//     kApmLimit: the adaptation limit of APM stages
//     kFirstWeight, kFirstRate, kSecondRate, kFinalRate: initial weight and learning rates
#pragma once

#include "model/history/coding_cost.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// The features that all bits of a byte share.
struct ByteFeatures {
    /// How many contexts are in use. The recipe's contexts come first, then a structure's own.
    int contexts = 0;
    int own_inputs = 0;                 // inputs that the structure's expert computes itself
    int own = 0;                        // all inputs of the structure, padded
    std::int32_t first_rate_scale = 16; // factors on the layers' learning rates, in sixteenths
    std::int32_t second_rate_scale = 16;
    bool few = false;       // only the first of the recipe's contexts are in use
    bool apm_stages = true; // they are used
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
    std::array<std::int16_t, std::size_t{Shape::kOutputs}> chained{}; // outputs of ISSE chains, Q10
    std::int16_t network_linear = 0;                                  // p - 1/2 of the network, Q12
    std::int32_t network = 0; // the network's prediction, stretched, Q10

    std::array<int, Shape::kFirst.size()> first{}; // the weight set of each mixer
    std::array<int, Shape::kSecond.size()> second{};
    std::array<int, Shape::kFinal.size()> final{};
    std::array<std::uint32_t, Shape::kApm.size()> apm{}; // the context of each APM stage
};

} // namespace weightless::model
