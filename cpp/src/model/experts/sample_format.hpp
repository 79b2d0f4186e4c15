// Detects the format of an array of numbers: bytes per number, channels, and byte order. It tries
// all formats. A format is detected if coding each number's difference from the previous one or two
// of its channel, or from those of the channel before it, would cost less than all other experts
// together.
#pragma once

#include "fixed/arithmetic.hpp"
#include "model/experts/detection_windows.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// The latest bytes as they are in the data, not as symbols.
class RawRing {
public:
    static constexpr std::uint32_t kSize = 1u << 15;

    void push(std::uint8_t byte) noexcept { bytes_[position_++ % kSize] = byte; }
    std::uint32_t position() const noexcept { return position_; }
    /// The byte `n` bytes ago, 1 for the latest.
    std::uint32_t back(std::uint32_t n) const noexcept { return bytes_[(position_ - n) % kSize]; }
    /// The number whose 1 to 4 bytes end `n` bytes ago. Numbers of two or more bytes are signed.
    std::int32_t number(std::uint32_t n, std::uint32_t bytes, bool big) const noexcept {
        std::uint32_t v = 0;
        for (std::uint32_t i = 0; i < bytes; ++i) {
            v = v << 8 | back(n + (big ? bytes - i : i + 1));
        }
        const std::uint32_t unused = bytes == 1 ? 0 : 32 - 8 * bytes;
        return static_cast<std::int32_t>(v << unused) >> unused;
    }

private:
    std::uint32_t position_ = 0;
    std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(kSize);
};

struct SampleFormat {
    static constexpr std::uint32_t kMostChannels = 8;

    std::uint32_t unit;     // bytes of a number
    std::uint32_t bytes;    // how many of them are predicted, the most significant ones, at most 4
    std::uint32_t channels; // interleaved numbers
    bool big;               // big-endian
    bool sign = false;      // single bytes are signed, as in AIFF

    constexpr std::uint32_t stride() const noexcept { return unit * channels; }
    /// The number whose predicted part ends `n` bytes ago. A single signed byte is 128 more.
    std::int32_t number(const RawRing& raw, std::uint32_t n) const noexcept {
        return raw.number(n, bytes, big) ^ (sign ? 128 : 0);
    }
    /// The offset of the predicted part in the number.
    std::uint32_t begin() const noexcept { return big ? 0 : unit - bytes; }
};

/// Estimates the cost of coding residuals, as that of a Laplace distribution with their mean
/// magnitude. If most are 0 and a few are large, the estimate is high, which rules out tables.
class Residuals {
public:
    void add(std::int64_t residual) noexcept {
        sum_ += static_cast<std::uint64_t>(residual < 0 ? -residual : residual);
        ++count_;
    }
    /// Returns the cost in bits, Q8, and resets it.
    std::uint64_t end() noexcept {
        // log2(2 e mean) for each residual, Q8; the logarithm is linear between powers of two.
        const std::uint64_t mean = count_ == 0 ? 0 : (sum_ * 16 + 4) / count_ + 4;
        const std::uint64_t bits = count_ * (fixed::log2_q8(mean) + kLaplace) - count_ * (4u << 8);
        sum_ = count_ = 0;
        return bits;
    }

private:
    static constexpr std::uint64_t kLaplace = 625; // log2(2 e), Q8

    std::uint64_t sum_ = 0;
    std::uint64_t count_ = 0;
};

class SampleDetector {
public:
    static constexpr std::array<SampleFormat, 25> kFormats{{
        {1, 1, 1, false},       {1, 1, 2, false},       {1, 1, 3, false}, {1, 1, 4, false},
        {1, 1, 1, false, true}, {1, 1, 2, false, true}, {2, 2, 1, false}, {2, 2, 2, false},
        {2, 2, 3, false},       {2, 2, 4, false},       {2, 2, 6, false}, {2, 2, 8, false},
        {2, 2, 1, true},        {2, 2, 2, true},        {3, 3, 1, false}, {3, 3, 2, false},
        {3, 3, 1, true},        {3, 3, 2, true},        {4, 4, 1, false}, {4, 4, 2, false},
        {4, 4, 3, false},       {4, 4, 1, true},        {4, 4, 2, true},  {8, 4, 1, false},
        {8, 4, 2, false},
    }};

    struct Found {
        const SampleFormat* format = nullptr; // nullptr: none
        std::uint32_t phase = 0;              // where numbers begin, mod their bytes
        std::uint64_t bits = 0;               // what the bytes would cost, Q8
    };

