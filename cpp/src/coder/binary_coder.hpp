// A binary arithmetic coder (range coder) with carry propagation and a 32-bit range.
//
// How it works:
// - `range` is in [2^24, 2^32) before every bit. Probabilities have 22 bits, so each bit's
//   subinterval is at least 2^24 * 2^-22 = 4 wide and never empty.
// - The product range * p is computed in 64 bits rather than as (range >> k) * p, so that
//   truncation loses less than 2^-24 of the range, whatever the range is.
// - `low` may exceed 2^32. The carry propagates into the bytes not yet written (one byte and
//   the run of 0xff bytes that follows it), so an interval that straddles a byte boundary
//   never has to be shortened.
// - finish() writes the fewest bytes, at most 4, that identify a value in the final interval
//   if zeros follow them; the decoder reads zeros past the end of its input.
//
// Source: G. N. N. Martin, "Range encoding" (1979); the carry handling with a cached byte
// and a counter is that of Igor Pavlov's LZMA specification (public domain).
#pragma once

#include "fixed/probability.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::coder {

inline constexpr std::uint32_t kRangeMin = 1u << 24;

class Encoder {
public:
    explicit Encoder(std::vector<std::uint8_t>& out) noexcept : out_(out) {}

    /// Encodes `bit` (0 or 1), given p = P(bit = 1), Q22, 0 < p < 2^22.
    void encode(unsigned bit, std::uint32_t p) {
        const auto bound = static_cast<std::uint32_t>((static_cast<std::uint64_t>(range_) * p) >>
                                                      fixed::kProbabilityBits);
        if (bit != 0) {
            range_ = bound;
        } else {
            low_ += bound;
            range_ -= bound;
        }
        while (range_ < kRangeMin) {
            range_ <<= 8;
            shift_low();
        }
    }

    /// Ends the stream; the encoder must not be used afterwards.
    void finish() {
        // Finds the value with the most trailing zero bytes in [low, low + range). One with k
        // zero bytes exists if low, rounded up to a multiple of 2^(8k), is still inside.
        const std::uint64_t high = low_ + range_ - 1;
        int bytes = 4;
        std::uint64_t value = low_;
        for (int k = 4; k >= 1; --k) {
            const std::uint64_t mask = (std::uint64_t{1} << (8 * k)) - 1;
            const std::uint64_t rounded = (low_ + mask) & ~mask;
            if (rounded <= high) {
                value = rounded;
                bytes = 4 - k;
                break;
            }
        }
        low_ = value;
        // Each call writes the byte that the previous call cached. What the last call caches
        // is a zero byte, which need not be written: the decoder reads zeros past the end.
        for (int i = 0; i < bytes + 1; ++i) {
            shift_low();
        }
    }

private:
    void shift_low() {
        if (low_ < 0xff000000u || low_ > 0xffffffffu) {
            const auto carry = static_cast<std::uint8_t>(low_ >> 32);
            if (held_) {
                out_.push_back(static_cast<std::uint8_t>(cache_ + carry));
            }
            for (; pending_ != 0; --pending_) {
                out_.push_back(static_cast<std::uint8_t>(0xffu + carry));
            }
            cache_ = static_cast<std::uint8_t>(low_ >> 24);
            held_ = true;
        } else {
            ++pending_;
        }
        low_ = (low_ & 0x00ffffffu) << 8;
    }

    std::vector<std::uint8_t>& out_;
    std::uint64_t low_ = 0;            // < 2^33: 32 bits and a carry
    std::uint32_t range_ = UINT32_MAX; // in [2^24, 2^32) between bits
    std::uint64_t pending_ = 0;        // 0xff bytes after cache_, which a carry would turn into 0
    std::uint8_t cache_ = 0;           // the byte before them
    bool held_ = false;                // whether cache_ holds a byte of the stream yet
};

class Decoder {
public:
    Decoder(const std::uint8_t* data, std::size_t size) noexcept : data_(data), size_(size) {
        for (int i = 0; i < 4; ++i) {
            code_ = (code_ << 8) | next();
        }
    }

    /// Decodes the next bit, given p = P(bit = 1), Q22, 0 < p < 2^22.
    unsigned decode(std::uint32_t p) noexcept {
        const auto bound = static_cast<std::uint32_t>((static_cast<std::uint64_t>(range_) * p) >>
                                                      fixed::kProbabilityBits);
        unsigned bit = 0;
        if (code_ < bound) {
            range_ = bound;
            bit = 1;
        } else {
            code_ -= bound;
            range_ -= bound;
        }
        while (range_ < kRangeMin) {
            range_ <<= 8;
            code_ = (code_ << 8) | next();
        }
        return bit;
    }

    /// True if more bytes were read than decoding any valid stream of this size takes.
    bool overrun() const noexcept { return position_ > size_ + 4; }

    /// True if a valid stream may end here: all of it has been read, and at most the four
    /// bytes of look-ahead past its end.
    bool at_end() const noexcept { return position_ >= size_ && position_ <= size_ + 4; }

private:
    std::uint32_t next() noexcept {
        const std::uint32_t byte = position_ < size_ ? data_[position_] : 0u;
        ++position_;
        return byte;
    }

    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t position_ = 0;
    std::uint32_t range_ = UINT32_MAX;
    std::uint32_t code_ = 0; // value - low, < range_ in a valid stream
};

} // namespace weightless::coder
