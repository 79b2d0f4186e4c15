// Clauses: the last words, separated by spaces, line ends and quotes only. Any other byte ends the
// clause. For text.
//
// Source: the idea is that of the expressions in paq8px's word model.
#pragma once

#include "model/experts/byte_classes.hpp"
#include "model/experts/expert.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace weightless::model {

class Clauses {
public:
    void update(const ByteHistory& bytes) noexcept {
        const std::uint8_t byte = bytes.back(1);
        if (is_letter(byte)) {
            words_[0] = fixed::combine(words_[0], lower_case(byte) + 1u);
        } else if (byte == ' ' || byte == '\n') {
            if (words_[0] != 0) {
                std::shift_right(words_.begin(), words_.end(), 1);
                words_[0] = 0;
            }
        } else if (byte != '\'' && byte != '"' && byte != '\r') {
            words_ = {};
        }
    }

    /// The words of the clause, at most five.
    struct Chain : FoldedContexts<1> {
        static std::uint32_t of(const Clauses& clauses) noexcept {
            std::uint32_t chain = 0;
            for (const std::uint32_t word : clauses.words_) {
                chain = fixed::combine(chain, word);
            }
            return chain;
        }
    };

private:
    std::array<std::uint32_t, 5> words_{}; // the latest first; it may be incomplete
};

} // namespace weightless::model
