// A hash table of cache lines, all zero at first, that starts small and doubles as the data grow.
// Every line is then at both of the places where its contexts may be looked for, and what is not
// found at one of them is replaced in time. So brief data touch little memory.
#pragma once

#include "fixed/lazy_zeros.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weightless::fixed {

class GrowingLines {
public:
    static constexpr std::size_t kLine = 64; // bytes

    /// Takes 2^bits bytes at most, kFirstBits <= bits <= 31, and 2^per_byte for each byte of data.
    GrowingLines(int bits, int per_byte)
        : memory_(memory_for(bits)), bits_(std::min(bits, kFirstBits)), most_(bits),
          per_byte_(per_byte) {
        resized();
    }

    /// Makes the table as large as data of `position` bytes need; lines are then at other places.
    void grow(std::uint64_t position) noexcept {
        while (position >= next_) {
            memory_.touch_all();
            for (std::size_t i = std::size_t{1} << (bits_ - kLineBits); i-- > 0;) {
                std::memcpy(data() + (2 * i + 1) * kLine, data() + i * kLine, kLine);
                std::memmove(data() + 2 * i * kLine, data() + i * kLine, kLine);
            }
            ++bits_;
            resized();
        }
    }

    /// The number of the line for a hash, by its upper bits.
    std::size_t line(std::uint32_t hash) const noexcept { return hash >> shift_; }

    /// Must be called before the byte at an offset is written.
    void touch(std::size_t offset) noexcept { memory_.touch(offset); }
    std::uint8_t* data() noexcept { return memory_.data(); }
    const std::uint8_t* data() const noexcept { return memory_.data(); }
    /// The whole table as objects of another type.
    template <class T> T* as() noexcept { return memory_.as<T>(); }
    template <class T> const T* as() const noexcept { return memory_.as<T>(); }

    std::size_t memory() const noexcept { return memory_.size(); }
    static std::size_t memory_for(int bits) noexcept { return std::size_t{1} << bits; }

private:
    static constexpr int kFirstBits = 16;
    static constexpr int kLineBits = 6;

    void resized() noexcept {
        shift_ = 32 - (bits_ - kLineBits);
        next_ = bits_ < most_ ? std::uint64_t{1} << (bits_ - per_byte_) : ~std::uint64_t{0};
    }

    LazyZeros memory_;
    int bits_; // 2^bits_ bytes are in use
    int most_;
    int per_byte_;
    int shift_ = 0;
    std::uint64_t next_ = 0; // the position at which the table doubles
};

} // namespace weightless::fixed
