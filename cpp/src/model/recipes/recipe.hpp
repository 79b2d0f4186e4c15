// The words that recipes are written in: which experts there are, which contexts are active for
// which kind of data, and what selects weight sets.
//
// A recipe is a struct. It derives from Recipe, which says what a recipe may leave out, and names
// its parts by types; model/predictor makes a predictor of it at compile time.
#pragma once

#include "model/experts/list.hpp"
#include "model/mixing/rates.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

// Contexts of a recipe: which are active when. Inactive ones cost no look-up.

/// These always.
template <class... C> struct Always {};
/// These but in machine code.
template <class... C> struct NotInCode {};
/// Among those: the first list's while the data are text, else the second list's in their places,
/// of which there may be fewer.
template <class Text, class Rest> struct TextOr {};

// Selectors and contexts of APM stages, made of those that experts offer.

/// The first while the data are text, else the second.
template <class Text, class Rest> struct InText {};
/// That of the active structure's expert, if it is one of `Own`, else the first.
template <class General, class... Own> struct InStructure {};
/// In `Own` of InStructure: this one for that expert.
template <class Expert, class S> struct For {};
/// Both, a weight set for each pair.
template <class A, class B> struct Both {};

/// How fast weights of the first and of the second layer move, in sixteenths.
struct Pace {
    std::int32_t first = 16;
    std::int32_t second = 16;
};

/// A structure that only some data have: the first of a recipe's structures that is active has a
/// part of the weight sets for itself, contexts, and inputs.
struct Structure {
    // using Expert = ...;
    // using Fine = ...; using Coarse = ...; // its selectors
    using OwnContexts = List<>;
    using OwnInputs = List<>;
    /// Of the recipe's contexts, those behind this one are inactive; void: none.
    using LastContext = void;
    static constexpr bool kCode = false;    // contexts in NotInCode are inactive
    static constexpr bool kText = true;     // the data may be text beside it
    static constexpr bool kRefined = true;  // APM stages are used
    static constexpr bool kHasPace = false; // a pace of its own, kPace
    static constexpr Pace kPace{};
};

/// Match models that look for matches of at least so many bytes, one for each length.
template <int... length> struct MatchLengths {
    static constexpr std::array<int, sizeof...(length)> kLeast{length...};
};

/// An ISSE chain: its stages' contexts, and those stages whose predictions are inputs.
template <class Stages, class Outputs> struct Chain {};

/// A share of the memory: 2^n bytes, where n is that of all memory less so much, within bounds.
struct Share {
    int less;
    int least;
    int most;
    constexpr int of(int memory_bits) const {
        const int bits = memory_bits - less;
        return bits < least ? least : (bits > most ? most : bits);
    }
};

/// What a recipe may leave out.
struct Recipe {
    /// Experts that are updated at each byte, in this order.
    using Experts = List<>;
    /// Experts whose every offer is taken (Offers), behind what else the recipe names.
    using Added = List<>;
    /// The expert that says whether the data are text; void: they are never treated as such.
    using Text = void;
    using Inputs = List<>; // that experts write themselves
    using Chains = List<>;
    using SecondWeightSets = List<>; // empty: the mean of the first layer's predictions
    using FinalWeightSets = List<>;  // empty: the mean of what APM stages say
    using SlowWeightSets = List<>;   // of the first layer: they learn at a sixteenth of the rate

    static constexpr bool kRuns = false;       // what a context's byte runs say, with its history
    static constexpr bool kOrderZero = false;  // a direct probability by order 0 is an input
    static constexpr bool kOrderOne = true;    // and one by order 1
    static constexpr bool kOdds = false;       // each context's p - 1/2 is an input
    static constexpr bool kCentred = false;    // inputs less half of what chains agree on
    static constexpr bool kNormalised = false; // steps by the inputs' energy (step_size.hpp)

    static constexpr Share kHistoryBytes{2, 16, 24};
    static constexpr Share kMatchEntries{6, 12, 20};

    static constexpr bool kPaced = false; // weights move at the paces of the kind of data
    static constexpr Pace kTextPace{};
    static constexpr Pace kPace{};
    static constexpr std::int32_t kFirstWeight = 5 << 21; // Q28
    static constexpr MixingRate kFirstRate{256, 18, 400};
    static constexpr MixingRate kSecondRate{300, 20, 400};
    static constexpr MixingRate kFinalRate{200, 20, 400};
};

} // namespace weightless::model
