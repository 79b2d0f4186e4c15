#include "model/experts/arrays.hpp"

#include "model/experts/probability_inputs.hpp"

namespace weightless::model {

void Arrays::detect() {
    constexpr std::uint32_t n = RecordSimilarity::kLooks + RecordSimilarity::kWidest;
    std::array<std::uint8_t, n> latest;
    for (std::uint32_t i = 0; i < n; ++i) {
        latest[i] = static_cast<std::uint8_t>(back(n - i));
    }
    const std::uint32_t width = RecordSimilarity::width(latest.data(), width_);
    const bool rows = width != 0 && (width_ == 0 || detections_ % 4 == 0) && find_row(width);
    if (width != 0 && (width_ != width || rows)) {
        begin(width);
    }
    width_ = width;
    next_ = position_ + kEvery;
    ++detections_;
}

void Arrays::begin(std::uint32_t width) {
    if (cells_.empty()) {
        cells_.assign(kMaps << bits_, adaptive::kHalf);
        histograms_.assign(kHistograms, Histograms(kErrorContexts, 9));
    }
    width_ = width;
    columns_.assign(kColumns, Column());
    for (std::uint32_t ago = 8; ago > 0; --ago) {
        roll(ago);
    }
}

// Returns whether the row's distance has changed.
bool Arrays::find_row(std::uint32_t width) {
    constexpr std::uint32_t looks = RecordSimilarity::kLooks / 2;
    const auto n = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(position_, looks + RecordSimilarity::kFarthest));
    std::vector<std::uint8_t> latest(n);
    for (std::uint32_t i = 0; i < n; ++i) {
        latest[i] = static_cast<std::uint8_t>(back(n - i));
    }
    const std::uint32_t farthest = n - looks; // less than a record, if there has been little else
    const std::uint32_t row =
        width <= farthest ? RecordSimilarity::row(latest.data() + n - looks, farthest, width, row_)
                          : 0;
    const bool changed = row != row_;
    row_ = row;
    return changed;
}

void Arrays::roll(std::uint32_t ago) noexcept {
    std::uint64_t n = 0;
    for (std::uint64_t& window : little_) {
        n += width_;
        window = window >> 8 | std::uint64_t{back(static_cast<std::uint32_t>(n) + ago)} << 56;
    }
    if (row_ != 0) {
        const std::array<std::uint32_t, 3> far{row_, row_ + width_, 2 * row_};
        for (std::size_t i = 0; i < far.size(); ++i) {
            rows_[i] = rows_[i] >> 8 | std::uint64_t{back(far[i] + ago)} << 56;
        }
    }
    const std::uint32_t after = std::min(4u, width_ - 1);
    n = 0;
    for (std::uint64_t& window : big_) {
        n += width_;
        window = window << 8 | std::uint64_t{back(static_cast<std::uint32_t>(n) - after + ago)}
                                   << 8 * (4 - after);
    }
}

void Arrays::prepare() noexcept {
    column_ = static_cast<std::uint32_t>(position_ % width_);
    roll(0);
    own_ = 0;
    std::uint64_t before = 0;
    for (std::uint32_t i = 7; i > 0; --i) {
        own_ = own_ >> 8 | std::uint64_t{back(i)} << 56;
    }
    own_ >>= 8;
    for (std::uint32_t i = 3; i > 0; --i) {
        before = before << 8 | back(i);
    }
    before <<= 40;
    const auto signed_ = [](std::uint64_t v) { return static_cast<std::int64_t>(v); };
    // Little-endian.
    const std::uint64_t x1 = little_[0];
    const auto d2 = signed_(little_[1] - x1);
    const auto d3 = signed_(little_[2] - x1);
    const auto d4 = signed_(little_[3] - x1);
    const std::array<std::uint64_t, kLittle> values{
        x1,
        x1 - static_cast<std::uint64_t>(d2),
        x1 + static_cast<std::uint64_t>(d2 / 4 + d3 / 4 + d4 / 4),
        rows_[0],
        2 * rows_[0] - rows_[2],
        x1 + rows_[0] - rows_[1]};
    for (std::size_t i = 0; i < kLittle; ++i) {
        expected_[i] = static_cast<std::int32_t>((values[i] - own_) >> 48);
    }
    // Big-endian.
    const std::uint64_t extrapolated = 2 * big_[0] - big_[1];
    for (std::size_t i = 0; i < kHigh; ++i) {
        const auto drop = static_cast<int>(8 * (kHigh - 1 - i));
        const auto e = [&](std::uint64_t v) {
            const std::int64_t above = signed_((v - before) << drop) >> (drop + 24);
            // The bytes after it are between 0 and 1, 1/2 on average.
            return i == 0 ? static_cast<std::int32_t>((above - 128) & 65535)
                          : static_cast<std::int32_t>(
                                std::clamp<std::int64_t>(above - 128, -32768, 98304));
        };
        expected_[kLittle + i] = e(big_[0]);
        expected_[kLittle + kHigh + i] = e(extrapolated);
    }
    const Column& column = columns_[column_ % kColumns];
    best_ = 0;
    high_ = {kLittle, kLittle + kHigh};
    for (std::size_t i = 0; i < kPredictions; ++i) {
        if (row_ == 0 && i >= kRow && i < kLittle) {
            continue;
        }
        best_ = column.cost[i] < column.cost[best_] ? i : best_;
        if (i >= kLittle) {
            std::size_t& high = high_[i >= kLittle + kHigh ? 1 : 0];
            high = column.cost[i] < column.cost[high] ? i : high;
        }
    }
    const std::array<std::size_t, kHistograms> chosen{best_, 0, 1, row_ != 0 ? kRow : 2};
    for (std::size_t i = 0; i < kHistograms; ++i) {
        values_[i] = static_cast<std::uint32_t>(expected_[chosen[i]] >> 4);
        errors_[i] = column_ % 8 * 16 + std::min(scale_of(chosen[i]), 15u);
        bits_of_byte_[i].begin(histograms_[i], errors_[i], values_[i]);
    }
    const std::uint32_t scale = scale_of(best_);
    std::size_t map = 0;
    const auto add = [&](std::size_t prediction, std::uint32_t context) {
        at_[map] = expected_[prediction];
        circular_[map] = circular(prediction);
        base_[map] = context;
        ++map;
    };
    const auto error = fixed::half_octaves(static_cast<std::uint32_t>(std::abs(column.error))) |
                       (column.error < 0 ? 64u : 0u);
    const auto beside = fixed::half_octaves(static_cast<std::uint32_t>(std::abs(beside_))) |
                        (beside_ < 0 ? 64u : 0u);
    add(best_, hash(scale, 1));
    add(best_, hash(scale, column_));
    add(best_, hash(column_, error));
    add(best_, hash(column_, beside));
    add(0, hash(scale_of(0), column_));
    add(1, hash(scale_of(1), column_));
    add(2, hash(scale_of(2), column_));
    add(high_[0], hash(scale_of(high_[0]), static_cast<std::uint32_t>(high_[0]), column_));
    add(high_[1], hash(scale_of(high_[1]), static_cast<std::uint32_t>(high_[1]), column_));
    add(best_, hash(column_, error, beside));
    for (std::size_t i = kRow; i < kLittle; ++i) {
        const std::size_t prediction = row_ == 0 ? i - kRow : i;
        add(prediction, hash(scale_of(prediction), prediction == i ? 1 : 0));
    }
}

