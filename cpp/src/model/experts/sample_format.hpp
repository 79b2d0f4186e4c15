// Detects the format of an array of numbers: bytes per number, channels, and byte order. It tries
// all formats. A format is detected if coding each number's difference from the previous one or two
// of its channel would cost less than all other experts together.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
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
    std::uint32_t unit;     // bytes of a number
    std::uint32_t bytes;    // how many of them are predicted, the most significant ones, at most 4
    std::uint32_t channels; // interleaved numbers
    bool big;               // big-endian

    std::uint32_t stride() const noexcept { return unit * channels; }
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
        const auto size = static_cast<std::uint64_t>(std::bit_width(mean));
        const std::uint64_t log =
            count_ == 0 ? 0 : ((size - 1) << 8) + ((mean << 8 >> (size - 1)) & 255u);
        const std::uint64_t bits = count_ * (log + kLaplace) - count_ * (4u << 8);
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
    static constexpr std::array<SampleFormat, 17> kFormats{{
        {1, 1, 1, false},
        {1, 1, 2, false},
        {1, 1, 3, false},
        {1, 1, 4, false},
        {2, 2, 1, false},
        {2, 2, 2, false},
        {2, 2, 3, false},
        {2, 2, 4, false},
        {2, 2, 1, true},
        {2, 2, 2, true},
        {3, 3, 1, false},
        {3, 3, 2, false},
        {4, 4, 1, false},
        {4, 4, 2, false},
        {4, 4, 1, true},
        {8, 4, 1, false},
        {8, 4, 2, false},
    }};

    /// Whether this byte lies in a window. Windows are far apart, so that other data cost little
    /// time.
    static bool watches(std::uint32_t position) noexcept { return position % kEvery < kWindow; }

    /// Whether the coding cost of this byte is counted.
    static bool measures(std::uint32_t position) noexcept {
        return watches(position) && position % kEvery >= kWarm;
    }

    /// Must be called after each byte in a window.
    void update(const RawRing& raw) noexcept {
        const std::uint32_t place = (raw.position() - 1) % kEvery;
        if (place == 0) {
            bits_ = {};
        }
        if (place < kWarm) {
            return;
        }
        for (std::size_t f = 0; f < kFormats.size(); ++f) {
            const SampleFormat& format = kFormats[f];
            const std::uint32_t n = format.stride();
            const std::int64_t x = raw.number(0, format.bytes, format.big);
            const std::int64_t x1 = raw.number(n, format.bytes, format.big);
            const std::int64_t x2 = raw.number(2 * n, format.bytes, format.big);
            auto& residuals = residuals_[f][raw.position() % format.unit];
            residuals[0].add(x - x1);
            residuals[1].add(x - 2 * x1 + x2);
        }
        if ((place - kWarm) % kPart == kPart - 1) {
            end_part();
        }
    }

    /// At a window's end, with the bits (Q16) that its measured bytes cost: the best format, or
    /// nullptr if none does; phase() is then where numbers begin, mod their bytes.
    const SampleFormat* found(std::uint32_t cost) noexcept {
        const SampleFormat* best = nullptr;
        if (cost < kLeast) {
            return nullptr;
        }
        std::uint64_t least = cost >> 8;
        for (std::size_t f = 0; f < kFormats.size(); ++f) {
            const SampleFormat& format = kFormats[f];
            for (std::uint32_t end = 0; end < format.unit; ++end) {
                const auto& b = bits_[f][end];
                // Bytes that are not predicted are counted as eight bits.
                const std::uint64_t bits =
                    std::min(b[0], b[1]) + rest(format) * ((kWindow - kWarm) / format.unit);
                if (bits < least) {
                    least = bits;
                    best = &format;
                    phase_ = (end + (format.big ? format.unit - format.bytes : 0)) % format.unit;
                }
            }
        }
        return best;
    }
    std::uint32_t phase() const noexcept { return phase_; }

    /// The cost of those bytes of a number that are not predicted: bits, Q8.
    static std::uint64_t rest(const SampleFormat& format) noexcept {
        return (format.unit - format.bytes) * std::uint64_t{8 << 8};
    }

    static constexpr std::uint32_t kWindow = 1024;
    static constexpr std::uint32_t kEvery = 8192;
    static constexpr std::uint32_t kWarm = 64; // bytes at its beginning that are not counted

    static constexpr std::uint32_t kPart = 240; // bytes over which the mean magnitude is taken

private:
    static constexpr std::size_t kOrders = 2;
    // Data that cost less than this are tables.
    static constexpr std::uint32_t kLeast = kWindow * 3 / 2 << 16;

    void end_part() noexcept {
        for (std::size_t f = 0; f < kFormats.size(); ++f) {
            for (std::size_t end = 0; end < kFormats[f].unit; ++end) {
                for (std::size_t order = 0; order < kOrders; ++order) {
                    bits_[f][end][order] += residuals_[f][end][order].end();
                }
            }
        }
    }

    std::uint32_t phase_ = 0;
    // Indexed by format, phase and the prediction's order.
    std::array<std::array<std::array<Residuals, kOrders>, 8>, kFormats.size()> residuals_{};
    std::array<std::array<std::array<std::uint64_t, kOrders>, 8>, kFormats.size()> bits_{}; // Q8
};

} // namespace weightless::model
