// Shapes: the kinds of the last bytes (lower case, digit, space, bracket, …), as if the letters
// themselves did not matter. For text, markup, logs and source text.
//
// Source: the idea is that of the format masks of paq8px's text model.
#pragma once

#include "model/experts/byte_kinds.hpp"
#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

#include <cstdint>

namespace weightless::model {

class Shapes {
public:
    void update(std::uint8_t byte) noexcept {
        const std::uint32_t kind = kind_of(byte);
        // A run of letters or digits is one in the outline.
        if (kind > 2 || kind != (outline_ & 15u)) {
            outline_ = outline_ << 4 | kind;
        }
        last_ = last_ << 4 | kind;
    }

    /// word: hash of the word so far, or of what is between words.
    /// wide: with the last eight bytes, whatever their digits, in place of their kinds and the
    /// word.
    void contexts(const ByteHistory& history, std::uint32_t word, bool wide,
                  ContextList& list) const {
        const std::uint32_t c4 = history.last4();
        list.add(fixed::combine(outline_, c4 & 0xffu));
        list.add(fixed::combine(last_, c4 & 0xffffu));
        list.add(fixed::combine(outline_, word));
        if (wide) {
            std::uint32_t hash = 0;
            for (std::uint64_t bytes = history.last8(), i = 0; i < 8; ++i, bytes >>= 8) {
                const auto byte = static_cast<std::uint32_t>(bytes & 255u);
                hash = fixed::combine(hash, byte >= '0' && byte <= '9' ? '0' : byte);
            }
            list.add(hash);
        } else {
            list.add(fixed::combine(last_, word));
        }
    }

    /// The kinds of the last three bytes, 12 bits.
    std::uint32_t last3() const noexcept { return last_ & 0xfffu; }

private:
    static std::uint32_t kind_of(std::uint8_t byte) noexcept {
        if (const std::uint32_t letter = letter_kind(byte); letter < 3) {
            return letter;
        }
        switch (byte) {
        case ' ':
            return 3;
        case '\n':
            return 4;
        case '.':
        case ',':
            return 5;
        case '<':
        case '>':
            return 6;
        case '[':
        case ']':
            return 7;
        case '\'':
        case '"':
            return 8;
        case '=':
        case ':':
            return 9;
        default:
            return byte >= 128 ? 10 : (byte < 32 ? 11 : 12);
        }
    }

    std::uint32_t last_ = 0;    // of the last eight bytes, the latest lowest
    std::uint32_t outline_ = 0; // the same, runs of letters and digits as one
};

} // namespace weightless::model
