#include "model/experts/similarity.hpp"

#include "kernels/kernels.hpp"
#include "model/experts/probability_inputs.hpp"
#include "model/experts/record_similarity.hpp"

#include <algorithm>

namespace weightless::model {

void Similarity::detect(const Arrays& arrays) {
    if (distance_ != 0 && !holds(arrays)) {
        reset();
    }
    if (arrays.active()) {
        // Where arrays come and go, as in code, it is not worth while to begin again each time.
        distance_ = 0;
        weight_ = 0;
        return;
    }
    if (distance_ == 0 && looks_like_text(arrays)) {
        reset();
        return;
    }
    if (--wait_ != 0) {
        return;
    }
    const std::uint32_t found = scan(arrays);
    if (found == 0) {
        wait_ = std::min(1 + failures_ / kFailures, kLongestPause);
        ++failures_;
    } else {
        wait_ = kPause;
        failures_ = 0;
        if (found != distance_) {
            begin(found, arrays);
        }
    }
}

void Similarity::reset() noexcept {
    distance_ = 0;
    wait_ = 1;
    failures_ = 0;
    weight_ = 0;
}

bool Similarity::looks_like_text(const Arrays& arrays) noexcept {
    std::uint32_t ascii = 0;
    for (std::uint32_t n = 1; n <= kLooks; ++n) {
        const std::uint32_t x = arrays.back(n);
        ascii += (x >= 32 && x < 127) || (x >= 9 && x <= 13) ? 1u : 0u;
    }
    return ascii > kLooks - kLooks / 16;
}

// Whether bytes still resemble those a row above.
bool Similarity::holds(const Arrays& arrays) const noexcept {
    std::uint32_t sum = 0;
    for (std::uint32_t n = 1; n <= kLooks; ++n) {
        const std::int32_t d = turn<8>(arrays.back(n) - arrays.back(n + distance_));
        sum += std::min(static_cast<std::uint32_t>(d < 0 ? -d : d),
                        std::uint32_t{kernels::kMostDifference});
    }
    return sum < usual_ - usual_ / 16;
}

// Returns the best distance, or 0 if all are much alike.
std::uint32_t Similarity::scan(const Arrays& arrays) {
    std::vector<std::uint8_t> latest(kFarthest + kLooks);
    const auto size = static_cast<std::uint32_t>(latest.size());
    for (std::uint32_t i = 0; i < size; ++i) {
        latest[i] = static_cast<std::uint8_t>(arrays.back(size - i));
    }
    const auto reach =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(kFarthest, arrays.position() - kLooks));
    if (weight_ == 0 || reach < kFarthest) {
        means_.assign(kFarthest, 0);
        weight_ = 0;
    }
    weight_ += 256 - (weight_ >> kernels::kSimilarityDecay);
    kernels::active().similarity(latest.data() + kFarthest, kLooks, static_cast<int>(kFarthest),
                                 means_.data());
    std::uint64_t sum = 0;
    std::uint32_t least = ~0u;
    for (std::uint32_t i = 0; i < reach; ++i) {
        sum += means_[i];
        least = std::min<std::uint32_t>(least, means_[i]);
    }
    const auto mean = static_cast<std::uint32_t>(sum / reach);
    if (least > mean - mean / 6) {
        return 0;
    }
    const std::uint32_t most = least + (mean - least) / 4;
    usual_ = mean * 256 / weight_;
    std::uint32_t n = 0;
    while (means_[n] > most) {
        ++n;
    }
    return n >= RecordSimilarity::kWidest ? n + 1 : 0;
}

void Similarity::begin(std::uint32_t distance, const Arrays& arrays) {
    distance_ = distance;
    column_ = static_cast<std::uint32_t>(arrays.position() % distance);
    columns_.assign(kFarthest, Column());
    for (std::uint32_t n = 1; n <= distance; ++n) {
        Column& column = columns_[(column_ + distance - n) % distance];
        column.slow = column.fast = static_cast<std::uint16_t>(arrays.back(n) << 8);
        column.error = 4 << 8;
    }
    errors_.fill(4 << 8);
    if (histograms_.empty()) {
        for (std::size_t i = 0; i < kPredictions; ++i) {
            histograms_.emplace_back(kLevels, 9);
            for (std::uint32_t l = 0; l < kLevels; ++l) {
                histograms_.back().reset(l, std::max(1u, (2 + (l & 1)) << (l / 2)));
            }
        }
    }
}

