// The network of docs/network.md in floating point: the reference for the integer network,
// also used for tuning step sizes.
//
// It shares with the library only the parameters and the pseudo-random sequence from which
// the initial weights are drawn. Every sum is a plain loop over contiguous columns. `Extras`
// are experiments that the integer network does not (yet) have; with all of them off, this
// is the network that the document specifies.
#pragma once

#include "fixed/random.hpp"
#include "float_ngrams.hpp"
#include "model/parameters.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weightless::reference {

#ifdef WEIGHTLESS_REFERENCE_FLOAT
using Real = float; // twice as fast as double; for tuning
#else
using Real = double;
#endif

/// Which entries of a matrix share a second moment: four rows in each column, as the document
/// specifies, or one of the alternatives.
enum class Sharing : int { four_rows = 0, row = 1, block = 2, factored = 3, element = 4 };

/// Experiments that go beyond docs/network.md. With the default values there are none.
struct Extras {
    double exact = 0;     // 1: tanh and the logistic function instead of q and s
    double normalise = 0; // 1: gate sums are RMS-normalised, with a gain (Zhang & Sennrich 2019)
    double step_gain = 0; // step of the gain, Q20; 0: step_bias
    double momentum = 0;  // Adam's beta1
    double sharing = 0;   // Sharing
    double start_horizon = 0;  // first segment's length; 0: horizon
    double growth = 64;        // segments until the length has grown by start_horizon
    double zero_recurrent = 0; // 1: recurrent weights start at zero
    double input_bound = -1;   // init_bound of `input`; negative: as for the rest
    double output_bound = 0;   // init_bound of the output layer
    double root_power = 0.5;   // exponent of the second moment
    double unnormalised = 0;   // 1: clip before (not after) dividing by the root
    double output_period = 0;  // bytes between updates of the output layer; 0: a segment
    double input_moment = 0;   // 1: all rows of `input` share one update counter
    double direct = 0;         // step, Q20, of logits indexed by the last byte; 0: none
    double second_input = 0;   // 1: the byte before the last is an input, too
    double first_rate = 0;     // the moment starts at 0, its rate at 2^-this; 0: off
};

struct ExtraField {
    const char* name;
    double Extras::* member;
};

inline constexpr std::array kExtraFields{
    ExtraField{"exact", &Extras::exact},
    ExtraField{"normalise", &Extras::normalise},
    ExtraField{"step_gain", &Extras::step_gain},
    ExtraField{"momentum", &Extras::momentum},
    ExtraField{"sharing", &Extras::sharing},
    ExtraField{"start_horizon", &Extras::start_horizon},
    ExtraField{"growth", &Extras::growth},
    ExtraField{"zero_recurrent", &Extras::zero_recurrent},
    ExtraField{"input_bound", &Extras::input_bound},
    ExtraField{"output_bound", &Extras::output_bound},
    ExtraField{"root_power", &Extras::root_power},
    ExtraField{"unnormalised", &Extras::unnormalised},
    ExtraField{"output_period", &Extras::output_period},
    ExtraField{"input_moment", &Extras::input_moment},
    ExtraField{"direct", &Extras::direct},
    ExtraField{"second_input", &Extras::second_input},
    ExtraField{"first_rate", &Extras::first_rate},
};

/// A matrix of weights with its gradient and statistics, row-major.
struct Tensor {
    std::string name;
    std::size_t rows = 0;
    std::size_t columns = 0;
    double step = 0;
    double limit = 0;
    std::vector<Real> weights, gradient, moment, momentum;
    std::vector<Real> row_moment, column_moment; // Sharing::factored
    std::vector<std::int64_t> updates;           // per row
    std::vector<std::size_t> touched;            // rows with a gradient; empty: all

    void shape(std::string tensor_name, std::size_t r, std::size_t c, double step_q20,
               double bound) {
        name = std::move(tensor_name);
        rows = r;
        columns = c;
        step = step_q20 / (1 << 20);
        limit = bound;
        for (auto* v : {&weights, &gradient, &moment, &momentum}) {
            v->assign(r * c, Real{0});
        }
        row_moment.assign(r, Real{0});
        column_moment.assign(c, Real{0});
        updates.assign(r, 0);
    }
};

