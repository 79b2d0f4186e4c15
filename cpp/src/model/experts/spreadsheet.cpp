#include "model/experts/spreadsheet.hpp"

namespace weightless::model {

void Spreadsheet::update(const ByteHistory& history) noexcept {
    ++offset_;
    follow(history);
    const std::uint32_t byte = history.last4() & 255u;
    body_ = offset_ <= 4 ? 0 : fixed::combine(body_, byte + 1u);
    if (offset_ == 4) {
        begin_body(history);
    } else if (offset_ == 8 && length_ >= 4) {
        row_ = history.last4() >> 16 & 0xffffu;
        row_ = row_ >> 8 | (row_ & 255u) << 8;
        column_ = history.last4() >> 8 & 255u;
        above_ = of_column_[column_];
        of_column_[column_] = start_;
    }
    if (offset_ == 4 + length_ && offset_ >= 4) {
        end_record(history);
    }
}

std::array<std::uint32_t, Spreadsheet::Cells::kCount>
Spreadsheet::contexts(const ByteHistory& history) const noexcept {
    const std::uint32_t at = std::min(offset_, 255u);
    const std::uint32_t type = offset_ < 4 ? types_ & 0xffffu : type_;
    const std::uint32_t here = fixed::combine(at, type);
    const std::uint32_t c1 = history.last4() & 255u;
    const std::uint32_t c2 = history.last4() & 0xffffu;
    const std::uint32_t above = byte_of(history, above_);
    const std::uint32_t type_above = byte_at(history, above_);
    const std::uint32_t same = byte_of(history, offset_ < 4 ? before_ : of_type_[type_ & 255u]);
    const std::uint32_t before = byte_of(history, before_);
    // The next cell is expected one column further in the same row.
    const std::uint32_t expected = offset_ == 6   ? (column_ + 1) & 255u
                                   : offset_ == 4 ? row_ & 255u
                                   : offset_ == 5 ? row_ >> 8
                                                  : 256u + before;
    const std::uint32_t so_far = fixed::combine(here, body_);
    std::array<std::uint32_t, Cells::kCount> hashes;
    auto next = hashes.begin();
    *next++ = here;
    *next++ = fixed::combine(here, c1);
    *next++ = fixed::combine(here, expected);
    *next++ = fixed::combine(here, above | same << 9);
    *next++ = fixed::combine(here, above | c1 << 9);
    *next++ = fixed::combine(here, same | c1 << 9);
    *next++ = fixed::combine(here, above | c2 << 9);
    *next++ = so_far;
    *next++ = fixed::combine(so_far, type_above);
    *next++ = fixed::combine(fixed::combine(at, types_), type_above);
    *next++ = fixed::combine(fixed::combine(at, types_), column_);
    *next++ = fixed::combine(here, fixed::combine(column_, c1));
    *next++ = fixed::combine(here, fixed::combine(column_, above));
    *next++ = fixed::combine(fixed::combine(at, value_), c2);
    *next++ = fixed::combine(fixed::combine(at, value_), fixed::combine(types_, c1));
    *next++ = fixed::combine(fixed::combine(here, above), fixed::combine(types_, c1));
    return hashes;
}

} // namespace weightless::model
