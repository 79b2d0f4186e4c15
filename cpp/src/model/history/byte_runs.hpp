// Runs: the last byte that came in each context and how often in a row, which tell bit
// histories apart that look the same. The spare bytes of a context's first slot keep them.
//
// Source: the idea is that of the run model in paq8's context maps (M. Mahoney).
#pragma once

#include "model/history/bit_history.hpp"
#include "model/history/history_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// What widen() tells apart: no byte is expected; or each expected bit, in long and in short runs,
/// where another byte has come and where none has.
inline constexpr int kRunVariants = 9;

/// Of at most kMost contexts.
template <int kMost> class ByteRuns {
public:
    /// At the start of a byte: the slots of the first n contexts.
    void begin_byte(const std::array<std::uint8_t*, kMost>& slots, int n) noexcept {
        count_ = n;
        for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
            slot_[i] = slots[i];
            byte_[i] = slots[i][HistoryTable::kSpare];
            length_[i] = slots[i][HistoryTable::kSpare + 1];
        }
    }

    /// The byte that came; before other slots are looked up.
    void end_byte(std::uint8_t byte) noexcept {
        for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
            std::uint8_t* run = slot_[i] + HistoryTable::kSpare;
            const unsigned n = length_[i];
            const unsigned longer = n < 254 ? n + 2 : n;
            run[0] = byte;
            run[1] = static_cast<std::uint8_t>(n == 0 ? 2 : (byte_[i] == byte ? longer : 3));
        }
    }

    /// Adds to each state its variant. n: states, of which those without a run stay.
    void widen(unsigned c0, int bits_known, const std::uint8_t* states, int n,
               std::uint16_t* out) const noexcept {
        for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
            out[i] = states[i];
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
            const unsigned byte = byte_[i] | 256u;
            const unsigned length = length_[i];
            const unsigned agrees =
                0u - static_cast<unsigned>((length != 0) & (byte >> (8 - bits_known) == c0));
            const unsigned bit = byte >> (7 - bits_known) & 1u;
            const unsigned kind = (length & 1u) * 2 + (length >= 4 ? 1 : 0);
            out[i] = static_cast<std::uint16_t>(
                out[i] + (agrees & (BitHistory::kStates * (1 + kind * 2 + bit))));
        }
    }

    /// After a copy: moved(slot) is where the original's slot lies in it.
    template <typename Moved> void rebase(Moved moved) noexcept {
        for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
            slot_[i] = moved(slot_[i]);
        }
    }

private:
    std::array<std::uint8_t*, kMost> slot_{};
    std::array<std::uint8_t, kMost> byte_{};
    std::array<std::uint8_t, kMost> length_{}; // twice, 1 more after another byte
    int count_ = 0;
};

} // namespace weightless::model
