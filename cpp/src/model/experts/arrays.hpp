// Arrays of numbers, alone or as fields of records: integers and floats of any width, in either
// byte order. The width of a record is found by similarity (record_similarity.hpp), or in a file's
// header (array_headers.hpp). Nothing else about the format needs to be known: what is predicted is
// a byte, and the bytes below it (before it, if numbers are little-endian) determine which value of
// that byte is closest to a prediction of the number. For each column several such predictions
// compete.
//
// Predictions become inputs of the mixer by adaptive probabilities of a bit, in the context of
// where the prediction lies in the interval of values that are still possible. So all values share
// what is learnt about errors. The same predictions have residual histograms as well, chosen by the
// column and its recent errors.
#pragma once

#include "fixed/arithmetic.hpp"
#include "fixed/logistic.hpp"
#include "model/experts/array_headers.hpp"
#include "model/experts/byte_classes.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/record_similarity.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/history/coding_cost.hpp"
#include "model/history/residual_histogram.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace weightless::model {

class Arrays {
public:
    explicit Arrays(MemoryBudget budget) : bits_(bits_of(budget)) {}

    void update(const RawByte& latest, const ParsedFormat& parsed) {
        ring_[position_++ % kRing] = latest.value;
        if (is_control(latest.value)) {
            control_ = position_;
        }
        if (width_ != 0) {
            learn(latest.value);
            if (position_ - control_ >= kText) {
                // The next detection looks at no more than a little of what was before the text.
                width_ = 0;
                next_ = position_ + RecordSimilarity::kLooks - kText;
            }
        }
        const std::uint32_t width =
            std::max(npy_.push(latest.value), safetensors_.push(latest.value));
        if (width != 0 && width <= RecordSimilarity::kWidest) {
            // A header is believed until the data have been looked at.
            row_ = 0;
            begin(width);
            control_ = position_;
            next_ = position_ + kEvery;
        } else if (parsed.now) {
            width_ = 0;
            next_ = position_ + kAfterParsed;
        } else if (position_ == next_) {
            detect();
        }
        if (width_ != 0) {
            prepare();
        }
    }

    bool active() const noexcept { return width_ != 0; }
    /// The number of bytes so far, and the byte `n` bytes ago, 1 for the latest; n is at most
    /// kRing.
    std::uint64_t position() const noexcept { return position_; }
    std::uint32_t back(std::uint32_t n) const noexcept { return ring_[(position_ - n) % kRing]; }
    /// What the next byte, not yet taken by update(), would cost by the best prediction's histogram
    /// alone: bits, Q16. All together would pay less. active() must be true.
    std::uint32_t cost_of(std::uint8_t byte) const noexcept;
    void begin_bit(const PartialByte& partial) noexcept;
    void train(unsigned bit) noexcept;

    std::size_t memory() const noexcept { return memory_of(bits_); }
    static std::size_t memory_for(MemoryBudget budget) noexcept {
        return memory_of(bits_of(budget));
    }

    static constexpr std::size_t kMaps = 13;
    static constexpr std::size_t kHistograms = 4;
    struct Predictions : Inputs<static_cast<int>(2 * (kMaps + kHistograms))> {
        static void of(const Arrays& arrays, std::int16_t* x) noexcept { arrays.predict(x); }
    };
    struct Few : Contexts<5> {
        static std::array<std::uint32_t, kCount> of(const Arrays& arrays) noexcept {
            return arrays.contexts<kCount>();
        }
    };
    struct Many : Contexts<14> {
        static std::array<std::uint32_t, kCount> of(const Arrays& arrays) noexcept {
            return arrays.contexts<kCount>();
        }
    };
    struct PlaceAndScale : Selector<1024> {
        static int of(const Arrays& arrays) noexcept {
            return static_cast<int>(std::min(arrays.column_, 63u) * 16 +
                                    std::min(arrays.scale_of(arrays.best_), 15u));
        }
    };
    struct Scale : Selector<8> {
        static int of(const Arrays& arrays) noexcept {
            return static_cast<int>(std::min(arrays.scale_of(arrays.best_) / 2, 7u));
        }
    };

private:
    static constexpr std::uint32_t kRing = 1u << 15;
    static constexpr std::uint32_t kEvery = 2048;
    static constexpr std::uint32_t kAfterParsed = 512; // bytes after a format that was parsed
    static constexpr std::uint32_t kColumns = 256;
    static constexpr std::uint32_t kText = 128; // bytes in a row as in text, which end an array
    // Predictions: little-endian, by the number above, linearly, and as a mean, and by the row
    // above likewise: its number, linearly, and as a plane; then big-endian, by the number above
    // and linearly, each with 0 to 3 bytes above this one in the number.
    static constexpr std::size_t kRow = 3;
    static constexpr std::size_t kLittle = 6;
    static constexpr std::size_t kHigh = 4;
    static constexpr std::size_t kPredictions = kLittle + 2 * kHigh;

