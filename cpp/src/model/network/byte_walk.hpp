// Turns a distribution over bytes into predictions of bits: P(next bit = 1 | partial byte).
#pragma once

#include "fixed/probability.hpp"

#include <cstdint>
#include <span>

namespace weightless::model {

class ByteWalk {
public:
    /// Starts a byte. p: 256 weights, Q24, each at least 1, with sum 2^24; it must outlive
    /// the walk through the byte.
    void begin(std::span<const std::uint32_t, 256> p) noexcept {
        p_ = p.data();
        low_ = 0;
        size_ = 256;
        total_ = 1u << 24;
        split();
    }

    /// Must be called on a copy, with the copy of the distribution.
    void rebase(std::span<const std::uint32_t, 256> p) noexcept { p_ = p.data(); }

    /// P(next bit = 1), Q22, in [1, 2^22 - 1].
    std::uint32_t predict() const noexcept {
        const auto p = static_cast<std::uint32_t>(
            (static_cast<std::uint64_t>(ones_) << fixed::kProbabilityBits) / total_);
        return p < 1 ? 1 : (p > fixed::kProbabilityOne - 1 ? fixed::kProbabilityOne - 1 : p);
    }

    /// Takes the actual bit; returns true if it was the last of its byte.
    bool update(unsigned bit) noexcept {
        size_ /= 2;
        low_ += bit != 0 ? size_ : 0;
        total_ = bit != 0 ? ones_ : total_ - ones_;
        if (size_ == 1) {
            return true;
        }
        split();
        return false;
    }

    /// The byte, once update() returned true.
    std::uint8_t byte() const noexcept { return static_cast<std::uint8_t>(low_); }

private:
    void split() noexcept {
        const unsigned half = size_ / 2;
        const std::uint32_t* upper = p_ + low_ + half;
        std::uint32_t sum = 0;
        for (unsigned i = 0; i < half; ++i) {
            sum += upper[i];
        }
        ones_ = sum;
    }

    const std::uint32_t* p_ = nullptr;
    unsigned low_ = 0;        // the least byte value that the known bits allow
    unsigned size_ = 256;     // how many byte values they allow
    std::uint32_t total_ = 0; // their weight
    std::uint32_t ones_ = 0;  // the weight of those whose next bit is 1
};

} // namespace weightless::model