std::uint32_t Arrays::cost_of(std::uint8_t byte) const noexcept {
    Histograms::Prediction bits;
    bits.begin(histograms_[0], errors_[0], values_[0]);
    return bits.cost_of(histograms_[0], byte);
}

void Arrays::begin_bit(const PartialByte& partial) noexcept {
    const int rest = 8 - partial.known;
    const std::int32_t middle =
        static_cast<std::int32_t>(((partial.node << rest) & 255u) + (1u << (rest - 1))) << 8;
    const auto known = static_cast<std::uint32_t>(partial.known);
    const std::uint32_t mask = (1u << bits_) - 1;
    for (std::size_t i = 0; i < kMaps; ++i) {
        // A prediction is the value's beginning; its middle is half a unit above.
        const std::uint32_t q = quantised(distance(at_[i] + 128, middle, circular_[i]));
        cell_[i] = (i << bits_) + ((base_[i] + known * 256 + q) & mask);
    }
}

void Arrays::train(unsigned bit) noexcept {
    for (std::size_t i = 0; i < kHistograms; ++i) {
        bits_of_byte_[i].take(histograms_[i], bit);
    }
    for (std::size_t i = 0; i < kMaps; ++i) {
        adaptive::update(cells_[cell_[i]], bit, 1023, adaptive::reciprocals().data());
    }
}

void Arrays::predict(std::int16_t* x) const noexcept {
    for (const std::size_t cell : cell_) {
        x = write_probability(cells_[cell] >> 10, x);
    }
    for (const Histograms::Prediction& bits : bits_of_byte_) {
        x = write_probability(bits.p(), x);
    }
}

void Arrays::learn(std::uint32_t byte) noexcept {
    for (std::size_t i = 0; i < kHistograms; ++i) {
        histograms_[i].add(errors_[i], values_[i], byte);
    }
    Column& column = columns_[column_ % kColumns];
    const auto value = static_cast<std::int32_t>(byte << 8);
    for (std::size_t i = 0; i < kPredictions; ++i) {
        const std::int32_t d = distance(expected_[i], value, circular(i));
        const std::int32_t size = std::min(std::abs(d), 16 << 8) * 8;
        const std::int32_t cost = column.cost[i];
        column.cost[i] = static_cast<std::uint16_t>(cost + (size - cost) / 16);
        if (i == best_) {
            column.error = d;
            beside_ = d;
        }
    }
}

void Arrays::contexts(std::uint32_t* out, std::size_t n) const noexcept {
    const std::uint32_t c = column_;
    const std::uint32_t expected =
        static_cast<std::uint32_t>(expected_[best_] + 128) >> 8 & 0xffffu;
    const std::uint32_t up = back(width_);
    const std::uint32_t up2 = back(2 * width_);
    const std::uint32_t b1 = back(1);
    const std::uint32_t b2 = back(2);
    const std::uint32_t b3 = back(3);
    const std::uint32_t beside = fixed::half_octaves(static_cast<std::uint32_t>(std::abs(beside_)));
    const std::uint32_t far = row_ == 0 ? 0 : back(row_);
    const std::array<std::uint32_t, 14> hashes{
        hash(c, up, b1),
        hash(c, expected, scale_of(best_)),
        hash(c, b1, b2),
        hash(c, up),
        hash(c, up, up2),
        hash(c, expected, b1),
        hash(c, b1 | b2 << 8 | b3 << 16),
        hash(c, expected, beside),
        hash(c, b1),
        hash(c, up | b1 << 8 | b2 << 16),
        hash(c, static_cast<std::uint32_t>(own_ >> 24),
             static_cast<std::uint32_t>(own_ >> 32) >> 24),
        hash(c, back(width_ - 1), up | b1 << 8),
        hash(c, far, b1),
        hash(c, far, up),
    };
    std::copy_n(hashes.begin(), n, out);
}

} // namespace weightless::model
