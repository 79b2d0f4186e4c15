// Words: the current word and the two previous ones, case folded. For text and markup.
#pragma once

#include "model/experts/byte_classes.hpp"
#include "model/experts/expert.hpp"
#include "model/history/match_model.hpp"

#include <algorithm>
#include <cstdint>

namespace weightless::model {

class Words {
public:
    void update(const ByteHistory& bytes) noexcept {
        const std::uint8_t byte = bytes.back(1);
        if (is_letter(byte)) {
            word_ = fixed::combine(word_, lower_case(byte) + 1u);
            ++length_;
        } else if (length_ != 0) {
            previous2_ = previous_;
            previous_ = word_;
            word_ = 0;
            length_ = 0;
            gap_ = byte;
        } else {
            gap_ = fixed::combine(gap_, byte + 1u);
        }
    }

    /// Hash of the current word; between words, of the bytes since the last one.
    std::uint32_t current() const noexcept { return length_ != 0 ? word_ : gap_; }
    /// Hash of the previous word.
    std::uint32_t previous() const noexcept { return previous_; }
    /// Length of the current word; 0 between words.
    unsigned length() const noexcept { return length_; }

    struct CurrentAndLatest : FoldedContexts<1> {
        static std::uint32_t of(const Words& words, const ByteHistory& bytes) noexcept {
            return hash(words.current(), bytes.last4() & 255u);
        }
    };
    /// The current and the previous word.
    struct Bigram : FoldedContexts<1> {
        static std::uint32_t of(const Words& words) noexcept {
            return hash(words.current(), 1, words.previous_);
        }
    };
    /// The current word and the one before the previous.
    struct SkipBigram : FoldedContexts<1> {
        static std::uint32_t of(const Words& words) noexcept {
            return hash(words.current(), 2, words.previous2_);
        }
    };
    struct Trigram : FoldedContexts<1> {
        static std::uint32_t of(const Words& words) noexcept {
            return hash(words.current(), 3, words.previous_, words.previous2_);
        }
    };

    struct LengthAndBits : Selector<256 * 16> {
        static int of(const Words& words, const PartialByte& partial) noexcept {
            return static_cast<int>(partial.node * 16 + std::min(words.length_, 15u));
        }
    };
    struct LengthAndMatch : Selector<256> {
        static int of(const Words& words, const PartialByte& partial,
                      const MatchModel& match) noexcept {
            return static_cast<int>(std::min(words.length_, 15u) * 8) + partial.known +
                   (match.expected() >= 0 ? 128 : 0);
        }
    };
    struct Current : Selector<2048> {
        static int of(const Words& words) noexcept {
            return upper_bits<kSize>(hash(words.current(), 77));
        }
    };
    struct Previous : Selector<2048> {
        static int of(const Words& words) noexcept {
            return upper_bits<kSize>(hash(words.previous_, 3));
        }
    };

    struct ApmCurrent : ApmContext<65536> {
        static std::uint32_t of(const Words& words, const PartialByte& partial) noexcept {
            return hash(words.current(), partial.node) >> 16;
        }
    };
    struct ApmPrevious : ApmContext<65536> {
        static std::uint32_t of(const Words& words, const PartialByte& partial) noexcept {
            return hash(words.previous_, 86, partial.node) >> 16;
        }
    };

private:
    std::uint32_t word_ = 0; // hash of the current word, case folded
    std::uint32_t previous_ = 0;
    std::uint32_t previous2_ = 0;
    std::uint32_t gap_ = 0; // hash of the bytes between words
    unsigned length_ = 0;
};

} // namespace weightless::model