class FloatLstm {
public:
    FloatLstm(const model::Parameters& parameters, const Extras& extras)
        : p_(parameters), e_(extras), width_(static_cast<std::size_t>(p_.width)),
          columns_(width_ * (coupled() ? 3 : 4)), layers_(static_cast<std::size_t>(p_.layers)),
          horizon_(static_cast<std::size_t>(p_.horizon)), segment_(first_length()),
          ngrams_(p_.ngrams, p_.ngram_words) {
        build();
    }

    /// The probabilities of the 256 values of the next byte.
    const Real* predict() {
        if (!predicted_) {
            forward();
            predicted_ = true;
        }
        return &probabilities_[t_ * 256];
    }

    void update(std::uint8_t byte) {
        predict();
        Real* error = &probabilities_[t_ * 256]; // becomes dL/da
        error[byte] -= Real{1};
        ngrams_.update(error, byte);
        before_previous_ = previous_;
        previous_ = byte;
        predicted_ = false;
        ++t_;
        const auto period = static_cast<std::size_t>(e_.output_period);
        if (period != 0 && t_ % period == 0 && t_ < segment_) {
            output_gradient(t_ - period, t_);
            learn(output_);
            learn(output_bias_);
        }
        if (t_ == segment_) {
            end_segment();
        }
    }

    /// Returns the code length of `bytes` in bits from the current state, without updating
    /// weights, and leaves the gradient in the tensors. To be called at the beginning of a
    /// segment; `count` is at most a segment's length.
    double trial(const std::uint8_t* bytes, std::size_t count) {
        double bits = 0;
        const std::uint8_t before = previous_;
        const std::uint8_t second = before_previous_;
        segment_ = count;
        for (t_ = 0; t_ < count; ++t_) {
            forward();
            Real* error = &probabilities_[t_ * 256];
            bits -= std::log2(static_cast<double>(error[bytes[t_]]));
            error[bytes[t_]] -= Real{1};
            before_previous_ = previous_;
            previous_ = bytes[t_];
        }
        backward();
        t_ = 0;
        previous_ = before;
        before_previous_ = second;
        predicted_ = false;
        return bits;
    }

    std::vector<Tensor*> tensors() {
        std::vector<Tensor*> all;
        for (Layer& layer : stack_) {
            all.push_back(&layer.recurrent);
            all.push_back(&layer.input);
            all.push_back(&layer.bias);
            if (e_.second_input != 0) {
                all.push_back(&layer.second);
            }
            if (normalised()) {
                all.push_back(&layer.gain);
            }
        }
        all.push_back(&output_);
        all.push_back(&output_bias_);
        if (e_.direct != 0) {
            all.push_back(&direct_);
        }
        return all;
    }

private:
    struct Layer {
        std::size_t inputs = 0; // K
        Tensor recurrent, input, second, bias, gain;
        std::vector<Real> in;         // [t][K]
        std::vector<Real> gate;       // [t][M], activated
        std::vector<Real> slope;      // [t][M], derivative of the activation
        std::vector<Real> unit;       // [t][M], normalised gate sums
        std::vector<Real> scale;      // [t][gates], 1 / root mean square
        std::vector<Real> h, c;       // [t + 1][H]; entry 0 is the state before the segment
        std::vector<Real> cell;       // [t][H], q(c)
        std::vector<Real> cell_slope; // [t][H]
        std::vector<Real> delta;      // [t][M], dL/dz (before normalisation)
        std::vector<Real> below;      // [t][H], dL/dh of the layer below
    };

    bool coupled() const { return p_.gates == 0; }
    bool normalised() const { return e_.normalise != 0; }
    std::size_t first_length() const {
        return e_.start_horizon > 0 ? std::min(static_cast<std::size_t>(e_.start_horizon), horizon_)
                                    : horizon_;
    }

