// Layout: where in its line a word stands, so that the ends of wrapped lines are foreseen, and in
// which field. For text whose lines are wrapped, indented source text, and headers.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/experts/words.hpp"
#include "model/history/byte_history.hpp"

#include <algorithm>
#include <cstdint>

namespace weightless::model {

class Layout {
public:
    /// words: told of this byte before.
    void update(std::uint8_t byte, const Words& words) noexcept {
        if (in_word_ && words.length() == 0) {
            if (words_ == 0) {
                first_ = words.before();
            }
            ++words_;
        }
        in_word_ = words.length() != 0;
        if (byte == ':' || byte == '=' || byte == '|') {
            field_ = fixed::combine(words.before(), byte);
        }
        if (byte == '\n') {
            field_ = 0;
            first_ = 0;
            words_ = 0;
            indent_ = 0;
            indenting_ = true;
        } else if (indenting_ && (byte == ' ' || byte == '\t')) {
            ++indent_;
        } else {
            indenting_ = false;
        }
    }

    void contexts(const ByteHistory& history, const Words& words, std::uint32_t column,
                  ContextList& list) const noexcept {
        const std::uint32_t here = words.here();
        list.add(fixed::combine(fixed::combine(column, std::min(words.length(), 15u)),
                                history.last4() & 255u));
        list.add(fixed::combine(fixed::combine(fixed::combine(here, 8), indent_), words_));
        list.add(fixed::combine(fixed::combine(here, 17), first_));
    }

    /// Hash of the line's last word before a colon, '=' or '|', and of that; 0: none.
    std::uint32_t field() const noexcept { return field_; }

private:
    std::uint32_t first_ = 0; // word of this line
    std::uint32_t field_ = 0;
    std::uint32_t words_ = 0; // of this line
    std::uint32_t indent_ = 0;
    bool indenting_ = true;
    bool in_word_ = false;
};

} // namespace weightless::model
