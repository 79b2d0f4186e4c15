// The hash table of bit histories. It has three slots per cache line, so that a context costs one
// cache miss per nibble.
//
// A line consists of three hash checks of 16 bits and three slots of 19 bytes. A slot has the 15
// states of a nibble's binary tree (node 1 is the root, the children of node k are 2k and 2k + 1)
// and four spare bytes (byte_runs.hpp). A new slot replaces the one of its line with the fewest
// observations, that is with the lowest root state (bit_history.hpp).
//
// The table starts small and doubles as the data grow: every line is then at both of the places
// where its contexts may be looked for, and what is not found at one of them is replaced in time.
// So brief data touch little memory.
//
// Source: the layout is PAQ's (M. Mahoney, paq8 and lpaq).
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "fixed/prefetch.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weightless::model {

class HistoryTable {
public:
    /// The offset of a slot's four spare bytes.
    static constexpr std::size_t kSpare = 16;

    /// Takes 2^bits bytes at most, kFirstBits <= bits <= 31.
    explicit HistoryTable(int bits)
        : memory_(memory_for(bits)), bits_(std::min(bits, kFirstBits)), most_(bits) {
        resized();
    }

    /// Makes the table as large as data of `position` bytes need; pointers into it are then
    /// invalid.
    void grow(std::uint64_t position) noexcept {
        while (position >= next_) {
            memory_.touch_all();
            for (std::size_t i = std::size_t{1} << (bits_ - 6); i-- > 0;) {
                std::memcpy(memory_.data() + (2 * i + 1) * kLine, memory_.data() + i * kLine,
                            kLine);
                std::memmove(memory_.data() + 2 * i * kLine, memory_.data() + i * kLine, kLine);
            }
            ++bits_;
            resized();
        }
    }

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
        memory_.touch(static_cast<std::size_t>(slot - memory_.data()));
    }

    std::uint8_t* begin() noexcept { return memory_.data(); }
    const std::uint8_t* begin() const noexcept { return memory_.data(); }
    std::size_t memory() const noexcept { return memory_.size(); }
    static std::size_t memory_for(int bits) noexcept { return std::size_t{1} << bits; }

private:
    static constexpr int kFirstBits = 16;
    static constexpr int kPerByte = 14; // 2^kPerByte bytes of table for each byte of data
    static constexpr std::size_t kLine = 64;
    static constexpr std::size_t kSlots = 3;
    static constexpr std::size_t kSlotSize = 19;

    std::uint8_t* line(std::uint32_t hash) noexcept {
        return memory_.data() + (static_cast<std::size_t>(hash >> shift_) << 6);
    }

    void resized() noexcept {
        shift_ = 32 - (bits_ - 6);
        next_ = bits_ < most_ ? std::uint64_t{1} << (bits_ - kPerByte) : ~std::uint64_t{0};
    }

    fixed::LazyZeros memory_;
    int bits_; // 2^bits_ bytes are in use
    int most_;
    int shift_ = 0;
    std::uint64_t next_ = 0; // the position at which the table doubles
};

} // namespace weightless::model
