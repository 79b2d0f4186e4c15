// Least squares in integers: weights of linear prediction from sums of products, by Cholesky's
// decomposition. Every step is exact on every machine, and no sum can overflow, whatever the data.
//
// Features and targets are at most 255 in magnitude. Sums are taken over blocks of 16 observations
// and then forgotten exponentially; the caller chooses which sums to add up.
#pragma once

#include "fixed/arithmetic.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model::least_squares {

/// Observations of a block.
inline constexpr std::size_t kBlock = 16;

/// Sums of products of n features and the target, which counts as feature n: the lower triangle,
/// row by row.
template <std::size_t n> struct Sums {
    static constexpr std::size_t kSize = (n + 1) * (n + 2) / 2;
    static constexpr std::size_t at(std::size_t row, std::size_t column) noexcept {
        return row * (row + 1) / 2 + column;
    }
};

/// The observations of a block.
template <std::size_t n> class Block {
public:
    /// Adds one; the block must not be full.
    void add(const std::array<std::int16_t, n>& features, std::int16_t target) noexcept {
        for (std::size_t i = 0; i < n; ++i) {
            columns_[i][count_] = features[i];
        }
        columns_[n][count_] = target;
        ++count_;
    }
    std::size_t count() const noexcept { return count_; }

    /// Writes the sums of products, at most 2^20 in magnitude, and empties the block.
    void take(std::int32_t* sums) noexcept {
        for (std::size_t i = 0; i <= n; ++i) {
            for (std::size_t j = 0; j <= i; ++j) {
                std::int32_t sum = 0;
                for (std::size_t k = 0; k < kBlock; ++k) {
                    sum += std::int32_t{columns_[i][k]} * columns_[j][k];
                }
                *sums++ = sum;
            }
        }
        count_ = 0;
        columns_ = {};
    }

private:
    std::size_t count_ = 0;
    alignas(32) std::array<std::array<std::int16_t, kBlock>, n + 1> columns_{};
};

/// Computes weights, Q11 within +-16, of the first `used` features; the others' are 0. ridge is
/// added to each feature's sum of squares, so that weights become smaller where it is small.
template <std::size_t n>
void solve(const std::int32_t* sums, std::size_t used, std::int32_t ridge,
           std::array<std::int16_t, n>& weights) noexcept {
    constexpr std::int64_t kMost = std::int64_t{1} << 28; // of an element of the decomposition
    using S = Sums<n>;
    weights.fill(0);
    // The largest element becomes nearly 2^56, so that roots are nearly 2^28 and sums of up to 64
    // products below 2^62.
    std::int32_t largest = std::max(sums[S::at(n, n)], ridge);
    for (std::size_t i = 0; i < used; ++i) {
        largest = std::max(largest, sums[S::at(i, i)]);
    }
    if (largest <= 0) {
        return;
    }
    const int up = 55 - static_cast<int>(std::bit_width(static_cast<std::uint32_t>(largest)));
    const auto scaled = [up](std::int64_t v) { return v * (std::int64_t{1} << up); };
    const std::int64_t more = scaled(ridge) + (std::int64_t{1} << 30);
    std::array<std::array<std::int64_t, n>, n> c;
    std::array<std::int64_t, n> y;
    for (std::size_t i = 0; i < used; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            std::int64_t v = scaled(sums[S::at(i, j)]);
            for (std::size_t k = 0; k < j; ++k) {
                v -= c[i][k] * c[j][k];
            }
            c[i][j] = std::clamp(v / c[j][j], -kMost, kMost);
        }
        std::int64_t d = scaled(sums[S::at(i, i)]) + more;
        for (std::size_t k = 0; k < i; ++k) {
            d -= c[i][k] * c[i][k];
        }
        d = std::max(d, more / 2);
        const std::int64_t root = fixed::square_root(d);
        c[i][i] = root;
        std::int64_t v = scaled(sums[S::at(n, i)]);
        for (std::size_t k = 0; k < i; ++k) {
            v -= c[i][k] * y[k];
        }
        y[i] = std::clamp(v / root, -kMost, kMost);
    }
    std::array<std::int64_t, n> w;
    for (std::size_t i = used; i-- > 0;) {
        std::int64_t v = y[i] * 65536;
        for (std::size_t k = i + 1; k < used; ++k) {
            v -= c[k][i] * w[k];
        }
        w[i] = std::clamp<std::int64_t>(v / c[i][i], -(1 << 20), 1 << 20);
        weights[i] =
            static_cast<std::int16_t>(std::clamp<std::int64_t>((w[i] + 16) >> 5, -32768, 32767));
    }
}

} // namespace weightless::model::least_squares
