// The hash table of bit histories: three slots to a cache line, so that a context costs one
// cache miss per nibble.
//
// A line is three checks of 16 bits and three slots of 19 bytes: the 15 states of a nibble's
// binary tree (its root first; node k's children are 2k and 2k + 1), and four bytes to spare
// (byte_runs.hpp).
// A slot that is not found takes the place of the least experienced of its line: that of the
// smallest root state (bit_history.hpp).
//
// Source: the layout is PAQ's (M. Mahoney, paq8 and lpaq).
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "fixed/prefetch.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weightless::model {

class HistoryTable {
public:
    /// Where in a slot its four spare bytes are.
    static constexpr std::size_t kSpare = 16;

    /// 2^bits bytes, 16 <= bits <= 31.
    explicit HistoryTable(int bits) : memory_(memory_for(bits)), shift_(32 - (bits - 6)) {}

    void prefetch(std::uint32_t hash) noexcept { fixed::prefetch(line(hash)); }

    /// The slot of that context: its nodes are [1] to [15]. Valid until another slot of the
    /// same line is taken; its states then belong to somebody else, which is harmless.
    std::uint8_t* find(std::uint32_t hash) noexcept {
        std::uint8_t* first = line(hash);
        // The line comes from the upper bits, the check from the lower ones.
        const auto check = static_cast<std::uint16_t>(hash);
        std::uint16_t checks[kSlots];
        std::memcpy(checks, first, sizeof checks);
        const unsigned hits = (checks[0] == check ? 1u : 0u) | (checks[1] == check ? 2u : 0u) |
                              (checks[2] == check ? 4u : 0u);
        std::uint8_t* slots = first + sizeof checks - 1;
        if (hits != 0) {
            return slots + std::countr_zero(hits) * kSlotSize;
        }
        std::size_t worst = slots[1] <= slots[1 + kSlotSize] ? 0 : 1;
        worst = slots[1 + worst * kSlotSize] <= slots[1 + 2 * kSlotSize] ? worst : 2;
        std::memcpy(first + 2 * worst, &check, sizeof check);
        slots += worst * kSlotSize;
        std::memset(slots + 1, 0, kSlotSize);
        return slots;
    }

    std::uint8_t* begin() noexcept { return memory_.data(); }
    const std::uint8_t* begin() const noexcept { return memory_.data(); }
    std::size_t memory() const noexcept { return memory_.size(); }
    static std::size_t memory_for(int bits) noexcept { return std::size_t{1} << bits; }

private:
    static constexpr std::size_t kSlots = 3;
    static constexpr std::size_t kSlotSize = 19;

    std::uint8_t* line(std::uint32_t hash) noexcept {
        return memory_.data() + (static_cast<std::size_t>(hash >> shift_) << 6);
    }

    fixed::LazyZeros memory_;
    int shift_;
};

} // namespace weightless::model
