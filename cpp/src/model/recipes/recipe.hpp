// The vocabulary of recipes. A recipe specifies a predictor: its experts, which contexts are active
// for which kind of data, the selectors of its mixers, its APM stages, and its learning rates.
//
// A recipe is a struct that derives from Recipe, which gives the defaults, and names its parts by
// types; model/predictor generates a predictor from it at compile time.
#pragma once

#include "model/experts/list.hpp"
#include "model/mixing/rates.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

// Groups of a recipe's contexts. An inactive context costs no look-up.

/// These contexts are always active.
template <class... C> struct Always {};
/// These contexts are active except in machine code.
template <class... C> struct NotInCode {};
/// An element of a group: the contexts of the first list while the data are text, otherwise those
/// of the second, which use the same context indices. The second list may be shorter.
template <class Text, class Rest> struct TextOr {};

// Combinations of selectors, or of contexts of APM stages.

/// The first while the data are text, otherwise the second.
template <class Text, class Rest> struct InText {};
/// The one in `Own` that belongs to the active structure's expert; `General` if there is none.
template <class General, class... Own> struct InStructure {};
/// In `Own` of InStructure: S belongs to this expert, though its parameters do not show it.
template <class Expert, class S> struct For {};
/// Both selectors: there is a weight set for each pair of their values.
template <class A, class B> struct Both {};

/// Factors on the learning rates of the first and of the second layer, in sixteenths.
struct RateScale {
    std::int32_t first = 16;
    std::int32_t second = 16;
};

/// A structure that only some data have. The first of a recipe's structures whose expert is active
/// adds its own contexts and inputs, and has weight sets of its own.
struct Structure {
    // using Expert = ...;
    // using FineSelector = ...;   // chooses weight sets of mixers of the first layer
    // using CoarseSelector = ...; // the same for mixers that also know the partial byte: few
    // values
    using OwnContexts = List<>;
    using OwnInputs = List<>;
    /// The recipe's contexts after this one are inactive; void: all stay active.
    using LastContext = void;
    static constexpr bool kCode = false;     // contexts in NotInCode are inactive
    static constexpr bool kParsed = false;   // its expert parses the data: see ParsedFormat
    static constexpr bool kText = true;      // the data may be treated as text meanwhile
    static constexpr bool kApmStages = true; // APM stages are used
    /// It is detected where it would cost less than everything together, or by a format that other
    /// data hardly ever have. Of several such structures that are active, the one that was detected
    /// last is chosen, not the first in the list; but one whose expert is certain() goes before.
    static constexpr bool kSure = false;
    static constexpr bool kHasRateScale = false; // its own rate scale, kRateScale
    static constexpr RateScale kRateScale{};
};

/// Match models, one for each of these minimum lengths of a match, in bytes.
template <int... length> struct MatchLengths {
    static constexpr std::array<int, sizeof...(length)> kMinLengths{length...};
};

/// An ISSE chain: the contexts of its stages, and those among them whose stages' predictions are
/// inputs of the mixer.
template <class Stages, class Outputs> struct Chain {};

/// The size of a table as a share of all memory (2^memory_bits bytes): 2^(memory_bits - less),
/// with the exponent clamped to [least, most].
struct Share {
    int less;
    int least;
    int most;
    constexpr int of(int memory_bits) const {
        const int bits = memory_bits - less;
        return bits < least ? least : (bits > most ? most : bits);
    }
};

/// The defaults of what a recipe may leave out.
struct Recipe {
    /// Experts that are updated at each byte, in this order.
    using Experts = List<>;
    /// Experts that are taken whole: everything in their `Offers` is appended to the lists below.
    using Added = List<>;
    /// The expert that detects text; void: data are never treated as text.
    using Text = void;
    using Inputs = List<>; // inputs of the mixer that experts compute themselves
    using Chains = List<>;
    using SecondSelectors = List<>; // empty: the mean of the first layer's predictions
    using FinalSelectors = List<>;  // empty: the mean of the APM stages' results
    using SlowSelectors = List<>;   // of mixers of the first layer that learn at a 16th of the rate

    static constexpr bool kByteRuns = false;  // byte runs extend bit-history states (byte_runs.hpp)
    static constexpr bool kOrderZero = false; // an adaptive map of order 0 is an input
    static constexpr bool kOrderOne = true;   // so is one of order 1
    static constexpr bool kLinearInputs = false; // each context's p - 1/2 is an input
    static constexpr bool kCentred = false; // inputs are centred by the chains' mean (centring.hpp)
    static constexpr bool kNormalised = false; // normalised steps (step_size.hpp)

    static constexpr Share kHistoryBytes{2, 16, 24};
    static constexpr Share kMatchEntries{6, 12, 20};
    /// What the tables of match models grow to with the data.
    static constexpr Share kMostMatchEntries{3, 12, 22};

    static constexpr bool kScaledRates = false; // learning rates depend on the kind of data
    static constexpr RateScale kTextRateScale{};
    static constexpr RateScale kRateScale{};
    static constexpr std::int32_t kFirstWeight = 3 << 21; // Q28
    static constexpr MixingRate kFirstRate{180, 18, 400};
    static constexpr MixingRate kSecondRate{300, 20, 400};
    static constexpr MixingRate kFinalRate{200, 20, 400};
    static constexpr std::uint32_t kApmLimit = 1023; // the adaptation limit of APM stages
};

} // namespace weightless::model
