// Experts for structures that only some data have: each looks whether the data are its kind,
// and at most one of them speaks at a time, so that the others cost no look-ups.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/experts/x86_code.hpp"
#include "model/mixing/byte_history.hpp"

#include <algorithm>
#include <cstdint>

namespace weightless::model {

class Structures {
public:
    static constexpr int kMost = X86Code::kContexts; // contexts of one expert
    static constexpr int kSelectors = 1 + X86Code::kSelectors;
    static constexpr int kGroups = 1 + X86Code::kGroups;

    /// At the end of a byte: the byte itself and the symbol that was predicted in its place.
    void update(std::uint8_t raw, std::uint8_t symbol) noexcept { x86_.update(raw, symbol); }

    /// Symbol of the next byte minus the byte, mod 256.
    std::uint8_t shift() const noexcept { return x86_.shift(); }

    void contexts(ContextList& list) const noexcept {
        if (x86_.active()) {
            x86_.contexts(list);
        }
    }

    /// Contexts for mixing, a finer and a coarser one; 0 without a structure.
    int selector() const noexcept { return x86_.active() ? 1 + x86_.selector() : 0; }
    int group() const noexcept { return x86_.active() ? 1 + x86_.group() : 0; }

private:
    X86Code x86_;
};

} // namespace weightless::model
