// Words: the letters of the word so far, with the words before it. For text and markup.
#pragma once

#include "model/experts/byte_kinds.hpp"
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
            before2_ = before_;
            before_ = word_;
            word_ = 0;
            length_ = 0;
            gap_ = byte;
        } else {
            gap_ = fixed::combine(gap_, byte + 1u);
        }
    }

    /// Hash of the word so far; between words, of what came since the last.
    std::uint32_t here() const noexcept { return length_ != 0 ? word_ : gap_; }
    /// Hash of the last whole word.
    std::uint32_t before() const noexcept { return before_; }
    /// Letters of the word so far.
    unsigned length() const noexcept { return length_; }

    struct SoFar : Contexts<1> {
        static std::uint32_t of(const Words& words, const ByteHistory& bytes) noexcept {
            return hash(words.here(), bytes.last4() & 255u);
        }
    };
    /// With the word before, with the one before that, with both.
    struct Pair : Contexts<1> {
        static std::uint32_t of(const Words& words) noexcept {
            return hash(words.here(), 1, words.before_);
        }
    };
    struct SkippingPair : Contexts<1> {
        static std::uint32_t of(const Words& words) noexcept {
            return hash(words.here(), 2, words.before2_);
        }
    };
    struct Triple : Contexts<1> {
        static std::uint32_t of(const Words& words) noexcept {
            return hash(words.here(), 3, words.before_, words.before2_);
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
    struct Here : Selector<2048> {
        static int of(const Words& words) noexcept {
            return upper_bits<kSize>(hash(words.here(), 77));
        }
    };
    struct Before : Selector<2048> {
        static int of(const Words& words) noexcept {
            return upper_bits<kSize>(hash(words.before_, 3));
        }
    };

    struct AfterHere : ApmContext<65536> {
        static std::uint32_t of(const Words& words, const PartialByte& partial) noexcept {
            return hash(words.here(), partial.node) >> 16;
        }
    };
    struct AfterBefore : ApmContext<65536> {
        static std::uint32_t of(const Words& words, const PartialByte& partial) noexcept {
            return hash(words.before_, 86, partial.node) >> 16;
        }
    };

private:
    std::uint32_t word_ = 0; // its letters, case folded
    std::uint32_t before_ = 0;
    std::uint32_t before2_ = 0;
    std::uint32_t gap_ = 0; // what is between words
    unsigned length_ = 0;
};

} // namespace weightless::model
