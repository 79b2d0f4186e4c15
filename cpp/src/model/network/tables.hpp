// The network's tables: weights, what an update of them needs, and what the forward pass leaves
// for training. Sizes are stated once, in each struct's tables(), as visit(member, elements): the
// constructor makes the tables by that list, and Network::memory_for() adds it up.
#pragma once

#include "fixed/aligned.hpp"
#include "kernels/kernels.hpp"
#include "model/network/weights.hpp"
#include "model/parameters.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace weightless::model::lstm {

template <typename T> using Vector = fixed::AlignedVector<T>;

inline bool has_full_gates(const Parameters& p) noexcept {
    return p.gates == static_cast<std::int32_t>(Gates::full);
}

/// The dimensions that determine all sizes.
struct Shape {
    explicit Shape(const Parameters& p)
        : layers(p.layers), width(p.width), steps(p.horizon), full(has_full_gates(p)),
          rows((full ? 4 : 3) * p.width), stride(kernels::padded(rows)),
          widest(std::max(stride, 256)) {}
    int inputs(int layer) const noexcept { return layer == 0 ? width : 2 * width; }

    int layers; // L
    int width;  // H
    int steps;  // T
    bool full;  // gates
    int rows;   // M
    int stride; // M padded
    int widest; // output of all matrices, padded
};

/// A matrix in training, what the next update of it needs, and the panels that the forward
/// pass reads: `live` is exchanged for `matrix.forward` when an update takes effect.
struct Trained {
    Matrix matrix;
    Vector<std::int16_t> live;
    Vector<std::int32_t> bias; // (stride) Q26
    Vector<std::uint32_t> bias_moment;
    Vector<std::int32_t> live_bias;
    Vector<std::int16_t> deltas;     // (T / 2, stride, 2) gradient with respect to the sums
    Vector<std::int32_t> exponents;  // (stride) of its columns
    Vector<std::int16_t> transposed; // (K, T) inputs

    template <typename Visit> static void tables(int inputs, int outputs, int steps, Visit visit) {
        const int stride = kernels::padded(outputs);
        visit(&Trained::live, inputs * stride);
        visit(&Trained::bias, stride);
        visit(&Trained::bias_moment, stride);
        visit(&Trained::live_bias, stride);
        visit(&Trained::deltas, steps * stride);
        visit(&Trained::exponents, stride);
        visit(&Trained::transposed, steps * inputs);
    }
};

struct Layer {
    Trained recurrent;
    Vector<std::int32_t> input; // (256, stride) Q26
    Vector<std::uint32_t> input_moment;
    Vector<std::int32_t> live_input;
    std::array<std::uint64_t, 256> input_updates{};
    Vector<std::int16_t> hidden;  // (H) output of the last step, Q11
    Vector<std::int32_t> dz;      // (T, stride) gradient with respect to the gate sums, Q24
    Vector<std::int32_t> dh_next; // (H) gradient with respect to h, from the next step, Q24
    Vector<std::int32_t> dc;      // (H) gradient with respect to c, Q24

    template <typename Visit> static void tables(const Shape& shape, Visit visit) {
        visit(&Layer::input, 256 * shape.stride);
        visit(&Layer::input_moment, 256 * shape.stride);
        visit(&Layer::live_input, 256 * shape.stride);
        visit(&Layer::hidden, shape.width);
        visit(&Layer::dz, shape.steps * shape.stride);
        visit(&Layer::dh_next, shape.width);
        visit(&Layer::dc, shape.width);
    }
};

/// What the forward pass records in a layer for training, a row for each step.
struct LayerTrace {
    Vector<std::int16_t> in;       // (T, K) inputs of `recurrent`, Q11
    Vector<std::int32_t> gates;    // (T, M) activations
    Vector<std::int32_t> slopes;   // (T, M)
    Vector<std::int32_t> squashed; // (T, 2H) full gates only
    Vector<std::int32_t> cells;    // (T + 1, H) Q24; row 0 is the state before

    template <typename Visit> static void tables(const Shape& shape, int layer, Visit visit) {
        visit(&LayerTrace::in, shape.steps * shape.inputs(layer));
        visit(&LayerTrace::gates, shape.steps * shape.rows);
        visit(&LayerTrace::slopes, shape.steps * shape.rows);
        visit(&LayerTrace::squashed, shape.full ? shape.steps * 2 * shape.width : 0);
        visit(&LayerTrace::cells, (shape.steps + 1) * shape.width);
    }
};

/// What the forward pass records in the whole network.
struct Trace {
    std::vector<std::uint8_t> inputs; // (T) the previous byte at each step
    Vector<std::int16_t> top;         // (T, LH) inputs of the output layer, Q11
    Vector<std::int32_t> error;       // (T, 256) p - onehot, Q24
    std::vector<LayerTrace> layers;

    template <typename Visit> static void tables(const Shape& shape, Visit visit) {
        visit(&Trace::inputs, shape.steps);
        visit(&Trace::top, shape.steps * shape.layers * shape.width);
        visit(&Trace::error, shape.steps * 256);
    }
};

/// Scratch memory of a training thread.
struct Worker {
    Vector<std::int32_t> gradient; // (4, stride)

    template <typename Visit> static void tables(const Shape& shape, Visit visit) {
        visit(&Worker::gradient, 4 * shape.widest);
    }
};

/// A part of an update: rows of one matrix, or (rows empty) all vectors of a layer.
struct Task {
    Trained* trained;
    int first;
    int last;
    int layer; // -1: the output layer
};

} // namespace weightless::model::lstm
