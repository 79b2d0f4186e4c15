// Templates: the sets of pixels to the left and in the sixteen rows above that are contexts of the
// next pixel, and distances to nearby edges. For bilevel images.
//
// Source: templates of neighbouring pixels as contexts are those of JBIG (ITU-T T.82), edges of
// the row above those of fax coding (ITU-T T.6); the shapes here are our own.
#pragma once

#include "fixed/hash.hpp"
#include "model/history/byte_history.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class PixelTemplates {
public:
    static constexpr std::size_t kCount = 28;
    static constexpr std::size_t kFew = 12; // the most useful ones, which come first

    /// Must be called before each byte; stride: bytes of a row.
    void begin_byte(const ByteHistory& history, std::uint32_t stride) noexcept {
        rows_[0] = history.last8();
        for (std::uint32_t r = 1; r <= kRows; ++r) {
            const std::uint32_t n = r * stride;
            rows_[r] = std::uint64_t{history.back(n + 2)} << 32 |
                       std::uint64_t{history.back(n + 1)} << 24 | history.back(n) << 16 |
                       history.back(n - 1) << 8 | history.back(n - 2);
        }
    }

    /// Must be called before each bit; c0 is the partial byte with a leading 1. wide: computes all
    /// templates, not only the first kFew.
    void begin_bit(unsigned c0, int bits_known, bool wide) noexcept {
        known_ = bits_known;
        left_ = rows_[0] << bits_known | (c0 & ((1u << bits_known) - 1));
        const std::uint64_t flips = left_ ^ left_ >> 1;
        run_ = std::min(static_cast<std::uint32_t>(std::countr_zero(flips | kNever)), 47u);
        right_ = {0, edge_right(1), edge_right(2), edge_right(3)};
        first();
        if (wide) {
            others();
        }
    }

    /// Hashes of kFew or kCount contexts.
    const std::array<std::uint32_t, kCount>& contexts() const noexcept { return t_; }

    // Smaller contexts, for mixing.
    /// The 16 pixels of the first template; 10 neighbours in the same row and in the rows above.
    std::uint32_t first16() const noexcept { return t_[0]; }
    std::uint32_t near10() const noexcept {
        return left(3) | above(1, 2, 1) << 3 | above(2, 1, 1) << 7;
    }
    /// 8 pixels of the column above, with one to the left or 14 with two.
    std::uint32_t column8() const noexcept { return lone(1, 8); }
    std::uint32_t column9() const noexcept { return left(1) | lone(1, 8) << 1; }
    std::uint32_t column16() const noexcept { return left(2) | lone(1, 14) << 2; }
    /// Pixels of three columns above.
    std::uint32_t columns11() const noexcept {
        return left(4) | threes(1, 2) << 4 | above(3, 0, 0) << 10;
    }
    std::uint32_t columns20() const noexcept { return left(2) | threes(1, 6) << 2; }
    /// Pixels of the same row.
    std::uint32_t row11() const noexcept { return left(10) | above(1, 0, 0) << 10; }
    /// Neighbours in the same row and in the rows above.
    std::uint32_t near8() const noexcept { return left(3) | above(1, 2, 2) << 3; }
    std::uint32_t near11() const noexcept { return left(6) | above(1, 1, 3) << 6; }
    std::uint32_t near16() const noexcept {
        return left(4) | above(1, 2, 2) << 4 | threes(2, 3) << 9 | above(4, 0, 0) << 15;
    }
    std::uint32_t above11() const noexcept { return left(2) | above(1, 4, 4) << 2; }
    std::uint32_t slanted10() const noexcept {
        return left(1) | above(1, 0, 1) << 1 | above(2, 0, 2) << 3 | above(3, 0, 3) << 6;
    }
    /// The bit position with some neighbours.
    std::uint32_t place11() const noexcept {
        return static_cast<std::uint32_t>(known_) | left(3) << 3 | above(1, 1, 1) << 6 |
               above(2, 0, 0) << 9 | above(4, 0, 0) << 10;
    }
    /// Distances to edges, in 8 and in 16 bits.
    std::uint32_t edges8() const noexcept { return std::min(run_, 7u) | (right_[1] & 31u) << 3; }
    std::uint32_t edges16() const noexcept {
        return (left(4) | std::min(run_, 15u) << 4 | right_[1] << 8 | right_[2] << 14) & 0xffffu;
    }

