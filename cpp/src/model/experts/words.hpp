// Words: the letters of the word so far, with the words before it. For text and markup.
#pragma once

#include "model/experts/byte_kinds.hpp"
#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

namespace weightless::model {

class Words {
public:
    void update(std::uint8_t byte) noexcept {
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

    /// level: of experts; 2 with bigrams, 3 with bigrams that skip and trigrams, too.
    void contexts(const ByteHistory& history, int level, ContextList& list) const noexcept {
        const std::uint32_t c1 = history.last4() & 255u;
        const std::uint32_t here = this->here();
        list.add(fixed::combine(here, c1));
        if (level >= 2) {
            list.add(fixed::combine(fixed::combine(here, 1), before_));
        }
        if (level >= 3) {
            list.add(fixed::combine(fixed::combine(here, 2), before2_));
            list.add(fixed::combine(fixed::combine(fixed::combine(here, 3), before_), before2_));
        }
    }

    /// Hash of the word so far; between words, of what came since the last.
    std::uint32_t here() const noexcept { return length_ != 0 ? word_ : gap_; }
    /// Hash of the last whole word.
    std::uint32_t before() const noexcept { return before_; }
    /// Letters of the word so far.
    unsigned length() const noexcept { return length_; }

private:
    std::uint32_t word_ = 0; // its letters, case folded
    std::uint32_t before_ = 0;
    std::uint32_t before2_ = 0;
    std::uint32_t gap_ = 0; // what is between words
    unsigned length_ = 0;
};

} // namespace weightless::model
