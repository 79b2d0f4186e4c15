// The hash table of bit histories. It has three slots per cache line, so that a context costs one
// cache miss per nibble.
//
// A line consists of three hash checks of 16 bits and three slots of 19 bytes. A slot has the 15
// states of a nibble's binary tree (node 1 is the root, the children of node k are 2k and 2k + 1)
// and four spare bytes (byte_runs.hpp). A new slot replaces the one of its line with the fewest
// observations, that is with the lowest root state (bit_history.hpp).
//
// Source: the layout is PAQ's (M. Mahoney, paq8 and lpaq).
#pragma once

#include "fixed/growing_lines.hpp"
#include "fixed/prefetch.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weightless::model {

class HistoryTable {
public:
    /// The offset of a slot's four spare bytes.
    static constexpr std::size_t kSpare = 16;

    /// Takes 2^bits bytes, 16 <= bits <= 31, and up to 2^(bits + growth) for much data.
    explicit HistoryTable(int bits, int growth = 0) : lines_(bits, kPerByte, growth) {}

    /// Makes the table as large as data of `position` bytes need; pointers into it are then
    /// invalid. Throws std::bad_alloc.
    void grow(std::uint64_t position) { lines_.grow(position); }

    void prefetch(std::uint32_t hash) noexcept { fixed::prefetch(line(hash)); }

    /// Finds or creates the slot with this hash; its nodes are [1] to [15]. A later find() in the
    /// same line may give the slot to another context, which only makes predictions worse.
    std::uint8_t* find(std::uint32_t hash) noexcept {
        std::uint8_t* first = line(hash);
        touch(first);
        // The upper bits of the hash select the line, the lower ones are the check.
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

    /// Must be called if a slot that another table's find() returned is written in this one.
    void touch(const std::uint8_t* slot) noexcept {
        lines_.touch(static_cast<std::size_t>(slot - begin()));
    }

    std::uint8_t* begin() noexcept { return lines_.data(); }
    const std::uint8_t* begin() const noexcept { return lines_.data(); }
    std::size_t memory() const noexcept { return lines_.memory(); }
    /// The most that it takes for `content` bytes of data.
    static std::uint64_t memory_for(int bits, int growth, std::uint64_t content) noexcept {
        return fixed::GrowingLines::memory_for(bits, growth, content);
    }

private:
    static constexpr int kPerByte = 14; // 2^kPerByte bytes of table for each byte of data
    static constexpr std::size_t kSlots = 3;
    static constexpr std::size_t kSlotSize = 19;

    std::uint8_t* line(std::uint32_t hash) noexcept {
        return begin() + lines_.line(hash) * fixed::GrowingLines::kLine;
    }

    fixed::GrowingLines lines_;
};

} // namespace weightless::model
