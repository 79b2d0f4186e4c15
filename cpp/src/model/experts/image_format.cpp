#include "model/experts/image_format.hpp"

#include "fixed/arithmetic.hpp"

#include <algorithm>
#include <cstdlib>

namespace weightless::model {

namespace {

// The cost in bits, Q8, of `count` residuals of this sum of magnitudes, Q4, by a Laplace
// distribution: log2(2 e mean) each.
std::uint64_t laplace(std::uint64_t sum, std::uint64_t count) noexcept {
    const std::uint64_t mean = sum / count + 5; // a unit's rounding included
    const std::uint64_t bits = fixed::log2_q8(mean) + 625;
    return count * (bits > 4 * 256 ? bits - 4 * 256 : 0);
}

std::uint32_t distance(std::uint32_t a, std::uint32_t b) noexcept { return a > b ? a - b : b - a; }

} // namespace

bool ImageHeaders::accept(std::uint32_t bits, std::uint32_t width, std::uint32_t height,
                          std::uint32_t begin, std::uint32_t multiple) noexcept {
    constexpr std::uint32_t kTallest = 1u << 20;
    if ((bits != 8 && bits != 24 && bits != 32) || width < 4 || width > ImageFormat::kWidest ||
        height < 4 || height > kTallest) {
        return false;
    }
    const std::uint32_t row = width * (bits / 8);
    const std::uint32_t stride = (row + multiple - 1) / multiple * multiple;
    if (stride > ImageFormat::kWidest || std::uint64_t{stride} * height >> 31 != 0) {
        return false;
    }
    format_ = {bits / 8, row, stride, begin, stride * height};
    return true;
}

bool ImageHeaders::bmp(const PixelRing& ring) noexcept {
    const std::uint32_t height = ring.four(54 - 22);
    const std::uint32_t pixels = ring.four(54 - 10);
    const std::uint32_t compression = ring.four(54 - 30);
    if (ring.four(54 - 14) < 40 || ring.four(54 - 14) > 124 || pixels < 54 || pixels > 4096 ||
        ring.two(54 - 26) != 1 || (compression != 0 && compression != 3)) {
        return false;
    }
    return accept(ring.two(54 - 28), ring.four(54 - 18), height >> 31 != 0 ? 0u - height : height,
                  ring.position() - 54 + pixels, 4);
}

bool ImageHeaders::tga(const PixelRing& ring) noexcept {
    const std::uint32_t type = ring.back(16);
    const std::uint32_t bits = ring.back(2);
    if (ring.back(17) != 0 || (type != 2 && type != 3) || ring.four(15) != 0 ||
        ring.back(11) != 0 || (type == 3) != (bits == 8)) {
        return false;
    }
    return accept(bits, ring.two(6), ring.two(4), ring.position() + ring.back(18), 1);
}

bool ImageHeaders::pnm(std::uint32_t byte, std::uint32_t position) noexcept {
    const bool white = byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
    if (comment_) {
        comment_ = byte != '\n';
    } else if (byte >= '0' && byte <= '9') {
        field_[fields_] = std::min(field_[fields_] * 10 + (byte - '0'), 1u << 24);
        digits_ = true;
    } else if (white) {
        if (digits_) {
            digits_ = false;
            if (++fields_ == 3) {
                const auto bits = static_cast<std::uint32_t>(pnm_);
                pnm_ = 0;
                return field_[2] != 0 && field_[2] < 256 &&
                       accept(bits, field_[0], field_[1], position, 1);
            }
        }
    } else if (byte == '#' && !digits_) {
        comment_ = true;
    } else {
        pnm_ = 0;
    }
    return false;
}

bool ImageHeaders::tiff(const PixelRing& ring) noexcept {
    const auto back = [&](std::uint32_t place) { return ring.position() - place; };
    const auto two = [&](std::uint32_t place) {
        const std::uint32_t v = ring.two(back(place));
        return tiff_big_ ? (v >> 8 | v << 8) & 0xffffu : v;
    };
    const auto four = [&](std::uint32_t place) {
        const std::uint32_t a = two(place);
        const std::uint32_t b = two(place + 2);
        return tiff_big_ ? a << 16 | b : b << 16 | a;
    };
    const std::uint32_t directory = tiff_;
    const std::uint32_t entries = two(directory);
    if (entries == 0 || entries > 64) {
        tiff_ = 0;
        return false;
    }
    if (back(directory) < 2 + 12 * entries) {
        return false; // not yet complete
    }
    tiff_ = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t channels = 1;
    std::uint32_t begin = 0;
    bool plain = true;
    std::uint32_t rows = ~0u; // of a strip
    std::uint32_t strip = 0;  // bytes of the first one; 0: not known
    for (std::uint32_t i = 0; i < entries; ++i) {
        const std::uint32_t entry = directory + 2 + 12 * i;
        const bool narrow = two(entry + 2) == 3;
        const std::uint32_t count = four(entry + 4);
        const std::uint32_t value = narrow ? two(entry + 8) : four(entry + 8);
        // An array of several values may be elsewhere: its first value, if it has been read.
        const std::uint32_t place = tiff_begin_ + four(entry + 8);
        const bool array = count > (narrow ? 2u : 1u);
        const bool read = array && back(place) - 4 < PixelRing::kSize - 8;
        const std::uint32_t first = !array ? value : !read ? 0 : narrow ? two(place) : four(place);
        switch (two(entry)) {
        case 256:
            width = value;
            break;
        case 257:
            height = value;
            break;
        case 258:
            plain = plain && (first == 8 || (array && !read));
            break;
        case 259:
            plain = plain && value == 1;
            break;
        case 273: // the offsets of strips
            begin = first;
            break;
        case 277:
            channels = value;
            break;
        case 278:
            rows = value;
            break;
        case 279:
            strip = first;
            break;
        case 284:
            plain = plain && value == 1;
            break;
        default:
            break;
        }
    }
    // The bits of a sample are often not known yet, but the size of a strip tells them.
    const std::uint64_t bytes = std::uint64_t{std::min(rows, height)} * width * channels;
    plain = plain && (strip == 0 || strip == bytes);
    // Strips follow the directory, or else an array that follows it.
    begin = begin == 0 ? ring.position() : tiff_begin_ + begin;
    return plain && begin - ring.position() < 65536 &&
           accept(channels * 8, width, height, begin, 1);
}

bool ImageHeaders::update(const PixelRing& ring) noexcept {
    const std::uint32_t position = ring.position();
    const std::uint32_t byte = ring.back(1);
    const std::uint32_t before = ring.back(2);
    if (pnm_ != 0 && pnm(byte, position)) {
        return true;
    }
    if (before == 'P' && (byte == '5' || byte == '6')) {
        pnm_ = byte == '5' ? 8 : 24;
        fields_ = 0;
        field_ = {};
        digits_ = comment_ = false;
    }
    if (before == 'B' && byte == 'M') {
        bmp_ = position + 52;
    }
    if (bmp_ != 0 && bmp_ == position && bmp(ring)) {
        return true;
    }
    if (byte <= 0x28 && (byte & 0xd0u) == 0 && (before == 24 || before == 32 || before == 8) &&
        tga(ring)) {
        return true;
    }
    // TIFF: "II*\0" or "MM\0*", and an offset in that byte order.
    const std::uint32_t mark = ring.four(8);
    if (mark == 0x002a4949u || mark == 0x2a004d4du) {
        tiff_big_ = mark == 0x2a004d4du;
        const std::uint32_t offset = ring.four(4);
        const std::uint32_t directory = tiff_big_ ? (offset >> 24 | (offset >> 8 & 0xff00u) |
                                                     (offset << 8 & 0xff0000u) | offset << 24)
                                                  : offset;
        tiff_begin_ = position - 8;
        tiff_ = directory >= 8 && directory < 65536 ? tiff_begin_ + directory : 0;
    }
    if (tiff_ != 0 && position - tiff_ >= 2 && position - tiff_ < 1024 && tiff(ring)) {
        return true;
    }
    return false;
}

std::uint64_t ResidualCost::bits() const noexcept {
    std::uint64_t bits = 0;
    for (std::size_t c = 0; c < sums_.size(); ++c) {
        bits += counts_[c] == 0 ? 0 : laplace(sums_[c], counts_[c]);
    }
    return bits;
}

void ImageFinder::ended(const PixelRing& ring, bool wrong) noexcept {
    wait_ = wrong ? std::min(wait_ * 4, kLongest) : kShortest;
    next_ = ring.position() + wait_;
}

bool ImageFinder::search(const PixelRing& ring, std::uint32_t paid) noexcept {
    const bool image = found(ring, paid >> 8);
    next_ = ring.position() + wait_;
    return image;
}

namespace {

// What `count` bytes, the latest of them `begin` bytes ago, would cost as residuals of predictions
// from both directions, and from one, or with the row taken at another distance: bits, Q8.
struct Estimates {
    std::uint64_t plane;
    std::uint64_t line;
};
Estimates estimates(const PixelRing& ring, std::uint32_t begin, std::uint32_t count,
                    std::uint32_t pixel, std::uint32_t row) noexcept {
    const std::uint32_t elsewhere = row + 37 * pixel;
    std::array<ResidualCost, 6> line;
    std::array<ResidualCost, 3> plane;
    for (std::uint32_t i = begin; i < begin + count; ++i) {
        const std::uint32_t v = ring.back(i) * 4;
        const std::uint32_t w = ring.back(i + pixel);
        const std::uint32_t ww = ring.back(i + 2 * pixel);
        const std::uint32_t www = ring.back(i + 3 * pixel);
        const std::uint32_t n = ring.back(i + row);
        const std::uint32_t nw = ring.back(i + row + pixel);
        const std::uint32_t channel = i % pixel;
        const auto med = [](std::uint32_t a, std::uint32_t b, std::uint32_t c) {
            return static_cast<std::uint32_t>(median_edge(static_cast<std::int32_t>(a),
                                                          static_cast<std::int32_t>(b),
                                                          static_cast<std::int32_t>(c)));
        };
        line[0].add(channel, distance(v, 4 * w) * 4);
        line[1].add(channel, distance(v + 4 * ww, 8 * w) * 4);
        line[2].add(channel, distance(v, 2 * (w + ww)) * 4);
        line[3].add(channel, distance(v + 12 * ww, 12 * w + 4 * www) * 4);
        const std::uint32_t other = ring.back(i + elsewhere);
        line[4].add(channel,
                    distance(v + 2 * ring.back(i + elsewhere + pixel), 3 * (w + other)) * 4);
        line[5].add(channel, distance(v, 2 * (w + other)) * 4);
        plane[0].add(channel, distance(v, 4 * med(w, n, nw)) * 4);
        plane[1].add(channel, distance(v + 2 * nw, 3 * (w + n)) * 4);
        plane[2].add(channel, distance(v, 2 * (w + n)) * 4);
    }
    const auto least_of = [](const auto& costs) {
        std::uint64_t bits = costs[0].bits();
        for (const ResidualCost& cost : costs) {
            bits = std::min(bits, cost.bits());
        }
        return bits;
    };
    return {least_of(plane), least_of(line)};
}

} // namespace

bool ImageFinder::search_other(const PixelRing& ring, const ImageFormat& now) noexcept {
    const bool image = found(ring, ~std::uint64_t{0} / 8);
    next_ = ring.position() + wait_;
    if (!image || format_.stride == now.stride) {
        return false; // the best distance to the left alone varies within an image
    }
    const auto better = [&](std::uint32_t begin) {
        return estimates(ring, begin, kWindow, format_.pixel, format_.stride).plane * 16 <
               estimates(ring, begin, kWindow, now.pixel, now.stride).plane * 15;
    };
    return better(1) && better(1 + kWindow);
}

bool ImageFinder::found(const PixelRing& ring, std::uint64_t paid) noexcept {
    if (paid < kWindow * 256) {
        return false; // such data need no image
    }
    constexpr std::uint32_t kLooks = 256;
    constexpr std::uint32_t kApart = 5;
    // Most other data are ruled out by bytes that do not resemble those a pixel before.
    std::array<std::uint32_t, 5> near{};
    std::uint32_t far = 0;
    for (std::uint32_t i = 0; i < kLooks; ++i) {
        const std::uint32_t at = 1 + i * kApart;
        const std::uint32_t v = ring.back(at);
        for (const std::uint32_t pixel : {1u, 2u, 3u, 4u}) {
            near[pixel] += distance(v, ring.back(at + pixel));
        }
        far += distance(v, ring.back(at + 107)) + distance(v, ring.back(at + 211));
    }
    std::uint32_t pixel = 1;
    for (const std::uint32_t other : {3u, 4u}) {
        pixel = near[other] * 8 < near[pixel] * 7 ? other : pixel;
    }
    if (near[pixel] * 5 > far * 2 || near[pixel] < kLooks / 4) {
        return false;
    }
    // The distance at which bytes resemble others most. It takes time: after a search in vain the
    // next one is later.
    wait_ = std::min(wait_ + wait_ / 4, std::max(wait_, 1u << 14));
    constexpr std::uint32_t kRowLooks = 128;
    constexpr std::uint32_t kRowApart = 11;
    const std::uint32_t span = kRowLooks * kRowApart;
    const std::uint32_t reach = std::min(
        (std::min(ring.position(), PixelRing::kSize) - span - 64) / 3, ImageFormat::kWidest);
    std::array<std::uint8_t, kRowLooks> value{};
    std::uint32_t beside = 0;
    for (std::uint32_t i = 0; i < kRowLooks; ++i) {
        const std::uint32_t at = 1 + i * kRowApart;
        value[i] = static_cast<std::uint8_t>(ring.back(at));
        beside += distance(value[i], ring.back(at + pixel));
    }
    std::uint32_t least = beside + beside / 2;
    std::uint32_t row = 0;
    for (std::uint32_t r = 16 * pixel; r < reach; r += pixel == 4 ? 4 : 1) {
        std::uint32_t sum = 0;
        for (std::uint32_t i = 0; i < kRowLooks && sum < least; ++i) {
            sum += distance(value[i], ring.back(1 + i * kRowApart + r));
        }
        if (sum < least) {
            least = sum;
            row = r;
        }
    }
    if (row == 0) {
        return false;
    }
    // The best distance nearby, by more bytes.
    constexpr std::uint32_t kAll = kWindow;
    const auto differences = [&](std::uint32_t r) {
        std::uint32_t sum = 0;
        for (std::uint32_t i = 1; i <= kAll; ++i) {
            sum += distance(ring.back(i), ring.back(i + r));
        }
        return sum;
    };
    least = differences(row);
    for (const std::uint32_t r : {row - 2 * pixel, row - pixel, row + pixel, row + 2 * pixel}) {
        if (const std::uint32_t sum = differences(r); sum < least) {
            least = sum;
            row = r;
        }
    }
    // So must be those some rows before.
    for (const std::uint32_t rows : {2u, 3u}) {
        if (differences(rows * row) * 8 > differences(rows * row + 37 * pixel) * 7) {
            return false;
        }
    }
    // Predictions from both directions must be better than those from one, and than those with the
    // row taken at another distance, of the bytes compared and of those before; and not much worse
    // than all experts.
    for (const std::uint32_t begin : {1u, 1 + kWindow}) {
        const Estimates costs = estimates(ring, begin, kWindow, pixel, row);
        if (costs.plane * 24 > costs.line * 23 || (begin == 1 && costs.plane * 4 > paid * 5)) {
            return false;
        }
    }
    format_ = {pixel, row, row, ring.position(), 0};
    return true;
}

} // namespace weightless::model
