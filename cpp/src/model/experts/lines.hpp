// Lines: the column, the byte above in the previous line, the first bytes of the line, and its
// fields. For tables, logs, source text and markup.
#pragma once

#include "model/experts/byte_classes.hpp"
#include "model/experts/expert.hpp"

#include <algorithm>
#include <cstdint>

namespace weightless::model {

class Lines {
public:
    void update(const ByteHistory& bytes) noexcept {
        const std::uint8_t byte = bytes.back(1);
        if (byte == '\n') {
            before_ = start_;
            start_ = bytes.position();
            first_ = 0;
            field_ = 0;
            fields_ = 0;
            return;
        }
        if (column(bytes) <= 4) {
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

    /// The column of the next byte, at most 255.
    std::uint32_t column(const ByteHistory& bytes) const noexcept {
        return std::min(bytes.position() - start_, 255u);
    }

    struct Above : Contexts<1> {
        static std::uint32_t of(const Lines& lines, const ByteHistory& bytes) noexcept {
            return hash(lines.above(bytes) | (bytes.last4() & 255u) << 8, 1);
        }
    };
    struct ColumnAndAbove : Contexts<1> {
        static std::uint32_t of(const Lines& lines, const ByteHistory& bytes) noexcept {
            return hash(lines.column(bytes), lines.above(bytes) | lines.first_ << 8);
        }
    };
    struct Field : Contexts<1> {
        static std::uint32_t of(const Lines& lines) noexcept {
            return hash(lines.fields_, lines.first_, lines.field_);
        }
    };

    struct Column : Selector<256 * 8> {
        static int of(const Lines& lines, const ByteHistory& bytes) noexcept {
            return static_cast<int>(lines.column(bytes) * 8 + byte_class(bytes.last4() & 255u));
        }
    };

    struct ApmColumn : ApmContext<65536> {
        static std::uint32_t of(const Lines& lines, const ByteHistory& bytes,
                                const PartialByte& partial) noexcept {
            return lines.column(bytes) << 8 | partial.node;
        }
    };

private:
    std::uint32_t above(const ByteHistory& bytes) const noexcept {
        const std::uint32_t place = before_ + (bytes.position() - start_);
        return place < start_ ? bytes.at(place) : 0;
    }

    std::uint32_t start_ = 0; // position of this line's first byte
    std::uint32_t before_ = 0;
    std::uint32_t first_ = 0; // hash of its first bytes
    std::uint32_t field_ = 0; // hash of this field so far
    std::uint32_t fields_ = 0;
};

} // namespace weightless::model
