// The columns of a table, whatever its file format. Each has a state of its own: its latest values,
// how they are written, what followed which value, and a period. Numbers are predicted from the
// values above and by linear prediction; for text there are contexts of the cell above and of the
// row so far. A front end (text_rows.hpp, json_rows.hpp, log_rows.hpp, sqlite_pages.hpp) tells
// where cells begin and end.
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

/// Where the columns are in a row: the row and the token so far, and what is expected of it.
struct PlaceInRow {
    static constexpr std::size_t kForecasts = 4;

    // A number that is expected exactly.
    struct Exact {
        NumberBytes bytes{};
        std::uint32_t size = 0;
        std::uint32_t at = 0;
        std::uint32_t hits = 0;
        std::size_t link = 0;
        std::uint32_t check = 0;

        bool known() const noexcept { return at < size; }
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
        void stop() noexcept {
            size = at = 0;
            hits = 0;
        }
    };

    // The row so far.
    std::uint32_t cell_id_ = 0;
    std::uint32_t cell_hash_ = 0;
    std::uint32_t signature_ = 0; // hash of the punctuation in the cell
    std::uint32_t first_ = 0;     // hash of the row's first token
    std::uint32_t previous_ = 0;  // hash of the previous token
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

    std::array<NumberForecast, kForecasts> forecasts_;
    std::array<std::size_t, kForecasts> weights_of_{};
    std::array<Exact, 3> exact_;
    std::array<std::int32_t, LinearPrediction::kInputs> x_{};
    std::int64_t learnt_ = 0; // Q4
    std::int64_t season_ = 0; // the number one period ago
};

class Columns : PlaceInRow {
public:
    static constexpr int kContexts = 16;
    using PlaceInRow::kForecasts;
    static constexpr int kInputs = 2 * kForecasts;
    static constexpr int kStates = 1024;
    static constexpr int kPlaces = 8;

    /// Allocates the tables, if they are not there yet.
    void prepare();
    static std::size_t memory_for() noexcept {
        return kColumns * sizeof(Column) + kLinks * sizeof(Link) +
               AdaptiveMap::memory_for(kForecasts * kCells);
    }

    // For a front end.

    /// Begins a row, and the text of its first cell.
    void begin_row() noexcept;
    /// Begins a cell of text in this column (any number); numbers within it are found by the
    /// punctuation between them.
    void begin_text(std::uint32_t column, const ByteHistory& bytes) noexcept;
    /// Takes the latest byte, which belongs to a cell of text.
    void push_text(const ByteHistory& bytes) noexcept;
    /// Ends a cell of text; the latest byte does not belong to it.
    void end_text(const ByteHistory& bytes) noexcept { end_token(bytes, bytes.back(1)); }
    /// Begins a binary number in this column, in this format.
    void begin_number(std::uint32_t column, const NumberFormat& format,
                      const ByteHistory& bytes) noexcept;
    /// Takes the latest byte, which belongs to a binary number.
    void push_number(const ByteHistory& bytes) noexcept;
    /// Ends it; the latest byte was its last one.
    void end_number(std::int64_t value, int decimals, const ByteHistory& bytes) noexcept;
    /// Ends one that is no decimal number.
    void end_unknown(const ByteHistory& bytes) noexcept;
    /// Begins bytes that belong to no cell; push_number() takes them.
    void begin_other(std::uint32_t place, const ByteHistory& bytes) noexcept;
    /// What is known of the row before it begins.
    void set_first(std::uint32_t known) noexcept { first_ = hash(known, 0) | 1u; }

    /// If cells of another table stand between two bytes, the place before them is restored.
    const PlaceInRow& where() const noexcept { return *this; }
    void go_back(const PlaceInRow& place) noexcept { static_cast<PlaceInRow&>(*this) = place; }

    // For the expert.

    void begin_bit(const PartialByte& partial) noexcept;
    void train(unsigned bit) noexcept;
    std::array<std::uint32_t, kContexts> contexts(const ByteHistory& bytes) const noexcept;
    const std::array<std::int16_t, kInputs>& inputs() const noexcept { return inputs_; }
    int state(const PartialByte& partial) const noexcept;
    int place() const noexcept;

private:
    static constexpr std::size_t kColumns = 96;
    static constexpr std::size_t kProbes = 8; // places where a column may be
    static constexpr int kLinkBits = 13;
    static constexpr std::size_t kLinks = std::size_t{1} << kLinkBits;
    static constexpr std::size_t kCells = 1024; // of each forecast's adaptive map
    static constexpr std::uint32_t kRing = 512; // steps of a column that are kept
    static constexpr std::uint32_t kLongestPeriod = 384;
    static constexpr int kMostDigits = 17;
    static constexpr std::int64_t kMost = numbers::kPowers[18];
    static constexpr int kConstant = 32; // so many equal numbers make a column constant

    // What followed a value in a context.
    struct Link {
        std::int64_t value = 0;
        std::uint32_t check = 0;
        std::uint32_t hits = 0;
    };

    struct Column {
        std::uint32_t id = 0;
        std::uint32_t used = 0;
        std::uint32_t start = 0; // position of its latest content
        std::uint32_t size = 0;
        std::uint32_t text = 0; // hash of its latest content
        std::uint32_t text_before = 0;
        std::uint32_t after = 0;     // hash of what followed it in the row above
        std::uint32_t after_two = 0; // with the token after that
        bool number = false;
        bool trimmed = false;
        std::uint8_t end = '\n';
        int scale = 0;           // decimals
        int padded = 1;          // digits before the point at least
        std::uint32_t count = 0; // numbers so far
        std::uint32_t period = 0;
        int same = 0; // how many times the latest number has been repeated, at most kConstant
        std::int64_t last = 0;
        std::array<std::int32_t, kRing> steps{};          // differences between numbers
        std::array<std::int32_t, kLongestPeriod> costs{}; // mean error of each period, Q8
        std::int32_t cost = 0;                            // without one
        std::array<ResidualWeights, 7> weights{};
        LinearPrediction learnt{5};

        /// The difference k rows ago (1: the latest).
        std::int32_t step(std::uint32_t k) const noexcept { return steps[(count - k) % kRing]; }
    };

    void begin_token(std::uint32_t id, const ByteHistory& bytes) noexcept;
    void end_token(const ByteHistory& bytes, std::uint8_t end) noexcept;
    void link_tokens() noexcept;
    void finish_token(Column& column, const ByteHistory& bytes) noexcept;
    void push_forecasts(std::uint8_t byte) noexcept;
    bool learn_number(Column& column, std::int64_t value, int decimals) noexcept;
    void rescale(Column& column, int scale) noexcept;
    void find_period(Column& column, std::int32_t step) noexcept;
    void forecast(Column& column, const NumberFormat& format) noexcept;
    static NumberFormat text_format(const Column& column) noexcept;
    void expect(Exact& exact, const Column& column, std::uint32_t key, bool difference,
                const NumberFormat& format) noexcept;
    void stop() noexcept;

    std::vector<Column> columns_; // the first one is never used
    std::vector<Link> links_;
    AdaptiveMap map_{kForecasts * kCells, 255};
    std::array<std::size_t, kForecasts> cells_{};
    std::array<std::int16_t, kInputs> inputs_{};
};

} // namespace weightless::model
