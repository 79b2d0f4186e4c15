// Training: when a segment is complete, its gradient moves the weights, at once or (with `delay`)
// one segment later. An update is a list of tasks that write to disjoint places, so that several
// threads may share them; sums of integers are the same in any order.
//
// Formats. Deltas: 13 to 15 bits and a sign under one exponent for each column; inputs Q11;
// gradients, their products summed over a segment, int32. Masters Q26 (weights.hpp).
#include "model/network/network.hpp"

#include "fixed/arithmetic.hpp"

#include <algorithm>
#include <utility>

namespace weightless::model {
namespace {

using std::int16_t;
using std::int32_t;
using std::ptrdiff_t;
using std::size_t;
using std::uint32_t;

constexpr int kUnitInput = 11; // a bias's input is 1; products have it in Q11

// Adds one step of deltas (T / 2, stride, 2).
void add_step(const int16_t* deltas, ptrdiff_t stride, ptrdiff_t step, int32_t* sum) {
    const int16_t* pairs = deltas + (step / 2) * stride * 2 + step % 2;
    for (ptrdiff_t i = 0; i < stride; ++i) {
        sum[i] += pairs[2 * i];
    }
}

} // namespace

void Network::end_segment() {
    lstm::Trace& trace = traces_[static_cast<size_t>(current_)];
    lstm::Trace* next = &trace;
    if (parameters_.delay == 0) {
        train(trace);
        publish();
    } else {
        // The previous update takes effect, and this one begins.
        if (pending_) {
            runner_.finish();
            publish();
        }
        if (runner_.get() != nullptr && !sink_) {
            runner_.get()->start(
                [this, &trace] {
                    prepare(trace);
                    return static_cast<int>(tasks_.size());
                },
                [this](int task, int worker) { run(tasks_[static_cast<size_t>(task)], worker); });
        } else {
            train(trace);
        }
        pending_ = true;
        current_ = 1 - current_;
        next = &traces_[static_cast<size_t>(current_)];
    }
    for (size_t l = 0; l < layers_.size(); ++l) {
        const int32_t* last = trace.layers[l].cells.data() + ptrdiff_t{horizon_} * width_;
        std::copy(last, last + width_, next->layers[l].cells.data());
    }
}

void Network::train(lstm::Trace& trace) {
    prepare(trace);
    for (const lstm::Task& task : tasks_) {
        run(task, 0);
    }
}

// Computes the gradient with respect to all sums, and lists the tasks that update the weights.
void Network::prepare(lstm::Trace& trace) {
    const kernels::Kernels& k = *kernels_;
    backward(trace);
    trained_inputs_ = trace.inputs;
    tasks_.clear();
    constexpr int rows = 16; // of a task; small enough to share tasks evenly
    const auto add = [&](lstm::Trained& t, const Vector<int32_t>& sums, const int16_t* in,
                         int index) {
        k.narrow_columns(sums.data(), t.matrix.stride, horizon_, delta_bits_, t.exponents.data(),
                         t.deltas.data());
        for (int step = 0; step < horizon_; ++step) {
            const int16_t* row = in + ptrdiff_t{step} * t.matrix.inputs;
            int16_t* out = t.transposed.data() + step;
            for (ptrdiff_t i = 0; i < t.matrix.inputs; ++i) {
                out[i * horizon_] = row[i];
            }
        }
        tasks_.push_back({&t, 0, 0, index});
        for (int row = 0; row < t.matrix.inputs; row += rows) {
            tasks_.push_back({&t, row, row + rows, index});
        }
    };
    for (size_t l = 0; l < layers_.size(); ++l) {
        add(layers_[l].recurrent, layers_[l].dz, trace.layers[l].in.data(), static_cast<int>(l));
    }
    add(output_, trace.error, trace.top.data(), -1);
    segments_of_tasks_ = segments_++;
}

// The update takes effect: predictions use the weights that it has moved.
void Network::publish() {
    const auto exchange = [](lstm::Trained& t) {
        t.matrix.forward.swap(t.live);
        std::copy(t.bias.begin(), t.bias.end(), t.live_bias.begin());
    };
    for (lstm::Layer& layer : layers_) {
        exchange(layer.recurrent);
        for (const std::uint8_t byte : trained_inputs_) {
            const ptrdiff_t begin = ptrdiff_t{byte} * stride_;
            std::copy_n(layer.input.begin() + begin, stride_, layer.live_input.begin() + begin);
        }
    }
    exchange(output_);
    pending_ = false;
}

// The update rule of a tensor with this step (2^-20) after this many updates: the decayed step, and
// a second moment that initially is the mean of all squares.
kernels::UpdateRule Network::rule(int32_t step, int32_t limit, uint64_t updates) const {
    const Parameters& p = parameters_;
    std::int64_t now = step;
    if (p.decay_time > 0) {
        // step * (F + (256 - F) tau / (tau + n)) / 256
        const std::int64_t tau = p.decay_time;
        const auto n = static_cast<std::int64_t>(segments_of_tasks_);
        const std::int64_t scale = std::int64_t{p.decay_floor} * 256 +
                                   (std::int64_t{256 - p.decay_floor} * 256 * tau) / (tau + n);
        now = fixed::round_shift(now * scale, 16);
    }
    // As a mantissa of 15 bits, rounded down, and a shift.
    int shift = 6;
    while (now >= (1 << 15) && shift > 1) {
        now >>= 1;
        --shift;
    }
    while (now != 0 && now < (1 << 14)) { // so that no bit is lost when it is multiplied by a root
        now <<= 1;
        ++shift;
    }
    now = std::min<std::int64_t>(now, (1 << 15) - 1);
    // moment_shift is at most 15, so more updates make no difference.
    const auto counted = static_cast<std::uint32_t>(std::min<std::uint64_t>(updates, 1 << 16));
    const int rate = std::min<int>(p.moment_shift, fixed::log2_floor(counted + 1));
    return {p.optimizer,
            rate,
            48 - 2 * p.epsilon,
            std::min(p.clip << 8, 1 << 16),
            static_cast<int32_t>(now),
            shift,
            limit,
            -scale_};
}

void Network::run(const lstm::Task& task, int worker) {
    const Parameters& p = parameters_;
    const bool output = task.layer < 0;
    if (task.first < task.last) {
        update_rows(task, worker);
        return;
    }
    const std::string name = output ? "output." : "layer" + std::to_string(task.layer) + ".";
    update_bias(*task.trained, output ? p.step_output_bias : p.step_bias, name + "bias", worker);
    if (!output) {
        update_input(layers_[static_cast<size_t>(task.layer)], name + "input", worker);
    }
}

void Network::update_rows(const lstm::Task& task, int worker) {
    const kernels::Kernels& k = *kernels_;
    lstm::Trained& t = *task.trained;
    Matrix& matrix = t.matrix;
    const bool output = task.layer < 0;
    const kernels::UpdateRule r =
        rule(output ? parameters_.step_output : parameters_.step_recurrent, matrix.format.limit,
             segments_of_tasks_);
    int32_t* gradient = workers_[static_cast<size_t>(worker)].gradient.data();
    const ptrdiff_t stride = matrix.stride;
    for (int row = task.first; row < task.last; row += 4) {
        k.outer(t.deltas.data(), t.transposed.data() + ptrdiff_t{row} * horizon_, horizon_,
                horizon_, matrix.stride, gradient);
        for (ptrdiff_t i = 0; sink_ && i < 4; ++i) {
            const std::string name =
                output ? "output.weight" : "layer" + std::to_string(task.layer) + ".recurrent";
            sink_(name, row + static_cast<int>(i),
                  {gradient + i * stride, static_cast<size_t>(matrix.outputs)},
                  {t.exponents.data(), static_cast<size_t>(matrix.outputs)}, -scale_);
        }
        k.update(r, kernels::kShared, matrix.stride, gradient, t.exponents.data(),
                 matrix.master.data() + row * stride,
                 matrix.moment.data() + row / kernels::kShared * stride);
        matrix.pack(k, row);
    }
}

void Network::update_bias(lstm::Trained& t, int32_t step, const std::string& name, int worker) {
    const int stride = t.matrix.stride;
    int32_t* gradient = workers_[static_cast<size_t>(worker)].gradient.data();
    std::fill_n(gradient, stride, 0);
    for (ptrdiff_t s = 0; s < horizon_; ++s) {
        add_step(t.deltas.data(), stride, s, gradient);
    }
    if (sink_) {
        sink_(name, 0, {gradient, static_cast<size_t>(t.matrix.outputs)},
              {t.exponents.data(), static_cast<size_t>(t.matrix.outputs)}, kUnitInput - scale_);
    }
    kernels::UpdateRule r = rule(step, kVectorLimit, segments_of_tasks_);
    r.exponent += kUnitInput;
    kernels_->update(r, 1, stride, gradient, t.exponents.data(), t.bias.data(),
                     t.bias_moment.data());
}

void Network::update_input(lstm::Layer& layer, const std::string& name, int worker) {
    // Each byte value of the segment once, in order of first appearance.
    const lstm::Trained& t = layer.recurrent;
    int32_t* gradient = workers_[static_cast<size_t>(worker)].gradient.data();
    std::array<bool, 256> done{};
    for (int first = 0; first < horizon_; ++first) {
        const std::uint8_t byte = trained_inputs_[static_cast<size_t>(first)];
        if (done[byte]) {
            continue;
        }
        done[byte] = true;
        std::fill_n(gradient, stride_, 0);
        for (ptrdiff_t s = first; s < horizon_; ++s) {
            if (trained_inputs_[static_cast<size_t>(s)] != byte) {
                continue;
            }
            add_step(t.deltas.data(), stride_, s, gradient);
        }
        if (sink_) {
            sink_(name, byte, {gradient, static_cast<size_t>(gate_rows_)},
                  {t.exponents.data(), static_cast<size_t>(gate_rows_)}, kUnitInput - scale_);
        }
        kernels::UpdateRule r =
            rule(parameters_.step_input, kVectorLimit, layer.input_updates[byte]);
        r.exponent += kUnitInput;
        const ptrdiff_t begin = ptrdiff_t{byte} * stride_;
        kernels_->update(r, 1, stride_, gradient, t.exponents.data(), layer.input.data() + begin,
                         layer.input_moment.data() + begin);
        ++layer.input_updates[byte];
    }
}

void Network::set_gradient_sink(GradientSink sink) {
    runner_.finish();
    sink_ = std::move(sink);
}

} // namespace weightless::model
