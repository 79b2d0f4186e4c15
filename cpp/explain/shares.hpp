// How much each input of mixing saved.
//
// The prediction of a bit before the APM stages is, in the stretched domain (log-odds), the sum z
// of all inputs times weights through both layers. A bit costs 1 bit at z = 0 and log2(1 + e^-z) in
// the end, z being counted toward the bit that came. The saving is divided among the inputs as
// their shares of z are along the straight way from 0 to z (Aumann & Shapley, "Values of Non-Atomic
// Games", 1974): an input that adds c saves (1 - log2(1 + e^-z)) c / z, less than nothing if it
// argues for the other bit.
//
// Shares are summed up in single precision for a byte, by input, and in double precision from
// there; they are looked up by name only when they are taken.
#pragma once

#include "model/observer.hpp"

#include <cstddef>
#include <vector>

namespace weightless::explain {

class Shares {
public:
    /// For each input of a layout the index of its name; -1: it has none.
    using Names = std::vector<int>;

    /// Names that inputs of the second layer have.
    struct Later {
        std::size_t constant = 0;
        std::size_t order_one = 0;
        std::size_t network = 0;
    };

    /// layouts: in the order of MixingView::layout.
    void begin(std::vector<Names> layouts, const Later& later);

    /// Adds the shares of a bit.
    void add(const model::MixingView& view, unsigned bit);
    void end_byte();

    /// Adds the sums by name to saved, which has an element for each name, and starts anew.
    /// Returns what was added.
    double take(std::vector<double>& saved);

private:
    /// The factors by which the first layer's predictions, and inputs of the second, enter z.
    struct Second {
        double constant = 0;
        double order_one = 0;
        double network = 0;
    };

    Second weigh(const model::MixingView& view, double toward);
    void use(int layout);
    void name_inputs();

    std::vector<Names> layouts_;
    Later later_;
    int layout_ = 0;
    std::vector<float> factors_; // of each mixer of the first layer in z
    std::vector<float> terms_;   // of each input in z
    std::vector<float> byte_;    // sums of the byte
    std::vector<double> inputs_; // sums of the bytes before it
    std::vector<double> named_;  // sums under other layouts
    Second second_;              // sums of the second layer's inputs
};

} // namespace weightless::explain
