// The reads of a sequencer with their qualities, as in FASTQ and SAM: a string of nucleotides, and
// then one of as many qualities, one character for each. Other experts learn from it which part of
// a record comes next; it models the qualities itself.
//
// Source: the contexts of qualities are those of fqzcomp (J. Bonfield and M. Mahoney, 2013), with
// the nucleotides added.
#pragma once

#include "fixed/logistic.hpp"
#include "model/experts/expert.hpp"
#include "model/history/adaptive_map.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class Reads {
public:
    enum class Part : std::uint8_t {
        other,
        name,      // the line before the nucleotides in FASTQ
        bases,     // the nucleotides
        between,   // the line after them in FASTQ
        qualities, // and the qualities
    };

    explicit Reads(MemoryBudget budget) : bits_(bits_of(budget)) {}

    void update(const ByteHistory& bytes);

    /// Whether the data are FASTQ, or a table with reads.
    bool in_fastq() const noexcept { return format_ == Format::fastq; }
    bool in_table() const noexcept { return format_ == Format::table; }
    /// The part that the next byte belongs to, and that of the latest one. What ends a part belongs
    /// to the part itself as the next byte, and to the one after it as the latest.
    Part part() const noexcept { return part_; }
    Part latest() const noexcept { return latest_; }
    /// Whether the next byte is a nucleotide, as far as the length of the last read tells.
    bool expects_base() const noexcept { return part_ == Part::bases && !ends_; }

    /// Whether the next byte is a quality, or likely to end a part whose length is known.
    bool active() const noexcept { return ends_ || part_ == Part::qualities; }

    void begin_bit(const PartialByte& partial) noexcept;
    void train(unsigned bit) noexcept;

    std::size_t memory() const noexcept { return memory_of(bits_); }
    static std::size_t memory_for(MemoryBudget budget) noexcept {
        return memory_of(bits_of(budget));
    }

    static constexpr std::size_t kMaps = 6;
    struct Predictions : Inputs<static_cast<int>(2 * kMaps)> {
        static void of(const Reads& reads, std::int16_t* x) noexcept { reads.predict(x); }
    };
    struct Qualities : Contexts<4> {
        static std::array<std::uint32_t, kCount> of(const Reads& reads) noexcept {
            return {hash(reads.contexts_[0], 0), hash(reads.contexts_[2], 2),
                    hash(reads.contexts_[4], 4), hash(reads.ends_ ? 1 : 0, reads.at_)};
        }
    };
    struct LatestQuality : Selector<512> {
        static int of(const Reads& reads) noexcept {
            return reads.ends_ ? 511
                               : static_cast<int>(std::min(reads.q_[0], 63u) * 8 +
                                                  std::min(reads.variation(), 7u)) %
                                     511;
        }
    };
    struct Place : Selector<4> {
        static int of(const Reads& reads) noexcept {
            return reads.ends_ ? 3 : static_cast<int>(std::min(reads.variation() / 3, 2u));
        }
    };

private:
    enum class Format : std::uint8_t { unknown, fastq, table };
    static constexpr std::uint32_t kLeast = 16; // nucleotides of a read
    static constexpr int kEnough = 2;           // records until the format is known

    // A line, or a field of a table.
    struct Piece {
        std::uint32_t size = 0;
        std::uint8_t first = 0;
        bool letters = true;   // there are only nucleotides
        bool printable = true; // there are no spaces and control characters

        void push(std::uint8_t byte) noexcept;
        bool is_read() const noexcept { return letters && size >= kLeast; }
        /// Whether it may be the qualities of this read.
        bool fits(const Piece& read) const noexcept {
            return read.is_read() && size == read.size && printable;
        }
    };

    static int bits_of(MemoryBudget budget) { return std::clamp(budget.bits - 7, 15, 18); }
    static std::size_t memory_of(int bits) noexcept {
        return (kMaps << bits) * sizeof(std::uint32_t);
    }

    void end_field() noexcept;
    void end_line() noexcept;
    bool broken(std::uint8_t byte) const noexcept;
    void begin_part(Part part, const ByteHistory& bytes) noexcept;
    void learn_quality(std::uint8_t byte) noexcept;
    void prepare(const ByteHistory& bytes);
    void predict(std::int16_t* x) const noexcept;
    std::uint32_t variation() const noexcept {
        return static_cast<std::uint32_t>(std::bit_width(variation_ / 2));
    }

    Format format_ = Format::unknown;
    Part part_ = Part::other;
    Part latest_ = Part::other;
    bool ends_ = false;
    int score_ = 0;

    Piece line_;
    Piece field_;
    std::array<Piece, 2> lines_{}; // the lines before, the latest first
    Piece field_before_;
    std::uint32_t row_ = 0;    // FASTQ: this line's number in its record; otherwise lines since
    std::uint32_t column_ = 0; // table: this field's number
    std::uint32_t read_ = 0;   // table: the number of the field with nucleotides
    std::uint32_t bases_ = 0;  // position of the latest nucleotides
    std::uint32_t length_ = 0; // their number, in the read before until they end
    std::uint32_t at_ = 0;     // offset in the part
    std::array<std::uint32_t, 3> q_{}; // the latest qualities
    std::uint32_t variation_ = 0;      // sum of their differences
    std::uint32_t level_ = 0;          // their mean, Q4

    int bits_;
    std::array<std::uint32_t, kMaps> contexts_{};
    std::array<std::size_t, kMaps> cell_{};
    std::vector<std::uint32_t> cells_;
};

} // namespace weightless::model
