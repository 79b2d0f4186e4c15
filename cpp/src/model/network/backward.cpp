// The backward pass: back-propagation through a segment, truncated at its beginning (truncated
// BPTT; Williams & Peng, "An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent
// Network Trajectories", Neural Computation 1990).
//
// Formats. Errors and gradients Q24, clamped to +-2^30. Where one enters a product it is a
// vector of mantissas of kDeltaBits and a sign under one exponent; the product with weights in Q9
// is Q27 less that exponent (Q26 with the output layer's in Q8), and widen_add() adds it in Q24.
#include "model/network/network.hpp"

#include "fixed/arithmetic.hpp"

#include <algorithm>
#include <array>

namespace weightless::model {
namespace {

using std::int32_t;
using std::ptrdiff_t;
using std::size_t;
using std::uint32_t;

constexpr int kDeltaBits = 13; // of gradients that are propagated through the weights
constexpr int32_t kDeltaMax = (1 << kDeltaBits) - 1;

// The shift that brings a magnitude into kDeltaBits.
int delta_shift(int32_t top) {
    const int bits = top == 0 ? 0 : fixed::log2_floor(static_cast<uint32_t>(top)) + 1;
    return bits > kDeltaBits ? bits - kDeltaBits : 0;
}

} // namespace

void Network::backward(lstm::Trace& trace) {
    const kernels::Kernels& k = *kernels_;
    const ptrdiff_t width = width_;
    const auto dh_stride = static_cast<ptrdiff_t>(kernels::padded(output_.matrix.inputs));
    const bool full = lstm::has_full_gates(parameters_);

    // Well-predicted segments have small errors. They are scaled up so that rounding to a unit does
    // not matter. All gradients of the segment are then 2^scale_ too large.
    const int32_t top = k.max_abs(trace.error.data(), horizon_ * 256);
    scale_ = top == 0 ? 0 : std::max(0, 24 - fixed::log2_floor(static_cast<uint32_t>(top)));
    if (scale_ > 0) {
        const int32_t factor = 1 << scale_;
        for (int32_t& e : trace.error) {
            e *= factor;
        }
    }

    // Propagates the errors through the output layer, for all steps at once.
    std::array<int, 128> shifts{};
    for (int t = 0; t < horizon_; ++t) {
        const int32_t* error = trace.error.data() + ptrdiff_t{t} * 256;
        const int shift = delta_shift(k.max_abs(error, 256));
        shifts[static_cast<size_t>(t)] = shift;
        k.narrow(error, 256, shift, kDeltaMax, narrow_.data() + ptrdiff_t{t} * 256);
    }
    const auto all = static_cast<size_t>(horizon_) * static_cast<size_t>(dh_stride);
    std::fill_n(back_sums_.begin(), all, 0);
    k.matmul(output_.matrix.backward.data(), narrow_.data(), 256, 256, static_cast<int>(dh_stride),
             horizon_, back_sums_.data(), static_cast<int>(dh_stride));
    // Output weights are Q8 here, recurrent ones Q9, so the shift is one bit larger.
    std::fill(dh_.begin(), dh_.end(), 0);
    for (int t = 0; t < horizon_; ++t) {
        k.widen_add(back_sums_.data() + t * dh_stride, static_cast<int>(dh_stride),
                    shifts[static_cast<size_t>(t)] + 1, dh_.data() + t * dh_stride);
    }

    for (lstm::Layer& layer : layers_) {
        std::fill(layer.dh_next.begin(), layer.dh_next.end(), 0);
        std::fill(layer.dc.begin(), layer.dc.end(), 0);
    }
    for (int t = horizon_ - 1; t >= 0; --t) {
        int32_t* dh_row = dh_.data() + t * dh_stride;
        for (size_t l = layers_.size(); l-- > 0;) {
            lstm::Layer& layer = layers_[l];
            const lstm::LayerTrace& kept = trace.layers[l];
            int32_t* dh = dh_row + static_cast<ptrdiff_t>(l) * width;
            k.widen_add(layer.dh_next.data(), width_, 3, dh); // 2^(3 - 3): unscaled
            int32_t* dz = layer.dz.data() + ptrdiff_t{t} * stride_;
            k.cell_backward(
                full ? 1 : 0, width_, dh, kept.cells.data() + t * width,
                kept.cells.data() + (t + 1) * width, kept.gates.data() + ptrdiff_t{t} * gate_rows_,
                kept.slopes.data() + ptrdiff_t{t} * gate_rows_,
                full ? kept.squashed.data() + t * 2 * width : nullptr, layer.dc.data(), dz);
            if (t == 0 && l == 0) {
                break; // nothing before the segment is trained
            }
            const int shift = delta_shift(k.max_abs(dz, stride_));
            k.narrow(dz, stride_, shift, kDeltaMax, narrow_.data());
            const int outputs = kernels::padded(layer.recurrent.matrix.inputs);
            std::fill_n(back_sums_.begin(), outputs, 0);
            k.matvec(layer.recurrent.matrix.backward.data(), narrow_.data(), stride_, outputs,
                     back_sums_.data());
            std::fill(layer.dh_next.begin(), layer.dh_next.end(), 0);
            k.widen_add(back_sums_.data(), width_, shift, layer.dh_next.data());
            if (l > 0) {
                k.widen_add(back_sums_.data() + width, width_, shift, dh - width);
            }
        }
    }
}

} // namespace weightless::model
