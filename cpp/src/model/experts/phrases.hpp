// Phrases: up to three previous words, the sentence's first word, and the punctuation and spaces
// between words. For text.
//
// Source: the ideas are those of the word models of paq8l and paq8px.
#pragma once

#include "model/experts/byte_classes.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class Phrases {
public:
    Phrases() : follower_(65536, 0) {}

    void update(const ByteHistory& bytes) noexcept {
        const std::uint8_t byte = bytes.back(1);
        const std::uint8_t lower = lower_case(byte);
        const auto folded =
            static_cast<std::uint8_t>(byte == '\n' && folded_ != '\n' ? ' ' : lower);
        if (byte != '\r') {
            folded_ = folded;
        }
        if (is_letter(byte)) {
            if (length_ == 0 && gap_ != 0) {
                gaps_ = {gap_, gaps_[0]};
            }
            word_ = fixed::combine(word_, lower + 1u);
            letters_ = letters_ << 5 ^ lower;
            ++length_;
            return;
        }
        if (length_ != 0) {
            end_word();
        }
        if (byte != '\r') {
            gap_ = fixed::combine(gap_, folded + 1u);
        }
        if (byte == '.' || byte == '!' || byte == '?') {
            sentence_words_ = 0;
        }
        if (byte != ' ') {
            punctuation_ = punctuation_ << 8 | byte;
        }
    }

    /// Hash of the current word; between words, of the bytes since the last one.
    std::uint32_t current() const noexcept { return length_ != 0 ? word_ : gap_; }
    /// Hash of a previous word: 0 is the latest complete one, 2 the oldest.
    std::uint32_t previous(std::size_t n) const noexcept { return words_[n]; }
    /// Hash of the last two gaps between words.
    std::uint32_t gaps() const noexcept { return fixed::combine(gaps_[0], gaps_[1]); }
    /// Length of the current word; 0 between words.
    unsigned length() const noexcept { return length_; }
    /// Number of complete words in this sentence.
    std::uint32_t sentence_words() const noexcept { return sentence_words_; }
    /// The last four bytes that are neither letters nor spaces, the latest lowest.
    std::uint32_t punctuation() const noexcept { return punctuation_; }

    std::size_t memory() const noexcept { return follower_.size() * sizeof(std::uint32_t); }
    static std::size_t memory_for(MemoryBudget) noexcept { return 65536 * sizeof(std::uint32_t); }

    struct ThirdPrevious : FoldedContexts<1> {
        static std::uint32_t of(const Phrases& phrases) noexcept {
            return hash(phrases.current(), 11, phrases.words_[2]);
        }
    };
    struct Fourgram : FoldedContexts<1> {
        static std::uint32_t of(const Phrases& phrases) noexcept {
            return hash(phrases.current(), 12, phrases.words_[0], phrases.words_[1],
                        phrases.words_[2]);
        }
    };
    struct Gap : FoldedContexts<1> {
        static std::uint32_t of(const Phrases& phrases) noexcept {
            return hash(phrases.current(), phrases.words_[0], phrases.gap_);
        }
    };
    struct Sentence : FoldedContexts<1> {
        static std::uint32_t of(const Phrases& phrases) noexcept {
            return hash(phrases.current(), 17, phrases.sentence_);
        }
    };
    struct Punctuation : FoldedContexts<1> {
        static std::uint32_t of(const Phrases& phrases) noexcept {
            return hash(phrases.current(), 18, phrases.punctuation_ & 0xffffffu);
        }
    };
    /// The word that last followed the previous word.
    struct Follower : FoldedContexts<1> {
        static std::uint32_t of(const Phrases& phrases) noexcept {
            return hash(phrases.current(), 9, phrases.follower_[phrases.words_[0] >> 16]);
        }
    };
    struct LastLetters : FoldedContexts<1> {
        static std::uint32_t of(const Phrases& phrases) noexcept {
            return hash(21, phrases.letters_ & 0x3fffffffu);
        }
    };
    struct Length : FoldedContexts<1> {
        static std::uint32_t of(const Phrases& phrases, const ByteHistory& bytes) noexcept {
            return hash(phrases.words_[0], phrases.length_, bytes.last4() & 255u);
        }
    };

    struct SentenceLength : Selector<256 * 8> {
        static int of(const Phrases& phrases, const Words& words,
                      const PartialByte& partial) noexcept {
            return static_cast<int>((std::min(phrases.sentence_words_, 15u) * 16 +
                                     std::min(words.length(), 15u)) *
                                    8) +
                   partial.known;
        }
    };
    struct LastPunctuation : Selector<256 * 8> {
        static int of(const Phrases& phrases, const PartialByte& partial) noexcept {
            return static_cast<int>((phrases.punctuation_ & 255u) * 8) + partial.known;
        }
    };

    struct ApmPunctuation : ApmContext<65536> {
        static std::uint32_t of(const Phrases& phrases, const PartialByte& partial) noexcept {
            return hash(phrases.punctuation_, 87, partial.node) >> 16;
        }
    };

private:
    void end_word() noexcept {
        follower_[words_[0] >> 16] = word_;
        std::shift_right(words_.begin(), words_.end(), 1);
        words_[0] = word_;
        if (sentence_words_ == 0) {
            sentence_ = word_;
        }
        ++sentence_words_;
        word_ = 0;
        length_ = 0;
        gap_ = 0;
    }

    std::vector<std::uint32_t> follower_;  // the word that last followed each word, by a hash
    std::array<std::uint32_t, 3> words_{}; // previous words, the latest first
    std::uint32_t word_ = 0;               // hash of the current word, case folded
    std::uint32_t gap_ = 0;                // hash of the bytes since the last word
    std::array<std::uint32_t, 2> gaps_{};  // the last two complete gaps, the latest first
    std::uint32_t letters_ = 0;            // hash of the last six letters, across words
    std::uint32_t sentence_ = 0;           // hash of the sentence's first word
    std::uint32_t sentence_words_ = 0;
    std::uint32_t punctuation_ = 0; // the last bytes that are neither letters nor spaces
    unsigned length_ = 0;
    std::uint8_t folded_ = 0; // the last byte, case and line ends folded
};

} // namespace weightless::model
