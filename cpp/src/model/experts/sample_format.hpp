// Which numbers an array holds: how many bytes each, how many channels, which end first.
// Found from the data by trying all: a code for differences from the one or two numbers before
// in the channel would take less than all other experts together do.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// The latest bytes as they are in the data (where symbols stand for them, too).
class RawRing {
public:
    static constexpr std::uint32_t kSize = 1u << 15;

    void push(std::uint8_t byte) noexcept { bytes_[position_++ % kSize] = byte; }
    std::uint32_t position() const noexcept { return position_; }
    /// 1 for the latest.
    std::uint32_t back(std::uint32_t n) const noexcept { return bytes_[(position_ - n) % kSize]; }
    /// The 1 to 4 bytes that end `n` bytes ago, as a number; of two and more it has a sign.
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
    std::uint32_t bytes;    // of them the highest are predicted, at most 4
    std::uint32_t channels; // numbers that take turns
    bool big;               // the highest byte comes first

    std::uint32_t stride() const noexcept { return unit * channels; }
    /// Where in the number the part to predict begins.
    std::uint32_t begin() const noexcept { return big ? 0 : unit - bytes; }
};

/// The sizes of residuals, and what coding them takes: that of a Laplace distribution of
/// their mean size. Where most are 0 and a few are large, that is much: tables are no samples.
class Residuals {
public:
    void add(std::int64_t residual) noexcept {
        sum_ += static_cast<std::uint64_t>(residual < 0 ? -residual : residual);
        ++count_;
    }
    /// Bits, Q8; begins anew.
    std::uint64_t end() noexcept {
        // log2(2 e mean) a residual, the logarithm by the bits behind the first; Q8.
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

    /// Looks at this byte; windows are far apart so that other data pay little.
    static bool watches(std::uint32_t position) noexcept { return position % kEvery < kWindow; }

    /// Whether what this byte costs counts.
    static bool measures(std::uint32_t position) noexcept {
        return watches(position) && position % kEvery >= kWarm;
    }

    /// After a byte that is watched.
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
                // Bytes that are not predicted take eight bits.
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

    /// Of bytes of a number that are not predicted: bits, Q8.
    static std::uint64_t rest(const SampleFormat& format) noexcept {
        return (format.unit - format.bytes) * std::uint64_t{8 << 8};
    }

    static constexpr std::uint32_t kWindow = 1024;
    static constexpr std::uint32_t kEvery = 8192;
    static constexpr std::uint32_t kWarm = 64; // at its beginning

    static constexpr std::uint32_t kPart = 240; // in which sizes are taken for alike

private:
    static constexpr std::size_t kOrders = 2;
    // What costs less is a table.
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
    // By format, phase and the prediction's order.
    std::array<std::array<std::array<Residuals, kOrders>, 8>, kFormats.size()> residuals_{};
    std::array<std::array<std::array<std::uint64_t, kOrders>, 8>, kFormats.size()> bits_{}; // Q8
};

} // namespace weightless::model
