#include "model/network.hpp"

#include "fixed/arithmetic.hpp"
#include "fixed/random.hpp"

#include <algorithm>
#include <stdexcept>

namespace weightless::model {
namespace {

using std::int16_t;
using std::int32_t;
using std::ptrdiff_t;
using std::size_t;
using std::uint32_t;

constexpr int kDeltaBits = 13; // of gradients on their way back through the weights
constexpr int32_t kDeltaMax = (1 << kDeltaBits) - 1;
constexpr int kUnitInput = 11; // a bias's input is 1; products have it in Q11

int gate_blocks(const Parameters& p) {
    return p.gates == static_cast<int32_t>(Gates::full) ? 4 : 3;
}

// The shift that brings a magnitude into kDeltaBits.
int delta_shift(int32_t top) {
    const int bits = top == 0 ? 0 : fixed::log2_floor(static_cast<uint32_t>(top)) + 1;
    return bits > kDeltaBits ? bits - kDeltaBits : 0;
}

} // namespace

Network::Network(const Parameters& parameters, const kernels::Kernels& kernels)
    : parameters_(parameters), kernels_(&kernels), width_(parameters.width),
      gate_rows_(gate_blocks(parameters) * parameters.width), stride_(kernels::padded(gate_rows_)),
      horizon_(parameters.horizon) {
    validate(parameters);
    if (width_ == 0) {
        throw std::invalid_argument("a network needs a width");
    }
    // T products of 2^bits by 2^11 in 31 bits.
    delta_bits_ = horizon_ <= 32 ? 15 : (horizon_ <= 64 ? 14 : 13);
    const auto steps = static_cast<size_t>(horizon_);
    const auto width = static_cast<size_t>(width_);
    const auto stride = static_cast<size_t>(stride_);
    const auto rows = static_cast<size_t>(gate_rows_);

    fixed::SplitMix64 random(static_cast<std::uint64_t>(parameters.seed));
    const int32_t bound = parameters.init_bound << 18;
    layers_.resize(static_cast<size_t>(parameters.layers));
    for (size_t l = 0; l < layers_.size(); ++l) {
        Layer& layer = layers_[l];
        const int inputs = l == 0 ? width_ : 2 * width_;
        layer.recurrent = Matrix(inputs, gate_rows_, kRecurrentFormat);
        for (int k = 0; k < inputs; ++k) {
            for (int m = 0; m < gate_rows_; ++m) {
                layer.recurrent.master[static_cast<size_t>(k) * stride + static_cast<size_t>(m)] =
                    random.symmetric(bound);
            }
        }
        layer.recurrent.pack_all(kernels);
        layer.input.resize(256 * stride);
        for (size_t k = 0; k < 256; ++k) {
            for (size_t m = 0; m < rows; ++m) {
                layer.input[k * stride + m] = random.symmetric(bound);
            }
        }
        layer.input_moment.resize(256 * stride);
        layer.bias.resize(stride);
        const size_t forget = parameters.gates == static_cast<int32_t>(Gates::full) ? width : 0;
        for (size_t i = 0; i < width; ++i) {
            layer.bias[forget + i] = parameters.forget_bias * (1 << 22);
        }
        layer.bias_moment.resize(stride);
        layer.in.resize(steps * static_cast<size_t>(inputs));
        layer.gates.resize(steps * rows);
        layer.slopes.resize(steps * rows);
        layer.squashed.resize(
            parameters.gates == static_cast<int32_t>(Gates::full) ? steps * 2 * width : 0);
        layer.cells.resize((steps + 1) * width);
        layer.dz.resize(steps * stride);
        layer.hidden.resize(width);
        layer.dh_next.resize(width);
        layer.dc.resize(width);
    }
    const int top = width_ * parameters.layers;
    output_ = Matrix(top, 256, kOutputFormat);
    output_bias_.resize(256);
    output_bias_moment_.resize(256);
    inputs_.resize(steps);
    top_.resize(steps * static_cast<size_t>(top));
    error_.resize(steps * 256);
    const auto dh_stride = static_cast<size_t>(kernels::padded(top));
    dh_.resize(steps * dh_stride);
    sums_.resize(std::max({steps * dh_stride, stride, size_t{256},
                           static_cast<size_t>(kernels::padded(2 * width_))}));
    narrow_.resize(std::max(steps * 256, stride));
    const size_t widest = std::max(stride, size_t{256});
    exponents_.resize(widest);
    columns_.resize(steps * widest);
    transposed_.resize(steps * static_cast<size_t>(std::max(top, 2 * width_)));
    gradient_.resize(4 * widest);
}

std::span<const uint32_t, 256> Network::predict() {
    if (!predicted_) {
        forward();
    }
    return p_;
}

void Network::forward() {
    const kernels::Kernels& k = *kernels_;
    const auto t = static_cast<ptrdiff_t>(step_);
    const ptrdiff_t width = width_;
    const auto top_width = static_cast<ptrdiff_t>(layers_.size()) * width;
    int16_t* top = top_.data() + t * top_width;
    inputs_[static_cast<size_t>(t)] = last_;
    const bool full = parameters_.gates == static_cast<int32_t>(Gates::full);

    for (size_t l = 0; l < layers_.size(); ++l) {
        Layer& layer = layers_[l];
        const ptrdiff_t inputs = layer.recurrent.inputs;
        int16_t* in = layer.in.data() + t * inputs;
        std::copy(layer.hidden.begin(), layer.hidden.end(), in);
        if (l > 0) {
            const int16_t* below = layers_[l - 1].hidden.data();
            std::copy(below, below + width, in + width);
        }
        // Q26 to Q16; the two have less than 2^30 each.
        const int32_t* column = layer.input.data() + static_cast<ptrdiff_t>(last_) * stride_;
        const int32_t* bias = layer.bias.data();
        for (int m = 0; m < stride_; ++m) {
            sums_[static_cast<size_t>(m)] = (bias[m] + column[m] + (1 << 9)) >> 10;
        }
        k.matvec(layer.recurrent.forward.data(), in, layer.recurrent.inputs, stride_, sums_.data());
        int32_t* cells = layer.cells.data() + t * width;
        std::copy(cells, cells + width, cells + width);
        k.cell_forward(full ? 1 : 0, width_, sums_.data(), cells + width,
                       layer.gates.data() + t * gate_rows_, layer.slopes.data() + t * gate_rows_,
                       full ? layer.squashed.data() + t * 2 * width : nullptr, layer.hidden.data());
        std::copy(layer.hidden.begin(), layer.hidden.end(),
                  top + static_cast<ptrdiff_t>(l) * width);
    }
    for (size_t i = 0; i < 256; ++i) {
        sums_[i] = (output_bias_[i] + (1 << 10)) >> 11; // Q26 to Q15
    }
    k.matvec(output_.forward.data(), top, output_.inputs, 256, sums_.data());
    k.softmax(sums_.data(), p_.data());
    predicted_ = true;
}

void Network::update(std::uint8_t byte) {
    if (!predicted_) {
        forward();
    }
    int32_t* error = error_.data() + ptrdiff_t{step_} * 256;
    for (size_t i = 0; i < 256; ++i) {
        error[i] = static_cast<int32_t>(p_[i]);
    }
    error[byte] -= 1 << 24;
    last_ = byte;
    predicted_ = false;
    if (++step_ == horizon_) {
        train();
        step_ = 0;
    }
}

void Network::train() {
    backward();
    for (size_t l = 0; l < layers_.size(); ++l) {
        update_layer(layers_[l], "layer" + std::to_string(l) + ".");
    }
    update_output();
    for (Layer& layer : layers_) {
        const auto width = static_cast<ptrdiff_t>(width_);
        const int32_t* last = layer.cells.data() + ptrdiff_t{horizon_} * width;
        std::copy(last, last + width, layer.cells.data());
    }
    ++segments_;
}

void Network::backward() {
    const kernels::Kernels& k = *kernels_;
    const ptrdiff_t width = width_;
    const auto dh_stride = static_cast<ptrdiff_t>(kernels::padded(output_.inputs));
    const bool full = parameters_.gates == static_cast<int32_t>(Gates::full);

    // Well-predicted segments have small errors: bring them up to where a unit's rounding
    // does not matter. All gradients of the segment are then 2^scale_ too large.
    const int32_t top = k.max_abs(error_.data(), horizon_ * 256);
    scale_ = top == 0 ? 0 : std::max(0, 24 - fixed::log2_floor(static_cast<uint32_t>(top)));
    if (scale_ > 0) {
        for (int32_t& e : error_) {
            e *= 1 << scale_;
        }
    }

    // From the errors through the output layer, all steps at once.
    std::array<int, 128> shifts{};
    for (int t = 0; t < horizon_; ++t) {
        const int32_t* error = error_.data() + ptrdiff_t{t} * 256;
        const int shift = delta_shift(k.max_abs(error, 256));
        shifts[static_cast<size_t>(t)] = shift;
        k.narrow(error, 256, shift, kDeltaMax, narrow_.data() + ptrdiff_t{t} * 256);
    }
    const auto all = static_cast<size_t>(horizon_) * static_cast<size_t>(dh_stride);
    std::fill_n(sums_.begin(), all, 0);
    k.matmul(output_.backward.data(), narrow_.data(), 256, 256, static_cast<int>(dh_stride),
             horizon_, sums_.data(), static_cast<int>(dh_stride));
    // Output weights are Q8 here, recurrent ones Q9: one bit more to go up.
    std::fill(dh_.begin(), dh_.end(), 0);
    for (int t = 0; t < horizon_; ++t) {
        k.widen_add(sums_.data() + t * dh_stride, static_cast<int>(dh_stride),
                    shifts[static_cast<size_t>(t)] + 1, dh_.data() + t * dh_stride);
    }

    for (Layer& layer : layers_) {
        std::fill(layer.dh_next.begin(), layer.dh_next.end(), 0);
        std::fill(layer.dc.begin(), layer.dc.end(), 0);
    }
    for (int t = horizon_ - 1; t >= 0; --t) {
        int32_t* dh_row = dh_.data() + t * dh_stride;
        for (size_t l = layers_.size(); l-- > 0;) {
            Layer& layer = layers_[l];
            int32_t* dh = dh_row + static_cast<ptrdiff_t>(l) * width;
            for (ptrdiff_t i = 0; i < width; ++i) {
                const std::int64_t sum =
                    std::int64_t{dh[i]} + layer.dh_next[static_cast<size_t>(i)];
                dh[i] = static_cast<int32_t>(
                    std::clamp<std::int64_t>(sum, -kernels::kDeltaLimit, kernels::kDeltaLimit));
            }
            int32_t* dz = layer.dz.data() + ptrdiff_t{t} * stride_;
            k.cell_backward(full ? 1 : 0, width_, dh, layer.cells.data() + t * width,
                            layer.cells.data() + (t + 1) * width,
                            layer.gates.data() + ptrdiff_t{t} * gate_rows_,
                            layer.slopes.data() + ptrdiff_t{t} * gate_rows_,
                            full ? layer.squashed.data() + t * 2 * width : nullptr, layer.dc.data(),
                            dz);
            if (t == 0 && l == 0) {
                break; // nothing before the segment is trained
            }
            const int shift = delta_shift(k.max_abs(dz, stride_));
            k.narrow(dz, stride_, shift, kDeltaMax, narrow_.data());
            const int outputs = kernels::padded(layer.recurrent.inputs);
            std::fill_n(sums_.begin(), outputs, 0);
            k.matvec(layer.recurrent.backward.data(), narrow_.data(), stride_, outputs,
                     sums_.data());
            std::fill(layer.dh_next.begin(), layer.dh_next.end(), 0);
            k.widen_add(sums_.data(), width_, shift, layer.dh_next.data());
            if (l > 0) {
                k.widen_add(sums_.data() + width, width_, shift, dh - width);
            }
        }
    }
}

kernels::UpdateRule Network::rule(int32_t step, int32_t limit, uint32_t updates) const {
    const Parameters& p = parameters_;
    std::int64_t now = step;
    if (p.decay_time > 0) {
        // step * (F + (256 - F) tau / (tau + n)) / 256
        const std::int64_t tau = p.decay_time;
        const std::int64_t n = segments_;
        const std::int64_t scale = std::int64_t{p.decay_floor} * 256 +
                                   (std::int64_t{256 - p.decay_floor} * 256 * tau) / (tau + n);
        now = fixed::round_shift(now * scale, 16);
    }
    int shift = 6;
    while (now >= (1 << 15) && shift > 1) {
        now >>= 1;
        --shift;
    }
    now = std::min<std::int64_t>(now, (1 << 15) - 1);
    const int rate = std::min<int>(p.moment_shift, fixed::log2_floor(updates + 1));
    return {p.optimizer,
            rate,
            48 - 2 * p.epsilon,
            std::min(p.clip << 8, 1 << 16),
            static_cast<int32_t>(now),
            shift,
            limit,
            -scale_};
}

void Network::update_matrix(Matrix& matrix, const int16_t* in, int in_stride,
                            const kernels::UpdateRule& rule, const std::string& name) {
    const kernels::Kernels& k = *kernels_;
    for (int t = 0; t < horizon_; ++t) {
        const int16_t* row = in + ptrdiff_t{t} * in_stride;
        int16_t* out = transposed_.data() + t;
        for (ptrdiff_t i = 0; i < matrix.inputs; ++i) {
            out[i * horizon_] = row[i];
        }
    }
    const ptrdiff_t stride = matrix.stride;
    for (int row = 0; row < matrix.inputs; row += 4) {
        k.outer(columns_.data(), transposed_.data() + ptrdiff_t{row} * horizon_, horizon_, horizon_,
                matrix.stride, gradient_.data());
        if (sink_) {
            for (int r = 0; r < 4; ++r) {
                sink_(name, row + r,
                      {gradient_.data() + r * stride, static_cast<size_t>(matrix.outputs)},
                      {exponents_.data(), static_cast<size_t>(matrix.outputs)}, -scale_);
            }
        }
        const auto begin = static_cast<size_t>(ptrdiff_t{row} * stride);
        for (ptrdiff_t r = 0; r < 4; ++r) {
            k.update(rule, matrix.stride, gradient_.data() + r * stride, exponents_.data(),
                     matrix.master.data() + begin + r * stride,
                     matrix.moment.data() + begin + r * stride);
        }
        matrix.pack(k, row);
    }
}

void Network::update_rows(fixed::AlignedVector<int32_t>& bias,
                          fixed::AlignedVector<uint32_t>& moment, int stride,
                          const kernels::UpdateRule& rule, const std::string& name) {
    std::fill_n(gradient_.begin(), stride, 0);
    for (ptrdiff_t t = 0; t < horizon_; ++t) {
        const int16_t* pairs = columns_.data() + (t / 2) * stride * 2 + t % 2;
        for (ptrdiff_t i = 0; i < stride; ++i) {
            gradient_[static_cast<size_t>(i)] += pairs[2 * i];
        }
    }
    if (sink_) {
        sink_(name, 0, {gradient_.data(), static_cast<size_t>(stride)},
              {exponents_.data(), static_cast<size_t>(stride)}, kUnitInput - scale_);
    }
    kernels::UpdateRule with_unit = rule;
    with_unit.exponent += kUnitInput;
    kernels_->update(with_unit, stride, gradient_.data(), exponents_.data(), bias.data(),
                     moment.data());
}

void Network::update_layer(Layer& layer, const std::string& name) {
    const kernels::Kernels& k = *kernels_;
    const Parameters& p = parameters_;
    k.narrow_columns(layer.dz.data(), stride_, horizon_, delta_bits_, exponents_.data(),
                     columns_.data());
    update_matrix(layer.recurrent, layer.in.data(), layer.recurrent.inputs,
                  rule(p.step_recurrent, kRecurrentFormat.limit, segments_), name + "recurrent");
    update_rows(layer.bias, layer.bias_moment, stride_, rule(p.step_bias, kVectorLimit, segments_),
                name + "bias");

    // Input columns: each byte value of the segment once, in order of first appearance.
    std::array<bool, 256> done{};
    for (int first = 0; first < horizon_; ++first) {
        const std::uint8_t byte = inputs_[static_cast<size_t>(first)];
        if (done[byte]) {
            continue;
        }
        done[byte] = true;
        std::fill_n(gradient_.begin(), stride_, 0);
        for (ptrdiff_t t = first; t < horizon_; ++t) {
            if (inputs_[static_cast<size_t>(t)] != byte) {
                continue;
            }
            const int16_t* pairs = columns_.data() + (t / 2) * stride_ * 2 + t % 2;
            for (ptrdiff_t i = 0; i < stride_; ++i) {
                gradient_[static_cast<size_t>(i)] += pairs[2 * i];
            }
        }
        if (sink_) {
            sink_(name + "input", byte, {gradient_.data(), static_cast<size_t>(gate_rows_)},
                  {exponents_.data(), static_cast<size_t>(gate_rows_)}, kUnitInput - scale_);
        }
        kernels::UpdateRule r = rule(p.step_input, kVectorLimit, layer.input_updates[byte]);
        r.exponent += kUnitInput;
        const ptrdiff_t begin = ptrdiff_t{byte} * stride_;
        k.update(r, stride_, gradient_.data(), exponents_.data(), layer.input.data() + begin,
                 layer.input_moment.data() + begin);
        ++layer.input_updates[byte];
    }
}

void Network::update_output() {
    const Parameters& p = parameters_;
    kernels_->narrow_columns(error_.data(), 256, horizon_, delta_bits_, exponents_.data(),
                             columns_.data());
    update_matrix(output_, top_.data(), output_.inputs,
                  rule(p.step_output, kOutputFormat.limit, segments_), "output.weight");
    update_rows(output_bias_, output_bias_moment_, 256,
                rule(p.step_output_bias, kVectorLimit, segments_), "output.bias");
}

std::size_t Network::memory() const noexcept {
    size_t total = output_.memory() + 4 * (output_bias_.size() + output_bias_moment_.size()) +
                   inputs_.size() + 2 * top_.size() + 4 * (error_.size() + dh_.size()) +
                   4 * (sums_.size() + exponents_.size() + gradient_.size()) +
                   2 * (narrow_.size() + columns_.size() + transposed_.size());
    for (const Layer& l : layers_) {
        total += l.recurrent.memory() + 4 * (l.input.size() + l.input_moment.size()) +
                 4 * (l.bias.size() + l.bias_moment.size()) + 2 * l.in.size() +
                 4 * (l.gates.size() + l.slopes.size() + l.squashed.size() + l.cells.size()) +
                 4 * l.dz.size();
    }
    return total;
}

std::vector<TensorView> Network::tensors() {
    std::vector<TensorView> all;
    for (size_t l = 0; l < layers_.size(); ++l) {
        Layer& layer = layers_[l];
        const std::string name = "layer" + std::to_string(l) + ".";
        all.push_back({name + "recurrent", layer.recurrent.inputs, gate_rows_, stride_,
                       layer.recurrent.master.data()});
        all.push_back({name + "input", 256, gate_rows_, stride_, layer.input.data()});
        all.push_back({name + "bias", 1, gate_rows_, stride_, layer.bias.data()});
    }
    all.push_back({"output.weight", output_.inputs, 256, 256, output_.master.data()});
    all.push_back({"output.bias", 1, 256, 256, output_bias_.data()});
    return all;
}

void Network::refresh() {
    for (Layer& layer : layers_) {
        layer.recurrent.pack_all(*kernels_);
    }
    output_.pack_all(*kernels_);
    predicted_ = false;
}

std::span<int16_t> Network::hidden(int layer) noexcept {
    return layers_[static_cast<size_t>(layer)].hidden;
}

std::span<int32_t> Network::cell(int layer) noexcept {
    Layer& l = layers_[static_cast<size_t>(layer)];
    const auto row = static_cast<size_t>(step_ + (predicted_ ? 1 : 0));
    return std::span(l.cells).subspan(row * static_cast<size_t>(width_),
                                      static_cast<size_t>(width_));
}

} // namespace weightless::model
