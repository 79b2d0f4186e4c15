// Spreadsheets in Excel's binary format (BIFF, .xls). A record has a type, a length and, if it is a
// cell, a row and a column. Contexts use the cell above and the latest record of the same type,
// whatever the lengths of the records between.
//
// Source: the layout is that of [MS-XLS], sections 2.1.4 and 2.5.19.
#pragma once

#include "model/experts/expert.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Spreadsheet {
public:
    void update(const ByteHistory& history) noexcept;

    bool active() const noexcept { return score_ >= kEnough && trusted_; }

    /// The offset in the record with its type, the cell above, and the latest record of the type.
    struct Cells : Contexts<16> {
        static std::array<std::uint32_t, kCount> of(const Spreadsheet& sheet,
                                                    const ByteHistory& bytes) noexcept {
            return sheet.contexts(bytes);
        }
    };

    struct PlaceAndType : Selector<1024> {
        static int of(const Spreadsheet& sheet) noexcept {
            return static_cast<int>(std::min(sheet.offset_, 31u) * 32 + (sheet.type_ & 31u));
        }
    };
    struct Place : Selector<8> {
        static int of(const Spreadsheet& sheet) noexcept {
            return static_cast<int>(std::min(sheet.offset_ / 2, 7u));
        }
    };

private:
    std::array<std::uint32_t, Cells::kCount> contexts(const ByteHistory& history) const noexcept;

    static constexpr std::uint32_t kLongest = 8224; // longest body of a record
    static constexpr std::uint32_t kShortest = 4;   // shortest body of a cell
    static constexpr int kEnough = 24;
    static constexpr std::uint32_t kReach = 256; // of a short record's body
    static constexpr std::uint32_t kChain = 6;   // records of a chain that is believed

    std::uint32_t byte_of(const ByteHistory& history, std::uint32_t start) const noexcept {
        const std::uint32_t ago = history.position() - start - offset_;
        return ago == 0 || ago > history.size() ? 256u : history.back(ago);
    }
    std::uint32_t byte_at(const ByteHistory& history, std::uint32_t start) const noexcept {
        const std::uint32_t ago = history.position() - start;
        return ago == 0 || ago > history.size() ? 256u : history.back(ago);
    }

    // Whether records may have this type, whose upper byte tells the version.
    static bool is_type(std::uint32_t type) noexcept {
        const std::uint32_t version = type >> 8;
        return (type & 255u) != 0 && (version == 0 || version == 2 || version == 4 || version == 8);
    }

    void begin_body(const ByteHistory& history) noexcept {
        const std::uint32_t c4 = history.last4();
        type_ = c4 >> 24 | (c4 >> 8 & 0xff00u);
        length_ = (c4 >> 8 & 255u) | (c4 & 255u) << 8;
        if (!is_type(type_) || length_ > kLongest) {
            // This is no record. The next attempt begins one byte later.
            score_ = std::max(score_ - 8, 0);
            ++start_;
            offset_ = 3;
            length_ = kLongest;
            return;
        }
        std::uint16_t& known = lengths_[type_ & 255u];
        // A long record of an unknown length may be none.
        trusted_ = known == length_ || length_ < kReach;
        // A cell has at least a row and a column. Numbers of 32 bits whose upper halves are 0 look
        // like records without any content.
        const bool usual = known == length_ && length_ >= kShortest;
        score_ = usual ? std::min(score_ + 1, 64) : std::max(score_ - 2, 0);
        known = static_cast<std::uint16_t>(length_);
    }

    // Follows all chains of short records, wherever they begin. If a long one leads here, where no
    // header was expected, this is a header.
    void follow(const ByteHistory& history) noexcept {
        const std::uint32_t c4 = history.last4();
        const std::uint32_t type = c4 >> 24 | (c4 >> 8 & 0xff00u);
        const std::uint32_t length = (c4 >> 8 & 255u) | (c4 & 255u) << 8;
        const std::uint32_t start = history.position() - 4;
        std::uint8_t& chain = chains_[start % chains_.size()];
        const std::uint32_t before = chain;
        chain = 0;
        if (!is_type(type) || length < kShortest || length >= kReach) {
            return;
        }
        std::uint8_t& next = chains_[(start + 4 + length) % chains_.size()];
        next = static_cast<std::uint8_t>(std::max<std::uint32_t>(next, std::min(before + 1, 64u)));
        if (before >= kChain && start_ != start && score_ < kEnough) {
            start_ = start;
            offset_ = 4;
        }
    }

    void end_record(const ByteHistory& history) noexcept {
        if (length_ >= kShortest) {
            value_ = history.last4(); // a cell has its value at the end of the body
        }
        types_ = types_ << 8 | (type_ & 255u);
        of_type_[type_ & 255u] = start_;
        before_ = start_;
        start_ = history.position();
        offset_ = 0;
        length_ = kLongest;
        body_ = 0;
        above_ = of_column_[(column_ + 1) & 255u];
    }

    std::uint32_t start_ = 0;         // start of this record
    std::uint32_t offset_ = 0;        // offset of the next byte in it
    std::uint32_t type_ = 0;          // its type
    std::uint32_t length_ = kLongest; // its body's length
    std::uint32_t body_ = 0;          // hash of its body so far
    std::uint32_t row_ = 0;
    std::uint32_t column_ = 0;
    std::uint32_t above_ = 0;  // start of the latest record in this column
    std::uint32_t before_ = 0; // start of the previous record
    std::uint32_t types_ = 0;  // types of the last four records
    std::uint32_t value_ = 0;  // value of the previous record
    std::array<std::uint32_t, 256> of_column_{};
    std::array<std::uint32_t, 256> of_type_{};
    std::array<std::uint16_t, 256> lengths_{};
    // The number of short records in a row, by the position at which the next one would begin.
    std::array<std::uint8_t, 2 * kReach> chains_{};
    int score_ = 0;
    bool trusted_ = true; // this record's length
};

} // namespace weightless::model
