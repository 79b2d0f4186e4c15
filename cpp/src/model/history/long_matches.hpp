// Finds an earlier occurrence of the last 32 bytes anywhere in the history, however far back. Only
// every 16th position is entered, so that a small table covers the whole history. The table grows
// with the history.
//
// Source: sparse insertion as in zstd's long-distance matching; the rolling hash is that of Karp
// and Rabin.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/prefetch.hpp"
#include "fixed/rolling_hash.hpp"
#include "fixed/tracked.hpp"
#include "model/history/raw_history.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace weightless::model {

class LongMatches {
public:
    /// For a history that keeps the last 2^history_bits bytes.
    explicit LongMatches(int history_bits)
        : most_(std::size_t{1} << (history_bits - kEveryBits)),
          places_(Places(std::min(most_, kFirst), 0)) {}

    /// Must be called after raw.push(). Prefetches what candidate() reads.
    void update(const RawHistory& raw) {
        const std::uint64_t before = raw.position() - 1;
        if (before % kEvery == 0 && before >= kLength) {
            places_.write(hash_.index(places_.size())) =
                static_cast<std::uint32_t>(before / kEvery);
            if (before / kEvery >= places_.size() && places_.size() < most_) {
                grow(raw, before);
            }
        }
        roll(hash_, raw, raw.position());
        fixed::prefetch(&places_[hash_.index(places_.size())]);
    }
    /// The position after what may be an earlier occurrence, or 0.
    std::uint64_t candidate() const noexcept { return place(hash_); }

    /// Whether 32 bytes of the data are in the history, as far as the table knows.
    bool find_any(const RawHistory& raw, std::span<const std::uint8_t> data) const noexcept {
        Hash hash;
        for (std::size_t i = 0; i < data.size(); ++i) {
            hash.push(data[i]);
            if (i >= kLength) {
                hash.drop(data[i - kLength]);
            }
            if (i + 1 >= kLength &&
                is_at(raw, place(hash), data.subspan(i + 1 - kLength, kLength))) {
                return true;
            }
        }
        return false;
    }

    std::size_t memory() const noexcept { return places_.size() * sizeof(std::uint32_t); }
    /// The most that it takes after `content` bytes, also while the table grows.
    static std::uint64_t memory_for(int history_bits, std::uint64_t content) noexcept {
        const std::uint64_t most = std::uint64_t{1} << (history_bits - kEveryBits);
        const std::uint64_t entries = std::clamp(std::bit_ceil(content / kEvery + 1),
                                                 std::min<std::uint64_t>(most, kFirst), most);
        return (entries + (entries > kFirst ? entries / 2 : 0)) * sizeof(std::uint32_t);
    }

private:
    using Places = fixed::AlignedVector<std::uint32_t>;

    static constexpr std::uint32_t kLength = 32;
    using Hash = fixed::RollingHash<kLength>;

    static constexpr int kEveryBits = 4;
    static constexpr std::uint32_t kEvery = 1u << kEveryBits;
    static constexpr std::size_t kFirst = 1024; // entries in the beginning

    std::uint64_t place(const Hash& hash) const noexcept {
        return std::uint64_t{places_[hash.index(places_.size())]} * kEvery;
    }
    // Makes the hash of the bytes before `position` from that of those before `position` - 1.
    static void roll(Hash& hash, const RawHistory& raw, std::uint64_t position) noexcept {
        hash.push(raw.at(position - 1));
        if (position > kLength) {
            hash.drop(raw.at(position - 1 - kLength));
        }
    }
    // Whether the history has these bytes before the position.
    static bool is_at(const RawHistory& raw, std::uint64_t position,
                      std::span<const std::uint8_t> bytes) noexcept {
        if (position < bytes.size() || raw.position() - position + bytes.size() > raw.size()) {
            return false;
        }
        std::size_t same = 0;
        while (same < bytes.size() && raw.at(position - bytes.size() + same) == bytes[same]) {
            ++same;
        }
        return same == bytes.size();
    }
    // Doubles the table, and enters the positions up to `end` again.
    void grow(const RawHistory& raw, std::uint64_t end) {
        places_ = fixed::Tracked<std::uint32_t>(Places(2 * places_.size(), 0));
        Hash hash;
        for (std::uint64_t position = 1; position <= end; ++position) {
            roll(hash, raw, position);
            if (position % kEvery == 0 && position >= kLength) {
                places_.write(hash.index(places_.size())) =
                    static_cast<std::uint32_t>(position / kEvery);
            }
        }
    }

    std::size_t most_;                     // entries
    fixed::Tracked<std::uint32_t> places_; // positions after entered bytes / kEvery; 0: none
    Hash hash_;
};

} // namespace weightless::model
