// The hash table of bit histories: 16-byte slots, four to a cache line, so that a context
// costs one cache miss per nibble.
//
// A slot is a check byte and the 15 states of a nibble's binary tree (node 1 is its root,
// node k's children are 2k and 2k + 1). A slot that is not found takes the place of the
// least experienced of its line: that of the smallest root state (bit_history.hpp).
//
// Source: the layout is PAQ's (M. Mahoney, paq8 and lpaq).
#pragma once

#include "fixed/lazy_zeros.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace weightless::model {

class HistoryTable {
public:
    /// 2^bits bytes, 16 <= bits <= 31.
    explicit HistoryTable(int bits) : memory_(std::size_t{1} << bits), shift_(32 - (bits - 6)) {}

    void prefetch(std::uint32_t hash) noexcept {
#if defined(__GNUC__)
        __builtin_prefetch(line(hash), 1);
#elif defined(_M_X64)
        _mm_prefetch(reinterpret_cast<const char*>(line(hash)), _MM_HINT_T0);
#else
        static_cast<void>(hash);
#endif
    }

    /// The slot of that context: its nodes are [1] to [15]. Valid until another slot of the
    /// same line is taken; its states then belong to somebody else, which is harmless.
    std::uint8_t* find(std::uint32_t hash) noexcept {
        std::uint8_t* first = line(hash);
        // The line comes from the upper bits, the check from the lower ones.
        const auto check = static_cast<std::uint8_t>(hash & 255u);
        std::uint8_t* worst = first;
        for (std::uint8_t* slot = first; slot < first + 64; slot += 16) {
            if (slot[0] == check) {
                return slot;
            }
            if (slot[1] < worst[1]) {
                worst = slot;
            }
        }
        std::memset(worst, 0, 16);
        worst[0] = check;
        return worst;
    }

    std::uint8_t* begin() noexcept { return memory_.data(); }
    const std::uint8_t* begin() const noexcept { return memory_.data(); }
    std::size_t memory() const noexcept { return memory_.size(); }

private:
    std::uint8_t* line(std::uint32_t hash) noexcept {
        return memory_.data() + (static_cast<std::size_t>(hash >> shift_) << 6);
    }

    fixed::LazyZeros memory_;
    int shift_;
};

} // namespace weightless::model
