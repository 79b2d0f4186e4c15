// Numbers the values of all structures' selectors consecutively, so that each structure has a range
// of weight sets to itself.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/list.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// Groups are lists of structures (recipe.hpp) that share one range. 0 means that no structure is
/// active.
template <class... Groups> struct StructureNumbers {
private:
    enum class Which { fine, coarse };
    template <class... S> static constexpr int size(Which which, List<S...>) {
        return std::max(
            {(which == Which::fine ? S::FineSelector::kSize : S::CoarseSelector::kSize)...});
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

    /// The numbers for structure S whose selectors have these values.
    template <class S> static constexpr StructureNow number(int fine, int coarse) {
        return {first<S>(Which::fine) + fine, first<S>(Which::coarse) + coarse};
    }

    /// The fine selector of the active structure.
    struct Fine : Selector<kFine> {
        static int of(const StructureNow& structure) noexcept { return structure.fine; }
    };
    /// The coarse selector of the active structure, with the partial byte.
    struct CoarseAndBits : Selector<kCoarse * 256> {
        static int of(const StructureNow& structure, const PartialByte& partial) noexcept {
            return structure.coarse * 256 + static_cast<int>(partial.node);
        }
    };
    /// The coarse selector of the active structure with the partial byte, numbered after the values
    /// of `S`; `S`, a selector by bit histories, if no structure is active.
    template <class S> struct CoarseOr : Selector<S::kSize + kCoarse * 256> {
        using States = typename S::States;
        static int of(const States& states, const StructureNow& structure,
                      const PartialByte& partial) noexcept {
            return structure.coarse != 0
                       ? S::kSize + structure.coarse * 256 + static_cast<int>(partial.node)
                       : S::of(states, partial);
        }
    };
    /// The coarse selector with the bit position; the partial byte if no structure is active.
    struct CoarseOrBits : Selector<1024> {
        static_assert(kCoarse * 8 <= 512);
        static int of(const StructureNow& structure, const PartialByte& partial) noexcept {
            return structure.coarse != 0 ? structure.coarse * 8 + partial.known
                                         : static_cast<int>(partial.node);
        }
    };
    /// For a structure whose fine selector already determines the bit: that selector alone.
    struct FineAlone : Selector<1024> {
        static int of(const StructureNow& structure) noexcept {
            return 512 + (structure.fine & 255);
        }
    };
    /// The fine selector of the active structure, numbered after the values of `S`; `S` if no
    /// structure is active.
    template <class S> struct FineOr : Selector<S::kSize + kFine> {
        static int of(const ByteHistory& bytes, const PartialByte& partial,
                      const StructureNow& structure) noexcept {
            return structure.fine != 0 ? S::kSize + structure.fine : S::of(bytes, partial);
        }
    };

    /// The fine selector, or the last three bytes if no structure is active; with the partial byte.
    struct ApmFineOrThree : ApmContext<65536> {
        static std::uint32_t of(const StructureNow& structure, const ByteHistory& bytes,
                                const PartialByte& partial) noexcept {
            const std::uint32_t before = structure.fine != 0
                                             ? 1u << 24 | static_cast<std::uint32_t>(structure.fine)
                                             : bytes.last4() & 0xffffffu;
            return hash(before, partial.node) >> 16;
        }
    };
    /// For a structure whose fine selector already determines the bit.
    struct ApmFineAlone : ApmContext<65536> {
        static std::uint32_t of(const StructureNow& structure) noexcept {
            return hash(1u << 24 | static_cast<std::uint32_t>(structure.fine), 0) >> 16;
        }
    };
};

} // namespace weightless::model
