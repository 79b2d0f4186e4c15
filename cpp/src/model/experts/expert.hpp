// The interface of an expert: what it takes to matter in one kind of data.
//
// An expert is a class that learns from bytes and knows of no mixer, no recipe and no level.
//
// - update(...) is called at the end of each byte. Its parameters say by their types what it
//   needs: the bytes so far (ByteHistory), the byte as it is in the data (RawByte), what bits
//   have cost (CodingCost), or another expert, which the recipe must list before this one.
// - begin_bit(const PartialByte&), if there is one, is called before each bit, and train(bit) with
//   the bit that came; of an expert for a structure, while it is the active one.
// - An expert with large tables is built from a MemoryBudget, and has memory() and
//   memory_for(budget), in bytes.
// - An expert for a structure that only some data have says by active() whether it has found it.
//   By shift() it may have its bytes coded as other symbols; by wanted_cost() and reads_cost() it
//   says what it will read of CodingCost, and when.
//
// What it offers to a recipe are types inside the class, each with a name and a size: contexts,
// inputs of the mixer, selectors of weight sets, contexts of APM stages. Each has a function of()
// that computes it. Its parameters are, like those of update(), what it needs to know, among them
// the bits of this byte so far (PartialByte), the longest match (MatchModel), the network's
// prediction (Outside), the active structure (StructureNow), and bit-history states (StatesOf).
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

/// All that an expert offers to a recipe that takes it as a whole: `Offers` in its class derives
/// from this.
struct NoOffers {
    using Contexts = List<>;
    using Inputs = List<>;
    using WeightSets = List<>; // selectors of the first layer
    using ApmStages = List<>;
};

/// The memory of the whole mixer, of which experts with tables take a share: 2^bits bytes.
struct MemoryBudget {
    int bits;
};

/// The latest byte as it is in the data; ByteHistory has the symbol that stood for it.
struct RawByte {
    std::uint8_t value;
};

/// The network's P(next bit = 1), stretched, Q10; 0 without a network.
struct Outside {
    std::int32_t stretched;
};

/// The structure that has been found in the data.
struct StructureNow {
    int fine = 0;   // what its selector says, numbered through all structures; 0: no structure
    int coarse = 0; // the same for its coarser selector
};

/// The bit-history states of these contexts at the next bit; 0: never seen.
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
