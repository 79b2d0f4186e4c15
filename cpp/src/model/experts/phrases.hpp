// Phrases: words two and three back, the sentence, and what lies between words. For text.
//
// Source: the ideas are those of the word models of paq8l and paq8px.
#pragma once

#include "model/experts/byte_kinds.hpp"
#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class Phrases {
public:
    /// used: otherwise nothing is to be asked of it, and it takes no memory.
    explicit Phrases(bool used) : follower_(used ? 65536 : 0, 0) {}

    void update(std::uint8_t byte) noexcept {
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
            marks_ = marks_ << 8 | byte;
        }
    }

    void contexts(ContextList& list) const noexcept {
        const std::uint32_t here = this->here();
        list.add(mix(here, 11, words_[2]));
        list.add(mix(here, 12, words_[0], words_[1], words_[2]));
        list.add(mix(here, words_[0], gap_));
        list.add(mix(here, 17, sentence_));
        list.add(mix(here, 18, marks_ & 0xffffffu));
    }

    /// Three more, in place of those of records.
    void more(const ByteHistory& history, ContextList& list) const noexcept {
        list.add(mix(here(), 9, follower_[words_[0] >> 16]));
        list.add(mix(21, letters_ & 0x3fffffffu));
        list.add(mix(words_[0], length_, history.last4() & 255u));
    }

    /// Hash of the word so far; between words, of what came since the last.
    std::uint32_t here() const noexcept { return length_ != 0 ? word_ : gap_; }
    /// Hash of the last whole word, of the one before it (1), or of the one before that (2).
    std::uint32_t before(std::size_t n) const noexcept { return words_[n]; }
    /// Hash of what was between words the last two times.
    std::uint32_t gaps() const noexcept { return fixed::combine(gaps_[0], gaps_[1]); }
    /// Letters of the word so far.
    unsigned length() const noexcept { return length_; }
    /// Words of this sentence.
    std::uint32_t sentence_words() const noexcept { return sentence_words_; }
    /// The last four bytes that are neither letters nor spaces, the latest lowest.
    std::uint32_t marks() const noexcept { return marks_; }

private:
    template <typename... Rest>
    static std::uint32_t mix(std::uint32_t hash, std::uint32_t next, Rest... rest) noexcept {
        hash = fixed::combine(hash, next);
        if constexpr (sizeof...(rest) != 0) {
            return mix(hash, rest...);
        } else {
            return hash;
        }
    }

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

    std::vector<std::uint32_t> follower_;  // the word that came last behind each
    std::array<std::uint32_t, 3> words_{}; // before this, the latest first
    std::uint32_t word_ = 0;               // its letters so far, case folded
    std::uint32_t gap_ = 0;                // what came since the last word
    std::array<std::uint32_t, 2> gaps_{};  // before words, the latest first
    std::uint32_t letters_ = 0;            // the last six, wherever they stand
    std::uint32_t sentence_ = 0;           // its first word
    std::uint32_t sentence_words_ = 0;
    std::uint32_t marks_ = 0; // the last bytes that are neither letters nor spaces
    unsigned length_ = 0;
    std::uint8_t folded_ = 0; // the last byte, case and line ends folded
};

} // namespace weightless::model