private:
    static constexpr std::size_t kRows = 16;
    static constexpr std::uint64_t kNever = std::uint64_t{1} << 62;

    // Pixels to the left, the nearest lowest.
    std::uint32_t left(int n) const noexcept {
        return static_cast<std::uint32_t>(left_ & ((std::uint64_t{1} << n) - 1));
    }
    // Pixels above, `to_right` of them to the right of the column lowest.
    std::uint32_t above(std::size_t row, int to_left, int to_right) const noexcept {
        return static_cast<std::uint32_t>(rows_[row] >> (23 - known_ - to_right)) &
               ((1u << (to_left + to_right + 1)) - 1);
    }
    // Three, or the one at the column, of each of the rows first to last, the first lowest.
    std::uint32_t threes(std::size_t first, std::size_t last) const noexcept {
        std::uint32_t result = 0;
        for (std::size_t r = last; r >= first; --r) {
            result = result << 3 | above(r, 1, 1);
        }
        return result;
    }
    std::uint32_t lone(std::size_t first, std::size_t last) const noexcept {
        std::uint32_t result = 0;
        for (std::size_t r = last; r >= first; --r) {
            result = result << 1 | above(r, 0, 0);
        }
        return result;
    }
    // Colour left above the column and the distance of the next edge from there on: 6 bits.
    std::uint32_t edge_right(std::size_t row) const noexcept {
        const std::uint32_t pixels = above(row, 1, 15);
        const std::uint32_t flips = (pixels ^ pixels >> 1) & 0xffffu;
        return static_cast<std::uint32_t>(std::bit_width(flips)) | (pixels >> 15 & 1u) << 5;
    }
    // Distance of the last edge before the column, at most 15.
    std::uint32_t edge_left(std::size_t row) const noexcept {
        const std::uint32_t pixels = above(row, 15, 0);
        return static_cast<std::uint32_t>(
            std::countr_zero(((pixels ^ pixels >> 1) & 0x7fffu) | 0x8000u));
    }

    static std::uint32_t mix(std::uint32_t a, std::uint32_t b) noexcept {
        return fixed::combine(a, b);
    }
    static std::uint32_t mix(std::uint32_t a, std::uint32_t b, std::uint32_t c) noexcept {
        return fixed::combine(fixed::combine(a, b), c);
    }
    // Five pixels each of some rows.
    template <typename... R> std::uint32_t fives(R... rows) const noexcept {
        std::uint32_t result = 0;
        ((result = result << 5 | above(static_cast<std::size_t>(rows), 2, 2)), ...);
        return result;
    }

    void first() noexcept {
        const std::uint32_t one = left(1);
        t_[0] = left(4) | above(1, 3, 3) << 4 | above(2, 2, 2) << 11;
        t_[1] = left(10) | above(1, 5, 6) << 10;
        t_[2] = one | run_ << 1 | right_[1] << 7 | edge_left(1) << 13;
        t_[3] = left(3) | above(1, 3, 1) << 3 | above(2, 3, 0) << 8 | above(3, 3, 0) << 12 |
                above(4, 2, 0) << 16;
        t_[4] = mix(left(2) | above(1, 2, 2) << 2 | above(3, 3, 3) << 7 | above(6, 3, 3) << 14,
                    above(9, 3, 3) | above(12, 3, 3) << 7);
        t_[5] = mix(left(8), above(1, 6, 6) | above(2, 6, 6) << 13,
                    above(3, 6, 6) | above(4, 6, 6) << 13);
        t_[6] = left(3);
        for (std::size_t r = 1; r <= 8; ++r) {
            t_[6] = fixed::combine(t_[6], above(r, 1, 2));
        }
        t_[7] = left(2) | above(1, 0, 3) << 2 | above(2, 0, 4) << 6 | above(3, 0, 4) << 11 |
                above(4, 0, 4) << 16;
        t_[8] = mix(above(2, 4, 4) | above(4, 4, 4) << 9,
                    above(8, 4, 4) | above(16, 4, 4) << 9 | left(2) << 20);
        t_[9] = one | right_[1] << 1 | right_[2] << 7 | right_[3] << 13 | std::min(run_, 7u) << 19;
        t_[10] = mix(left(3) | fives(1, 2, 4, 6) << 3, above(8, 2, 2));
        t_[11] = mix(left(2) | above(1, 1, 1) << 2 | fives(3, 5, 8, 11) << 5, fives(14, 16));
    }

    void others() noexcept {
        const std::uint32_t one = left(1);
        std::array<std::uint32_t, 3> column{}; // the sixteen above to the left, here, to the right
        for (std::size_t r = 1; r <= kRows; ++r) {
            const std::uint32_t pixels = above(r, 1, 1);
            column[0] = column[0] << 1 | pixels >> 2;
            column[1] = column[1] << 1 | (pixels >> 1 & 1u);
            column[2] = column[2] << 1 | (pixels & 1u);
        }
        // The nearest pixel and where the column's first edge is: 6 bits.
        const auto edge_up = [](std::uint32_t pixels) {
            const std::uint32_t flips = (pixels ^ pixels >> 1) & 0x7fffu;
            return static_cast<std::uint32_t>(std::bit_width(flips)) | (pixels >> 15) << 4;
        };
        const std::uint32_t up =
            edge_up(column[0]) | edge_up(column[1]) << 5 | edge_up(column[2]) << 10;
        const std::uint32_t edges = edge_left(1) | right_[1] << 8;
        t_[12] = mix(column[1] | column[2] << 16, left(2));
        t_[13] = one | column[1] << 1;
        t_[14] = left(3) | (up >> 5) << 3 | right_[1] << 13;
        t_[15] = mix(column[0] >> 4 | column[2] >> 4 << 12, left(2) | column[1] >> 12 << 2);
        t_[16] = left(8) | above(1, 6, 7) << 8 | above(2, 3, 3) << 22;
        t_[17] = one | edge_left(1) << 1 | edge_left(2) << 5 | right_[1] << 10 |
                 std::min(run_, 15u) << 16 | right_[2] << 20;
        t_[18] = one | up << 1;
        t_[19] = left(2) | threes(1, 6) << 2;
        t_[20] = left(1) | lone(1, 8) << 1;
        t_[21] = mix(left(8), above(1, 4, 4) | above(2, 4, 4) << 9 | above(3, 4, 4) << 18,
                     above(4, 4, 4) | above(5, 4, 4) << 9);
        t_[22] = mix(column[0] | column[1] << 16, left(4));
        t_[23] = mix(one | up << 1, edges | std::min(run_, 15u) << 16);
        t_[24] = left(4) | above(1, 2, 2) << 4 | above(2, 1, 1) << 9;
        t_[25] = left(3) | above(1, 2, 3) << 3 | above(2, 2, 3) << 9 | above(3, 2, 3) << 15 |
                 above(4, 2, 3) << 21;
        t_[26] = mix(left(20), above(1, 8, 16));
        t_[27] = mix(left(2) | above(1, 0, 15) << 2, above(2, 0, 12) | above(4, 0, 8) << 13);
    }

    // The last 8 bytes; and of each row above two bytes to the left of the column, the one at it
    // and two to the right.
    std::array<std::uint64_t, kRows + 1> rows_{};
    int known_ = 0;
    std::uint64_t left_ = 0;
    std::uint32_t run_ = 0;                // how far to the left the last edge is
    std::array<std::uint32_t, 4> right_{}; // edges to the right in the rows above
    std::array<std::uint32_t, kCount> t_{};
};

} // namespace weightless::model