    static int bits_of(MemoryBudget budget) { return std::clamp(budget.bits - 10, 10, 16); }
    static std::size_t memory_of(int bits) noexcept {
        return kRing + (kMaps << bits) * sizeof(std::uint32_t) + kColumns * sizeof(Column) +
               kHistograms * Histograms::memory_for(kErrorContexts) +
               SafetensorsHeader::memory_for();
    }

    using Histograms = ResidualHistograms<1>;
    static constexpr std::size_t kErrorContexts = 8 * 16; // column mod 8, scale of its errors

    struct Column {
        std::array<std::uint16_t, kPredictions> cost{}; // mean error, Q8 of its capped magnitude
        std::int32_t error = 0;                         // latest of the best one, Q8
    };

    void detect();
    void begin(std::uint32_t width);
    bool find_row(std::uint32_t width);
    void prepare() noexcept;
    void roll(std::uint32_t ago) noexcept;
    void learn(std::uint32_t byte) noexcept;
    void predict(std::int16_t* x) const noexcept;
    void contexts(std::uint32_t* out, std::size_t n) const noexcept;
    template <std::size_t n> std::array<std::uint32_t, n> contexts() const noexcept {
        std::array<std::uint32_t, n> hashes;
        contexts(hashes.data(), n);
        return hashes;
    }

    static constexpr bool circular(std::size_t prediction) noexcept {
        return prediction <= kLittle || prediction == kLittle + kHigh;
    }
    // The difference `to` - `from`, Q8, within one turn.
    static std::int32_t distance(std::int32_t from, std::int32_t to, bool circular) noexcept {
        const std::int32_t d = to - from;
        return circular ? ((d + 32768) & 65535) - 32768 : std::clamp(d, -65535, 65535);
    }
    // Quantises a distance to eight steps per octave.
    static std::uint32_t quantised(std::int32_t d) noexcept {
        const auto size = static_cast<std::uint32_t>(d < 0 ? -d : d);
        std::uint32_t q = 0;
        if (size >= 16) {
            const auto width = static_cast<std::uint32_t>(std::bit_width(size));
            q = (width - 5) * 8 + ((size >> (width - 4)) & 7u) + 1;
        }
        return d < 0 ? 128 + q : q;
    }
    std::uint32_t scale_of(std::size_t prediction) const noexcept {
        const std::uint32_t l =
            fixed::half_octaves(columns_[column_ % kColumns].cost[prediction] >> 4);
        return l > 4 ? l - 4 : 0;
    }

    NpyHeader npy_;
    SafetensorsHeader safetensors_;
    int bits_;
    std::vector<std::uint8_t> ring_ = std::vector<std::uint8_t>(kRing);
    std::uint64_t position_ = 0;
    std::uint32_t width_ = 0;     // of a record; 0: not an array
    std::uint32_t row_ = 0;       // distance of a row; 0: there are none
    std::uint64_t next_ = kEvery; // position of the next detection
    std::uint32_t detections_ = 0;
    std::uint64_t control_ = 0; // position after the latest byte that is rare in text

    std::uint32_t column_ = 0;
    std::vector<Column> columns_;
    std::array<std::uint64_t, 4> little_{}; // eight bytes up to the one above, 2 above, ...
    std::array<std::uint64_t, 3> rows_{};   // to the one a row above, before that, 2 rows above
    std::array<std::uint64_t, 2> big_{};    // three bytes before the one above, it, and four after
    std::uint64_t own_ = 0;                 // the last eight bytes, the latest highest
    std::array<std::int32_t, kPredictions> expected_{}; // the byte, Q8
    std::size_t best_ = 0;
    std::array<std::size_t, 2> high_{}; // the best big-endian ones
    std::int32_t beside_ = 0;           // the latest error

    std::array<std::int32_t, kMaps> at_{}; // what each map predicts from, Q8
    std::array<bool, kMaps> circular_{};
    std::array<std::uint32_t, kMaps> base_{};
    std::array<std::size_t, kMaps> cell_{};
    std::vector<std::uint32_t> cells_;

    // By the best prediction, the number above, linearly, and the row above or as a mean.
    std::vector<Histograms> histograms_;
    std::array<Histograms::Prediction, kHistograms> bits_of_byte_{};
    std::array<std::size_t, kHistograms> errors_{};
    std::array<std::uint32_t, kHistograms> values_{}; // what is predicted, Q4
};

} // namespace weightless::model
