// Codons: in genes, a nucleotide depends on its codon position, its position within a triplet. The
// strand and the reading frame are those that would have predicted the latest nucleotides best.
// Each sequence is learnt together with its reverse complement. Further predictions use the
// position mod 3 alone and adapt quickly to local statistics. For nucleotides.
//
// Source: the frames are the states of gene finders' hidden Markov models (GeneMark, Borodovsky
// and McIninch, 1993), of which only the likeliest is trained here, online.
#pragma once

#include "fixed/logistic.hpp"
#include "model/history/adaptive_map.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class Codons {
public:
    static constexpr std::array<int, 4> kOrders{3, 5, 7, 8};
    static constexpr std::array<int, 2> kLocalOrders{1, 2};
    static constexpr std::size_t kInputs = kOrders.size() + kLocalOrders.size();
    static constexpr std::uint32_t kSelectors = 64;

    /// Allocates memory; must be called before anything else.
    void begin() {
        cells_.assign(kCells, adaptive::kHalf);
        local_.fill(adaptive::kHalf);
    }

    /// Writes kInputs inputs. node: which binary decision the next bit is: 0 T or not, 1 G or not,
    /// 2 C or not.
    void predict(std::size_t node, std::int16_t* x) const noexcept {
        const fixed::Logistic& logistic = fixed::Logistic::get();
        for (const std::size_t place : place_) {
            *x++ = logistic.stretch(cells_[place + node] >> 10);
        }
        for (const std::size_t place : local_place_) {
            *x++ = logistic.stretch(local_[place + node] >> 10);
        }
    }

    /// Takes the actual nucleotide, 0 to 3.
    void learn(std::uint32_t letter) noexcept {
        choose_frame(letter);
        for (const std::size_t place : place_) {
            count(cells_.data() + place, letter);
        }
        for (const std::size_t place : local_place_) {
            count(local_.data() + place, letter, kLocal);
        }
        const std::uint32_t before = forward_;
        forward_ = forward_ << 2 | letter;
        reverse_ = reverse_ >> 2 | (3 - letter) << 30;
        learn_other_strand(before);
        phase_ = phase_ == 2 ? 0 : phase_ + 1;
        for (std::size_t i = 0; i < kOrders.size(); ++i) {
            place_[i] = place(i, kind_of(frame_), forward_);
        }
        for (std::size_t i = 0; i < kLocalOrders.size(); ++i) {
            const std::size_t context = forward_ & ((1u << (2 * kLocalOrders[i])) - 1);
            local_place_[i] = ((i * 3 + phase_) * kLocalContexts + context) * 4;
        }
    }

    /// For mixing: the codon position, the strand, and the confidence in the reading frame.
    std::uint32_t selector() const noexcept {
        std::int32_t second = -kFar;
        for (std::uint32_t frame = 0; frame < kFrames; ++frame) {
            second = frame != frame_ ? std::max(second, score_[frame]) : second;
        }
        const std::int32_t lead = (score_[frame_] - second) / 300;
        return kind_of(frame_) * 8 + static_cast<std::uint32_t>(std::clamp(lead, 0, 7));
    }

    /// Trains the three probabilities of the binary decisions T, G and C.
    static void count(std::uint32_t* cell, std::uint32_t letter,
                      std::uint32_t limit = 1023) noexcept {
        const std::int32_t* reciprocals = adaptive::reciprocals().data();
        for (std::uint32_t other = 3; other > 0; --other) {
            adaptive::update(cell[3 - other], letter == other ? 1 : 0, limit, reciprocals);
            if (letter == other) {
                break;
            }
        }
    }

    static std::size_t memory_for() noexcept { return kCells * sizeof(std::uint32_t); }

