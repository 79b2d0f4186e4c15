#include "model/network/network.hpp"

#include "fixed/arithmetic.hpp"
#include "fixed/random.hpp"
#include "model/threads/training_thread.hpp"

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

// The shift that brings a magnitude into kDeltaBits.
int delta_shift(int32_t top) {
    const int bits = top == 0 ? 0 : fixed::log2_floor(static_cast<uint32_t>(top)) + 1;
    return bits > kDeltaBits ? bits - kDeltaBits : 0;
}

int gate_rows(const Parameters& p) {
    return (p.gates == static_cast<int32_t>(Gates::full) ? 4 : 3) * p.width;
}

// Adds one step of deltas (T / 2, stride, 2).
void add_step(const int16_t* deltas, ptrdiff_t stride, ptrdiff_t step, int32_t* sum) {
    const int16_t* pairs = deltas + (step / 2) * stride * 2 + step % 2;
    for (ptrdiff_t i = 0; i < stride; ++i) {
        sum[i] += pairs[2 * i];
    }
}

bool has_ngrams(const Parameters& p) { return p.ngrams != 0 || p.ngram_words != 0; }

// Visitors of tables(): to make them, to count the bytes that they have, and those that
// they would have.
template <typename Owner> auto making(Owner& owner) {
    return [&owner](auto table, int n) { (owner.*table).resize(static_cast<size_t>(n)); };
}
template <typename Owner> auto counting(const Owner& owner, size_t& bytes) {
    return [&](auto table, int) { bytes += (owner.*table).size() * sizeof((owner.*table)[0]); };
}
auto planning(size_t& bytes) {
    return [&bytes]<typename Owner, typename Table>(Table Owner::*, int n) {
        bytes += static_cast<size_t>(n) * sizeof(typename Table::value_type);
    };
}

} // namespace

Network::Shape::Shape(const Parameters& p)
    : layers(p.layers), width(p.width), steps(p.horizon), rows(gate_rows(p)),
      stride(kernels::padded(rows)), widest(std::max(stride, 256)),
      full(p.gates == static_cast<int32_t>(Gates::full)) {}

template <typename Visit>
void Network::Trained::tables(int inputs, int outputs, int steps, Visit visit) {
    const int stride = kernels::padded(outputs);
    visit(&Trained::live, inputs * stride);
    visit(&Trained::bias, stride);
    visit(&Trained::bias_moment, stride);
    visit(&Trained::live_bias, stride);
    visit(&Trained::deltas, steps * stride);
    visit(&Trained::exponents, stride);
    visit(&Trained::transposed, steps * inputs);
}

template <typename Visit> void Network::Layer::tables(const Shape& shape, Visit visit) {
    visit(&Layer::input, 256 * shape.stride);
    visit(&Layer::input_moment, 256 * shape.stride);
    visit(&Layer::live_input, 256 * shape.stride);
    visit(&Layer::hidden, shape.width);
    visit(&Layer::dz, shape.steps * shape.stride);
    visit(&Layer::dh_next, shape.width);
    visit(&Layer::dc, shape.width);
}

template <typename Visit>
void Network::LayerTrace::tables(const Shape& shape, int layer, Visit visit) {
    visit(&LayerTrace::in, shape.steps * shape.inputs(layer));
    visit(&LayerTrace::gates, shape.steps * shape.rows);
    visit(&LayerTrace::slopes, shape.steps * shape.rows);
    visit(&LayerTrace::squashed, shape.full ? shape.steps * 2 * shape.width : 0);
    visit(&LayerTrace::cells, (shape.steps + 1) * shape.width);
}

template <typename Visit> void Network::Trace::tables(const Shape& shape, Visit visit) {
    visit(&Trace::inputs, shape.steps);
    visit(&Trace::top, shape.steps * shape.layers * shape.width);
    visit(&Trace::error, shape.steps * 256);
}

template <typename Visit> void Network::Worker::tables(const Shape& shape, Visit visit) {
    visit(&Worker::gradient, 4 * shape.widest);
}

