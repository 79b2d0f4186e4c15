// Guesses of the next byte, for experts that foresee it: each guess, with its confidence, gives
// P(next bit) for as long as the byte's known bits agree with it.
//
// Source: the predictions of a match model (M. Mahoney's lpaq), with any other source of guesses.
#pragma once

#include "model/experts/probability_inputs.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/history/partial_byte.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// guesses: their number. contexts: the number of a guess's contexts, such as its confidence.
template <std::size_t guesses, std::size_t contexts> class GuessedBytes {
public:
    static constexpr int kInputs = 2 * static_cast<int>(guesses);

    /// Must be called before all others; takes the memory.
    void start() {
        if (cells_.empty()) {
            cells_.assign(kCells, adaptive::kHalf);
        }
    }

    /// Sets guess i of the next byte.
    void set(std::size_t i, std::uint32_t byte, std::size_t context) noexcept {
        guesses_[i] = {static_cast<std::uint32_t>(256u | (byte & 255u)),
                       (i * contexts + context) * 16};
    }
    /// There is no guess i.
    void clear(std::size_t i) noexcept { guesses_[i].byte = 0; }

    void begin_bit(const PartialByte& partial) noexcept {
        for (std::size_t i = 0; i < guesses; ++i) {
            const Guess& guess = guesses_[i];
            const bool agrees = guess.byte >> (8 - partial.known) == partial.node;
            const std::uint32_t bit = guess.byte >> (7 - partial.known) & 1u;
            used_[i] =
                agrees ? guess.place + 2 * static_cast<std::size_t>(partial.known) + bit : kNone;
        }
    }
    /// Writes kInputs inputs.
    void predict(std::int16_t* x) const noexcept {
        for (const std::size_t place : used_) {
            if (place == kNone) {
                *x++ = 0;
                *x++ = 0;
            } else {
                x = write_probability(cells_[place] >> 10, x);
            }
        }
    }
    void train(unsigned bit) noexcept {
        const std::int32_t* reciprocals = adaptive::reciprocals().data();
        for (const std::size_t place : used_) {
            if (place != kNone) {
                adaptive::update(cells_[place], bit, 255, reciprocals);
            }
        }
        used_.fill(kNone);
    }

    static std::size_t memory_for() noexcept { return kCells * sizeof(std::uint32_t); }

private:
    static constexpr std::size_t kCells = guesses * contexts * 16;
    static constexpr std::size_t kNone = ~std::size_t{0};
    static constexpr std::array<std::size_t, guesses> none() {
        std::array<std::size_t, guesses> all{};
        all.fill(kNone);
        return all;
    }

    struct Guess {
        std::uint32_t byte = 0; // after a leading 1; 0: none
        std::size_t place = 0;
    };

    std::vector<std::uint32_t> cells_;
    std::array<Guess, guesses> guesses_{};
    std::array<std::size_t, guesses> used_ = none();
};

} // namespace weightless::model
