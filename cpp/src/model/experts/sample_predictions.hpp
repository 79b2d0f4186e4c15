// The predictions of a number in an array of samples: from the latest of its channel with fixed
// weights, by least mean squares of differences, by least squares over the latest of all channels,
// and blends of these. Each is turned into probabilities of bits by residual histograms, in
// contexts of its latest errors.
//
// Sources: prediction by the least mean squares of differences, as in Monkey's Audio and OptimFROG;
// least squares that forget at several rates, and their predictions as inputs, as in paq8px's audio
// models; blending by recent errors (Seemann and Tischer, 1997).
#pragma once

#include "model/experts/linear_prediction.hpp"
#include "model/experts/sample_format.hpp"
#include "model/experts/series_prediction.hpp"
#include "model/history/residual_histogram.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weightless::model {

/// The latest numbers of a series, the latest first.
class Series {
public:
    static constexpr std::size_t kReach = SeriesPrediction::kMostOrder + 1;

    Series() : numbers_(kReach * 8), place_(numbers_.size() - kReach) {}
    const std::int32_t* latest() const noexcept { return numbers_.data() + place_; }
    void push(std::int32_t number) noexcept;

private:
    std::vector<std::int32_t> numbers_;
    std::size_t place_;
};

/// How much is computed.
struct SampleDetail {
    std::size_t solvers;
    std::size_t inputs; // predictions that are turned into probabilities
};

/// detail: 0 to 2.
template <int detail> class SamplePredictions {
public:
    static constexpr std::array<SampleDetail, 3> kDetails{{{2, 4}, {3, 7}, {6, 12}}};
    static constexpr std::size_t kSolvers = kDetails[detail].solvers;
    static constexpr std::size_t kInputs = kDetails[detail].inputs;
    static constexpr std::size_t kLearnt = 2;
    static constexpr std::size_t kFixed = 4;
    static constexpr std::size_t kBlends = 2;
    // The predictions: blends, then by solvers, by least mean squares, and fixed ones.
    static constexpr std::size_t kFirstSolver = kBlends;
    static constexpr std::size_t kFirstLearnt = kFirstSolver + kSolvers;
    static constexpr std::size_t kFirstFixed = kFirstLearnt + kLearnt;
    static constexpr std::size_t kAll = kFirstFixed + kFixed;
    static constexpr std::uint32_t kLevels = 24;
    static constexpr std::uint32_t kMostBytes = 4;

    /// raw: the bytes so far; their numbers are already learnt from.
    SamplePredictions(const SampleFormat& format, const RawRing& raw, std::uint32_t phase);

    /// Predicts the next number. row: bytes from row to row of an image; 0: no image.
    void predict(const RawRing& raw, std::uint32_t row) noexcept;
    /// Takes the actual number.
    void learn(std::int64_t x) noexcept;

    /// Before each byte of the number that is predicted: the number's `done` bytes before it have
    /// this value (the first one lowest unless the format is big-endian). shift: what is added to
    /// the byte to make its symbol.
    void begin_byte(std::uint32_t done, std::int64_t known, std::uint8_t shift) noexcept;
    void end_byte(std::uint32_t byte) noexcept;
    /// What the byte that began would cost by the first histogram alone: bits, Q16.
    std::uint32_t cost_of(std::uint8_t byte) const noexcept {
        typename Histograms::Prediction bits;
        bits.begin(histograms_[0], contexts_[0], places_[0]);
        return bits.cost_of(histograms_[0], byte);
    }
    void take(unsigned bit) noexcept {
        for (std::size_t i = 0; i < kInputs; ++i) {
            bits_[i].take(histograms_[i], bit);
        }
    }
    /// The prediction of the next bit by each histogram, stretched, Q10.
    void stretched(std::int16_t* x) const noexcept {
        for (const auto& bit : bits_) {
            *x++ = bit.stretched();
        }
    }

    // What is predicted, rounded: by fixed weights, and by least mean squares.
    std::int64_t fixed_one(std::size_t i) const noexcept { return rounded(kFirstFixed + i); }
    std::int64_t learnt_one(std::size_t i) const noexcept { return rounded(kFirstLearnt + i); }
    /// The one whose errors were least, rounded.
    std::int64_t best() const noexcept { return best_; }
    std::int64_t texture() const noexcept { return texture_; }

    /// The most that any format takes.
    static std::size_t memory_for() noexcept;

private:
    using Histograms = ResidualHistograms<2>;
    static constexpr std::uint32_t kRehearsed = 512; // numbers
    struct Channel {
        std::array<std::int64_t, kAll> slow{}; // mean errors, Q12, over about 32 numbers
        std::array<std::int64_t, kAll> middle{};
        std::array<std::int64_t, kAll> fast{};
        std::array<LinearPrediction, kLearnt> learnt{LinearPrediction(5), LinearPrediction(8)};
    };

    std::int64_t rounded(std::size_t i) const noexcept { return (predictions_[i] + 8) >> 4; }
    void blend_all() noexcept;
    void push(std::int64_t x) noexcept;

    const SampleFormat* format_;
    std::uint32_t channel_ = 0;
    std::vector<Channel> channels_;
    Series series_;     // of whole numbers
    Series short_;      // of 16 bits each
    std::int32_t zero_; // the middle of their range
    std::vector<SeriesPrediction> solvers_;

    std::array<std::int32_t, LinearPrediction::kInputs> features_{};
    std::array<std::int64_t, kLearnt> learnt_{};
    std::array<std::int64_t, kAll> predictions_{};
    std::int64_t best_ = 0;
    std::int64_t base_ = 0;
    std::int64_t texture_ = 0;

    std::array<std::size_t, kInputs> contexts_{};
    std::array<std::uint32_t, kInputs> places_{}; // predictions of the byte, Q4
    std::vector<Histograms> histograms_;
    std::array<typename Histograms::Prediction, kInputs> bits_{};
};

} // namespace weightless::model
