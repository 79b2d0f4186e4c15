// Contexts that only one byte value has followed, most of all contexts. Their bit histories of the
// byte's lower nibble all say the same, that this byte came so and so often, and the slot of the
// upper nibble says that as well. So they take no second slot in the table of bit histories: it is
// computed from the first one, and stored when another byte comes. The table then holds more
// contexts, and there are fewer look-ups.
//
// The slot of the upper nibble has the byte in its first spare byte. The second one is 0 at first,
// then even while no other byte has come; byte runs (byte_runs.hpp) keep this, too.
//
// Source: paq8's context maps (M. Mahoney) put off the slots of a context's first byte; to put them
// off until another byte comes is our own.
#pragma once

#include "model/history/bit_history.hpp"
#include "model/history/history_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weightless::model {

/// For at most max_contexts contexts. writes: the spare bytes are written here, not by byte runs.
template <int max_contexts, bool writes> class SingleBytes {
public:
    /// Must be called at the start of a byte for each context in use, with its first slot.
    void begin_byte(std::size_t i, std::uint8_t* first) noexcept {
        const unsigned other = first[HistoryTable::kSpare + 1];
        const std::uint8_t root = first[1];
        first_[i] = first;
        byte_[i] = first[HistoryTable::kSpare];
        root_[i] = root;
        known_[i] = root == 0 ? kNothing : (other != 0 && (other & 1u) == 0 ? kOne : kMore);
    }

    /// Takes the upper nibble. node: 16 + the nibble; blank: a slot without bits. Returns the slot
    /// of context i that takes the place of one in the table, or null if it needs one there.
    std::uint8_t* lower(std::size_t i, unsigned node, std::uint8_t* blank) noexcept {
        if (known_[i] == kNothing) {
            return blank;
        }
        if (known_[i] == kMore) {
            return nullptr;
        }
        if (single_node(i) != node) {
            known_[i] = kDeparted;
            return nullptr;
        }
        std::uint8_t* slot = lower_slot(i);
        std::memset(slot, 0, kSlot);
        write(i, slot);
        return slot;
    }
    /// Whether lower() found another upper nibble than the single byte's. Then that byte's needs a
    /// slot of the table, the one of single_node(), to be completed by store().
    bool departed(std::size_t i) const noexcept { return known_[i] == kDeparted; }
    unsigned single_node(std::size_t i) const noexcept { return 16u | byte_[i] >> 4; }
    void store(std::size_t i, std::uint8_t* slot) const noexcept {
        if (slot[1] == 0) {
            write(i, slot);
        }
    }

    /// Takes the actual byte of context i; must be called before other slots are looked up. Returns
    /// whether the result of lower() must now be stored in the table, by move().
    bool end_byte(std::size_t i, std::uint8_t byte) noexcept {
        if (known_[i] == kMore) {
            return false;
        }
        const bool other = known_[i] != kNothing && byte_[i] != byte;
        if constexpr (writes) {
            if (known_[i] == kNothing) {
                first_[i][HistoryTable::kSpare] = byte;
                first_[i][HistoryTable::kSpare + 1] = 2;
            } else if (other) {
                first_[i][HistoryTable::kSpare + 1] = 3;
            }
        }
        return other && known_[i] == kOne;
    }
    void move(std::size_t i, std::uint8_t* slot) const noexcept {
        if (slot[1] == 0) {
            std::memcpy(slot + 1, lower_slot(i) + 1, kSlot - 1);
        }
    }

    /// Must be called after a copy, for each context in use: moved(slot) translates a pointer into
    /// the original's table.
    template <typename Moved> void rebase(std::size_t i, Moved moved) noexcept {
        first_[i] = moved(first_[i]);
    }
    /// Translates a result of the original's lower() that is not blank; null for other pointers.
    std::uint8_t* own(const SingleBytes& original, std::size_t i, const std::uint8_t* slot) {
        return slot == original.lower_slot(i) ? lower_slot(i) : nullptr;
    }

private:
    static constexpr std::size_t kSlot = 16;
    // What followed a context before this byte: more than one byte value; nothing; one value; one
    // value, from which the upper nibble of this byte departs.
    enum : std::uint8_t { kMore, kNothing, kOne, kDeparted };

    std::uint8_t* lower_slot(std::size_t i) noexcept { return slots_.data() + i * kSlot; }
    const std::uint8_t* lower_slot(std::size_t i) const noexcept {
        return slots_.data() + i * kSlot;
    }

    // Writes the states of the single byte's lower nibble.
    void write(std::size_t i, std::uint8_t* slot) const noexcept {
        unsigned node = 1;
        for (int shift = 3; shift >= 0; --shift) {
            const unsigned bit = byte_[i] >> shift & 1u;
            slot[node] = histories_->only(root_[i], bit);
            node = node << 1 | bit;
        }
    }

    const BitHistory* histories_ = &BitHistory::get();
    std::array<std::uint8_t*, max_contexts> first_{};
    std::array<std::uint8_t, max_contexts> byte_{};
    std::array<std::uint8_t, max_contexts> root_{}; // the first slot's root state before this byte
    std::array<std::uint8_t, max_contexts> known_{};
    // One after the other: byte runs in a slot that stays in use (find_slots() of ContextModels)
    // have their spare bytes at the start of the next one.
    std::array<std::uint8_t, kSlot * max_contexts + 2> slots_{};
};

} // namespace weightless::model
