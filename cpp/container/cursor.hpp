// Reading and writing the fields of headers.
#pragma once

#include "container/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weightless::container {

using Bytes = std::vector<std::uint8_t>;

/// Reads fields one after another. After one that is incomplete or wrong, all further ones are 0,
/// and ok() is false.
class Cursor {
public:
    explicit Cursor(std::span<const std::uint8_t> data, std::size_t at = 0)
        : data_(data), at_(at) {}

    std::uint8_t byte() {
        if (!need(1)) {
            return 0;
        }
        return data_[at_++];
    }
    /// A varint less than 2^bits, at most 63 bits.
    std::uint64_t varint(int bits) {
        std::uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            if (!need(1)) {
                return 0;
            }
            const std::uint64_t next = data_[at_++];
            const bool fits = shift <= bits && shift < 63;
            value |= fits ? (next & 0x7f) << shift : 0;
            if (!fits || value >> bits != 0 || (next == 0 && shift != 0)) {
                refuse({kCorrupt, "a number in the archive is out of range"});
                return 0;
            }
            if (next < 0x80) {
                return value;
            }
        }
    }
    std::span<const std::uint8_t> bytes(std::size_t n) {
        if (!need(n)) {
            return {};
        }
        at_ += n;
        return data_.subspan(at_ - n, n);
    }

    void refuse(Error error) {
        if (ok()) {
            error_ = std::move(error);
        }
    }

    std::size_t at() const noexcept { return at_; }
    /// The bytes read so far.
    std::span<const std::uint8_t> before() const { return data_.first(at_); }
    bool ok() const noexcept { return !more_ && !error_; }
    /// Whether the data end within a field, which is not an error if more follow.
    bool more() const noexcept { return more_; }
    const Error& error() const noexcept { return error_; }

private:
    bool need(std::size_t n) {
        if (ok() && data_.size() - at_ < n) {
            more_ = true;
        }
        return ok();
    }

    std::span<const std::uint8_t> data_;
    std::size_t at_;
    bool more_ = false;
    Error error_;
};

inline void append_varint(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

inline void append_number(Bytes& out, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) {
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

} // namespace weightless::container