    void build() {
        fixed::SplitMix64 random(static_cast<std::uint64_t>(p_.seed));
        const auto fill = [&](Tensor& tensor, double bound) {
            for (Real& w : tensor.weights) {
                w = static_cast<Real>(random.symmetric(static_cast<std::int32_t>(bound * 262144))) /
                    static_cast<Real>(1 << 26);
            }
        };
        stack_.resize(layers_);
        for (std::size_t l = 0; l < layers_; ++l) {
            Layer& layer = stack_[l];
            const std::string prefix = "layer" + std::to_string(l) + ".";
            layer.inputs = l == 0 ? width_ : 2 * width_;
            layer.recurrent.shape(prefix + "recurrent", layer.inputs, columns_, p_.step_recurrent,
                                  8);
            layer.input.shape(prefix + "input", 256, columns_, p_.step_input, 16);
            layer.second.shape(prefix + "second", 256, columns_, p_.step_input, 16);
            layer.bias.shape(prefix + "bias", 1, columns_, p_.step_bias, 16);
            layer.gain.shape(prefix + "gain", 1, columns_,
                             e_.step_gain > 0 ? e_.step_gain : p_.step_bias, 16);
            std::fill(layer.gain.weights.begin(), layer.gain.weights.end(), Real{1});
            fill(layer.recurrent, e_.zero_recurrent != 0 ? 0 : p_.init_bound);
            fill(layer.input, e_.input_bound >= 0 ? e_.input_bound : p_.init_bound);
            const std::size_t forget = coupled() ? 0 : width_;
            for (std::size_t i = 0; i < width_; ++i) {
                layer.bias.weights[forget + i] = static_cast<Real>(p_.forget_bias) / Real{16};
            }
            layer.in.resize(horizon_ * layer.inputs);
            layer.scale.resize(horizon_ * 4);
            for (auto* v : {&layer.gate, &layer.slope, &layer.unit, &layer.delta}) {
                v->resize(horizon_ * columns_);
            }
            for (auto* v : {&layer.h, &layer.c}) {
                v->assign((horizon_ + 1) * width_, Real{0});
            }
            for (auto* v : {&layer.cell, &layer.cell_slope, &layer.below}) {
                v->resize(horizon_ * width_);
            }
        }
        output_.shape("output.weight", layers_ * width_, 256, p_.step_output, 16);
        output_bias_.shape("output.bias", 1, 256, p_.step_output_bias, 16);
        direct_.shape("output.direct", 256, 256, e_.direct, 16);
        fill(output_, e_.output_bound);
        hidden_.resize(horizon_ * layers_ * width_);
        hidden_delta_.resize(horizon_ * layers_ * width_);
        probabilities_.resize(horizon_ * 256);
        symbols_.resize(horizon_);
        second_symbols_.resize(horizon_);
    }

    // ---- forward ----

    /// to[j] += sum_k from[k] matrix[k][j]
    static void multiply_add(Real* to, const Real* from, const Real* matrix, std::size_t rows,
                             std::size_t columns) {
        std::size_t k = 0;
        for (; k + 8 <= rows; k += 8) {
            const Real* m = matrix + k * columns;
            const Real f0 = from[k], f1 = from[k + 1], f2 = from[k + 2], f3 = from[k + 3];
            const Real f4 = from[k + 4], f5 = from[k + 5], f6 = from[k + 6], f7 = from[k + 7];
            for (std::size_t j = 0; j < columns; ++j) {
                to[j] += ((f0 * m[j] + f1 * m[columns + j]) +
                          (f2 * m[2 * columns + j] + f3 * m[3 * columns + j])) +
                         ((f4 * m[4 * columns + j] + f5 * m[5 * columns + j]) +
                          (f6 * m[6 * columns + j] + f7 * m[7 * columns + j]));
            }
        }
        for (; k < rows; ++k) {
            for (std::size_t j = 0; j < columns; ++j) {
                to[j] += from[k] * matrix[k * columns + j];
            }
        }
    }

    static Real quadratic(Real z, Real& slope) {
        const Real u = std::min(std::max(z * Real{0.5}, Real{-1}), Real{1});
        slope = Real{1} - std::abs(u);
        return u * (Real{2} - std::abs(u));
    }