private:
    static constexpr std::uint32_t kFrames = 6; // three for each strand
    static constexpr std::int32_t kMemory = 90; // nucleotides over which a frame's score decays
    static constexpr std::int32_t kLead =
        400; // by which another frame must be better to replace the current one, bits, Q8
    static constexpr std::int32_t kFar = 1 << 30;
    static constexpr std::uint32_t kLocal = 12; // adaptation limit
    static constexpr std::size_t kLocalContexts = std::size_t{1} << (2 * kLocalOrders.back());

    // Where the entries of each order begin: for each kind and context three, and one spare.
    static constexpr std::array<std::size_t, kOrders.size() + 1> kStart = [] {
        std::array<std::size_t, kOrders.size() + 1> start{};
        for (std::size_t i = 0; i < kOrders.size(); ++i) {
            start[i + 1] = start[i] + (std::size_t{kFrames} << (2 * kOrders[i])) * 4;
        }
        return start;
    }();
    static constexpr std::size_t kCells = kStart[kOrders.size()];

    // 0 to 2: the codon position; 3 to 5: the same on the other strand.
    std::uint32_t kind_of(std::uint32_t frame) const noexcept {
        return (phase_ + frame) % 3 + (frame < 3 ? 0 : 3);
    }
    std::size_t place(std::size_t i, std::uint32_t kind, std::uint32_t letters) const noexcept {
        const std::size_t context = letters & ((1u << (2 * kOrders[i])) - 1);
        return kStart[i] + ((std::size_t{kind} << (2 * kOrders[i])) + context) * 4;
    }

    void choose_frame(std::uint32_t letter) noexcept {
        std::uint32_t best = 0;
        for (std::uint32_t frame = 0; frame < kFrames; ++frame) {
            std::int32_t& score = score_[frame];
            const std::size_t at = place(0, kind_of(frame), forward_);
            score += logarithm(cells_.data() + at, letter) - score / kMemory;
            best = score > score_[best] ? frame : best;
        }
        if (score_[best] > score_[frame_] + kLead) {
            frame_ = best;
        }
    }

    // Trains the reverse complement, whose triplets are reversed, too.
    void learn_other_strand(std::uint32_t before) noexcept {
        const std::uint32_t kind = kind_of(frame_);
        for (std::size_t i = 0; i < kOrders.size(); ++i) {
            const auto order = static_cast<std::uint32_t>(kOrders[i]);
            const std::uint32_t first = (kind + 2 * order) % 3; // `order` letters before
            const std::uint32_t there = (3 - first) % 3 + (kind < 3 ? 3 : 0);
            count(cells_.data() + place(i, there, reverse_ >> (32 - 2 * order)),
                  3 - (before >> (2 * order - 2) & 3u));
        }
    }

    // log2 of a nucleotide's probability, Q8, linear between powers of two.
    static std::int32_t logarithm(const std::uint32_t* cell, std::uint32_t letter) noexcept {
        std::int32_t sum = 0;
        for (std::uint32_t other = 3; other > 0; --other) {
            const std::uint32_t p = cell[3 - other] >> 10;
            const std::uint32_t q = letter == other ? p : (1u << 22) - p;
            const int width = std::bit_width(q | 1u);
            sum += (width - 23) * 256 + static_cast<std::int32_t>((q << (32 - width) >> 23) & 255u);
            if (letter == other) {
                break;
            }
        }
        return sum;
    }

    std::vector<std::uint32_t> cells_; // probabilities
    std::array<std::size_t, kOrders.size()> place_{};
    std::array<std::uint32_t, kLocalOrders.size() * 3 * kLocalContexts * 4> local_{};
    std::array<std::size_t, kLocalOrders.size()> local_place_{};
    std::array<std::int32_t, kFrames> score_{};
    std::uint32_t frame_ = 0;   // the likeliest reading frame
    std::uint32_t phase_ = 0;   // nucleotides so far, mod 3
    std::uint32_t forward_ = 0; // the latest nucleotides, the latest lowest
    std::uint32_t reverse_ = 0; // their complements, the latest highest
};

} // namespace weightless::model
