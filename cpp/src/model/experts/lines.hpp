// Lines: the column, what stands above it, and how the line began. For tables, logs, source
// text and markup.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

#include <algorithm>

namespace weightless::model {

class Lines {
public:
    /// After history.push().
    void update(ByteHistory& history) noexcept {
        const std::uint8_t byte = history.back(1);
        if (byte == '\n') {
            before_ = start_;
            start_ = history.position();
            first_ = 0;
            field_ = 0;
            fields_ = 0;
            return;
        }
        if (column(history) <= 4) {
            first_ = fixed::combine(first_, byte + 1u);
        }
        if (byte == ',' || byte == '\t' || byte == ';' || byte == '|' || byte == ' ' ||
            byte == '>') {
            ++fields_;
            field_ = 0;
        } else {
            field_ = fixed::combine(field_, byte + 1u);
        }
    }

    std::uint32_t column(const ByteHistory& history) const noexcept {
        return std::min(history.position() - start_, 255u);
    }

    void contexts(ByteHistory& history, bool wide, ContextList& list) const noexcept {
        const std::uint32_t column = history.position() - start_;
        const std::uint32_t place = before_ + column;
        const std::uint32_t above = place < start_ ? history.at(place) : 0;
        const std::uint32_t c1 = history.back(1);
        list.add(fixed::combine(above | c1 << 8, 1u));
        if (wide) {
            list.add(fixed::combine(std::min(column, 255u), above | first_ << 8));
            list.add(fixed::combine(fixed::combine(fields_, first_), field_));
        }
    }

private:
    std::uint32_t start_ = 0; // of this line
    std::uint32_t before_ = 0;
    std::uint32_t first_ = 0; // its first bytes
    std::uint32_t field_ = 0; // the bytes of this field
    std::uint32_t fields_ = 0;
};

} // namespace weightless::model