    void activate(const Real* z, Real* value, Real* slope, std::size_t count, bool gate) const {
        if (e_.exact != 0) {
            for (std::size_t i = 0; i < count; ++i) {
                if (gate) {
                    value[i] = Real{1} / (Real{1} + std::exp(-z[i]));
                    slope[i] = value[i] * (Real{1} - value[i]);
                } else {
                    value[i] = std::tanh(z[i]);
                    slope[i] = Real{1} - value[i] * value[i];
                }
            }
        } else if (gate) {
            for (std::size_t i = 0; i < count; ++i) {
                Real d = 0;
                value[i] = (Real{1} + quadratic(z[i] * Real{0.5}, d)) * Real{0.5};
                slope[i] = d * Real{0.25};
            }
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                Real d = 0;
                value[i] = quadratic(z[i], d);
                slope[i] = d;
            }
        }
    }

    void forward() {
        symbols_[t_] = previous_;
        second_symbols_[t_] = before_previous_;
        const std::size_t gates = columns_ / width_;
        std::vector<Real>& z = scratch_;
        z.resize(columns_);
        for (std::size_t l = 0; l < layers_; ++l) {
            Layer& layer = stack_[l];
            Real* in = &layer.in[t_ * layer.inputs];
            std::copy_n(&layer.h[t_ * width_], width_, in);
            if (l > 0) {
                std::copy_n(&stack_[l - 1].h[(t_ + 1) * width_], width_, in + width_);
            }
            const Real* column = &layer.input.weights[previous_ * columns_];
            const Real* bias = layer.bias.weights.data();
            std::copy_n(column, columns_, z.data());
            if (e_.second_input != 0) {
                const Real* second = &layer.second.weights[before_previous_ * columns_];
                for (std::size_t j = 0; j < columns_; ++j) {
                    z[j] += second[j];
                }
            }
            multiply_add(z.data(), in, layer.recurrent.weights.data(), layer.inputs, columns_);
            if (normalised()) {
                Real* unit = &layer.unit[t_ * columns_];
                for (std::size_t g = 0; g < gates; ++g) {
                    Real sum = 0;
                    for (std::size_t i = g * width_; i < (g + 1) * width_; ++i) {
                        sum += z[i] * z[i];
                    }
                    const Real scale =
                        Real{1} / std::sqrt(sum / static_cast<Real>(width_) + Real(1e-5));
                    layer.scale[t_ * 4 + g] = scale;
                    for (std::size_t i = g * width_; i < (g + 1) * width_; ++i) {
                        unit[i] = z[i] * scale;
                        z[i] = unit[i] * layer.gain.weights[i];
                    }
                }
            }
            for (std::size_t j = 0; j < columns_; ++j) {
                z[j] += bias[j];
            }
            Real* gate = &layer.gate[t_ * columns_];
            Real* slope = &layer.slope[t_ * columns_];
            const std::size_t logistic = columns_ - width_;
            activate(z.data(), gate, slope, logistic, true);
            activate(z.data() + logistic, gate + logistic, slope + logistic, width_, false);
            step_cell(layer);
            std::copy_n(&layer.h[(t_ + 1) * width_], width_, &hidden_[(t_ * layers_ + l) * width_]);
        }
        softmax();
    }

    void step_cell(Layer& layer) const {
        const Real* gate = &layer.gate[t_ * columns_];
        const Real* c0 = &layer.c[t_ * width_];
        Real* c1 = &layer.c[(t_ + 1) * width_];
        Real* h1 = &layer.h[(t_ + 1) * width_];
        if (coupled()) {
            for (std::size_t i = 0; i < width_; ++i) {
                const Real f = gate[i], o = gate[width_ + i], g = gate[2 * width_ + i];
                c1[i] = f * c0[i] + (Real{1} - f) * g;
                h1[i] = o * c1[i];
            }
        } else {
            for (std::size_t i = 0; i < width_; ++i) {
                const Real c = gate[width_ + i] * c0[i] + gate[i] * gate[3 * width_ + i];
                c1[i] = std::min(std::max(c, Real{-16}), Real{16});
            }
            Real* cell = &layer.cell[t_ * width_];
            activate(c1, cell, &layer.cell_slope[t_ * width_], width_, false);
            for (std::size_t i = 0; i < width_; ++i) {
                h1[i] = gate[2 * width_ + i] * cell[i];
            }
        }
    }

    void softmax() {
        Real* a = &probabilities_[t_ * 256];
        std::copy_n(output_bias_.weights.data(), 256, a);
        if (e_.direct != 0) {
            for (std::size_t y = 0; y < 256; ++y) {
                a[y] += direct_.weights[previous_ * 256U + y];
            }
        }
        multiply_add(a, &hidden_[t_ * layers_ * width_], output_.weights.data(), layers_ * width_,
                     256);
        ngrams_.add(a);
        Real top = a[0];
        for (std::size_t y = 1; y < 256; ++y) {
            top = std::max(top, a[y]);
        }
        Real sum = 0;
        for (std::size_t y = 0; y < 256; ++y) {
            a[y] = exp2_nonpositive(a[y] - top);
            sum += a[y];
        }
        const Real scale = Real{1} / sum;
        for (std::size_t y = 0; y < 256; ++y) {
            a[y] *= scale;
        }
    }

    /// 2^x for x <= 0 by the Taylor series about the nearest integer; relative error about 1e-14.
    static Real exp2_nonpositive(Real x) {
        x = std::max(x, Real{-120});
        const auto whole = static_cast<std::int32_t>(x - Real{0.5}); // rounds, as x <= 0
        const Real f = (x - static_cast<Real>(whole)) * Real(0.69314718055994530942);
        Real sum = Real(1.0 / 479001600);
        for (const double factorial :
             {39916800., 3628800., 362880., 40320., 5040., 720., 120., 24., 6., 2., 1., 1.}) {
            sum = sum * f + Real(1.0 / factorial);
        }
        // 2^whole, built from its exponent bits
        if constexpr (sizeof(Real) == 8) {
            return sum * std::bit_cast<Real>(static_cast<Bits>(1023 + whole) << 52);
        } else {
            return sum * std::bit_cast<Real>(static_cast<Bits>(127 + whole) << 23);
        }
    }
    using Bits = std::conditional_t<sizeof(Real) == 8, std::uint64_t, std::uint32_t>;

    // ---- backward ----

    /// to[k] = sum_j from[j] matrix[k][j]
    static void multiply_transposed(Real* to, const Real* from, const Real* matrix,
                                    std::size_t rows, std::size_t columns) {
        constexpr std::size_t lanes = 16;
        for (std::size_t k = 0; k < rows; k += 4) {
            const Real* m = matrix + k * columns;
            Real s0[lanes] = {}, s1[lanes] = {}, s2[lanes] = {}, s3[lanes] = {};
            for (std::size_t j = 0; j < columns; j += lanes) {
                for (std::size_t i = 0; i < lanes; ++i) {
                    s0[i] += from[j + i] * m[j + i];
                    s1[i] += from[j + i] * m[columns + j + i];
                    s2[i] += from[j + i] * m[2 * columns + j + i];
                    s3[i] += from[j + i] * m[3 * columns + j + i];
                }
            }
            Real r0 = 0, r1 = 0, r2 = 0, r3 = 0;
            for (std::size_t i = 0; i < lanes; ++i) {
                r0 += s0[i];
                r1 += s1[i];
                r2 += s2[i];
                r3 += s3[i];
            }
            to[k] = r0;
            to[k + 1] = r1;
            to[k + 2] = r2;
            to[k + 3] = r3;
        }
    }

    /// gradient[k][j] = sum over t in [begin, end) of in[t][k] delta[t][j]
    static void outer(Tensor& tensor, const Real* in, const Real* delta, std::size_t begin,
                      std::size_t end) {
        std::fill(tensor.gradient.begin(), tensor.gradient.end(), Real{0});
        std::vector<Real> coefficients(end - begin);
        for (std::size_t k = 0; k < tensor.rows; ++k) {
            for (std::size_t t = begin; t < end; ++t) {
                coefficients[t - begin] = in[t * tensor.rows + k];
            }
            multiply_add(&tensor.gradient[k * tensor.columns], coefficients.data(),
                         delta + begin * tensor.columns, end - begin, tensor.columns);
        }
    }

    static void sum_rows(Tensor& tensor, const Real* delta, std::size_t begin, std::size_t end) {
        std::fill(tensor.gradient.begin(), tensor.gradient.end(), Real{0});
        for (std::size_t t = begin; t < end; ++t) {
            for (std::size_t j = 0; j < tensor.columns; ++j) {
                tensor.gradient[j] += delta[t * tensor.columns + j];
            }
        }
    }

    void output_gradient(std::size_t begin, std::size_t end) {
        outer(output_, hidden_.data(), probabilities_.data(), begin, end);
        sum_rows(output_bias_, probabilities_.data(), begin, end);
    }

    void backward() {
        const std::size_t units = layers_ * width_;
        for (std::size_t t = 0; t < segment_; ++t) {
            multiply_transposed(&hidden_delta_[t * units], &probabilities_[t * 256],
                                output_.weights.data(), units, 256);
        }
        const auto period = static_cast<std::size_t>(e_.output_period);
        output_gradient(period == 0 ? 0 : (segment_ - 1) / period * period, segment_);
        if (e_.direct != 0) {
            sum_rows_by_symbol(direct_, symbols_, probabilities_.data());
        }
        for (std::size_t l = layers_; l-- > 0;) {
            layer_backward(l);
        }
    }

    void layer_backward(std::size_t l) {
        Layer& layer = stack_[l];
        std::vector<Real> dh(width_, Real{0}), dc(width_, Real{0}), din(layer.inputs, Real{0});
        std::vector<Real> gain_gradient(columns_, Real{0}), bias_gradient(columns_, Real{0});
        for (std::size_t t = segment_; t-- > 0;) {
            const Real* from_output = &hidden_delta_[(t * layers_ + l) * width_];
            for (std::size_t i = 0; i < width_; ++i) {
                dh[i] = din[i] + from_output[i]; // din is that of t + 1
            }
            if (l + 1 < layers_) {
                for (std::size_t i = 0; i < width_; ++i) {
                    dh[i] += stack_[l + 1].below[t * width_ + i];
                }
            }
            cell_backward(layer, t, dh, dc);
            Real* delta = &layer.delta[t * columns_];
            if (normalised()) {
                normalisation_backward(layer, t, delta, gain_gradient, bias_gradient);
            }
            multiply_transposed(din.data(), delta, layer.recurrent.weights.data(), layer.inputs,
                                columns_);
            if (l > 0) {
                std::copy_n(din.data() + width_, width_, &layer.below[t * width_]);
            }
        }
        outer(layer.recurrent, layer.in.data(), layer.delta.data(), 0, segment_);
        if (normalised()) {
            layer.bias.gradient = bias_gradient;
            layer.gain.gradient = gain_gradient;
        } else {
            sum_rows(layer.bias, layer.delta.data(), 0, segment_);
        }
        sum_rows_by_symbol(layer.input, symbols_, layer.delta.data());
        if (e_.second_input != 0) {
            sum_rows_by_symbol(layer.second, second_symbols_, layer.delta.data());
        }
    }

    void sum_rows_by_symbol(Tensor& tensor, const std::vector<std::size_t>& symbols,
                            const Real* delta) const {
        tensor.touched.clear();
        std::array<bool, 256> seen{};
        for (std::size_t t = 0; t < segment_; ++t) {
            const std::size_t x = symbols[t];
            Real* row = &tensor.gradient[x * tensor.columns];
            if (!seen[x]) {
                seen[x] = true;
                tensor.touched.push_back(x);
                std::fill_n(row, tensor.columns, Real{0});
            }
            for (std::size_t j = 0; j < tensor.columns; ++j) {
                row[j] += delta[t * tensor.columns + j];
            }
        }
    }

    /// Computes dL/dz(t) and dL/dc(t - 1) from dL/dh(t) and the later positions' dL/dc(t).
    void cell_backward(Layer& layer, std::size_t t, const std::vector<Real>& dh,
                       std::vector<Real>& dc) const {
        const Real* gate = &layer.gate[t * columns_];
        const Real* slope = &layer.slope[t * columns_];
        const Real* c0 = &layer.c[t * width_];
        const Real* c1 = &layer.c[(t + 1) * width_];
        Real* delta = &layer.delta[t * columns_];
        const std::size_t n = width_;
        if (coupled()) {
            for (std::size_t i = 0; i < n; ++i) {
                const Real f = gate[i], o = gate[n + i], g = gate[2 * n + i];
                const Real d = dc[i] + dh[i] * o;
                delta[i] = d * (c0[i] - g) * slope[i];
                delta[n + i] = dh[i] * c1[i] * slope[n + i];
                delta[2 * n + i] = d * (Real{1} - f) * slope[2 * n + i];
                dc[i] = d * f;
            }
        } else {
            const Real* cell = &layer.cell[t * n];
            const Real* cell_slope = &layer.cell_slope[t * n];
            for (std::size_t i = 0; i < n; ++i) {
                const Real in = gate[i], f = gate[n + i], o = gate[2 * n + i], g = gate[3 * n + i];
                const Real d = dc[i] + dh[i] * o * cell_slope[i];
                delta[i] = d * g * slope[i];
                delta[n + i] = d * c0[i] * slope[n + i];
                delta[2 * n + i] = dh[i] * cell[i] * slope[2 * n + i];
                delta[3 * n + i] = d * in * slope[3 * n + i];
                dc[i] = d * f;
            }
        }
    }

    void normalisation_backward(Layer& layer, std::size_t t, Real* delta,
                                std::vector<Real>& gain_gradient,
                                std::vector<Real>& bias_gradient) const {
        const Real* unit = &layer.unit[t * columns_];
        for (std::size_t j = 0; j < columns_; ++j) {
            bias_gradient[j] += delta[j];
            gain_gradient[j] += delta[j] * unit[j];
            delta[j] *= layer.gain.weights[j];
        }
        for (std::size_t g = 0; g < columns_ / width_; ++g) {
            Real dot = 0;
            for (std::size_t j = g * width_; j < (g + 1) * width_; ++j) {
                dot += delta[j] * unit[j];
            }
            dot /= static_cast<Real>(width_);
            const Real scale = layer.scale[t * 4 + g];
            for (std::size_t j = g * width_; j < (g + 1) * width_; ++j) {
                delta[j] = scale * (delta[j] - unit[j] * dot);
            }
        }
    }

    // ---- update ----

    double schedule() const {
        const double floor = p_.decay_floor / 256.0;
        return p_.decay_time == 0 ? 1.0
                                  : floor + (1.0 - floor) * p_.decay_time /
                                                (p_.decay_time + static_cast<double>(segments_));
    }

    void end_segment() {
        if (p_.delay == 0) {
            backward();
            learn();
        } else { // apply the previous segment's gradient, and keep this one's
            if (waiting_) {
                learn();
            }
            backward();
            waiting_ = true;
        }
        next_segment();
    }

    void learn() {
        for (Tensor* tensor : tensors()) {
            learn(*tensor);
        }
        ++segments_;
    }

    void learn(Tensor& tensor) {
        const auto step = static_cast<Real>(tensor.step * schedule());
        if (e_.sharing == static_cast<int>(Sharing::factored) && tensor.rows > 1 &&
            tensor.touched.empty()) {
            factored_moment(tensor);
        }
        if (tensor.touched.empty()) {
            for (std::size_t k = 0; k < tensor.rows; ++k) {
                learn_row(tensor, k, step);
            }
        } else {
            for (const std::size_t k : tensor.touched) {
                learn_row(tensor, k, step);
            }
        }
    }

    Real rate(std::int64_t count) const {
        int shift = 0;
        while (shift < p_.moment_shift && ((count + 1) >> (shift + 1)) != 0) {
            ++shift;
        }
        return std::ldexp(Real{1}, -std::max(shift, static_cast<int>(e_.first_rate)));
    }

    void learn_row(Tensor& tensor, std::size_t k, Real step) {
        const std::size_t n = tensor.columns;
        Real* w = &tensor.weights[k * n];
        Real* v = &tensor.moment[k * n];
        Real* g = &tensor.gradient[k * n];
        const auto clip = static_cast<Real>(p_.clip) / Real{16};
        const Real least = std::ldexp(Real{1}, -2 * p_.epsilon);
        const auto limit = static_cast<Real>(tensor.limit);
        const auto optimizer = static_cast<model::Optimizer>(p_.optimizer);
        if (optimizer == model::Optimizer::sgd) {
            for (std::size_t j = 0; j < n; ++j) {
                const Real move = std::min(std::max(g[j], -clip), clip);
                w[j] = std::min(std::max(w[j] - step * move, -limit), limit);
            }
            return;
        }
        const Real r = rate(tensor.updates[k]++);
        second_moment(tensor, k, r);
        if (e_.momentum != 0) {
            apply_momentum(tensor, k);
        }
        if (optimizer == model::Optimizer::rms && e_.root_power == 0.5) {
            for (std::size_t j = 0; j < n; ++j) {
                const Real unit = g[j] / std::sqrt(std::max(v[j], least));
                const Real move = std::min(std::max(unit, -clip), clip);
                w[j] = std::min(std::max(w[j] - step * move, -limit), limit);
            }
        } else {
            for (std::size_t j = 0; j < n; ++j) {
                const Real held = std::max(v[j], least);
                const Real root =
                    optimizer == model::Optimizer::rms
                        ? std::pow(held, static_cast<Real>(e_.root_power))
                        : std::exp2(std::floor(std::log2(held) * Real{0.5} + Real{0.5}));
                const Real move = std::min(std::max(g[j] / root, -clip), clip);
                w[j] = std::min(std::max(w[j] - step * move, -limit), limit);
            }
        }
    }

    void second_moment(Tensor& tensor, std::size_t k, Real r) const {
        const std::size_t n = tensor.columns;
        Real* v = &tensor.moment[k * n];
        const Real* g = &tensor.gradient[k * n];
        const auto sharing = static_cast<Sharing>(static_cast<int>(e_.sharing));
        const bool whole = tensor.rows > 1 && tensor.touched.empty();
        if (sharing == Sharing::four_rows && whole) {
            for (std::size_t j = 0; k % 4 == 0 && j < 4 * n; ++j) {
                v[j] += r * (mean_square(g + j % n, n) - v[j]);
            }
        } else if (sharing == Sharing::element || sharing == Sharing::four_rows ||
                   (sharing == Sharing::factored && tensor.rows == 1)) {
            for (std::size_t j = 0; j < n; ++j) {
                v[j] += r * (g[j] * g[j] - v[j]);
            }
        } else if (sharing != Sharing::factored || !tensor.touched.empty()) {
            const std::size_t block = sharing == Sharing::block ? 16 : n;
            for (std::size_t b = 0; b < n; b += block) {
                Real sum = 0;
                for (std::size_t j = b; j < b + block; ++j) {
                    sum += g[j] * g[j];
                }
                sum /= static_cast<Real>(block);
                const Real moved = v[b] + r * (sum - v[b]);
                std::fill_n(v + b, block, moved);
            }
        }
    }

    static Real mean_square(const Real* g, std::size_t stride) {
        return (g[0] * g[0] + g[stride] * g[stride] + g[2 * stride] * g[2 * stride] +
                g[3 * stride] * g[3 * stride]) /
               Real{4};
    }

    /// As Adafactor (Shazeer & Stern 2018): row mean times column mean, divided by the mean.
    void factored_moment(Tensor& tensor) const {
        const Real r = rate(tensor.updates[0]);
        std::vector<Real> columns(tensor.columns, Real{0});
        Real total = 0;
        for (std::size_t k = 0; k < tensor.rows; ++k) {
            Real sum = 0;
            for (std::size_t j = 0; j < tensor.columns; ++j) {
                const Real g = tensor.gradient[k * tensor.columns + j];
                sum += g * g;
                columns[j] += g * g;
            }
            sum /= static_cast<Real>(tensor.columns);
            tensor.row_moment[k] += r * (sum - tensor.row_moment[k]);
            total += tensor.row_moment[k];
        }
        total /= static_cast<Real>(tensor.rows);
        for (std::size_t j = 0; j < tensor.columns; ++j) {
            const Real mean = columns[j] / static_cast<Real>(tensor.rows);
            tensor.column_moment[j] += r * (mean - tensor.column_moment[j]);
        }
        for (std::size_t k = 0; k < tensor.rows; ++k) {
            const Real factor = total > 0 ? tensor.row_moment[k] / total : Real{0};
            for (std::size_t j = 0; j < tensor.columns; ++j) {
                tensor.moment[k * tensor.columns + j] = factor * tensor.column_moment[j];
            }
        }
    }

    void apply_momentum(Tensor& tensor, std::size_t k) const {
        const auto beta = static_cast<Real>(e_.momentum);
        const Real unbiased =
            Real{1} / (Real{1} - std::pow(beta, static_cast<Real>(tensor.updates[k])));
        for (std::size_t j = k * tensor.columns; j < (k + 1) * tensor.columns; ++j) {
            Real& m = tensor.momentum[j];
            m = beta * m + (Real{1} - beta) * tensor.gradient[j];
            tensor.gradient[j] = m * unbiased;
        }
    }

    void next_segment() {
        for (Layer& layer : stack_) {
            std::copy_n(&layer.h[segment_ * width_], width_, layer.h.data());
            std::copy_n(&layer.c[segment_ * width_], width_, layer.c.data());
        }
        t_ = 0;
        if (e_.start_horizon > 0) {
            const double length =
                e_.start_horizon * (1.0 + std::floor(static_cast<double>(segments_) / e_.growth));
            segment_ = std::min(horizon_, static_cast<std::size_t>(length));
        }
    }

    model::Parameters p_;
    Extras e_;
    std::size_t width_, columns_, layers_, horizon_;
    std::size_t segment_; // length of the current segment
    std::size_t t_ = 0;
    std::int64_t segments_ = 0;
    bool predicted_ = false;
    bool waiting_ = false; // whether a delayed gradient is still to be applied
    std::uint8_t previous_ = 0;
    std::uint8_t before_previous_ = 0;
    std::vector<Layer> stack_;
    Tensor output_, output_bias_, direct_;
    FloatNgrams<Real> ngrams_;
    std::vector<Real> hidden_;        // [t][layer][unit]
    std::vector<Real> hidden_delta_;  // [t][layer][unit]
    std::vector<Real> probabilities_; // [t][256]; minus one-hot once the byte is known
    std::vector<Real> scratch_;
    std::vector<std::size_t> symbols_;        // x(t)
    std::vector<std::size_t> second_symbols_; // x(t - 1)
};

} // namespace weightless::reference
