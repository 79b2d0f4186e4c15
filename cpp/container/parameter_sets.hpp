// The parameter sets by their ids (docs/format.md, "Parameter sets"). Those of the levels come
// first.
#pragma once

#include "model/parameters.hpp"

namespace weightless::container {

inline constexpr int kLevels = 9;
inline constexpr int kSets = 10;

/// The set with an id from 1 to kSets.
inline model::Parameters parameter_set(int id) {
    struct Values {
        int width, horizon, recurrent, input, output, output_bias, decay_time, decay_floor;
        int moment_shift, init_bound, delay, experts, memory_bits, growth_bits, growth_share;
        int ngrams, ngram_bits, ngram_words;
    };
    constexpr Values kValues[kSets] = {
        {0, 20, 5000, 64000, 39000, 8192, 8000, 64, 8, 80, 0, 1, 22, 3, 3, 0, 22, 0},
        {0, 20, 5000, 64000, 39000, 8192, 8000, 64, 8, 80, 0, 1, 24, 3, 4, 0, 22, 0},
        {0, 20, 5000, 64000, 39000, 8192, 8000, 64, 8, 80, 0, 2, 25, 3, 5, 0, 22, 0},
        {16, 32, 8000, 46000, 36000, 4096, 5000, 64, 9, 96, 0, 2, 25, 3, 5, 2, 22, 0},
        {16, 32, 8000, 46000, 36000, 4096, 5000, 64, 9, 96, 0, 2, 25, 3, 5, 6, 24, 2},
        {32, 32, 8000, 46000, 36000, 4096, 5000, 64, 9, 96, 0, 2, 25, 3, 5, 6, 24, 2},
        {128, 32, 3000, 45390, 12000, 8192, 5000, 96, 8, 45, 1, 3, 27, 2, 7, 6, 24, 2},
        {128, 32, 3000, 45390, 12000, 8192, 5000, 96, 8, 45, 1, 4, 28, 2, 8, 6, 26, 2},
        {176, 32, 2900, 45390, 10000, 8192, 5000, 96, 8, 38, 1, 4, 29, 1, 9, 6, 25, 2},
        {32, 16, 8000, 64000, 44000, 8192, 8000, 64, 8, 80, 0, 0, 22, 0, 3, 0, 22, 0},
    };
    const Values& v = kValues[id - 1];
    model::Parameters p;
    p.width = v.width;
    p.horizon = v.horizon;
    p.step_recurrent = v.recurrent;
    p.step_input = v.input;
    p.step_output = v.output;
    p.step_output_bias = v.output_bias;
    p.decay_time = v.decay_time;
    p.decay_floor = v.decay_floor;
    p.moment_shift = v.moment_shift;
    p.init_bound = v.init_bound;
    p.delay = v.delay;
    p.experts = v.experts;
    p.memory_bits = v.memory_bits;
    p.growth_bits = v.growth_bits;
    p.growth_share = v.growth_share;
    p.ngrams = v.ngrams;
    p.ngram_bits = v.ngram_bits;
    p.ngram_words = v.ngram_words;
    return p;
}

} // namespace weightless::container
