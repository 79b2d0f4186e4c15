// Every number that the predictor's behaviour depends on. The archive's header carries
// them, whole or by the id of a frozen set; equal parameters give equal archives.
#pragma once

#include "fixed/failure.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace weightless::model {

enum class Gates : std::int32_t { coupled = 0, full = 1 };
enum class Optimizer : std::int32_t { sgd = 0, shift = 1, rms = 2 };

struct Parameters {
    // The network.
    std::int32_t width = 64;            // hidden units per layer; 0: no network
    std::int32_t layers = 1;            // LSTM layers
    std::int32_t gates = 0;             // Gates
    std::int32_t horizon = 20;          // BPTT horizon: bytes per segment
    std::int32_t optimizer = 2;         // Optimizer
    std::int32_t step_recurrent = 5000; // step sizes, Q20, per tensor
    std::int32_t step_input = 64000;
    std::int32_t step_bias = 8192;
    std::int32_t step_output = 39000;
    std::int32_t step_output_bias = 8192;
    std::int32_t decay_time = 8000; // segments until steps have decayed half-way; 0: never
    std::int32_t decay_floor = 64;  // what steps decay to, Q8 of their initial value
    std::int32_t moment_shift = 8;  // second moment's rate is 2^-moment_shift at the least
    std::int32_t clip = 256;        // bound of a (normalised) gradient, Q4
    std::int32_t epsilon = 10;      // second moment's root is clamped to at least 2^-epsilon
    std::int32_t forget_bias = 16;  // initial forget-gate bias, Q4
    std::int32_t init_bound = 80;   // initial recurrent weights are uniform in +-init_bound/256
    std::int32_t delay = 0;         // 1: a segment's update takes effect one segment later
    std::int32_t seed = 1;          // of the initial weights

    // Context mixing.
    std::int32_t experts = 0;      // 0: none, the network alone; 1: few, 2: more, 3: many, 4: all
    std::int32_t memory_bits = 22; // bit histories take 2^memory_bits bytes

    // The network's n-gram logits.
    std::int32_t ngrams = 0;      // contexts are the last 2 to `ngrams` bytes; 0: none of these
    std::int32_t ngram_bits = 22; // they take 2^ngram_bits bytes
    std::int32_t ngram_words =
        0; // 1: the current word is a context, too; 2: also with the previous word

    std::int32_t window_bits = 32; // matches are found among the last 2^window_bits bytes
    std::int32_t growth_bits =
        0; // bit histories of much data take up to 2^(memory_bits + growth_bits) bytes
    std::int32_t growth_share = 3; // and then 2^growth_share bytes for each byte of the data
};

struct Field {
    const char* name;
    std::int32_t Parameters::* member;
    std::int32_t low;
    std::int32_t high;
};

/// All fields in the order in which the header writes them. New ones go at the end.
inline constexpr std::array kFields{
    Field{"width", &Parameters::width, 0, 1024},
    Field{"layers", &Parameters::layers, 1, 3},
    Field{"gates", &Parameters::gates, 0, 1},
    Field{"horizon", &Parameters::horizon, 2, 128},
    Field{"optimizer", &Parameters::optimizer, 0, 2},
    Field{"step_recurrent", &Parameters::step_recurrent, 0, 1 << 20},
    Field{"step_input", &Parameters::step_input, 0, 1 << 20},
    Field{"step_bias", &Parameters::step_bias, 0, 1 << 20},
    Field{"step_output", &Parameters::step_output, 0, 1 << 20},
    Field{"step_output_bias", &Parameters::step_output_bias, 0, 1 << 20},
    Field{"decay_time", &Parameters::decay_time, 0, 1 << 24},
    Field{"decay_floor", &Parameters::decay_floor, 0, 256},
    Field{"moment_shift", &Parameters::moment_shift, 0, 15},
    Field{"clip", &Parameters::clip, 1, 256},
    Field{"epsilon", &Parameters::epsilon, 0, 24},
    Field{"forget_bias", &Parameters::forget_bias, -64, 64},
    Field{"init_bound", &Parameters::init_bound, 0, 255},
    Field{"seed", &Parameters::seed, 0, INT32_MAX},
    Field{"delay", &Parameters::delay, 0, 1},
    Field{"experts", &Parameters::experts, 0, 4},
    Field{"memory_bits", &Parameters::memory_bits, 16, 30},
    Field{"ngrams", &Parameters::ngrams, 0, 8},
    Field{"ngram_bits", &Parameters::ngram_bits, 16, 30},
    Field{"ngram_words", &Parameters::ngram_words, 0, 2},
    Field{"window_bits", &Parameters::window_bits, 16, 32},
    Field{"growth_bits", &Parameters::growth_bits, 0, 8},
    Field{"growth_share", &Parameters::growth_share, 0, 10},
};

/// What is wrong with the parameters, naming the field; empty if they are allowed.
inline std::string problem(const Parameters& parameters) {
    for (const Field& field : kFields) {
        const std::int32_t value = parameters.*field.member;
        if (value < field.low || value > field.high) {
            return std::string(field.name) + " is " + std::to_string(value) + ", not in [" +
                   std::to_string(field.low) + ", " + std::to_string(field.high) + "]";
        }
    }
    if (parameters.width % 16 != 0) {
        return "width is " + std::to_string(parameters.width) + ", not a multiple of 16";
    }
    if (std::max(parameters.width, parameters.experts) == 0) {
        return "width and experts are both 0";
    }
    if (parameters.ngrams == 1) {
        return "ngrams is 1, neither 0 nor in [2, 8]";
    }
    if (parameters.horizon % 2 != 0) {
        return "horizon is " + std::to_string(parameters.horizon) + ", not even";
    }
    return {};
}

/// Throws std::invalid_argument with the problem(), if there is one.
inline void validate(const Parameters& parameters) {
    if (const std::string found = problem(parameters); !found.empty()) {
        fixed::fail<std::invalid_argument>(found);
    }
}

} // namespace weightless::model
