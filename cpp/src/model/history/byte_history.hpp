// The bytes so far, as experts see them (that is, as symbols): the last eight in a register, older
// ones in a ring buffer.
#pragma once

#include "fixed/lazy_zeros.hpp"

#include <cstddef>
#include <cstdint>

namespace weightless::model {

class ByteHistory {
public:
    /// Keeps the last 2^bits bytes.
    explicit ByteHistory(int bits)
        : ring_(memory_for(bits)), mask_((std::uint32_t{1} << bits) - 1) {}

    void push(std::uint8_t byte) noexcept {
        ring_.touch(position_ & mask_);
        ring_.data()[position_ & mask_] = byte;
        ++position_;
        last_ = (last_ << 8) | byte;
    }

    /// The number of bytes so far, mod 2^32.
    std::uint32_t position() const noexcept { return position_; }
    /// The last 8 bytes, the latest in the lowest bits.
    std::uint64_t last8() const noexcept { return last_; }
    std::uint32_t last4() const noexcept { return static_cast<std::uint32_t>(last_); }
    /// The four bytes before those of last4().
    std::uint32_t before4() const noexcept { return static_cast<std::uint32_t>(last_ >> 32); }
    /// The byte `back` bytes ago, 1 for the latest; back <= the ring's size.
    std::uint8_t back(std::uint32_t back) const noexcept { return at(position_ - back); }
    std::uint8_t at(std::uint32_t position) const noexcept {
        return ring_.data()[position & mask_];
    }
    std::uint32_t size() const noexcept { return mask_ + 1; }
    static std::size_t memory_for(int bits) noexcept { return std::size_t{1} << bits; }

private:
    fixed::LazyZeros ring_;
    std::uint32_t mask_;
    std::uint32_t position_ = 0;
    std::uint64_t last_ = 0;
};

} // namespace weightless::model
