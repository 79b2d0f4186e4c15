// Layout: the position of a word in its line, which predicts the ends of wrapped lines, the
// indentation, and the name of the field. For wrapped text, indented source text, and headers.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/lines.hpp"
#include "model/experts/words.hpp"

#include <algorithm>
#include <cstdint>

namespace weightless::model {

class Layout {
public:
    void update(const ByteHistory& bytes, const Words& words) noexcept {
        const std::uint8_t byte = bytes.back(1);
        if (in_word_ && words.length() == 0) {
            if (words_ == 0) {
                first_ = words.previous();
            }
            ++words_;
        }
        in_word_ = words.length() != 0;
        if (byte == ':' || byte == '=' || byte == '|') {
            field_ = fixed::combine(words.previous(), byte);
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

    /// Hash of the line's last ':', '=' or '|' and of the word before it; 0: none.
    std::uint32_t field() const noexcept { return field_; }

    struct Column : FoldedContexts<1> {
        static std::uint32_t of(const Layout&, const Lines& lines, const Words& words,
                                const ByteHistory& bytes) noexcept {
            return hash(lines.column(bytes), std::min(words.length(), 15u), bytes.last4() & 255u);
        }
    };
    struct Indentation : FoldedContexts<1> {
        static std::uint32_t of(const Layout& layout, const Words& words) noexcept {
            return hash(words.current(), 8, layout.indent_, layout.words_);
        }
    };
    struct FirstWord : FoldedContexts<1> {
        static std::uint32_t of(const Layout& layout, const Words& words) noexcept {
            return hash(words.current(), 17, layout.first_);
        }
    };

private:
    std::uint32_t first_ = 0; // hash of the first word of this line
    std::uint32_t field_ = 0;
    std::uint32_t words_ = 0; // number of words in this line
    std::uint32_t indent_ = 0;
    bool indenting_ = true;
    bool in_word_ = false;
};

} // namespace weightless::model
