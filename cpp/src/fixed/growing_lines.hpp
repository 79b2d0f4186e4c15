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

    static constexpr int kMostBits = 31;

    /// Takes 2^per_byte bytes for each byte of data up to 2^bits bytes, and then 2^share bytes for
    /// each byte of data up to 2^(bits + growth) bytes. kFirstBits <= bits, share <= kFirstBits;
    /// more than 2^kMostBits bytes are not taken.
    GrowingLines(int bits, int per_byte, int growth = 0, int share = 3)
        : memory_(std::size_t{1} << bits), bits_(std::min(bits, kFirstBits)), usual_(bits),
          most_(std::min(bits + growth, kMostBits)), per_byte_(per_byte), share_(share) {
        resized();
    }

    /// Whether grow() would do anything.
    bool grows(std::uint64_t position) const noexcept { return position >= next_; }
    /// Makes the table as large as data of `position` bytes need; lines are then at other places,
    /// and data() may be another pointer. Throws std::bad_alloc.
    void grow(std::uint64_t position) {
        grow(position, [](std::uint8_t*, std::uint8_t*, int) noexcept {});
    }
    /// The same. Beyond the usual size, split(low, high, bit) is called for the two copies of each
    /// line: hashes whose bit with this number is 0 are looked for in the first, others in the
    /// second, so what the other will not be asked for can be removed from it.
    template <class Split> void grow(std::uint64_t position, Split split) {
        while (grows(position)) {
            if (bits_ >= usual_) {
                memory_.extend(2 * memory_.size());
            }
            memory_.touch_all();
            for (std::size_t i = std::size_t{1} << (bits_ - kLineBits); i-- > 0;) {
                std::uint8_t* low = data() + 2 * i * kLine;
                std::memcpy(low + kLine, data() + i * kLine, kLine);
                std::memmove(low, data() + i * kLine, kLine);
                if (bits_ >= usual_) {
                    split(low, low + kLine, shift_ - 1);
                }
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
    /// The most that it takes for `content` bytes of data.
    static std::uint64_t memory_for(int bits, int growth, int share,
                                    std::uint64_t content) noexcept {
        const int most = std::min(bits + growth, kMostBits);
        while (bits < most && content >= std::uint64_t{1} << (bits - share)) {
            ++bits;
        }
        return std::uint64_t{1} << bits;
    }

private:
    static constexpr int kFirstBits = 16;
    static constexpr int kLineBits = 6;

    void resized() noexcept {
        shift_ = 32 - (bits_ - kLineBits);
        if (bits_ < usual_) {
            next_ = std::uint64_t{1} << (bits_ - per_byte_);
        } else {
            next_ = bits_ < most_ ? std::uint64_t{1} << (bits_ - share_) : ~std::uint64_t{0};
        }
    }

    LazyZeros memory_;
    int bits_; // 2^bits_ bytes are in use
    int usual_;
    int most_;
    int per_byte_;
    int share_;
    int shift_ = 0;
    std::uint64_t next_ = 0; // the position at which the table doubles
};

} // namespace weightless::fixed
