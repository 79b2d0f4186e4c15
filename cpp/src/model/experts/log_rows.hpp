// Lines that begin alike, with numbers among their first words, as those of logs and of tables
// whose columns are aligned by spaces, and lines of equal length with equal punctuation, as lists
// of dates or of identifiers. Each line is one cell, and its numbers' columns follow from the
// punctuation before them.
#pragma once

#include "model/experts/columns.hpp"
#include "model/experts/expert.hpp"
#include "model/history/byte_history.hpp"

#include <algorithm>
#include <cstdint>

namespace weightless::model {

class LogRows {
public:
    bool active() const noexcept { return active_; }

    /// allowed: it may use the columns.
    void update(const ByteHistory& bytes, Columns& columns, bool allowed) {
        active_ = active_ && allowed;
        const std::uint8_t byte = bytes.back(1);
        const std::uint8_t before = bytes.back(2);
        if (byte == '\n') {
            if (active_) {
                columns.end_text(bytes);
            }
            end_line(bytes, columns, allowed);
            return;
        }
        if (byte < 9) {
            active_ = false; // this is no text
            score_ = 0;
        }
        if (marks_ < kMarks) {
            const bool digit = byte >= '0' && byte <= '9';
            const bool letter = (byte | 32u) >= 'a' && (byte | 32u) <= 'z';
            if (digit) {
                numbers_ |= 1u << marks_;
            } else if (!letter && (byte != ' ' || before != ' ')) {
                beginning_ = hash(beginning_, byte);
                ++marks_;
            }
        }
        if (active_) {
            columns.push_text(bytes);
        }
    }

private:
    static constexpr std::uint32_t kMarks = 6;    // of punctuation, which lines have in common
    static constexpr std::uint32_t kFewMarks = 2; // the same in lines of equal length
    static constexpr int kEnough = 8;

    void end_line(const ByteHistory& bytes, Columns& columns, bool allowed) {
        const std::uint32_t length = bytes.position() - line_;
        line_ = bytes.position();
        const bool alike = beginning_ == beginning_before_ &&
                           (marks_ == kMarks ? (numbers_ & (numbers_ - 1)) != 0
                                             : marks_ >= kFewMarks && length == length_);
        length_ = length;
        score_ = alike ? std::min(score_ + 1, 32) : std::max(score_ - 4, 0);
        beginning_before_ = beginning_;
        beginning_ = 0;
        marks_ = 0;
        numbers_ = 0;
        active_ = allowed && score_ >= (active_ ? 2 : kEnough);
        if (active_) {
            columns.prepare();
            columns.begin_row();
            columns.begin_text(1u << 30, bytes);
        }
    }

    std::uint32_t line_ = 0;      // position of this line's first byte
    std::uint32_t length_ = 0;    // of the line before
    std::uint32_t beginning_ = 0; // hash of the line's first punctuation
    std::uint32_t beginning_before_ = 0;
    std::uint32_t marks_ = 0;   // how much of it there is
    std::uint32_t numbers_ = 0; // a bit for each of its parts that has digits
    int score_ = 0;
    bool active_ = false;
};

} // namespace weightless::model
