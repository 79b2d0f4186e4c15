// The interface of an expert. An expert is a class that learns from bytes and models one kind of
// data. It depends on no mixer, no recipe and no level.
//
// - update(...) is called at the end of each byte. The types of its parameters declare what it
//   needs: the bytes so far (ByteHistory), the latest byte as it is in the data (RawByte), the
//   coding cost of bits (CodingCost), or another expert, which the recipe must list before this
//   one.
// - begin_bit(const PartialByte&) is called before each bit, and train(bit) after it with the
//   actual bit. Both are optional. For the expert of a structure they are called only while that
//   structure is active.
// - An expert with large tables is constructed from a MemoryBudget, and has memory() and
//   memory_for(budget), in bytes.
// - The expert of a structure, which only some data have, reports by active() whether it has
//   detected the structure. shift() may map its bytes to other symbols before they are coded;
//   wanted_cost() and reads_cost() report which part of CodingCost it will read, and when.
//   interrupts() reports that the next byte is not part of the data around it, such as a reference
//   to where they go on: it is chosen, and the experts of other structures do not see that byte.
//
// What an expert offers to a recipe are types inside the class, each with a name and a size:
// contexts, inputs of the mixer, selectors of weight sets, and contexts of APM stages. Each has a
// static function of() that computes it. The types of its parameters, like those of update(),
// declare what it needs; besides the types above these may be the partial byte (PartialByte), the
// longest match (MatchModel), the network's prediction (NetworkOutput), the active structure
// (StructureNow), and bit-history states (StatesOf). Contexts, which may also need what a match
// that goes on expects (ExpectedSymbol), are computed at the end of a byte, when none of these is
// known, and contexts of APM stages before the states are; a recipe with one that needs more does
// not compile.
//
// docs/add_an_expert.md goes through an example.
#pragma once

#include "fixed/hash.hpp"
#include "model/experts/list.hpp"
#include "model/history/bit_history.hpp"
#include "model/history/byte_history.hpp"
#include "model/history/partial_byte.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// Contexts of the next byte: of() returns the hash of one, a std::uint32_t, or a std::array of
/// n hashes.
template <int n> struct Contexts {
    static constexpr int kCount = n;
    static constexpr bool kFolded = false;
};
/// The same for contexts of words: the lower four bits of a letter are predicted alike whether its
/// upper bits make it a capital or not.
template <int n> struct FoldedContexts : Contexts<n> {
    static constexpr bool kFolded = true;
};

/// Inputs of the mixer, stretched probabilities in Q10: of() writes n of them to its last
/// parameter, a std::int16_t*.
template <int n> struct Inputs {
    static constexpr int kCount = n;
};

/// Selects one of n weight sets: of() returns a number below n.
template <int n> struct Selector {
    static constexpr int kSize = n;
};

/// A context of an APM stage: of() returns a number below n.
template <int n> struct ApmContext {
    static constexpr int kSize = n;
};

/// What an expert offers to a recipe that takes it whole (`Added`): the class `Offers` inside the
/// expert derives from this and names the lists that are not empty.
struct NoOffers {
    using Contexts = List<>;
    using Inputs = List<>;
    using FirstSelectors = List<>;
    using ApmStages = List<>;
};

/// The memory of context mixing, 2^bits bytes, of which experts with tables take a share.
struct MemoryBudget {
    int bits;
};

/// The latest byte as it is in the data; ByteHistory has the symbol that it was coded as.
struct RawByte {
    std::uint8_t value;
};

/// What the longest match expects as the next symbol, if the match has lasted for a byte or more,
/// and its length.
struct ExpectedSymbol {
    static constexpr std::uint32_t kNone = 256;
    std::uint32_t symbol = kNone;
    std::uint32_t length = 0;
};

/// The network's P(next bit = 1), stretched, Q10; 0 without a network.
struct NetworkOutput {
    std::int32_t stretched;
};

/// The structure that is active now.
struct StructureNow {
    int fine = 0;   // its fine selector, numbered over all structures; 0: no structure
    int coarse = 0; // its coarse selector, numbered likewise
};

/// Whether the latest byte was in a structure whose expert parses its format (recipe.hpp): there is
/// no need to look for records in it.
struct ParsedFormat {
    bool now = false;
};

/// The bit-history states of these contexts for the next bit; 0: the context is new.
template <class... C> struct StatesOf {
    std::array<std::uint8_t, sizeof...(C)> states;
};

/// Hashes of several numbers.
template <typename... Rest>
constexpr std::uint32_t hash(std::uint32_t first, std::uint32_t second, Rest... rest) noexcept {
    const std::uint32_t both = fixed::combine(first, second);
    if constexpr (sizeof...(rest) != 0) {
        return hash(both, rest...);
    } else {
        return both;
    }
}

/// The upper bits of a hash, as a number below `size`, a power of two.
template <int size> constexpr int upper_bits(std::uint32_t hash) noexcept {
    static_assert(size > 1 && (size & (size - 1)) == 0);
    return static_cast<int>(hash >> (32 - std::bit_width(static_cast<unsigned>(size) - 1)));
}

} // namespace weightless::model