template <typename Visit> void Network::tables(const Shape& shape, Visit visit) {
    const int dh = shape.steps * kernels::padded(shape.layers * shape.width);
    visit(&Network::sums_, shape.widest);
    visit(&Network::dh_, dh);
    visit(&Network::back_sums_, std::max(dh, kernels::padded(2 * shape.width)));
    visit(&Network::narrow_, std::max(shape.steps * 256, shape.stride));
}

Network::Network(const Parameters& parameters, const kernels::Kernels& kernels)
    : parameters_(parameters), kernels_(&kernels), width_(parameters.width),
      gate_rows_(gate_rows(parameters)), stride_(kernels::padded(gate_rows_)),
      horizon_(parameters.horizon) {
    validate(parameters);
    if (width_ == 0) {
        throw std::invalid_argument("a network needs a width");
    }
    // T products of 2^bits by 2^11 in 31 bits.
    delta_bits_ = horizon_ <= 32 ? 15 : (horizon_ <= 64 ? 14 : 13);

    const Shape shape(parameters);
    const auto make = [&](Trained& t, int inputs, int outputs, const WeightFormat& format) {
        t.matrix = Matrix(inputs, outputs, format);
        Trained::tables(inputs, outputs, shape.steps, making(t));
    };
    tables(shape, making(*this));
    for (Worker& worker : workers_) {
        Worker::tables(shape, making(worker));
    }
    for (Trace& trace : traces_) {
        Trace::tables(shape, making(trace));
        trace.layers.resize(static_cast<size_t>(shape.layers));
        for (int l = 0; l < shape.layers; ++l) {
            LayerTrace::tables(shape, l, making(trace.layers[static_cast<size_t>(l)]));
        }
    }
    fixed::SplitMix64 random(static_cast<std::uint64_t>(parameters.seed));
    const int32_t bound = parameters.init_bound << 18;
    const auto draw = [&](Vector<int32_t>& matrix, int inputs) {
        for (int k = 0; k < inputs; ++k) {
            int32_t* row = matrix.data() + ptrdiff_t{k} * stride_;
            std::generate_n(row, gate_rows_, [&] { return random.symmetric(bound); });
        }
    };
    layers_.resize(static_cast<size_t>(shape.layers));
    for (int l = 0; l < shape.layers; ++l) {
        Layer& layer = layers_[static_cast<size_t>(l)];
        Layer::tables(shape, making(layer));
        make(layer.recurrent, shape.inputs(l), shape.rows, kRecurrentFormat);
        draw(layer.recurrent.matrix.master, shape.inputs(l));
        draw(layer.input, 256);
        const auto forget = layer.recurrent.bias.begin() + (shape.full ? width_ : 0);
        std::fill_n(forget, width_, parameters.forget_bias * (1 << 22));
    }
    make(output_, shape.layers * width_, 256, kOutputFormat);
    if (has_ngrams(parameters)) {
        ngrams_.emplace(parameters.ngrams, parameters.ngram_words, parameters.ngram_bits);
    }
    refresh();
}

std::span<const uint32_t, 256> Network::predict() {
    if (!predicted_) {
        forward();
    }
    return p_;
}

