// Finds an earlier occurrence of the last 32 bytes anywhere in the history, however far back. Only
// every 16th position is entered, so that a small table covers the whole history.
//
// Source: sparse insertion as in zstd's long-distance matching; the rolling hash is that of Karp
// and Rabin.
#pragma once

#include "model/history/byte_history.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class LongMatches {
public:
    /// For a history of 2^history_bits bytes.
    explicit LongMatches(int history_bits)
        : shift_(32 - bits(history_bits)), places_(std::size_t{1} << bits(history_bits), 0) {}

    /// Must be called after raw.push().
    void update(const ByteHistory& raw) noexcept {
        const std::uint32_t position = raw.position();
        hash_ = hash_ * kFactor + raw.back(1) + 1u;
        if (position > kLength) {
            hash_ -= kOldest * (raw.back(kLength + 1) + 1u);
        }
        std::uint32_t& entry = places_[hash_ * kSpread >> shift_];
        candidate_ = entry;
        if (position % kEvery == 0 && position >= kLength) {
            entry = position;
        }
    }
    /// The position after what may be an earlier occurrence, or 0.
    std::uint32_t candidate() const noexcept { return candidate_; }

    std::size_t memory() const noexcept { return places_.size() * sizeof(std::uint32_t); }
    static std::size_t memory_for(int history_bits) noexcept {
        return (std::size_t{1} << bits(history_bits)) * sizeof(std::uint32_t);
    }

private:
    static constexpr std::uint32_t kLength = 32;
    static constexpr std::uint32_t kEvery = 16;
    static constexpr int bits(int history_bits) noexcept { return history_bits - 4; }

    static constexpr std::uint32_t kFactor = 0x2c9277b5u;
    static constexpr std::uint32_t kSpread = 0x9e3779b1u;
    static constexpr std::uint32_t kOldest = [] { // kFactor to the power kLength
        std::uint32_t power = 1;
        for (std::uint32_t i = 0; i < kLength; ++i) {
            power *= kFactor;
        }
        return power;
    }();

    int shift_;
    std::vector<std::uint32_t> places_; // positions after entered bytes; 0: none
    std::uint32_t hash_ = 0;            // of the last kLength bytes
    std::uint32_t candidate_ = 0;
};

} // namespace weightless::model
