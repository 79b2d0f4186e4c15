#include "model/experts/image_predictions.hpp"

#include "fixed/arithmetic.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>

namespace weightless::model {

namespace {

// A byte near the next one, less the byte of its channel in the pixel to the left, is a feature.
struct Neighbour {
    std::uint8_t before; // how many channels before that of the next byte
    std::int8_t right;
    std::uint8_t up;
};

constexpr std::array<Neighbour, 30> kGrey{{
    {0, 0, 1}, {0, -1, 1}, {0, 1, 1},  {0, -2, 0}, {0, 0, 2},  {0, -2, 1}, {0, 2, 1}, {0, -1, 2},
    {0, 1, 2}, {0, -3, 0}, {0, 0, 3},  {0, -2, 2}, {0, 2, 2},  {0, -3, 1}, {0, 3, 1}, {0, -1, 3},
    {0, 1, 3}, {0, -3, 2}, {0, 3, 2},  {0, -4, 0}, {0, 0, 4},  {0, -4, 1}, {0, 4, 1}, {0, -2, 3},
    {0, 2, 3}, {0, -5, 0}, {0, -1, 4}, {0, 1, 4},  {0, -4, 2}, {0, 4, 2},
}};
constexpr std::array<Neighbour, 30> kColour{{
    {1, 0, 0},  {0, 0, 1},  {2, 0, 0}, {0, -1, 1}, {0, 1, 1},  {1, 0, 1},  {1, -1, 1}, {2, 0, 1},
    {0, -2, 0}, {0, 0, 2},  {1, 1, 1}, {2, -1, 1}, {2, 1, 1},  {0, -2, 1}, {0, 2, 1},  {1, -2, 0},
    {1, 0, 2},  {0, -1, 2}, {0, 1, 2}, {2, -2, 0}, {2, 0, 2},  {0, -3, 0}, {1, 2, 1},  {1, -2, 1},
    {0, 0, 3},  {0, -2, 2}, {0, 2, 2}, {1, 1, 2},  {1, -1, 2}, {2, -2, 1},
}};

// A solution for the first of these features, from sums that are forgotten slowly or fast. The
// first is the best one, the second adapts fastest.
struct Solver {
    std::size_t features;
    bool fast;
};
constexpr std::array<std::array<Solver, 6>, 3> kUsed{{
    {{{14, false}, {8, true}}},
    {{{30, false}, {14, true}, {18, false}}},
    {{{30, false}, {14, true}, {24, false}, {18, false}, {8, true}, {12, false}}},
}};

constexpr std::uint32_t kMost = 255 * 16; // of a prediction

} // namespace

template <int detail>
ImagePredictions<detail>::ImagePredictions(const ImageFormat& format)
    : format_(format),
      // A row that was found by similarity may end within a pixel.
      columns_((format.width - 1) / format.pixel / least_squares::kBlock + 1),
      channels_(format.pixel), errors_(std::size_t{format.stride} * 2 + 16), biases_(4096) {
    for (Channel& channel : channels_) {
        channel.slow.resize(columns_ + 2 * kMargin);
        channel.fast.resize(columns_ + 2 * kMargin);
    }
    for (auto& errors : errors_) {
        errors.fill(16);
    }
    histograms_.reserve(kAll);
    for (std::size_t i = 0; i < kAll; ++i) {
        histograms_.emplace_back(kChannels * kLevels, 9);
        for (std::size_t c = 0; c < kChannels * kLevels; ++c) {
            // Eight times the mean magnitude, Q2, is about 2^(level / 2 + 3/2).
            const auto l = static_cast<std::uint32_t>(c % kLevels) + 3;
            histograms_.back().reset(c, (l % 2 != 0 ? 3u : 2u) << (l / 2) >> 2);
        }
    }
}

template <int detail> std::size_t ImagePredictions<detail>::memory_for() noexcept {
    constexpr std::size_t kColumns = ImageFormat::kWidest / least_squares::kBlock + 1;
    return sizeof(ImagePredictions) + 4 * sizeof(Channel) +
           (kColumns + 4 * 2 * kMargin) * 2 * sizeof(Products) +
           (2 * ImageFormat::kWidest + 16) * kAll + 4096 * sizeof(Bias) +
           kAll * (sizeof(Histograms) + Histograms::memory_for(kChannels * kLevels));
}

template <int detail>
void ImagePredictions<detail>::end_block(Channel& channel, std::size_t column) noexcept {
    // Q3; below 2^20 * 8 * 8 * 9 in the window of solve().
    Products sums;
    channel.block.take(sums.data());
    Products& slow = channel.slow[column + kMargin];
    Products& fast = channel.fast[column + kMargin];
    for (std::size_t i = 0; i < Sums::kSize; ++i) {
        const std::int32_t sum = sums[i] * 8;
        channel.all[i] += sum - (channel.all[i] >> 5);
        slow[i] += sum - (slow[i] >> 3);
        fast[i] += sum - (fast[i] >> 1);
    }
}

template <int detail>
void ImagePredictions<detail>::solve(Channel& channel, std::size_t column) noexcept {
    constexpr std::int32_t kRidge = 1 << 10;
    Products sums;
    for (const bool fast : {false, true}) {
        const auto window =
            std::span(fast ? channel.fast : channel.slow).subspan(column, 2 * kMargin + 1);
        for (std::size_t i = 0; i < Sums::kSize; ++i) {
            sums[i] = window[0][i] + 2 * window[1][i] + 3 * window[2][i] + 2 * window[3][i] +
                      window[4][i] + (channel.all[i] >> 3);
        }
        for (std::size_t s = 0; s < kSolvers; ++s) {
            if (kUsed[detail][s].fast == fast) {
                least_squares::solve<kFeatures>(sums.data(), kUsed[detail][s].features, kRidge,
                                                channel.weights[s]);
            }
        }
    }
}

template <int detail> void ImagePredictions<detail>::learn(std::uint32_t byte) noexcept {
    const auto value = static_cast<std::int32_t>(byte * 16);
    std::array<std::uint8_t, kAll>& errors = errors_[place_];
    for (std::size_t i = 0; i < kAll; ++i) {
        histograms_[i].add(contexts_[i], predictions_[i], byte);
        const std::int32_t error = std::abs(value - static_cast<std::int32_t>(predictions_[i]));
        errors[i] = static_cast<std::uint8_t>(std::min(error / 4, 255));
    }
    error_ = value - static_cast<std::int32_t>(predictions_[kSingle]);
    if (x_ < format_.width) {
        Bias& bias = biases_[bias_];
        bias.sum += error_;
        if (++bias.count >= 64) {
            bias.sum /= 2;
            bias.count /= 2;
        }
        channels_[channel_].block.add(
            features_, static_cast<std::int16_t>(static_cast<std::int32_t>(byte) - left_));
    }
    place_ = place_ + 1 == errors_.size() ? 0 : place_ + 1;
    x_ = x_ + 1 == format_.stride ? 0 : x_ + 1;
}

template <int detail> void ImagePredictions<detail>::predict_one(const PixelRing& ring) noexcept {
    const std::uint32_t pixel = format_.pixel;
    const std::uint32_t stride = format_.stride;
    const auto at = [&](std::uint32_t back) { return static_cast<std::int32_t>(ring.back(back)); };
    const std::int32_t w = at(pixel);
    const std::int32_t n = at(stride);
    const std::int32_t nw = at(stride + pixel);
    const std::int32_t ne = at(stride - pixel);
    const std::int32_t ww = at(2 * pixel);
    const std::int32_t nn = at(2 * stride);
    const std::int32_t nne = at(2 * stride - pixel);
    left_ = w;

    Channel& channel = channels_[channel_];
    const std::size_t column = x_ / pixel;
    if (column % least_squares::kBlock == 0) {
        const std::size_t block = column / least_squares::kBlock;
        if (channel.block.count() != 0) {
            end_block(channel, (block == 0 ? columns_ : block) - 1);
        }
        solve(channel, block);
    }
    for (std::size_t i = 0; i < kFeatures; ++i) {
        const Neighbour o = (pixel == 1 ? kGrey : kColour)[i];
        const std::uint32_t back =
            o.before + o.up * stride - static_cast<std::uint32_t>(o.right) * pixel;
        features_[i] = static_cast<std::int16_t>(at(back) - at(o.before + pixel));
    }
    auto next = predictions_.begin();
    for (std::size_t s = 0; s < kSolvers; ++s) {
        // Q11; below 2^15 * 255 * 30.
        std::int32_t sum = 1 << 6;
        for (std::size_t i = 0; i < kFeatures; ++i) {
            sum += std::int32_t{channel.weights[s][i]} * features_[i];
        }
        *next++ = static_cast<std::uint32_t>(
            std::clamp((sum >> 7) + w * 16, 0, static_cast<std::int32_t>(kMost)));
    }

    const std::int32_t across = std::abs(w - ww) + std::abs(n - nw) + std::abs(n - ne);
    const std::int32_t along = std::abs(w - nw) + std::abs(n - nn) + std::abs(ne - nne);
    const std::int32_t between = (w + n) * 8 + (ne - nw) * 4;
    const std::int32_t steeper = along - across;
    const std::int32_t gradient = steeper > 80    ? w * 16
                                  : steeper > 32  ? (between + w * 16) / 2
                                  : steeper > 8   ? (3 * between + w * 16) / 4
                                  : steeper < -80 ? n * 16
                                  : steeper < -32 ? (between + n * 16) / 2
                                  : steeper < -8  ? (3 * between + n * 16) / 4
                                                  : between;
    const std::int32_t previous = at(1);
    const std::int32_t beside = pixel == 1
                                    ? 2 * n - nn
                                    : previous + median_edge(w - at(pixel + 1), n - at(stride + 1),
                                                             nw - at(stride + pixel + 1));
    const std::array<std::int32_t, 8> fixed{
        median_edge(w, n, nw) * 16, gradient, beside * 16, (3 * (w + n) - 2 * nw) * 4,
        (w + ne - n) * 16,          w * 16,   n * 16,      (n + ne - nne) * 16};
    for (std::size_t i = 0; i < kDetail.fixed; ++i) {
        *next++ =
            static_cast<std::uint32_t>(std::clamp(fixed[i], 0, static_cast<std::int32_t>(kMost)));
    }
    activity_ = static_cast<std::uint32_t>(across + std::abs(w - nw));
    const auto bit = [](bool b, int i) { return static_cast<std::uint32_t>(b) << i; };
    texture_ = bit(w > n, 0) | bit(w > nw, 1) | bit(n > ne, 2) | bit(n > nw, 3) | bit(ww > w, 4) |
               bit(nn > n, 5) | bit(2 * n - nn > w, 6) | bit(2 * w - ww > n, 7);
}

template <int detail>
void ImagePredictions<detail>::blend_all(const std::array<std::uint32_t, kAll>& errors) noexcept {
    std::uint64_t total = 0;
    std::uint64_t sum = 0;
    std::uint64_t sharp_total = 0;
    std::uint64_t sharp_sum = 0;
    std::uint32_t solved = 0;
    for (std::size_t i = 0; i < kSingle; ++i) {
        const std::uint64_t e = errors[i] + 4;
        const std::uint64_t weight = (std::uint64_t{1} << 30) / (e * e);
        total += weight;
        sum += weight * predictions_[i];
        if (i < kSolvers) {
            const std::uint64_t sharp = (std::uint64_t{1} << 40) / (e * e * e * e) + 1;
            sharp_total += sharp;
            sharp_sum += sharp * predictions_[i];
            solved += predictions_[i];
        }
    }
    const auto blend = static_cast<std::uint32_t>((sum + total / 2) / total);
    const std::uint32_t size = std::min(fixed::half_octaves(errors[kSingle]) / 2, 7u) & 3u;
    bias_ = channel_ << 8 | texture_ | size << 10;
    const Bias& bias = biases_[bias_];
    const std::array<std::uint32_t, 4> blends{
        blend,
        static_cast<std::uint32_t>(
            std::clamp(static_cast<std::int32_t>(blend) + bias.sum / (bias.count + 2), 0,
                       static_cast<std::int32_t>(kMost))),
        static_cast<std::uint32_t>((sharp_sum + sharp_total / 2) / sharp_total),
        solved / static_cast<std::uint32_t>(kSolvers)};
    std::copy_n(blends.begin(), kDetail.blends, predictions_.begin() + kSingle);
}

template <int detail> void ImagePredictions<detail>::predict(const PixelRing& ring) noexcept {
    const bool pads = x_ >= format_.width;
    channel_ = pads ? static_cast<std::uint32_t>(kChannels) - 1 : x_ % format_.pixel;
    const auto nearby = [&](std::uint32_t back) {
        return errors_[place_ >= back ? place_ - back : place_ + errors_.size() - back].data();
    };
    const std::uint8_t* w = nearby(format_.pixel);
    const std::uint8_t* n = nearby(format_.stride);
    const std::uint8_t* nw = nearby(format_.stride + format_.pixel);
    const std::uint8_t* ne = nearby(format_.stride - format_.pixel);
    const std::uint8_t* ww = nearby(2 * format_.pixel);
    const std::uint8_t* nn = nearby(2 * format_.stride);
    std::array<std::uint32_t, kAll> errors;
    for (std::size_t i = 0; i < kAll; ++i) {
        errors[i] = 2u * w[i] + 2u * n[i] + nw[i] + ne[i] + ww[i] + nn[i];
    }
    if (pads) {
        predictions_.fill(ring.back(format_.stride) * 16);
        texture_ = 0;
    } else {
        predict_one(ring);
        blend_all(errors);
    }
    const auto level = [](std::uint32_t sum, std::uint32_t less) {
        const std::uint32_t l = fixed::half_octaves(sum);
        return std::min(l < less ? 0 : l - less, static_cast<std::uint32_t>(kLevels) - 1);
    };
    for (std::size_t i = 0; i < kAll; ++i) {
        levels_[i] = level(errors[i], 3);
    }
    if (!pads && channel_ != 0) {
        levels_[kSingle + 1] =
            level(static_cast<std::uint32_t>(std::abs(error_)) + errors[kSingle] / 4, 2);
    }
    if constexpr (kDetail.blends == 4) {
        levels_[kAll - 1] = level(activity_ * 4 + errors[kSingle], 4);
    }
    for (std::size_t i = 0; i < kAll; ++i) {
        contexts_[i] = channel_ * kLevels + levels_[i];
        bits_[i].begin(histograms_[i], contexts_[i], predictions_[i]);
    }
}

template class ImagePredictions<0>;
template class ImagePredictions<1>;
template class ImagePredictions<2>;

} // namespace weightless::model