void Network::forward() {
    const kernels::Kernels& k = *kernels_;
    Trace& trace = traces_[static_cast<size_t>(current_)];
    const auto t = static_cast<ptrdiff_t>(step_);
    const ptrdiff_t width = width_;
    const ptrdiff_t stride = stride_; // a member might change with every int32 written
    int32_t* sums = sums_.data();
    int16_t* top = trace.top.data() + t * output_.matrix.inputs;
    trace.inputs[static_cast<size_t>(t)] = last_;
    const bool full = parameters_.gates == static_cast<int32_t>(Gates::full);

    for (size_t l = 0; l < layers_.size(); ++l) {
        Layer& layer = layers_[l];
        LayerTrace& kept = trace.layers[l];
        const int inputs = layer.recurrent.matrix.inputs;
        int16_t* in = kept.in.data() + t * inputs;
        std::copy(layer.hidden.begin(), layer.hidden.end(), in);
        if (l > 0) {
            std::copy(layers_[l - 1].hidden.begin(), layers_[l - 1].hidden.end(), in + width);
        }
        // Q26 to Q16; the two have less than 2^30 each.
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

void Network::end_segment() {
    Trace& trace = traces_[static_cast<size_t>(current_)];
    Trace* next = &trace;
    if (parameters_.delay == 0) {
        train(trace);
        publish();
    } else {
        // The update before this one takes effect, and this one is begun.
        if (pending_) {
            slot_.finish();
            publish();
        }
        if (slot_.enabled() && !sink_) {
            slot_.start(
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

void Network::train(Trace& trace) {
    prepare(trace);
    for (const Task& task : tasks_) {
        run(task, 0);
    }
}

void Network::prepare(Trace& trace) {
    const kernels::Kernels& k = *kernels_;
    backward(trace);
    trained_inputs_ = trace.inputs;
    tasks_.clear();
    constexpr int rows = 16; // a task's worth, and enough tasks to share evenly
    const auto add = [&](Trained& t, const Vector<int32_t>& sums, const int16_t* in, int index) {
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

void Network::publish() {
    const auto exchange = [](Trained& t) {
        t.matrix.forward.swap(t.live);
        std::copy(t.bias.begin(), t.bias.end(), t.live_bias.begin());
    };
    for (Layer& layer : layers_) {
        exchange(layer.recurrent);
        for (const std::uint8_t byte : trained_inputs_) {
            const ptrdiff_t begin = ptrdiff_t{byte} * stride_;
            std::copy_n(layer.input.begin() + begin, stride_, layer.live_input.begin() + begin);
        }
    }
    exchange(output_);
    pending_ = false;
}

void Network::backward(Trace& trace) {
    const kernels::Kernels& k = *kernels_;
    const ptrdiff_t width = width_;
    const auto dh_stride = static_cast<ptrdiff_t>(kernels::padded(output_.matrix.inputs));
    const bool full = parameters_.gates == static_cast<int32_t>(Gates::full);

    // Well-predicted segments have small errors: bring them up to where a unit's rounding
    // does not matter. All gradients of the segment are then 2^scale_ too large.
    const int32_t top = k.max_abs(trace.error.data(), horizon_ * 256);
    scale_ = top == 0 ? 0 : std::max(0, 24 - fixed::log2_floor(static_cast<uint32_t>(top)));
    if (scale_ > 0) {
        const int32_t factor = 1 << scale_;
        for (int32_t& e : trace.error) {
            e *= factor;
        }
    }

    // From the errors through the output layer, all steps at once.
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
    // Output weights are Q8 here, recurrent ones Q9: one bit more to go up.
    std::fill(dh_.begin(), dh_.end(), 0);
    for (int t = 0; t < horizon_; ++t) {
        k.widen_add(back_sums_.data() + t * dh_stride, static_cast<int>(dh_stride),
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
            const LayerTrace& kept = trace.layers[l];
            int32_t* dh = dh_row + static_cast<ptrdiff_t>(l) * width;
            k.widen_add(layer.dh_next.data(), width_, 3, dh); // 2^(3 - 3): as it is
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

kernels::UpdateRule Network::rule(int32_t step, int32_t limit, uint32_t updates) const {
    const Parameters& p = parameters_;
    std::int64_t now = step;
    if (p.decay_time > 0) {
        // step * (F + (256 - F) tau / (tau + n)) / 256
        const std::int64_t tau = p.decay_time;
        const std::int64_t n = segments_of_tasks_;
        const std::int64_t scale = std::int64_t{p.decay_floor} * 256 +
                                   (std::int64_t{256 - p.decay_floor} * 256 * tau) / (tau + n);
        now = fixed::round_shift(now * scale, 16);
    }
    int shift = 6;
    while (now >= (1 << 15) && shift > 1) {
        now >>= 1;
        --shift;
    }
    while (now != 0 && now < (1 << 14)) { // so that no bit is lost where it meets a root
        now <<= 1;
        ++shift;
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

void Network::run(const Task& task, int worker) {
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

void Network::update_rows(const Task& task, int worker) {
    const kernels::Kernels& k = *kernels_;
    Trained& t = *task.trained;
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

void Network::update_bias(Trained& t, int32_t step, const std::string& name, int worker) {
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

void Network::update_input(Layer& layer, const std::string& name, int worker) {
    // Each byte value of the segment once, in order of first appearance.
    const Trained& t = layer.recurrent;
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

void Network::set_threads(int threads) { slot_.enable(threads > 1 && parameters_.delay != 0); }

void Network::lend_training(SharedWork& work) {
    if (parameters_.delay != 0) {
        slot_.lend(work);
    }
}

void Network::set_gradient_sink(GradientSink sink) {
    slot_.finish();
    sink_ = std::move(sink);
}

size_t Network::memory() const noexcept {
    const Shape shape(parameters_);
    size_t bytes = sizeof *this + (ngrams_ ? ngrams_->memory() : 0);
    const auto count = [&](const Trained& t) {
        bytes += t.matrix.memory();
        Trained::tables(0, 0, 0, counting(t, bytes));
    };
    tables(shape, counting(*this, bytes));
    for (const Worker& worker : workers_) {
        Worker::tables(shape, counting(worker, bytes));
    }
    count(output_);
    for (const Layer& layer : layers_) {
        bytes += sizeof layer;
        Layer::tables(shape, counting(layer, bytes));
        count(layer.recurrent);
    }
    for (const Trace& trace : traces_) {
        Trace::tables(shape, counting(trace, bytes));
        for (const LayerTrace& layer : trace.layers) {
            LayerTrace::tables(shape, 0, counting(layer, bytes));
        }
    }
    return bytes;
}

size_t Network::memory_for(const Parameters& parameters) {
    const Shape shape(parameters);
    size_t bytes = sizeof(Network);
    if (has_ngrams(parameters)) {
        bytes += Ngrams::memory_for(parameters.ngram_bits);
    }
    const auto plan = [&](int inputs, int outputs) {
        bytes += Matrix::memory_for(inputs, outputs);
        Trained::tables(inputs, outputs, shape.steps, planning(bytes));
    };
    tables(shape, planning(bytes));
    for (size_t i = 0; i < std::tuple_size_v<decltype(workers_)>; ++i) {
        Worker::tables(shape, planning(bytes));
    }
    plan(shape.layers * shape.width, 256);
    for (int l = 0; l < shape.layers; ++l) {
        bytes += sizeof(Layer);
        Layer::tables(shape, planning(bytes));
        plan(shape.inputs(l), shape.rows);
    }
    for (size_t i = 0; i < std::tuple_size_v<decltype(traces_)>; ++i) {
        Trace::tables(shape, planning(bytes));
        for (int l = 0; l < shape.layers; ++l) {
            LayerTrace::tables(shape, l, planning(bytes));
        }
    }
    return bytes;
}

std::vector<TensorView> Network::tensors() {
    slot_.finish();
    std::vector<TensorView> all;
    for (size_t l = 0; l < layers_.size(); ++l) {
        Layer& layer = layers_[l];
        Trained& t = layer.recurrent;
        const std::string name = "layer" + std::to_string(l) + ".";
        all.push_back(
            {name + "recurrent", t.matrix.inputs, gate_rows_, stride_, t.matrix.master.data()});
        all.push_back({name + "input", 256, gate_rows_, stride_, layer.input.data()});
        all.push_back({name + "bias", 1, gate_rows_, stride_, t.bias.data()});
    }
    all.push_back({"output.weight", output_.matrix.inputs, 256, 256, output_.matrix.master.data()});
    all.push_back({"output.bias", 1, 256, 256, output_.bias.data()});
    return all;
}

void Network::refresh() {
    slot_.finish();
    const auto renew = [&](Trained& t) {
        t.matrix.pack_all(*kernels_);
        t.live = t.matrix.forward;
        t.live_bias = t.bias;
    };
    for (Layer& layer : layers_) {
        renew(layer.recurrent);
        layer.live_input = layer.input;
    }
    renew(output_);
    predicted_ = false;
}

std::span<int16_t> Network::hidden(int layer) noexcept {
    return layers_[static_cast<size_t>(layer)].hidden;
}

std::span<int32_t> Network::cell(int layer) noexcept {
    LayerTrace& trace = traces_[static_cast<size_t>(current_)].layers[static_cast<size_t>(layer)];
    const auto row = static_cast<size_t>(step_ + (predicted_ ? 1 : 0));
    return std::span(trace.cells)
        .subspan(row * static_cast<size_t>(width_), static_cast<size_t>(width_));
}

} // namespace weightless::model
