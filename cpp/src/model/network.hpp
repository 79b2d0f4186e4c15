// The LSTM with its softmax, trained as it goes: docs/network.md says what it computes.
//
// Formats. Weights Q26 (weights.hpp); h Q11; gate sums Q16; logits Q15, base 2;
// probabilities Q24; c Q24; gradients inside the network Q24, held within +-64. Where
// gradients enter products they are block floating point: 13 bits and a sign under one
// exponent per vector on the way back through the weights, 13 to 15 bits (so that a
// segment's sum fits) under one exponent per column for the weights' own gradient.
#pragma once

#include "fixed/aligned.hpp"
#include "kernels/kernels.hpp"
#include "model/parameters.hpp"
#include "model/weights.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace weightless::model {

/// One tensor of the network as a table of rows, for inspection and tests.
struct TensorView {
    std::string name;
    int rows;
    int columns;
    int stride;
    std::int32_t* data; // Q26
};

/// Called by train() with what a tensor's rows moved by, before they move: row index,
/// mantissas, exponents of its columns; the real gradient is mantissa 2^(exponent - 35).
using GradientSink =
    std::function<void(const std::string& tensor, int row, std::span<const std::int32_t> mantissa,
                       std::span<const std::int32_t> exponent, int offset)>;

class Network {
public:
    /// Throws std::invalid_argument for parameters out of range or width 0.
    explicit Network(const Parameters& parameters,
                     const kernels::Kernels& kernels = kernels::active());

    /// Probabilities of the next byte: 256 of Q24, each at least 4, with sum 2^24. The
    /// values stay until the next call of update().
    std::span<const std::uint32_t, 256> predict();

    /// Takes the byte that came; trains when it completes a segment.
    void update(std::uint8_t byte);

    /// Upper bound of memory in use, in bytes.
    std::size_t memory() const noexcept;

    std::vector<TensorView> tensors();
    /// After writing through tensors().
    void refresh();
    void set_gradient_sink(GradientSink sink) { sink_ = std::move(sink); }

    int width() const noexcept { return width_; }
    int layers() const noexcept { return static_cast<int>(layers_.size()); }
    /// Output (Q11) and state (Q24) of a layer after the last byte that was predicted.
    std::span<std::int16_t> hidden(int layer) noexcept;
    std::span<std::int32_t> cell(int layer) noexcept;

private:
    struct Layer {
        Matrix recurrent;
        fixed::AlignedVector<std::int32_t> input; // (256, stride) Q26
        fixed::AlignedVector<std::uint32_t> input_moment;
        std::array<std::uint32_t, 256> input_updates{};
        fixed::AlignedVector<std::int32_t> bias; // (stride) Q26
        fixed::AlignedVector<std::uint32_t> bias_moment;
        // The segment: a row per step.
        fixed::AlignedVector<std::int16_t> in;       // (T, K) what `recurrent` was given, Q11
        fixed::AlignedVector<std::int32_t> gates;    // (T, M) activations
        fixed::AlignedVector<std::int32_t> slopes;   // (T, M)
        fixed::AlignedVector<std::int32_t> squashed; // (T, 2H) full gates only
        fixed::AlignedVector<std::int32_t> cells;    // (T + 1, H) Q24; row 0 is the state before
        fixed::AlignedVector<std::int32_t> dz;       // (T, stride) Q24
        fixed::AlignedVector<std::int16_t> hidden;   // (H) output of the last step, Q11
        fixed::AlignedVector<std::int32_t> dh_next;  // (padded K) gradient by h from the step after
        fixed::AlignedVector<std::int32_t> dc;       // (H) and by c
    };

    void forward();
    void train();
    void backward();
    void update_layer(Layer& layer, const std::string& name);
    void update_output();
    void update_matrix(Matrix& matrix, const std::int16_t* in, int in_stride,
                       const kernels::UpdateRule& rule, const std::string& name);
    void update_rows(fixed::AlignedVector<std::int32_t>& bias,
                     fixed::AlignedVector<std::uint32_t>& moment, int stride,
                     const kernels::UpdateRule& rule, const std::string& name);
    kernels::UpdateRule rule(std::int32_t step, std::int32_t limit, std::uint32_t updates) const;

    Parameters parameters_;
    const kernels::Kernels* kernels_;
    int width_;
    int gate_rows_; // M
    int stride_;    // M padded
    int horizon_;
    int delta_bits_; // of mantissas in the weights' gradient
    std::uint32_t segments_ = 0;
    int scale_ = 0;          // gradients of the segment in training are 2^scale_ too large
    int step_ = 0;           // position in the segment
    bool predicted_ = false; // forward() ran for this position
    std::uint8_t last_ = 0;  // the byte before

    std::vector<Layer> layers_;
    Matrix output_;
    fixed::AlignedVector<std::int32_t> output_bias_;
    fixed::AlignedVector<std::uint32_t> output_bias_moment_;

    std::vector<std::uint8_t> inputs_;         // (T) the byte before each step
    fixed::AlignedVector<std::int16_t> top_;   // (T, LH) what the output layer was given, Q11
    fixed::AlignedVector<std::int32_t> error_; // (T, 256) p - onehot, Q24
    fixed::AlignedVector<std::int32_t> dh_;    // (T, padded LH) gradient by h from the output, Q24
    alignas(64) std::array<std::uint32_t, 256> p_{};

    // Scratch.
    fixed::AlignedVector<std::int32_t> sums_;
    fixed::AlignedVector<std::int16_t> narrow_;
    fixed::AlignedVector<std::int32_t> exponents_;
    fixed::AlignedVector<std::int16_t> columns_;    // (T / 2, stride, 2)
    fixed::AlignedVector<std::int16_t> transposed_; // (K, T)
    fixed::AlignedVector<std::int32_t> gradient_;   // (4, stride)
    GradientSink sink_;
};

} // namespace weightless::model