void Similarity::prepare(const Arrays& arrays) noexcept {
    column_ = static_cast<std::uint32_t>(arrays.position() % distance_);
    const Column& column = columns_[column_];
    const std::uint32_t d = distance_;
    const std::uint32_t x1 = arrays.back(d);
    const std::uint32_t x2 = arrays.back(2 * d);
    const std::uint32_t left = arrays.back(1);
    const auto from = [&](std::uint32_t x) { return turn<8>(x - x1); };
    // Of column means, Q8.
    const auto mean = [&](std::uint32_t x) { return turn<16>(x - (x1 << 8)); };
    features_ = {};
    std::size_t n = 0;
    const auto feature = [&](std::int32_t v) { features_[n++] = v; };
    feature(from(x2) << 8);
    feature(mean(column.slow));
    feature(mean(column.fast));
    for (std::uint32_t i = 1; i <= 3; ++i) {
        feature(turn<8>(arrays.back(i) - arrays.back(i + d)) * 256);
    }
    feature(turn<8>(arrays.back(d - 1) - x1) * 256);
    feature(turn<8>(left - x1) * 256);
    combined_ = std::clamp<std::int64_t>(linear_.predict(features_), -32768, 32767);

    // If bytes are digits of little-endian numbers, those below this one carry over.
    const std::int32_t carry =
        static_cast<std::int32_t>(arrays.back(d + 1)) - static_cast<std::int32_t>(left);
    const std::uint32_t q4 = x1 << 4;
    predictions_ = {
        q4,
        q4 + static_cast<std::uint32_t>(-from(x2) * 16),
        q4 + static_cast<std::uint32_t>(turn<8>(left - arrays.back(d + 1)) * 16),
        q4 + static_cast<std::uint32_t>(from(x2) * 8),
        static_cast<std::uint32_t>(column.slow >> 4),
        static_cast<std::uint32_t>(column.fast >> 4),
        q4 + static_cast<std::uint32_t>(carry / 16),
        static_cast<std::uint32_t>(left) << 4,
        q4 + static_cast<std::uint32_t>(combined_ >> 4),
    };
    best_ = 0;
    for (std::size_t i = 0; i < kPredictions; ++i) {
        best_ = errors_[i] < errors_[best_] ? i : best_;
        const std::uint32_t local = (static_cast<std::uint32_t>(errors_[i]) + column.error) / 2;
        const std::uint32_t l = fixed::half_octaves(local >> 4);
        levels_[i] = std::min<std::uint32_t>(l, kLevels - 1);
        bits_[i].begin(histograms_[i], levels_[i], predictions_[i]);
    }
    const std::uint32_t expected = (predictions_[kBlend] + 8) >> 4 & 255u;
    contexts_ = {
        hash(x1, x2),
        hash(x1, left),
        hash(expected, levels_[kBlend]),
        hash(x1, 256 + static_cast<std::uint32_t>(latest_)),
        hash(expected, left + 512),
    };
}

void Similarity::learn(std::uint32_t byte) noexcept {
    Column& column = columns_[column_];
    const auto x = static_cast<std::uint16_t>(byte << 8);
    for (std::size_t i = 0; i < kPredictions; ++i) {
        const std::int32_t e = turn<12>((byte << 4) - predictions_[i]);
        const std::int32_t size = std::min((e < 0 ? -e : e) * 16, 32 << 8);
        errors_[i] += (size - errors_[i]) / 8;
        if (i == 0) {
            column.error = static_cast<std::uint16_t>(column.error + (size - column.error) / 4);
        }
        histograms_[i].add(levels_[i], predictions_[i], byte);
    }
    latest_ = turn<12>((byte << 4) - predictions_[kBlend]) >> 5;
    column.slow = static_cast<std::uint16_t>(
        column.slow + turn<16>(static_cast<std::uint32_t>(x - column.slow)) / 8);
    column.fast = static_cast<std::uint16_t>(
        column.fast + turn<16>(static_cast<std::uint32_t>(x - column.fast)) / 3);
    const std::int64_t target = turn<8>(byte - (predictions_[0] >> 4)) * 256;
    linear_.update(features_, target - combined_);
}

void Similarity::predict(std::int16_t* x) const noexcept {
    for (const auto& bit : bits_) {
        x = write_probability(bit.p(), x);
    }
}

} // namespace weightless::model
