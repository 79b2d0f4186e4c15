// What bit histories say to a mixer: for each context and state a probability, learnt in
// place, and kept beside it the mixer's inputs that follow from it.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/logistic.hpp"
#include "model/mixing/adaptive_map.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weightless::model {

/// Tables of cells by state, one table or more for each of n contexts. State 0 stands for "nothing
/// known": its inputs are 0 and it learns nothing.
class HistoryInputs {
public:
    static constexpr int kInputs = 2; // per context
    static constexpr std::size_t kStates = 256;

    /// variants: tables for each context; what tells them apart is a multiple of kStates that
    /// is added to a state.
    HistoryInputs(int contexts, int variants, std::uint32_t limit)
        : states_(static_cast<std::size_t>(variants) * kStates), limit_(limit),
          cells_(static_cast<std::size_t>(contexts) * states_),
          reciprocals_(adaptive::reciprocals().data()), logistic_(&fixed::Logistic::get()) {}

    /// Sets a state's first probability (Q22), for all contexts; run: only one bit value came
    /// in this state.
    void set(std::size_t state, std::uint32_t p, std::uint32_t count, bool run) {
        for (std::size_t i = state; i < cells_.size(); i += kStates) {
            cells_[i].run = run ? -1 : 0;
            cells_[i].value = (p << 10) | count;
            refresh(cells_[i]);
        }
    }

    /// Writes kInputs inputs for each of the contexts first..last-1 in these states.
    template <typename State>
    void load(const State* states, int first, int last, std::int16_t* x) const noexcept {
        const Cell* table = cells_.data() + static_cast<std::size_t>(first) * states_;
        for (int i = first; i < last; ++i) {
            std::memcpy(x, table[states[i]].inputs, sizeof table->inputs);
            x += kInputs;
            table += states_;
        }
    }

    template <typename State> void update(const State* states, int n, unsigned bit) noexcept {
        Cell* table = cells_.data();
        for (int i = 0; i < n; ++i) {
            Cell& cell = table[states[i]];
            adaptive::update(cell.value, bit, limit_, reciprocals_);
            refresh(cell);
            table += states_;
        }
    }

    std::size_t memory() const noexcept { return cells_.size() * sizeof(Cell); }
    static std::size_t memory_for(int contexts, int variants) noexcept {
        return static_cast<std::size_t>(contexts) * static_cast<std::size_t>(variants) * kStates *
               sizeof(Cell);
    }

private:
    struct Cell {
        std::uint32_t value = 0;           // p Q22, count in the lower 10 bits
        std::int16_t inputs[kInputs] = {}; // stretched; and again if the state is a run, else 0
        std::int16_t run = 0;              // a mask
    };

    void refresh(Cell& cell) const noexcept {
        const std::uint32_t p = cell.value >> 10;
        cell.inputs[0] = logistic_->stretch(p);
        cell.inputs[1] = static_cast<std::int16_t>(cell.inputs[0] & cell.run);
    }

    std::size_t states_;
    std::uint32_t limit_;
    fixed::AlignedVector<Cell> cells_;
    const std::int32_t* reciprocals_;
    const fixed::Logistic* logistic_;
};

} // namespace weightless::model
