// A quick test for data that can hardly be compressed: compressed or encrypted data, which look
// like random bytes. In integers, as it decides what an encoder writes, which must be the same on
// every machine.
//
// Source: the collision entropy (A. Renyi), estimated by the sum of squared counts.
#pragma once

#include "fixed/rolling_hash.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weightless::codec {

namespace random_bytes {

/// Whether n values that fall into 2^bits classes fall about as evenly as random ones: whether the
/// chance that two of them are equal is at most 1 + 1 / tolerance times as high, apart from what
/// chance adds.
template <int bits, typename ValueAt>
bool even(std::size_t n, std::uint64_t tolerance, ValueAt value_at) {
    std::vector<std::uint32_t> counts(std::size_t{1} << bits);
    for (std::size_t i = 0; i < n; ++i) {
        ++counts[value_at(i)];
    }
    std::uint64_t squares = 0;
    for (const std::uint64_t count : counts) {
        squares += count * count;
    }
    // For random values the sum is n^2 / 2^bits + n.
    const std::uint64_t expected = std::uint64_t{n} * n >> bits;
    return squares <= expected + expected / tolerance + n + n / 16;
}

/// Whether some 16 bytes occur twice; positions that are multiples of 16 are compared with all.
inline bool repeats(std::span<const std::uint8_t> data) {
    constexpr std::size_t kSize = 16;
    std::vector<std::uint32_t> ends(std::size_t{1} << 16);
    fixed::RollingHash<kSize> hash;
    for (std::size_t end = 1; end <= data.size(); ++end) {
        hash.push(data[end - 1]);
        if (end > kSize) {
            hash.drop(data[end - 1 - kSize]);
        }
        if (end < kSize) {
            continue;
        }
        std::uint32_t& entry = ends[hash.index(ends.size())];
        std::size_t same = 0;
        while (entry != 0 && same < kSize && data[entry - 1 - same] == data[end - 1 - same]) {
            ++same;
        }
        if (same == kSize) {
            return true;
        }
        if (end % kSize == 0) {
            entry = static_cast<std::uint32_t>(end);
        }
    }
    return false;
}

} // namespace random_bytes

/// The sizes in bytes of data that are judged, and of the pieces in which they are.
inline constexpr std::size_t kLeastJudged = std::size_t{1} << 12;
inline constexpr std::size_t kMostJudged = std::size_t{1} << 20;
inline constexpr std::size_t kJudgedPiece = std::size_t{1} << 14;

/// Whether the data look like random bytes, or almost, as a photograph in JPEG does. Data of
/// another size do not: fewer are too few to tell.
inline bool look_random(std::span<const std::uint8_t> data) {
    const std::size_t n = data.size();
    if (n < kLeastJudged || n > kMostJudged) {
        return false;
    }
    // Each piece by itself, so that a kilobyte of other data in it shows.
    const std::size_t piece = std::min(n, kJudgedPiece);
    for (std::size_t at = 0; at < n; at += piece) {
        const std::size_t begin = std::min(at, n - piece);
        const auto value = [&](std::size_t i) { return data[begin + i]; };
        if (!random_bytes::even<8>(piece, 16, value)) {
            return false;
        }
    }
    for (std::size_t stride = 1; stride <= 4; ++stride) {
        const auto difference = [&](std::size_t i) {
            return static_cast<std::uint8_t>(data[i + stride] - data[i]);
        };
        if (!random_bytes::even<8>(n - stride, 64, difference)) {
            return false;
        }
    }
    const auto pair = [&](std::size_t i) { return data[i] * std::size_t{256} + data[i + 1]; };
    return random_bytes::even<16>(n - 1, 1, pair) && !random_bytes::repeats(data);
}

} // namespace weightless::codec
