// Structures have their own parts of the weight sets: what their selectors say is numbered through
// all of them.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/list.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// Groups are lists of structures (recipe.hpp) that have the same numbers. 0 is no structure.
template <class... Groups> struct StructureNumbers {
private:
    enum class Which { fine, coarse };
    template <class... S> static constexpr int size(Which which, List<S...>) {
        return std::max({(which == Which::fine ? S::Fine::kSize : S::Coarse::kSize)...});
    }
    template <class S> static constexpr int first(Which which) {
        int before = 1;
        static_cast<void>(
            ((Groups::template has<S>() || (before += size(which, Groups()), false)) || ...));
        return before;
    }

public:
    static constexpr int kFine = 1 + (size(Which::fine, Groups()) + ...);
    static constexpr int kCoarse = 1 + (size(Which::coarse, Groups()) + ...);

    /// The number of a structure whose selectors say so.
    template <class S> static constexpr StructureNow number(int fine, int coarse) {
        return {first<S>(Which::fine) + fine, first<S>(Which::coarse) + coarse};
    }

    /// The active structure's own selector.
    struct Fine : Selector<kFine> {
        static int of(const StructureNow& structure) noexcept { return structure.fine; }
    };
    /// The coarser one, with the bits so far;
    struct CoarseAndBits : Selector<kCoarse * 256> {
        static int of(const StructureNow& structure, const PartialByte& partial) noexcept {
            return structure.coarse * 256 + static_cast<int>(partial.node);
        }
    };
    /// or with how many there are, and without a structure those bits.
    struct CoarseOrBits : Selector<512> {
        static_assert(kCoarse * 8 <= 256);
        static int of(const StructureNow& structure, const PartialByte& partial) noexcept {
            return structure.coarse != 0 ? structure.coarse * 8 + partial.known
                                         : static_cast<int>(partial.node);
        }
    };
    /// Of a structure that takes every bit by itself.
    struct FineAlone : Selector<512> {
        static int of(const StructureNow& structure) noexcept {
            return 256 + (structure.fine & 255);
        }
    };
    /// Without a structure what `S` says, else the structure's own selector, behind.
    template <class S> struct FineOr : Selector<S::kSize + kFine> {
        static int of(const ByteHistory& bytes, const PartialByte& partial,
                      const StructureNow& structure) noexcept {
            return structure.fine != 0 ? S::kSize + structure.fine : S::of(bytes, partial);
        }
    };

    /// Without a structure the last three bytes.
    struct AfterFineOrThree : ApmContext<65536> {
        static std::uint32_t of(const StructureNow& structure, const ByteHistory& bytes,
                                const PartialByte& partial) noexcept {
            const std::uint32_t before = structure.fine != 0
                                             ? 1u << 24 | static_cast<std::uint32_t>(structure.fine)
                                             : bytes.last4() & 0xffffffu;
            return hash(before, partial.node) >> 16;
        }
    };
    /// Of a structure that takes every bit by itself.
    struct AfterFineAlone : ApmContext<65536> {
        static std::uint32_t of(const StructureNow& structure) noexcept {
            return hash(1u << 24 | static_cast<std::uint32_t>(structure.fine), 0) >> 16;
        }
    };
};

} // namespace weightless::model
