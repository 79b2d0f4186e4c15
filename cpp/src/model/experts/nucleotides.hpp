// Nucleotides: the letters A, C, G and T in one case, which line ends and other letters may
// interrupt. For DNA sequences, as in FASTA files. Contexts are the last 3 to 20 nucleotides. Each
// sequence is learnt together with its reverse complement.
//
// Source: inverted repeats as in XM (Cao et al., 2007) and GeCo (Pratas et al., 2016).
#pragma once

#include "fixed/logistic.hpp"
#include "model/experts/codons.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/reads.hpp"
#include "model/history/adaptive_map.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class Nucleotides {
public:
    static constexpr std::array<int, 8> kOrders{3, 5, 7, 9, 11, 12, 16, 20};
    /// The first kShort of them use adaptive probabilities, the others counts.
    static constexpr std::size_t kShort = 4;

    /// Allocates 2^(bits + 1) bytes for each long order when it detects nucleotides.
    explicit Nucleotides(MemoryBudget budget)
        : bits_(bits_of(budget)), maps_(kOrders.size() * kPairs) {
        for (std::size_t i = 0; i < maps_.size(); ++i) {
            const std::size_t ones = i % 32;
            const std::size_t zeros = i / 32 % 32;
            const std::size_t p = (std::size_t{2 * ones + 1} << 21) / (ones + zeros + 1);
            maps_[i] = static_cast<std::uint32_t>(p) << 10 | 6u;
        }
    }

    void update(const ByteHistory& history, const Reads& reads);

    bool active() const noexcept { return active_; }

    void begin_bit(const PartialByte& partial) noexcept;

    void train(unsigned bit) noexcept;

    std::size_t memory() const noexcept { return memory_of(bits_); }
    static std::size_t memory_for(MemoryBudget budget) noexcept {
        return memory_of(bits_of(budget));
    }

    /// Two predictions for each order, and those of the codons.
    struct Predictions
        : Inputs<2 * static_cast<int>(kOrders.size()) + static_cast<int>(Codons::kInputs)> {
        static void of(const Nucleotides& letters, std::int16_t* x) noexcept { letters.predict(x); }
    };

    /// The recent success of a long order, and the selector of the codons.
    struct Confidence : Selector<1024> {
        static int of(const Nucleotides& letters) noexcept {
            return static_cast<int>((letters.hits_ & 15u) * Codons::kSelectors +
                                    letters.codons_.selector());
        }
    };

private:
    static int bits_of(MemoryBudget budget) { return std::clamp(budget.bits - 4, 12, 22); }
    static std::size_t memory_of(int bits) noexcept {
        return ((kOrders.size() - kShort) << bits) * sizeof(std::uint16_t) +
               (kShortCells + kOrders.size() * kPairs) * sizeof(std::uint32_t) +
               Codons::memory_for();
    }

    void predict(std::int16_t* x) const noexcept;

    static constexpr std::size_t kPairs = 32 * 32;
    static constexpr std::size_t kShortCells = 4 * ((std::size_t{1} << (2 * kOrders[kShort - 1])) +
                                                    (std::size_t{2} << (2 * kOrders[kShort - 2])));
    static constexpr std::array<unsigned, 4> kCodes{'A', 'C', 'G', 'T'};

    static int letter_of(std::uint32_t byte) noexcept {
        switch (byte & 0xdfu) {
        case 'A':
            return 0;
        case 'C':
            return 1;
        case 'G':
            return 2;
        case 'T':
            return 3;
        default:
            return -1;
        }
    }

    // The index of the context of order kOrders[i]; two bits for each nucleotide.
    std::size_t place_of(std::size_t i, std::uint64_t letters) const noexcept {
        const int order = kOrders[i];
        const std::uint64_t context = letters & ((std::uint64_t{1} << (2 * order)) - 1);
        const auto low = static_cast<std::uint32_t>(context);
        if (i < kShort) {
            // It follows the contexts of shorter orders, which are fewer than 2 * 4^order.
            return low + (i == 0 ? 0 : std::size_t{2} << (2 * kOrders[i - 1]));
        }
        const std::uint32_t hash =
            2 * order <= bits_
                ? low
                : fixed::combine(fixed::combine(low, static_cast<std::uint32_t>(context >> 32)),
                                 static_cast<std::uint32_t>(i)) >>
                      (32 - bits_);
        return ((i - kShort) << bits_) + hash;
    }

    void count(std::size_t i, std::size_t place, std::uint32_t letter) noexcept {
        if (i < kShort) {
            Codons::count(short_.data() + place * 4, letter);
            return;
        }
        unsigned c = counts_[place];
        if ((c >> (4 * letter) & 15u) == 15) {
            c = c >> 1 & 0x7777u;
        }
        if (kOrders[i] > 11) {
            // Long contexts are nearly deterministic, so the other counts are halved.
            const unsigned mine = c & 15u << (4 * letter);
            const unsigned rest = c & ~(15u << (4 * letter));
            c = mine | (rest >> 1 & 0x7777u);
        }
        counts_[place] = static_cast<std::uint16_t>(c + (1u << (4 * letter)));
    }

    void learn(std::uint32_t letter) noexcept {
        codons_.learn(letter);
        constexpr std::size_t longest = kOrders.size() - 2; // the order that hits_ records
        const unsigned was = counts_[place_[longest]];
        const unsigned mine = was >> (4 * letter) & 15u;
        hits_ =
            hits_ << 2 | (was == 0 ? 0u
                                   : (mine == 0 ? 1u
                                                : (was >> (4 * letter) == mine &&
                                                           (was & ((1u << (4 * letter)) - 1)) == 0
                                                       ? 3u
                                                       : 2u)));
        for (std::size_t i = 0; i < kOrders.size(); ++i) {
            count(i, place_[i], letter);
        }
        // In the reverse complement, the complements of the latest nucleotides are followed by that
        // of the one before them.
        const std::uint64_t before = forward_;
        forward_ = forward_ << 2 | letter;
        reverse_ = reverse_ >> 2 | std::uint64_t{3 - letter} << 62;
        for (std::size_t i = 0; i < kOrders.size(); ++i) {
            const int order = kOrders[i];
            // The complements of the latest `order` nucleotides, the latest first.
            const std::uint64_t context = reverse_ >> (64 - 2 * order);
            const auto next = static_cast<std::uint32_t>(3 - (before >> (2 * order - 2) & 3u));
            count(i, place_of(i, context), next);
            place_[i] = place_of(i, forward_);
        }
    }

    int bits_;
    Codons codons_;
    std::vector<std::uint32_t> maps_;   // adaptive maps indexed by order and counts
    std::vector<std::uint32_t> short_;  // three probabilities for each short context
    std::vector<std::uint16_t> counts_; // four counts of four bits each
    std::array<std::size_t, kOrders.size()> place_{};
    std::array<std::size_t, kOrders.size()> cell_{};
    std::array<bool, kOrders.size()> known_{};
    std::uint64_t forward_ = 0; // the latest nucleotides, the latest lowest
    std::uint64_t reverse_ = 0; // their complements, the latest highest
    std::uint32_t hits_ = 0;    // recent success of an order, two bits for each nucleotide
    std::uint32_t lower_ = 0;
    int seen_ = 0;         // recent share of nucleotides, Q16
    std::size_t node_ = 0; // which of the three binary decisions the next bit is
    bool choice_ = false;
    bool active_ = false;
};

} // namespace weightless::model
