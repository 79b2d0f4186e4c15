#include "model/experts/sample_predictions.hpp"

#include "fixed/arithmetic.hpp"

#include <algorithm>
#include <cstdlib>

namespace weightless::model {

namespace {

constexpr std::array<std::array<SeriesPrediction::Settings, 6>, 3> kSettings{{
    {{{32, 131, 16}, {16, 262, 8}}},
    {{{32, 131, 8}, {16, 262, 4}, {16, 524, 4}}},
    {{{128, 230, 32}, {32, 131, 8}, {16, 262, 4}, {16, 524, 4}, {8, 1311, 4}, {64, 66, 24}}},
}};

} // namespace

void Series::push(std::int32_t number) noexcept {
    if (place_ == 0) {
        place_ = numbers_.size() - kReach;
        std::copy_n(numbers_.begin(), kReach,
                    numbers_.begin() + static_cast<std::ptrdiff_t>(place_));
    }
    numbers_[--place_] = number;
}

template <int detail>
SamplePredictions<detail>::SamplePredictions(const SampleFormat& format, const RawRing& raw,
                                             std::uint32_t phase)
    : format_(&format), channels_(format.channels), zero_(format.bytes == 1 ? 128 : 0) {
    solvers_.reserve(kSolvers);
    for (std::size_t s = 0; s < kSolvers; ++s) {
        solvers_.emplace_back(kSettings[detail][s], format.channels);
    }
    histograms_.reserve(kInputs);
    for (std::size_t i = 0; i < kInputs; ++i) {
        histograms_.emplace_back(format.bytes * kLevels, 10);
        for (std::uint32_t c = 0; c < format.bytes * kLevels; ++c) {
            // The mean magnitude, Q8, is about 2^(level / 2 + 3).
            const std::uint32_t l = c % kLevels + 6;
            histograms_.back().reset(c, std::max((l % 2 != 0 ? 3u : 2u) << (l / 2) >> 6, 1u));
        }
    }
    const std::uint32_t unit = format.unit;
    const std::uint32_t since = (raw.position() + unit - phase) % unit;
    for (std::uint32_t ago = kRehearsed; ago-- > 0;) {
        const std::uint32_t end = since + ago * unit + (format.big ? unit - format.bytes : 0);
        if (raw.position() >= end + unit) {
            channel_ = (raw.position() - end - format.bytes) / unit % format.channels;
            push(format.number(raw, end));
        }
    }
    channel_ = (raw.position() - since + format.begin()) / unit % format.channels;
}

template <int detail> std::size_t SamplePredictions<detail>::memory_for() noexcept {
    std::size_t sum = sizeof(SamplePredictions) + SampleFormat::kMostChannels * sizeof(Channel) +
                      2 * 8 * Series::kReach * sizeof(std::int32_t) +
                      kInputs * (sizeof(Histograms) + Histograms::memory_for(kMostBytes * kLevels));
    for (std::size_t s = 0; s < kSolvers; ++s) {
        sum += sizeof(SeriesPrediction) + SeriesPrediction::memory_for(kSettings[detail][s].order,
                                                                       SampleFormat::kMostChannels);
    }
    return sum;
}

template <int detail>
void SamplePredictions<detail>::predict(const RawRing& raw, std::uint32_t row) noexcept {
    const SampleFormat& format = *format_;
    const std::uint32_t n = format.stride();
    const std::uint32_t unit = format.unit;
    // The number whose predicted part begins this many bytes before that of the next number.
    const auto number = [&](std::uint32_t bytes_back) {
        return std::int64_t{format.number(raw, bytes_back - format.bytes)};
    };
    channel_ = raw.position() / unit % format.channels;
    Channel& c = channels_[channel_];
    const std::int64_t x1 = number(n);
    const std::int64_t x2 = number(2 * n);
    const std::int64_t x3 = number(3 * n);
    base_ = x1;
    // Shifts bring the magnitudes of all widths into the same range.
    const int up = format.bytes == 1 ? 8 : format.bytes == 2 ? 4 : 0;
    const int down = format.bytes == 4 ? 8 : 0;
    const auto scaled = [&](std::int64_t v) {
        return static_cast<std::int32_t>(
            std::clamp<std::int64_t>((v >> down) * (std::int64_t{1} << up), -(1 << 24), 1 << 24));
    };
    std::size_t i = 0;
    features_ = {};
    auto next = predictions_.begin() + kFirstFixed;
    if (row != 0) {
        const std::int64_t up1 = number(row);
        const std::int64_t left = number(row + n);
        const std::int64_t right = number(row - n);
        const std::int64_t up2 = number(2 * row);
        for (const std::int64_t v :
             {up1, left, right, x2, up2, number(2 * row - n), number(row - 2 * n), x3}) {
            features_[i++] = scaled(v - x1);
        }
        const std::int64_t plane = up1 + x1 - left;
        *next++ = x1 * 16;
        *next++ = std::clamp(plane, std::min(up1, x1), std::max(up1, x1)) * 16;
        *next++ = plane * 16;
        *next++ = up1 * 16;
        texture_ = std::abs(x1 - left) + std::abs(up1 - left) + std::abs(up1 - right);
    } else {
        std::int64_t later = x1;
        for (std::uint32_t k = 2; k <= 17; ++k) {
            const std::int64_t earlier = number(k * n);
            features_[i++] = scaled(later - earlier);
            later = earlier;
        }
        *next++ = x1 * 16;
        *next++ = (2 * x1 - x2) * 16;
        *next++ = (3 * x1 - 3 * x2 + x3) * 16;
        *next++ = (x1 + x2) * 8;
        texture_ = x1 - x2;
    }
    for (std::uint32_t k = 1; k < format.channels && i + 2 <= features_.size(); ++k) {
        // The other channels' latest numbers are newer than this channel's.
        const std::int64_t now = number(k * unit);
        const std::int64_t then = number(k * unit + n);
        features_[i++] = scaled(now - then);
        features_[i++] = row != 0 ? scaled(now - number(k * unit + row))
                                  : scaled(then - number(k * unit + 2 * n));
    }
    next = predictions_.begin() + kFirstLearnt;
    for (std::size_t l = 0; l < kLearnt; ++l) {
        learnt_[l] = c.learnt[l].predict(features_);
        *next++ = x1 * 16 + (learnt_[l] * (std::int64_t{16} << down) >> up);
    }
    next = predictions_.begin() + kFirstSolver;
    for (const SeriesPrediction& solver : solvers_) {
        *next++ = solver.predict(channel_, series_.latest()) + zero_ * 16;
    }
    const std::int64_t least = format.bytes == 1 ? 0 : -(std::int64_t{1} << (8 * format.bytes - 1));
    const std::int64_t most = least + (std::int64_t{1} << (8 * format.bytes)) - 1;
    for (std::size_t j = kBlends; j < kAll; ++j) {
        predictions_[j] = std::clamp(predictions_[j], least * 16, most * 16);
    }
    blend_all();
    const auto best = std::ranges::min_element(c.slow) - c.slow.begin();
    best_ = rounded(static_cast<std::size_t>(best));
}

template <int detail> void SamplePredictions<detail>::blend_all() noexcept {
    const Channel& c = channels_[channel_];
    const auto blend = [&](const std::array<std::int64_t, kAll>& errors) {
        const std::int64_t least =
            *std::ranges::min_element(std::span(errors).template last<kAll - kBlends>());
        std::int64_t total = 0;
        std::int64_t sum = 0;
        for (std::size_t i = kBlends; i < kAll; ++i) {
            // The fourth power of the least error over this one; at most 2^16.
            const std::int64_t share = ((least + 256) << 8) / (errors[i] + 256);
            const std::int64_t weight = share * share * share * share >> 16;
            total += weight;
            sum += weight * predictions_[i];
        }
        return sum / total;
    };
    predictions_[0] = blend(c.middle);
    predictions_[1] = blend(c.fast);
}

template <int detail> void SamplePredictions<detail>::learn(std::int64_t x) noexcept {
    const SampleFormat& format = *format_;
    Channel& c = channels_[channel_];
    for (std::size_t j = 0; j < kAll; ++j) {
        const std::int64_t error = std::abs(x * 16 - predictions_[j]) << 8;
        c.slow[j] += (error - c.slow[j]) / 32;
        c.middle[j] += (error - c.middle[j]) / 16;
        c.fast[j] += (error - c.fast[j]) * 3 / 8;
    }
    const int shift = (format.bytes == 1 ? 8 : format.bytes == 2 ? 4 : 0);
    const std::int64_t moved = x - base_;
    const std::int64_t target = format.bytes == 4 ? moved >> 8 : moved * (std::int64_t{1} << shift);
    for (std::size_t l = 0; l < kLearnt; ++l) {
        c.learnt[l].update(features_,
                           std::clamp<std::int64_t>(target - learnt_[l], -(1 << 26), 1 << 26));
    }
    push(x);
}

template <int detail> void SamplePredictions<detail>::push(std::int64_t x) noexcept {
    const int bytes = static_cast<int>(format_->bytes);
    const auto number = static_cast<std::int32_t>(x - zero_);
    series_.push(number);
    short_.push(bytes == 1 ? number * 256 : number >> (8 * (bytes - 2)));
    for (SeriesPrediction& solver : solvers_) {
        solver.update(channel_, short_.latest());
    }
}

template <int detail>
void SamplePredictions<detail>::begin_byte(std::uint32_t done, std::int64_t known,
                                           std::uint8_t shift) noexcept {
    const SampleFormat& format = *format_;
    const Channel& c = channels_[channel_];
    // The byte's lowest bit has this weight in the number.
    const std::uint32_t weight = 8 * (format.big ? format.bytes - 1 - done : done);
    const auto level = [&](std::int64_t error) {
        const std::uint32_t l =
            fixed::half_octaves(static_cast<std::uint64_t>(error) >> weight >> 4);
        return std::min(l < 6 ? 0 : l - 6, kLevels - 1);
    };
    for (std::size_t i = 0; i < kInputs; ++i) {
        contexts_[i] = done * kLevels + level(c.middle[i]);
        std::int64_t place = predictions_[i] + (format.sign ? 128 * 16 : 0);
        if (format.big) {
            place -= known * (std::int64_t{1} << weight) * 256 * 16;
            place = (place >> weight) - (weight == 0 ? 0 : 8);
            if (done != 0) {
                place = std::clamp<std::int64_t>(place, 0, 255 * 16);
            }
        } else {
            place = (place - known * 16) >> weight;
        }
        places_[i] = static_cast<std::uint32_t>(place) % Histograms::kTurn;
        bits_[i].begin(histograms_[i], contexts_[i],
                       places_[i] + std::uint32_t{shift} * Histograms::kFraction);
    }
}

template <int detail> void SamplePredictions<detail>::end_byte(std::uint32_t byte) noexcept {
    for (std::size_t i = 0; i < kInputs; ++i) {
        histograms_[i].add(contexts_[i], places_[i], byte);
    }
}

template class SamplePredictions<0>;
template class SamplePredictions<1>;
template class SamplePredictions<2>;

} // namespace weightless::model
