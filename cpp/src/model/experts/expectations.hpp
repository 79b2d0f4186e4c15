// Expectations: the bytes that came last behind the word so far, behind it and the word before, and
// so on. What each expects says little, which of them agree says much. For text.
//
// Source: the idea is that of the indirect contexts of paq8 (M. Mahoney) and, by words, paq8px.
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "model/experts/byte_kinds.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/layout.hpp"
#include "model/experts/lines.hpp"
#include "model/experts/markup.hpp"
#include "model/experts/phrases.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weightless::model {

class Expectations {
public:
    explicit Expectations(MemoryBudget budget)
        : bits_(bits_of(budget)), tables_(memory_for(budget)) {}

    void update(const ByteHistory& bytes, const Phrases& phrases) noexcept {
        const std::uint8_t byte = bytes.back(1);
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

    // Contexts: what follows the word so far (Word), it and the word before (Two), and those
    // and the one before them (Three), with other things.
    struct WordTwoThree : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Phrases& phrases) noexcept {
            return hash(after.word() << 16 | after.two() << 8 | after.three(), inside(phrases));
        }
    };
    struct TwoAndColumn : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Lines& lines,
                                const ByteHistory& bytes) noexcept {
            return after.two() << 8 | lines.column(bytes);
        }
    };
    /// The last two bytes there.
    struct WordTwice : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const ByteHistory& bytes) noexcept {
            return std::uint32_t{after.after_[0]} << 8 | (bytes.last4() & 255u);
        }
    };
    struct TwoAndLength : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Phrases& phrases,
                                const ByteHistory& bytes) noexcept {
            return after.two() << 16 | std::min(phrases.length(), 15u) << 8 |
                   (bytes.last4() & 255u);
        }
    };
    struct WordAndMarks : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Phrases& phrases) noexcept {
            return after.word() << 17 | marks(phrases);
        }
    };
    struct TwoAndMarks : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Phrases& phrases) noexcept {
            return after.two() << 17 | marks(phrases);
        }
    };
    struct WordAndNest : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Phrases& phrases,
                                const Markup& markup) noexcept {
            return hash(markup.nest(), marks(phrases) & 0x1ffu, after.word());
        }
    };
    struct TwoAndNest : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Phrases& phrases,
                                const Markup& markup) noexcept {
            return hash(markup.nest(), marks(phrases) & 0x1ffu, after.two());
        }
    };
    struct WordAndField : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Phrases& phrases,
                                const Layout& layout) noexcept {
            return hash(layout.field(), after.word() << 1 | inside(phrases));
        }
    };
    struct WordAndGaps : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Phrases& phrases) noexcept {
            return hash(phrases.gaps(), after.word() << 1 | inside(phrases));
        }
    };
    struct WordAndSounds : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Phrases& phrases) noexcept {
            return after.word() << 8 | std::min(phrases.length(), 15u) << 4 | (after.sounds_ & 15u);
        }
    };
    struct WordAndColumn : Contexts<1> {
        static std::uint32_t of(const Expectations& after, const Lines& lines,
                                const ByteHistory& bytes) noexcept {
            return after.word() << 8 | lines.column(bytes);
        }
    };

    struct Sounds : Selector<256 * 8> {
        static int of(const Expectations& after, const PartialByte& partial) noexcept {
            return static_cast<int>(after.sounds_ * 8) + partial.known;
        }
    };

    struct AfterWordAndTwo : ApmContext<65536> {
        static std::uint32_t of(const Expectations& after, const PartialByte& partial) noexcept {
            return hash(after.word() << 8 | after.two(), partial.node) >> 16;
        }
    };

    std::size_t memory() const noexcept { return tables_.size(); }
    static std::size_t memory_for(MemoryBudget budget) noexcept {
        return (kTables * sizeof(std::uint16_t)) << bits_of(budget);
    }

private:
    static constexpr std::size_t kTables = 3;

    static int bits_of(MemoryBudget budget) { return std::clamp(budget.bits - 7, 12, 21); }

    std::uint32_t word() const noexcept { return after_[0] & 255u; }
    std::uint32_t two() const noexcept { return after_[1] & 255u; }
    std::uint32_t three() const noexcept { return after_[2] & 255u; }
    static std::uint32_t inside(const Phrases& phrases) noexcept {
        return phrases.length() != 0 ? 1 : 0;
    }
    static std::uint32_t marks(const Phrases& phrases) noexcept {
        return (phrases.marks() & 0xffffu) << 1 | inside(phrases);
    }

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
