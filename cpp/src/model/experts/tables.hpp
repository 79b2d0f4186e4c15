// Tables as text: lines of fields with a delimiter between them (CSV, TSV). Each column has a state
// of its own: its latest values, its format, what followed which value, and a period. Numbers are
// predicted from the values above and by linear prediction.
//
// Source: contexts of the field above are those of paq8's record and CSV models (M. Mahoney, and
// others in paq8px); the prediction of numbers is our own.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/linear_prediction.hpp"
#include "model/experts/number_forecast.hpp"
#include "model/history/adaptive_map.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class Tables {
public:
    void update(const ByteHistory& bytes);

    bool active() const noexcept { return active_; }

    void begin_bit(const PartialByte& partial) noexcept;
    void train(unsigned bit) noexcept;

    std::size_t memory() const noexcept { return memory_for(MemoryBudget{}); }
    static std::size_t memory_for(MemoryBudget) noexcept {
        return kColumns * sizeof(Column) + kLinks * sizeof(Link) +
               AdaptiveMap::memory_for(kForecasts * kCells);
    }

    struct Fields : Contexts<16> {
        static std::array<std::uint32_t, kCount> of(const Tables& tables,
                                                    const ByteHistory& bytes) noexcept {
            return tables.contexts(bytes);
        }
    };
    struct Numbers : Inputs<8> {
        static void of(const Tables& tables, std::int16_t* x) noexcept {
            std::copy(tables.inputs_.begin(), tables.inputs_.end(), x);
        }
    };
    struct State : Selector<1024> {
        static int of(const Tables& tables, const PartialByte& partial) noexcept {
            return tables.state() * 8 + partial.known;
        }
    };
    struct Place : Selector<8> {
        static int of(const Tables& tables) noexcept { return tables.place(); }
    };

private:
    static constexpr std::size_t kColumns = 64;
    static constexpr std::size_t kLinks = 8192;
    static constexpr std::size_t kForecasts = 4;
    static constexpr std::size_t kCells = 1024; // of each forecast's adaptive map
    static constexpr std::uint32_t kRing = 512; // values of a column that are kept
    static constexpr std::uint32_t kLongestPeriod = 384;
    static constexpr std::size_t kDelimiters = 4;
    static constexpr std::uint32_t kLongestLine = 8192;
    static constexpr int kEnough = 12;
    static constexpr int kMostDigits = 17;
    static constexpr int kConstant = 32; // so many equal numbers make a column constant

    // What followed a value in a context.
    struct Link {
        std::int64_t value = 0;
        std::uint32_t check = 0;
        std::uint32_t hits = 0;
    };

    struct Column {
        std::uint32_t id = 0;
        std::uint32_t start = 0; // position of its latest content
        std::uint32_t size = 0;
        std::uint32_t text = 0; // hash of its latest content
        std::uint32_t text_before = 0;
        std::uint32_t after = 0;     // hash of what followed it in the row above
        std::uint32_t after_two = 0; // with the token after that
        bool number = false;
        bool trimmed = false;
        int scale = 0;  // decimals
        int padded = 1; // digits before the point at least
        std::uint8_t end = '\n';
        std::uint32_t count = 0; // numbers so far
        std::uint32_t period = 0;
        int same = 0; // how many times the latest number has been repeated, at most kConstant
        std::array<std::int64_t, kRing> values{};
        std::array<std::int32_t, 2 * kRing> steps{};      // differences, each at i and i + kRing
        std::array<std::int32_t, kLongestPeriod> costs{}; // mean error of each period, Q8
        std::int32_t cost = 0;                            // without one
        std::array<ResidualWeights, 7> weights{};
        LinearPrediction learnt{5};

        // The value, and the difference between values, k rows ago (1: the latest).
        std::int64_t value(std::uint32_t k) const noexcept { return values[(count - k) % kRing]; }
        std::int32_t step(std::uint32_t k) const noexcept { return steps[(count - k) % kRing]; }
    };

    // A number that is expected exactly.
    struct Exact {
        std::array<std::uint8_t, NumberForecast::kLongest> bytes{};
        std::uint32_t size = 0;
        std::uint32_t at = 0;
        std::uint32_t hits = 0;
        std::size_t link = 0;
        std::uint32_t check = 0;

        std::uint32_t byte() const noexcept { return at < size ? bytes[at] : 0u; }
        /// The byte with the confidence in it.
        std::uint32_t code() const noexcept {
            return at < size ? bytes[at] | std::min(hits, 6u) << 8 | 1u << 12 : hits;
        }
        void push(std::uint8_t next) noexcept {
            if (at < size) {
                size = bytes[at] == next ? size : 0;
                ++at;
            }
        }
    };

    std::array<std::uint32_t, Fields::kCount> contexts(const ByteHistory& bytes) const noexcept;
    int state() const noexcept;
    int place() const noexcept;

    void detect(const ByteHistory& bytes);
    void parse(const ByteHistory& bytes) noexcept;
    void begin_line(const ByteHistory& bytes) noexcept;
    void begin_token(const ByteHistory& bytes) noexcept;
    void end_token(const ByteHistory& bytes) noexcept;
    void learn_number(Column& column, std::int64_t value) noexcept;
    void rescale(Column& column, int scale) noexcept;
    void find_period(Column& column, std::int32_t step) noexcept;
    void forecast(Column& column) noexcept;
    void stop() noexcept {
        for (NumberForecast& f : forecasts_) {
            f.stop();
        }
    }
    void expect(Exact& exact, const Column& column, std::uint32_t key, bool difference) noexcept;

    std::array<std::uint32_t, kDelimiters> counts_{};
    std::array<std::uint32_t, kDelimiters> counts_before_{};
    std::array<int, kDelimiters> scores_{};
    std::uint32_t line_ = 0; // position of this line's first byte
    std::uint8_t delimiter_ = 0;
    bool quoted_ = false;
    bool active_ = false;

    // The row so far.
    std::uint32_t field_ = 0;
    std::uint32_t field_hash_ = 0;
    std::uint32_t signature_ = 0;
    std::uint32_t first_ = 0;    // hash of the row's first token
    std::uint32_t previous_ = 0; // hash of the previous token
    std::uint32_t previous_two_ = 0;
    std::size_t column_ = 0; // index of this token's column
    std::size_t column_before_ = 0;
    std::size_t column_before_that_ = 0;

    // The token so far.
    std::uint32_t id_ = 0;
    std::uint32_t token_start_ = 0;
    std::uint32_t token_hash_ = 0;
    std::int64_t value_ = 0;
    int digits_ = 0;
    int decimals_ = 0;
    bool in_token_ = false;
    bool number_ = false;
    bool point_ = false;
    bool negative_ = false;
    bool zero_first_ = false;

    std::vector<Column> columns_;
    std::vector<Link> links_;
    std::array<NumberForecast, kForecasts> forecasts_;
    std::array<std::size_t, kForecasts> weights_of_{};
    std::array<Exact, 3> exact_;
    std::array<std::int32_t, LinearPrediction::kInputs> x_{};
    std::int64_t learnt_ = 0; // Q4
    AdaptiveMap map_{kForecasts * kCells, 255};
    std::array<std::size_t, kForecasts> cell_{};
    std::array<std::int16_t, Numbers::kCount> inputs_{};
};

} // namespace weightless::model
