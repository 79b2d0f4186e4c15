// Data that resemble what came a certain distance before, such as rows of a table, of a matrix or
// of an undetected image, without repeating it. The distance, up to 8,192 bytes, is found by
// decaying mean differences of bytes at all distances (kernels/impl/similarity.hpp), of which a
// sample is taken now and then. It is for data whose records are too wide for arrays.hpp; while
// that is active, this is not.
//
// The bytes one or more rows above and running means of a column are predictions of the next byte,
// which residual histograms turn into probabilities of its bits in the context of local errors. An
// adaptive linear combination of them is one more.
//
// Source: finding the period of records by the similarity of bytes is an idea of paq8px's.
#pragma once

#include "fixed/arithmetic.hpp"
#include "model/experts/arrays.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/linear_prediction.hpp"
#include "model/history/residual_histogram.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class Similarity {
public:
    static constexpr std::uint32_t kFarthest = 8192;

    void update(const RawByte& latest, const Arrays& arrays, const ParsedFormat& parsed) {
        if (distance_ != 0) {
            learn(latest.value);
        }
        if (parsed.now) {
            reset();
        } else if (arrays.position() % kEvery == 0) {
            detect(arrays);
        }
        if (distance_ != 0) {
            prepare(arrays);
        }
    }

    bool active() const noexcept { return distance_ != 0; }
    void train(unsigned bit) noexcept {
        for (std::size_t i = 0; i < kPredictions; ++i) {
            bits_[i].take(histograms_[i], bit);
        }
    }

    std::size_t memory() const noexcept { return memory_for(MemoryBudget{0}); }
    static std::size_t memory_for(MemoryBudget) noexcept {
        return kFarthest * (sizeof(Column) + sizeof(std::uint16_t)) +
               kPredictions * Histograms::memory_for(kLevels);
    }

    static constexpr std::size_t kPredictions = 9;
    /// The next bit's probability by each prediction's histogram.
    struct Predictions : Inputs<static_cast<int>(2 * kPredictions)> {
        static void of(const Similarity& similarity, std::int16_t* x) noexcept {
            similarity.predict(x);
        }
    };
    struct Above : Contexts<5> {
        static std::array<std::uint32_t, kCount> of(const Similarity& similarity) noexcept {
            return similarity.contexts_;
        }
    };
    struct LevelAndBest : Selector<kPredictions * 16> {
        static int of(const Similarity& similarity) noexcept {
            return static_cast<int>(similarity.best_ * 16 + similarity.levels_[kBlend]);
        }
    };
    struct Level : Selector<8> {
        static int of(const Similarity& similarity) noexcept {
            return static_cast<int>(similarity.levels_[kBlend] / 2);
        }
    };

private:
    using Histograms = ResidualHistograms<1>;
    static constexpr std::uint32_t kEvery = 2048;      // bytes between checks
    static constexpr std::uint32_t kLooks = 512;       // bytes that are compared
    static constexpr std::uint32_t kPause = 8;         // checks from a scan that finds a distance
    static constexpr std::uint32_t kFailures = 6;      // after each so many that do not, one more
    static constexpr std::uint32_t kLongestPause = 32; // at most so many
    static constexpr std::size_t kLevels = 16;
    static constexpr std::size_t kBlend = kPredictions - 1;

    struct Column {
        std::uint16_t slow = 0; // running means of the column's bytes, Q8, mod 2^16
        std::uint16_t fast = 0;
        std::uint16_t error = 0; // mean magnitude of the error by the row above, Q8
    };

    void detect(const Arrays& arrays);
    void reset() noexcept;
    static bool looks_like_text(const Arrays& arrays) noexcept;
    bool holds(const Arrays& arrays) const noexcept;
    std::uint32_t scan(const Arrays& arrays);
    void begin(std::uint32_t distance, const Arrays& arrays);
    void prepare(const Arrays& arrays) noexcept;
    void learn(std::uint32_t byte) noexcept;
    void predict(std::int16_t* x) const noexcept;

    // The difference of bytes or of other numbers mod 2^bits, within half a turn.
    template <int bits> static std::int32_t turn(std::uint32_t difference) noexcept {
        return static_cast<std::int32_t>(difference << (32 - bits)) >> (32 - bits);
    }

    std::vector<std::uint16_t> means_; // by distance - 1; empty before the first scan
    std::uint32_t wait_ = 1;           // checks until the next scan
    std::uint32_t failures_ = 0;       // scans in a row that found none
    std::uint32_t weight_ = 0;         // of all samples in means_, Q8; 0: none
    std::uint32_t usual_ = 0;          // difference at any distance, sum over kLooks bytes

    std::uint32_t distance_ = 0; // 0: none
    std::uint32_t column_ = 0;
    std::vector<Column> columns_;
    LinearPrediction linear_{7};
    std::array<std::int32_t, LinearPrediction::kInputs> features_{};
    std::int64_t combined_ = 0;

    std::array<std::uint32_t, kPredictions> predictions_{}; // Q4
    std::array<std::int32_t, kPredictions> errors_{};       // mean magnitude lately, Q8
    std::array<std::uint32_t, kPredictions> levels_{};
    std::size_t best_ = 0;
    std::int32_t latest_ = 0; // error, Q4
    std::vector<Histograms> histograms_;
    std::array<Histograms::Prediction, kPredictions> bits_{};
    std::array<std::uint32_t, Above::kCount> contexts_{};
};

} // namespace weightless::model
