// Byte runs: the last byte that followed each context, and how many times in a row it did. They
// distinguish situations that have the same bit history. A run is stored in the spare bytes of the
// context's first slot.
//
// Source: the idea is that of the run model in paq8's context maps (M. Mahoney).
#pragma once

#include "model/history/bit_history.hpp"
#include "model/history/history_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// The number of variants of a state: one if the run predicts no bit; otherwise one for each
/// predicted bit, short or long run, and whether any other byte has followed the context.
inline constexpr int kRunVariants = 9;

/// The byte runs of at most max_contexts contexts.
template <int max_contexts> class ByteRuns {
public:
    /// Must be called at the start of a byte, with the slots of the first n contexts.
    void begin_byte(const std::array<std::uint8_t*, max_contexts>& slots, int n) noexcept {
        count_ = n;
        for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
            slot_[i] = slots[i];
            byte_[i] = slots[i][HistoryTable::kSpare];
            length_[i] = slots[i][HistoryTable::kSpare + 1];
        }
    }

    /// Takes the actual byte; must be called before other slots are looked up.
    void end_byte(std::uint8_t byte) noexcept {
        for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
            std::uint8_t* run = slot_[i] + HistoryTable::kSpare;
            const unsigned n = length_[i];
            const unsigned longer = n < 254 ? n + 2 : n;
            run[0] = byte;
            run[1] = static_cast<std::uint8_t>(n == 0 ? 2 : (byte_[i] == byte ? longer : 3));
        }
    }

    /// Adds the variant to each of n states. Those of contexts without a run stay as they are.
    void add_run_variants(unsigned c0, int bits_known, const std::uint8_t* states, int n,
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

    /// Must be called after a copy: moved(i, slot) translates the original's slot of context i.
    template <typename Moved> void rebase(Moved moved) noexcept {
        for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
            slot_[i] = moved(i, slot_[i]);
        }
    }

private:
    std::array<std::uint8_t*, max_contexts> slot_{};
    std::array<std::uint8_t, max_contexts> byte_{};
    std::array<std::uint8_t, max_contexts>
        length_{}; // twice the length, plus 1 if another byte has come
    int count_ = 0;
};

} // namespace weightless::model
