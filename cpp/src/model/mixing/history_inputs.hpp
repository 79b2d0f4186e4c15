// Turns bit histories into inputs of a mixer: there is an adaptive probability for each context and
// state, stored together with the inputs that are computed from it.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/logistic.hpp"
#include "kernels/kernels.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/history/bit_history.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weightless::model {

/// For each of n contexts `variants` tables of cells by state; what tells them apart is a multiple
/// of kStates that is added to a state. Where nothing is known yet, the inputs are 0.
template <int contexts, int variants> class HistoryInputs {
public:
    // For each context: stretch(p), and the same again if the state is deterministic, otherwise 0.
    static constexpr int kInputs = 2;
    static constexpr std::size_t kStates = BitHistory::kStates;

    HistoryInputs(std::uint32_t limit, const kernels::Kernels& kernels)
        : limit_(limit), cells_(std::size_t{contexts} * kTable),
          reciprocals_(adaptive::reciprocals().data()),
          stretch_(fixed::Logistic::get().stretch_table()), kernels_(&kernels) {}

    /// Sets a state's initial probability (Q22) for all contexts; run: the state is deterministic,
    /// that is, only one bit value has been seen.
    void set(std::size_t state, std::uint32_t p, std::uint32_t count, bool run) {
        runs_[state / 32] |= static_cast<std::uint32_t>(run) << (state % 32);
        const std::int16_t x = fixed::Logistic::get().stretch(p);
        for (std::size_t i = state; i < cells_.size(); i += kStates) {
            cells_[i] = {(p << 10) | count, {x, run ? x : std::int16_t{0}}};
        }
    }

    /// Writes kInputs inputs for each of the contexts first..last-1, which have these states.
    void load(const std::uint16_t* states, int first, int last, std::int16_t* x) noexcept {
        std::uint32_t table = static_cast<std::uint32_t>(first) * kTable;
        for (int i = first; i < last; ++i) {
            const std::uint32_t at = table + states[i];
            at_[static_cast<std::size_t>(i)] = at;
            std::memcpy(x, cells_[at].inputs, kInputs * sizeof *x);
            x += kInputs;
            table += kTable;
        }
    }

    /// Must be called after load(): writes one linear input for each context, p - 1/2, Q12; 0 for
    /// new contexts.
    void load_linear(const std::uint16_t* states, int first, int last,
                     std::int16_t* x) const noexcept {
        for (int i = first; i < last; ++i) {
            const std::uint32_t p = cells_[at_[static_cast<std::size_t>(i)]].value >> 10;
            const std::int32_t linear = (static_cast<std::int32_t>(p) - (1 << 21)) >> 10;
            *x++ = static_cast<std::int16_t>(states[i] != 0 ? linear : 0);
        }
    }

    /// Trains the states that were loaded last, of the first n contexts.
    void update(int n, unsigned bit) noexcept {
        kernels_->history_update(cells_.data(), at_.data(), n, bit, limit_, reciprocals_, stretch_,
                                 runs_.data());
    }

    std::size_t memory() const noexcept { return cells_.size() * sizeof(kernels::HistoryCell); }
    static std::size_t memory_for() noexcept {
        return std::size_t{contexts} * kTable * sizeof(kernels::HistoryCell);
    }

private:
    static constexpr std::uint32_t kTable = static_cast<std::uint32_t>(variants) * kStates;

    std::uint32_t limit_;
    fixed::AlignedVector<kernels::HistoryCell> cells_;
    std::array<std::uint32_t, kStates / 32> runs_{};         // a bit for each state
    std::array<std::uint32_t, (contexts + 7) / 8 * 8> at_{}; // the entries loaded last
    const std::int32_t* reciprocals_;
    const std::int16_t* stretch_;
    const kernels::Kernels* kernels_;
};

} // namespace weightless::model
