// The pages of a Parquet file that contain indices into a dictionary, packed into as few bits as
// they need. The dictionary's page comes before them, so it is known which values an index stands
// for: the next value is predicted to be close to the latest one in the order of values. Pages that
// are compressed, and other encodings, are left alone.
//
// Source: the layout is that of the Parquet format (github.com/apache/parquet-format) and of
// Thrift's compact protocol; the prediction of indices is our own.
#pragma once

#include "model/experts/arrays.hpp"
#include "model/experts/claim.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/number_forecast.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/history/coding_cost.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class ParquetPages {
public:
    /// Which coding costs of the next byte's bits are needed.
    CodingCost::Wanted wanted_cost() const noexcept {
        return active() ? CodingCost::Wanted::pages : CodingCost::Wanted::nothing;
    }
    /// Whether update() with the next byte reads the coding cost.
    bool reads_cost() const noexcept { return active() && claim_.ends(); }

    /// arrays: as they were before the latest byte.
    void update(const RawByte& latest, const Arrays& arrays, CodingCost& cost);

    /// Whether the next byte has packed indices.
    bool active() const noexcept {
        return state_ == State::packed && width_ >= 8 && width_ <= kWidest && dictionary_ != 0;
    }

    void begin_bit(const PartialByte& partial) noexcept;
    void train(unsigned bit) noexcept;

    std::size_t memory() const noexcept { return memory_for(MemoryBudget{}); }
    static std::size_t memory_for(MemoryBudget) noexcept {
        return kEntries * (sizeof(std::int64_t) + 2 * sizeof(std::uint32_t)) +
               AdaptiveMap::memory_for(kCells);
    }

    struct Predictions : Inputs<2> {
        static void of(const ParquetPages& pages, std::int16_t* x) noexcept {
            x[0] = pages.inputs_[0];
            x[1] = pages.inputs_[1];
        }
    };
    struct Indices : Contexts<3> {
        static std::array<std::uint32_t, kCount> of(const ParquetPages& pages) noexcept {
            return {hash(pages.likeliest_, pages.share_),
                    hash(pages.likeliest_, static_cast<std::uint32_t>(pages.pending_),
                         static_cast<std::uint32_t>(pages.bits_)),
                    hash(static_cast<std::uint32_t>(pages.last_),
                         static_cast<std::uint32_t>(pages.pending_),
                         static_cast<std::uint32_t>(pages.bits_))};
        }
    };
    struct PlaceAndShare : Selector<256> {
        static int of(const ParquetPages& pages) noexcept {
            return static_cast<int>(std::min(pages.bits_, 15) * 16) +
                   static_cast<int>(std::min(pages.share_, 15u));
        }
    };
    struct Share : Selector<4> {
        static int of(const ParquetPages& pages) noexcept {
            return static_cast<int>(std::min(pages.share_ / 4, 3u));
        }
    };

private:
    enum class State : std::uint8_t {
        outside,  // of a file, or what is left of it is not understood
        field,    // page header: the byte that tells a field's number and type
        number,   // its value
        skipped,  // bytes of a value that is not needed
        body,     // of a page that is left alone
        entries,  // of a dictionary
        levels,   // a length, if the column has definition levels
        level,    // these
        size,     // the number of bits of an index
        run,      // what tells a run's length
        repeated, // the value of a run
        packed,   // packed indices
    };

    static constexpr std::size_t kEntries = std::size_t{1} << 15;
    static constexpr int kWidest = 16; // bits of an index
    static constexpr int kDeepest = 4; // structures within a page header
    static constexpr std::size_t kCells = 1024;
    static constexpr std::uint32_t kMostWrong = 3;
    static constexpr std::size_t kCurrent = 8; // candidates whose successors are considered

    struct Candidate {
        std::uint32_t index;
        std::uint32_t weight;
    };

    void header(std::uint8_t byte) noexcept;
    void take_number() noexcept;
    void begin_page();
    void content(std::uint8_t byte);
    void begin_run() noexcept;
    void end_dictionary();
    void learn(std::uint32_t index) noexcept;
    void prepare() noexcept;
    template <typename F> void near(std::uint32_t index, F f) const noexcept;

    std::uint32_t rank_of(std::uint32_t index) const noexcept {
        return index < entries_ ? rank_[index] : index;
    }
    std::uint32_t index_of(std::uint32_t rank) const noexcept {
        return rank < entries_ ? sorted_[rank] : rank;
    }

    State state_ = State::outside;
    std::uint32_t latest4_ = 0;

    // The page header.
    std::array<std::uint32_t, kDeepest> fields_{}; // the latest field's number at each depth
    std::size_t depth_ = 0;
    std::uint32_t type_ = 0; // of the field
    std::uint64_t value_ = 0;
    int shift_ = 0;
    std::uint64_t skip_ = 0;
    std::uint64_t kind_ = 0; // of the page: 0: data, 2: a dictionary
    std::uint64_t whole_ = 0;
    std::uint64_t left_ = 0; // bytes of the page to come
    std::uint64_t count_ = 0;
    std::uint64_t encoding_ = 0;

    // The page.
    std::uint64_t length_ = 0; // bytes of levels, or of a run, to come
    std::uint32_t entry_ = 0;  // bytes of a dictionary's entry; 0: they vary
    std::uint32_t at_ = 0;
    int width_ = 0;             // bits of an index
    std::uint64_t pending_ = 0; // bits of the next index
    int bits_ = 0;              // how many there are

    // The dictionary.
    std::uint64_t dictionary_ = 0; // its number of values; 0: none has been seen
    std::uint32_t wrong_ = 0;      // indices of this page that are beyond it
    std::uint32_t entries_ = 0;    // values that are known; 0: indices stand for themselves
    std::vector<std::int64_t> entry_values_;
    std::vector<std::uint32_t> rank_;   // of each entry in the order of values
    std::vector<std::uint32_t> sorted_; // the entry of each rank

    using PageClaim = Claim<1>;
    PageClaim claim_; // that these are indices; its rival are arrays

    // The prediction.
    std::uint32_t last_ = 0; // index
    std::uint32_t next_ =
        0; // the first index that has not occurred: they are in order of first use
    std::uint32_t fresh_ = 0; // how likely it is to come where the dictionary does not tell, Q16
    ResidualWeights weights_;
    std::array<std::uint32_t, 512> sums_{}; // of weights, by the node of a byte's tree
    std::uint32_t likeliest_ = 0;           // byte
    std::uint32_t share_ = 0;               // its share of the weights, in 16ths
    AdaptiveMap map_{kCells, 255};
    std::size_t cell_ = 0;
    std::array<std::int16_t, 2> inputs_{};
};

} // namespace weightless::model
