// Detects images of 8, 24 and 32 bits per pixel that are not compressed: by the headers of BMP,
// PNM, TGA and TIFF, or by their structure alone, that is, if bytes resemble those a pixel and a
// row before more than others.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// The latest bytes as they are in the data.
class PixelRing {
public:
    static constexpr std::uint32_t kSize = 1u << 17;

    void push(std::uint8_t byte) noexcept { bytes_[position_++ % kSize] = byte; }
    std::uint32_t position() const noexcept { return position_; }
    /// The byte `n` bytes ago, 1 for the latest.
    std::uint32_t back(std::uint32_t n) const noexcept { return bytes_[(position_ - n) % kSize]; }
    /// Little-endian numbers that begin `n` bytes ago.
    std::uint32_t two(std::uint32_t n) const noexcept { return back(n) | back(n - 1) << 8; }
    std::uint32_t four(std::uint32_t n) const noexcept { return two(n) | two(n - 2) << 16; }

private:
    std::uint32_t position_ = 0;
    std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(kSize);
};

/// MED, the median edge detector of LOCO-I: predicts a byte from those to the left, above, and
/// above the left one.
inline std::int32_t median_edge(std::int32_t w, std::int32_t n, std::int32_t nw) noexcept {
    return std::clamp(w + n - nw, std::min(w, n), std::max(w, n));
}

struct ImageFormat {
    static constexpr std::uint32_t kWidest = 32000; // bytes of a row

    std::uint32_t pixel = 0;  // bytes of a pixel: 1, 3 or 4
    std::uint32_t width = 0;  // bytes of a row without padding
    std::uint32_t stride = 0; // bytes of a row
    std::uint32_t begin = 0;  // position of the first byte
    std::uint32_t size = 0;   // bytes of the image; 0: unknown
};

/// Reads the headers of files as their bytes pass.
class ImageHeaders {
public:
    /// Must be called after each byte. Returns whether format() now describes an image that begins
    /// at this position or later.
    bool update(const PixelRing& ring) noexcept;
    const ImageFormat& format() const noexcept { return format_; }

private:
    bool accept(std::uint32_t bits, std::uint32_t width, std::uint32_t height, std::uint32_t begin,
                std::uint32_t multiple) noexcept;
    bool bmp(const PixelRing& ring) noexcept;
    bool tga(const PixelRing& ring) noexcept;
    bool pnm(std::uint32_t byte, std::uint32_t position) noexcept;
    bool tiff(const PixelRing& ring) noexcept;

    ImageFormat format_;
    std::uint32_t bmp_ = 0; // where one is to be read, 0: none
    int pnm_ = 0;           // bits of its pixels, 0: none
    std::size_t fields_ = 0;
    std::array<std::uint32_t, 3> field_{}; // width, height and the greatest value
    bool digits_ = false;
    bool comment_ = false;
    std::uint32_t tiff_ = 0; // where one's directory is to be read, 0: none
    std::uint32_t tiff_begin_ = 0;
    bool tiff_big_ = false;
};

/// Estimates the cost of coding residuals, as that of Laplace distributions with the mean
/// magnitudes of four channels.
class ResidualCost {
public:
    /// error: the magnitude of a residual, Q4.
    void add(std::uint32_t channel, std::uint32_t error) noexcept {
        sums_[channel] += error;
        ++counts_[channel];
    }
    std::uint64_t bits() const noexcept; // Q8

private:
    std::array<std::uint64_t, 4> sums_{};
    std::array<std::uint64_t, 4> counts_{};
};

/// Finds images by their structure.
class ImageFinder {
public:
    /// Whether the coding cost of the next byte is needed, or all that has been counted.
    bool measures(std::uint32_t position) const noexcept { return next_ - position <= kWindow; }
    bool reads(std::uint32_t position) const noexcept { return next_ == position + 1; }

    /// Must be called when that has been counted, with its sum in bits, Q16. Returns whether
    /// format() now describes an image that has begun.
    bool search(const PixelRing& ring, std::uint32_t paid) noexcept;
    /// The same while there is an image, of the format `now`: whether there is a better one.
    bool search_other(const PixelRing& ring, const ImageFormat& now) noexcept;
    const ImageFormat& format() const noexcept { return format_; }
    /// An image has begun whose format was not found by search().
    void begun(const PixelRing& ring) noexcept { next_ = ring.position() + kFirst; }
    /// What was found was none, or has ended.
    void ended(const PixelRing& ring, bool wrong) noexcept;

private:
    bool found(const PixelRing& ring, std::uint64_t paid) noexcept;

    static constexpr std::uint32_t kFirst = 4096; // bytes of an image before the first search

    static constexpr std::uint32_t kWindow = 1024;
    static constexpr std::uint32_t kShortest = 2048; // from one search to the next
    static constexpr std::uint32_t kLongest = 1u << 17;

    ImageFormat format_;
    std::uint32_t next_ = kShortest; // position of the next search
    std::uint32_t wait_ = kShortest;
};

} // namespace weightless::model
