// The hash table of bit histories. It has three slots per cache line, so that a context costs one
// cache miss per nibble.
//
// A line consists of three hash checks of 16 bits and three slots of 19 bytes. A slot has the 15
// states of a nibble's binary tree (node 1 is the root, the children of node k are 2k and 2k + 1)
// and four spare bytes, of which the first two hold a run (byte_runs.hpp) and the third the slot's
// priority. A new slot replaces the one of its line with the least priority. When a slot is found,
// its priority is set by the number of observations, that is by its root state (bit_history.hpp),
// and each time that another one of its line is replaced, it falls by one. So what has not been
// seen for long makes room, however often it was seen before. Contexts that only one byte value has
// followed have no slot for its lower nibble (single_bytes.hpp).
//
// Source: the layout is PAQ's (M. Mahoney, paq8 and lpaq); the priorities are our own.
#pragma once

#include "fixed/growing_lines.hpp"
#include "fixed/prefetch.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

namespace weightless::model {

class HistoryTable {
public:
    /// The offset of a slot's four spare bytes.
    static constexpr std::size_t kSpare = 16;

    /// Takes 2^bits bytes, 16 <= bits <= 31, and up to 2^(bits + growth) for much data: it doubles
    /// whenever it has less than 2^share bytes for each byte.
    explicit HistoryTable(int bits, int growth = 0, int share = 3)
        : lines_(bits, kPerByte, growth, share) {}

    /// Whether grow() would do anything.
    bool grows(std::uint64_t position) const noexcept { return lines_.grows(position); }
    /// Makes the table as large as data of `position` bytes need; pointers into it are then
    /// invalid. Throws std::bad_alloc.
    void grow(std::uint64_t position) { lines_.grow(position, split); }

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
            std::uint8_t* slot = slots + std::countr_zero(hits) * kSlotSize;
            slot[kPriority] = static_cast<std::uint8_t>(std::min(slot[1] + kFound, 255));
            return slot;
        }
        std::uint8_t& a = slots[kPriority];
        std::uint8_t& b = slots[kPriority + kSlotSize];
        std::uint8_t& c = slots[kPriority + 2 * kSlotSize];
        const std::size_t least = a <= b ? (a <= c ? 0 : 2) : (b <= c ? 1 : 2);
        a = less(a);
        b = less(b);
        c = less(c);
        std::memcpy(first + 2 * least, &check, sizeof check);
        slots += least * kSlotSize;
        std::memset(slots + 1, 0, kSlotSize);
        slots[kPriority] = kNew;
        return slots;
    }

    /// Must be called if a slot that another table's find() returned is written in this one.
    void touch(const std::uint8_t* slot) noexcept {
        lines_.touch(static_cast<std::size_t>(slot - begin()));
    }

    /// The place of a slot in this table; kElsewhere for other pointers.
    static constexpr std::ptrdiff_t kElsewhere = -1;
    std::ptrdiff_t offset(const std::uint8_t* slot) const noexcept {
        const std::less<const std::uint8_t*> before;
        return before(slot, begin()) || !before(slot, begin() + memory()) ? kElsewhere
                                                                          : slot - begin();
    }

    std::uint8_t* begin() noexcept { return lines_.data(); }
    const std::uint8_t* begin() const noexcept { return lines_.data(); }
    std::size_t memory() const noexcept { return lines_.memory(); }
    /// The most that it takes for `content` bytes of data.
    static std::uint64_t memory_for(int bits, int growth, int share,
                                    std::uint64_t content) noexcept {
        return fixed::GrowingLines::memory_for(bits, growth, share, content);
    }

private:
    static constexpr int kPerByte = 14; // 2^kPerByte bytes of table for each byte of data
    static constexpr std::size_t kSlots = 3;
    static constexpr std::size_t kSlotSize = 19;
    static constexpr std::size_t kPriority = kSpare + 2;
    static constexpr std::uint8_t kNew = 30;
    static constexpr int kFound = 40;

    // Each slot stays in the line where it will be looked for, if its check tells.
    static void split(std::uint8_t* low, std::uint8_t* high, int bit) noexcept {
        if (bit > 15) {
            return;
        }
        for (std::size_t slot = 0; slot < kSlots; ++slot) {
            std::uint16_t check;
            std::memcpy(&check, low + 2 * slot, sizeof check);
            std::uint8_t* other = (check >> bit & 1) != 0 ? low : high;
            std::memset(other + 2 * slot, 0, sizeof check);
            std::memset(other + 2 * kSlots + slot * kSlotSize, 0, kSlotSize);
        }
    }
    static std::uint8_t less(std::uint8_t priority) noexcept {
        return static_cast<std::uint8_t>(priority - (priority != 0 ? 1 : 0));
    }

    std::uint8_t* line(std::uint32_t hash) noexcept {
        return begin() + lines_.line(hash) * fixed::GrowingLines::kLine;
    }

    fixed::GrowingLines lines_;
};

} // namespace weightless::model
