// Expectations: the bytes that came last behind the word so far, behind it and the word before, and
// so on. What each expects says little, which of them agree says much. For text.
//
// Source: the idea is that of the indirect contexts of paq8 (M. Mahoney) and, by words, paq8px.
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "model/experts/byte_kinds.hpp"
#include "model/experts/context_list.hpp"
#include "model/experts/layout.hpp"
#include "model/experts/phrases.hpp"
#include "model/history/byte_history.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weightless::model {

class Expectations {
public:
    /// Tables of 2^bits entries each; bits 0: nothing is to be asked of it.
    explicit Expectations(int bits) : bits_(bits), tables_(memory_for(bits)) {}

    /// phrases: told of this byte before.
    void update(std::uint8_t byte, const Phrases& phrases) noexcept {
        for (std::size_t i = 0; i < kTables; ++i) {
            const auto latest = static_cast<std::uint16_t>(after_[i] << 8 | byte);
            std::memcpy(entry(i), &latest, sizeof latest);
        }
        sounds_ = (sounds_ << 2 | sound(byte)) & 255u;
        const std::uint32_t here = phrases.here();
        const std::uint32_t one = fixed::combine(here, phrases.before(0));
        place_ = {place(here, 0), place(one, 1), place(fixed::combine(one, phrases.before(1)), 2)};
        for (std::size_t i = 0; i < kTables; ++i) {
            std::memcpy(&after_[i], entry(i), sizeof after_[i]);
        }
    }

    /// column: of the line; nest: of brackets and quotes.
    void contexts(const ByteHistory& history, const Phrases& phrases, const Layout& layout,
                  std::uint32_t column, std::uint32_t nest, ContextList& list) const noexcept {
        const std::uint32_t c1 = history.last4() & 255u;
        const std::uint32_t word = after_[0] & 255u;
        const std::uint32_t two = after_[1] & 255u;
        const std::uint32_t three = after_[2] & 255u;
        const std::uint32_t length = std::min(phrases.length(), 15u);
        const std::uint32_t inside = length != 0 ? 1 : 0;
        list.add(fixed::combine(word << 16 | two << 8 | three, inside));
        list.add(two << 8 | column);
        list.add(std::uint32_t{after_[0]} << 8 | c1);
        list.add(two << 16 | length << 8 | c1);
        const std::uint32_t marks = (phrases.marks() & 0xffffu) << 1 | inside;
        list.add(word << 17 | marks);
        list.add(two << 17 | marks);
        const std::uint32_t around = fixed::combine(nest, marks & 0x1ffu);
        list.add(fixed::combine(around, word));
        list.add(fixed::combine(around, two));
        list.add(fixed::combine(layout.field(), word << 1 | inside));
        list.add(fixed::combine(phrases.gaps(), word << 1 | inside));
    }

    /// Two more, in place of those of distant bytes.
    void more(const Phrases& phrases, std::uint32_t column, ContextList& list) const noexcept {
        const std::uint32_t word = after_[0] & 255u;
        list.add(word << 8 | std::min(phrases.length(), 15u) << 4 | (sounds_ & 15u));
        list.add(word << 8 | column);
    }

    /// What the word so far expects, and what it does with the word before.
    std::uint32_t words() const noexcept { return (after_[0] & 255u) << 8 | (after_[1] & 255u); }

    /// Of the last four bytes: vowels, consonants, others, 8 bits.
    std::uint32_t sounds() const noexcept { return sounds_; }

    std::size_t memory() const noexcept { return tables_.size(); }
    static std::size_t memory_for(int bits) noexcept {
        return bits == 0 ? 64 : (kTables * sizeof(std::uint16_t)) << bits;
    }

private:
    static constexpr std::size_t kTables = 3;

    /// In the table of that number.
    std::size_t place(std::uint32_t hash, std::uint32_t table) const noexcept {
        return (std::size_t{table} << bits_) | fixed::combine(hash, table + 1) >> (32 - bits_);
    }

    std::uint8_t* entry(std::size_t table) noexcept {
        return tables_.data() + place_[table] * sizeof(std::uint16_t);
    }
    /// Vowels, consonants, what is now this and now that, and what is no letter.
    static std::uint32_t sound(std::uint8_t byte) noexcept {
        switch (lower_case(byte)) {
        case 'a':
        case 'e':
        case 'i':
        case 'o':
        case 'u':
            return 0;
        case 'h':
        case 'w':
        case 'y':
            return 2;
        default:
            return is_letter(byte) ? 1 : 3;
        }
    }

    int bits_;
    fixed::LazyZeros tables_; // by the word so far; with one and with two words before
    std::array<std::size_t, kTables> place_{};
    std::array<std::uint16_t, kTables> after_{}; // the last two bytes there, 0: none
    std::uint32_t sounds_ = 0;                   // of the last four bytes
};

} // namespace weightless::model
