// The rows and cells of a table as text: lines with equal numbers of a delimiter (CSV, TSV).
#pragma once

#include "model/experts/columns.hpp"
#include "model/history/byte_history.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class TextRows {
public:
    bool active() const noexcept { return active_; }

    /// allowed: it may use the columns.
    void update(const ByteHistory& bytes, Columns& columns, bool allowed) {
        active_ = active_ && allowed;
        const std::uint8_t byte = bytes.back(1);
        if (byte == '\n') {
            if (active_) {
                columns.end_text(bytes);
            }
            end_line(bytes, columns, allowed);
            return;
        }
        if (byte == '"') {
            quoted_ = !quoted_;
        } else if (!quoted_) {
            const std::size_t i = index_of(byte);
            if (i < kDelimiters.size()) {
                ++counts_[i];
                if (active_ && byte == kDelimiters[delimiter_]) {
                    columns.end_text(bytes);
                    columns.begin_text(++field_, bytes);
                    return;
                }
            }
        }
        if (byte < 9 || bytes.position() - line_ > kLongestLine) {
            active_ = false; // these are no rows of text
            scores_ = {};
        }
        if (active_) {
            columns.push_text(bytes);
        }
    }

private:
    static constexpr std::array<std::uint8_t, 4> kDelimiters{',', '\t', ';', '|'};
    static constexpr std::uint32_t kLongestLine = 8192;
    static constexpr int kEnough = 12;

    static std::size_t index_of(std::uint8_t byte) noexcept {
        switch (byte) {
        case ',':
            return 0;
        case '\t':
            return 1;
        case ';':
            return 2;
        case '|':
            return 3;
        default:
            return kDelimiters.size();
        }
    }

    void end_line(const ByteHistory& bytes, Columns& columns, bool allowed) {
        line_ = bytes.position();
        quoted_ = false;
        std::size_t best = 0;
        for (std::size_t i = 0; i < kDelimiters.size(); ++i) {
            // A row counts by its number of delimiters: prose often has one comma in each line.
            int& score = scores_[i];
            if (counts_[i] != 0 && counts_[i] == counts_before_[i]) {
                score = std::min(score + static_cast<int>(std::min(counts_[i], 3u)), 48);
            } else {
                score = std::max(score - 8, 0);
            }
            best = score > scores_[best] ? i : best;
        }
        counts_before_ = counts_;
        counts_ = {};
        active_ = allowed && scores_[best] >= (active_ ? 4 : kEnough);
        if (active_) {
            delimiter_ = best;
            field_ = 0;
            columns.prepare();
            columns.begin_row();
            columns.begin_text(field_, bytes);
        }
    }

    std::array<std::uint32_t, kDelimiters.size()> counts_{}; // in this line
    std::array<std::uint32_t, kDelimiters.size()> counts_before_{};
    std::array<int, kDelimiters.size()> scores_{};
    std::size_t delimiter_ = 0;
    std::uint32_t line_ = 0; // position of this line's first byte
    std::uint32_t field_ = 0;
    bool quoted_ = false;
    bool active_ = false;
};

} // namespace weightless::model