    /// At the beginning of a window.
    void begin() noexcept {
        bits_ = {};
        values_ = {};
        parts_ = 0;
    }
    /// After each byte that is counted.
    void update(const RawRing& raw) noexcept {
        ++values_[raw.back(1)];
        for (std::size_t f = 0; f < kFormats.size(); ++f) {
            const SampleFormat& format = kFormats[f];
            const std::uint32_t n = format.stride();
            const std::int64_t x = format.number(raw, 0);
            const std::int64_t x1 = format.number(raw, n);
            const std::int64_t x2 = format.number(raw, 2 * n);
            auto& residuals = residuals_[f][raw.position() % n];
            residuals[0].add(x - x1);
            residuals[1].add(x - 2 * x1 + x2);
            if (format.channels > 1) {
                const std::int64_t y = format.number(raw, format.unit);
                const std::int64_t y1 = format.number(raw, format.unit + n);
                residuals[2].add(x - x1 - (y - y1));
            }
        }
    }
    /// After each part.
    void end_part() noexcept {
        ++parts_;
        for (std::size_t f = 0; f < kFormats.size(); ++f) {
            for (std::size_t end = 0; end < kFormats[f].stride(); ++end) {
                for (std::size_t order = 0; order < orders_of(kFormats[f]); ++order) {
                    bits_[f][end][order] += residuals_[f][end][order].end();
                }
            }
        }
    }

    /// What the bytes counted so far would cost in this format: bits, Q8. Bytes that are not
    /// predicted are counted as eight bits.
    std::uint64_t bits_of(const SampleFormat& format, std::uint32_t phase) const noexcept {
        const auto f = static_cast<std::size_t>(&format - kFormats.data());
        std::uint64_t bits = rest(format) * (parts_ * DetectionWindows::kPart / format.unit) +
                             (format.channels - 1) * kChannel * parts_;
        for (std::uint32_t c = 0; c < format.channels; ++c) {
            const std::uint32_t end = phase + c * format.unit + (format.big ? format.bytes : 0);
            const std::uint64_t* orders = bits_[f][end % format.stride()].data();
            bits += *std::min_element(orders, orders + orders_of(format));
        }
        return bits;
    }

    /// The best format so far, if it would cost less than the bytes did (cost, in bits, Q16), and
    /// less than they would as numbers without order.
    Found found(std::uint32_t cost) const noexcept {
        Found best;
        const std::uint64_t bytes = parts_ * DetectionWindows::kPart;
        if (cost >> 16 < bytes * 8 / 5) {
            return best; // data that cost so little are tables
        }
        best.bits = std::min<std::uint64_t>(cost >> 8, entropy());
        for (std::size_t f = 0; f < kFormats.size(); ++f) {
            const SampleFormat& format = kFormats[f];
            const std::uint64_t numbers = bytes / format.unit;
            // Numbers without order cost more than all their bits by this estimate.
            const std::uint64_t most = numbers * format.bytes * (31 * 8 << 3);
            for (std::uint32_t phase = 0; phase < format.unit; ++phase) {
                const std::uint64_t bits = bits_of(format, phase);
                if (bits < best.bits && bits < most + rest(format) * numbers) {
                    best = {&format, phase, bits};
                }
            }
        }
        return best;
    }

    /// The cost of those bytes of a number that are not predicted: bits, Q8.
    static std::uint64_t rest(const SampleFormat& format) noexcept {
        return (format.unit - format.bytes) * std::uint64_t{8 << 8};
    }

private:
    // Differences from the number before, of these, and from that of the channel before.
    static constexpr std::size_t kOrders = 3;
    static constexpr std::size_t kMostStride = 16;
    static constexpr std::uint64_t kChannel = 4 << 8;  // for another mean and order: bits, Q8
    using Orders = std::array<std::uint64_t, kOrders>; // bits, Q8
    static constexpr std::size_t orders_of(const SampleFormat& format) noexcept {
        return format.channels > 1 ? kOrders : kOrders - 1;
    }

    // The entropy of the byte values counted, times their number; bits, Q8.
    std::uint64_t entropy() const noexcept {
        std::uint64_t all = 0;
        std::uint64_t sum = 0;
        for (const std::uint32_t n : values_) {
            all += n;
            sum += n * fixed::log2_q8(n);
        }
        return all * fixed::log2_q8(all) - sum;
    }

    std::uint64_t parts_ = 0;
    std::array<std::uint32_t, 256> values_{}; // how often each byte value occurred
    // Indexed by format, where numbers end mod the stride, and the prediction's order.
    std::array<std::array<std::array<Residuals, kOrders>, kMostStride>, kFormats.size()>
        residuals_{};
    std::array<std::array<Orders, kMostStride>, kFormats.size()> bits_{};
    static_assert(std::ranges::all_of(kFormats, [](const SampleFormat& format) {
        return format.stride() <= kMostStride;
    }));
};

} // namespace weightless::model
