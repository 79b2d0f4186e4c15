// The forward pass: computes the distribution over the next byte from the previous one.
//
// Formats. Sums begin with biases and input columns, Q26 within +-2^30 each, rounded to Q16 for
// the gates and to Q15 for the logits. The products add h (Q11) times weights, Q11 or (in the
// output layer) Q10, shifted right by 6: Q16 and Q15 as well. All sums are mod 2^32.
#include "model/network/network.hpp"

#include <algorithm>

namespace weightless::model {
namespace {

using std::int16_t;
using std::int32_t;
using std::ptrdiff_t;
using std::size_t;
using std::uint32_t;

} // namespace

std::span<const uint32_t, 256> Network::predict() {
    if (!predicted_) {
        forward();
    }
    return p_;
}

void Network::forward() {
    const kernels::Kernels& k = *kernels_;
    lstm::Trace& trace = traces_[static_cast<size_t>(current_)];
    const auto t = static_cast<ptrdiff_t>(step_);
    const ptrdiff_t width = width_;
    const ptrdiff_t stride =
        stride_; // a local copy, as the compiler must assume that writes of int32 change members
    int32_t* sums = sums_.data();
    int16_t* top = trace.top.data() + t * output_.matrix.inputs;
    trace.inputs[static_cast<size_t>(t)] = last_;
    const bool full = lstm::has_full_gates(parameters_);

    for (size_t l = 0; l < layers_.size(); ++l) {
        lstm::Layer& layer = layers_[l];
        lstm::LayerTrace& kept = trace.layers[l];
        const int inputs = layer.recurrent.matrix.inputs;
        int16_t* in = kept.in.data() + t * inputs;
        std::copy(layer.hidden.begin(), layer.hidden.end(), in);
        if (l > 0) {
            std::copy(layers_[l - 1].hidden.begin(), layers_[l - 1].hidden.end(), in + width);
        }
        // Q26 to Q16; both terms are below 2^30.
        const int32_t* column = layer.live_input.data() + ptrdiff_t{last_} * stride;
        const int32_t* bias = layer.recurrent.live_bias.data();
        for (ptrdiff_t m = 0; m < stride; ++m) {
            sums[m] = (bias[m] + column[m] + (1 << 9)) >> 10;
        }
        k.matvec(layer.recurrent.live.data(), in, inputs, stride_, sums);
        int32_t* cells = kept.cells.data() + t * width;
        std::copy(cells, cells + width, cells + width);
        k.cell_forward(full ? 1 : 0, width_, sums, cells + width,
                       kept.gates.data() + t * gate_rows_, kept.slopes.data() + t * gate_rows_,
                       full ? kept.squashed.data() + t * 2 * width : nullptr, layer.hidden.data());
        std::copy(layer.hidden.begin(), layer.hidden.end(),
                  top + static_cast<ptrdiff_t>(l) * width);
    }
    const int32_t* bias = output_.live_bias.data();
    for (size_t i = 0; i < 256; ++i) {
        sums[i] = (bias[i] + (1 << 10)) >> 11; // Q26 to Q15
    }
    k.matvec(output_.live.data(), top, output_.matrix.inputs, 256, sums);
    if (ngrams_) {
        ngrams_->add(sums);
    }
    k.softmax(sums, p_.data());
    predicted_ = true;
}

void Network::update(std::uint8_t byte) {
    if (!predicted_) {
        forward();
    }
    int32_t* error = traces_[static_cast<size_t>(current_)].error.data() + ptrdiff_t{step_} * 256;
    for (size_t i = 0; i < 256; ++i) {
        error[i] = static_cast<int32_t>(p_[i]);
    }
    error[byte] -= 1 << 24;
    if (ngrams_) {
        ngrams_->update(error, byte);
    }
    last_ = byte;
    predicted_ = false;
    if (++step_ == horizon_) {
        end_segment();
        step_ = 0;
    }
}

} // namespace weightless::model
