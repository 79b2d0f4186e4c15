// Expected bytes: the byte that last followed the current word, the bigram (the current and the
// previous word), and the trigram. One such byte is a weak predictor, their agreement a strong one.
// For text.
//
// Source: the idea is that of the indirect contexts of paq8 (M. Mahoney) and, by words, paq8px.
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "model/experts/byte_classes.hpp"
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
            tables_.touch(place_[i] * sizeof(std::uint16_t));
            std::memcpy(entry(i), &latest, sizeof latest);
        }
        vowels_ = (vowels_ << 2 | vowel_class(byte)) & 255u;
        const std::uint32_t here = phrases.current();
        const std::uint32_t one = fixed::combine(here, phrases.previous(0));
        place_ = {place(here, 0), place(one, 1),
                  place(fixed::combine(one, phrases.previous(1)), 2)};
        for (std::size_t i = 0; i < kTables; ++i) {
            std::memcpy(&after_[i], entry(i), sizeof after_[i]);
        }
    }

    // Contexts: the bytes expected after the current word (Unigram) and after the bigram, combined
    // with other context.
    /// The bytes expected after the current word, the bigram and the trigram.
    struct AllThree : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Phrases& phrases) noexcept {
            return hash(expected.after_unigram() << 16 | expected.after_bigram() << 8 |
                            expected.after_trigram(),
                        in_word(phrases));
        }
    };
    struct BigramAndColumn : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Lines& lines,
                                const ByteHistory& bytes) noexcept {
            return expected.after_bigram() << 8 | lines.column(bytes);
        }
    };
    /// The last two bytes that followed the current word.
    struct UnigramLastTwo : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const ByteHistory& bytes) noexcept {
            return std::uint32_t{expected.after_[0]} << 8 | (bytes.last4() & 255u);
        }
    };
    struct BigramAndLength : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Phrases& phrases,
                                const ByteHistory& bytes) noexcept {
            return expected.after_bigram() << 16 | std::min(phrases.length(), 15u) << 8 |
                   (bytes.last4() & 255u);
        }
    };
    struct UnigramAndPunctuation : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Phrases& phrases) noexcept {
            return expected.after_unigram() << 17 | punctuation(phrases);
        }
    };
    struct BigramAndPunctuation : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Phrases& phrases) noexcept {
            return expected.after_bigram() << 17 | punctuation(phrases);
        }
    };
    struct UnigramAndBracket : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Phrases& phrases,
                                const Markup& markup) noexcept {
            return hash(markup.bracket(), punctuation(phrases) & 0x1ffu, expected.after_unigram());
        }
    };
    struct BigramAndBracket : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Phrases& phrases,
                                const Markup& markup) noexcept {
            return hash(markup.bracket(), punctuation(phrases) & 0x1ffu, expected.after_bigram());
        }
    };
    struct UnigramAndField : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Phrases& phrases,
                                const Layout& layout) noexcept {
            return hash(layout.field(), expected.after_unigram() << 1 | in_word(phrases));
        }
    };
    struct UnigramAndGaps : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Phrases& phrases) noexcept {
            return hash(phrases.gaps(), expected.after_unigram() << 1 | in_word(phrases));
        }
    };
    struct UnigramAndVowels : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Phrases& phrases) noexcept {
            return expected.after_unigram() << 8 | std::min(phrases.length(), 15u) << 4 |
                   (expected.vowels_ & 15u);
        }
    };
    struct UnigramAndColumn : FoldedContexts<1> {
        static std::uint32_t of(const Expectations& expected, const Lines& lines,
                                const ByteHistory& bytes) noexcept {
            return expected.after_unigram() << 8 | lines.column(bytes);
        }
    };

    struct VowelPattern : Selector<256 * 8> {
        static int of(const Expectations& expected, const PartialByte& partial) noexcept {
            return static_cast<int>(expected.vowels_ * 8) + partial.known;
        }
    };

    struct ApmUnigramAndBigram : ApmContext<65536> {
        static std::uint32_t of(const Expectations& expected, const PartialByte& partial) noexcept {
            return hash(expected.after_unigram() << 8 | expected.after_bigram(), partial.node) >>
                   16;
        }
    };

    std::size_t memory() const noexcept { return tables_.size(); }
    static std::size_t memory_for(MemoryBudget budget) noexcept {
        return (kTables * sizeof(std::uint16_t)) << bits_of(budget);
    }

private:
    static constexpr std::size_t kTables = 3;

    static int bits_of(MemoryBudget budget) { return std::clamp(budget.bits - 7, 12, 21); }

    std::uint32_t after_unigram() const noexcept { return after_[0] & 255u; }
    std::uint32_t after_bigram() const noexcept { return after_[1] & 255u; }
    std::uint32_t after_trigram() const noexcept { return after_[2] & 255u; }
    static std::uint32_t in_word(const Phrases& phrases) noexcept {
        return phrases.length() != 0 ? 1 : 0;
    }
    static std::uint32_t punctuation(const Phrases& phrases) noexcept {
        return (phrases.punctuation() & 0xffffu) << 1 | in_word(phrases);
    }

    /// The index of a hash in a table.
    std::size_t place(std::uint32_t hash, std::uint32_t table) const noexcept {
        return (std::size_t{table} << bits_) | fixed::combine(hash, table + 1) >> (32 - bits_);
    }

    std::uint8_t* entry(std::size_t table) noexcept {
        return tables_.data() + place_[table] * sizeof(std::uint16_t);
    }
    /// 0: vowels, 1: consonants, 2: letters that may be either, 3: other bytes.
    static std::uint32_t vowel_class(std::uint8_t byte) noexcept {
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
    fixed::LazyZeros tables_; // indexed by the current word, the bigram and the trigram
    std::array<std::size_t, kTables> place_{};
    std::array<std::uint16_t, kTables> after_{}; // the last two bytes that followed each; 0: none
    std::uint32_t vowels_ = 0;                   // classes of the last four bytes
};

} // namespace weightless::model
