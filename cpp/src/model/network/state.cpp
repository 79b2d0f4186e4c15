// A network's state: its construction, its memory, and its tensors for inspection.
#include "model/network/network.hpp"

#include "fixed/failure.hpp"
#include "fixed/random.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace weightless::model {
namespace {

using std::int16_t;
using std::int32_t;
using std::ptrdiff_t;
using std::size_t;
using std::uint32_t;

bool has_ngrams(const Parameters& p) { return p.ngrams != 0 || p.ngram_words != 0; }

// Visitors of tables(): they allocate the tables, count the bytes that these have, or those that
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

template <typename Visit> void Network::tables(const lstm::Shape& shape, Visit visit) {
    const int dh = shape.steps * kernels::padded(shape.layers * shape.width);
    visit(&Network::sums_, shape.widest);
    visit(&Network::dh_, dh);
    visit(&Network::back_sums_, std::max(dh, kernels::padded(2 * shape.width)));
    visit(&Network::narrow_, std::max(shape.steps * 256, shape.stride));
}

Network::Network(const Parameters& parameters, const kernels::Kernels& kernels)
    : parameters_(parameters), kernels_(&kernels), width_(parameters.width),
      gate_rows_(lstm::Shape(parameters).rows), stride_(lstm::Shape(parameters).stride),
      horizon_(parameters.horizon) {
    validate(parameters);
    if (width_ == 0) {
        fixed::fail<std::invalid_argument>("a network needs a width");
    }
    // T products of 2^bits by 2^11 in 31 bits.
    delta_bits_ = horizon_ <= 32 ? 15 : (horizon_ <= 64 ? 14 : 13);

    const lstm::Shape shape(parameters);
    const auto make = [&](lstm::Trained& t, int inputs, int outputs, const WeightFormat& format) {
        t.matrix = Matrix(inputs, outputs, format);
        lstm::Trained::tables(inputs, outputs, shape.steps, making(t));
    };
    tables(shape, making(*this));
    for (lstm::Worker& worker : workers_) {
        lstm::Worker::tables(shape, making(worker));
    }
    for (lstm::Trace& trace : traces_) {
        lstm::Trace::tables(shape, making(trace));
        trace.layers.resize(static_cast<size_t>(shape.layers));
        for (int l = 0; l < shape.layers; ++l) {
            lstm::LayerTrace::tables(shape, l, making(trace.layers[static_cast<size_t>(l)]));
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
        lstm::Layer& layer = layers_[static_cast<size_t>(l)];
        lstm::Layer::tables(shape, making(layer));
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

size_t Network::memory() const noexcept {
    const lstm::Shape shape(parameters_);
    size_t bytes = sizeof *this + (ngrams_ ? ngrams_->memory() : 0);
    const auto count = [&](const lstm::Trained& t) {
        bytes += t.matrix.memory();
        lstm::Trained::tables(0, 0, 0, counting(t, bytes));
    };
    tables(shape, counting(*this, bytes));
    for (const lstm::Worker& worker : workers_) {
        lstm::Worker::tables(shape, counting(worker, bytes));
    }
    count(output_);
    for (const lstm::Layer& layer : layers_) {
        bytes += sizeof layer;
        lstm::Layer::tables(shape, counting(layer, bytes));
        count(layer.recurrent);
    }
    for (const lstm::Trace& trace : traces_) {
        lstm::Trace::tables(shape, counting(trace, bytes));
        for (const lstm::LayerTrace& layer : trace.layers) {
            lstm::LayerTrace::tables(shape, 0, counting(layer, bytes));
        }
    }
    return bytes;
}

size_t Network::memory_for(const Parameters& parameters) {
    const lstm::Shape shape(parameters);
    size_t bytes = sizeof(Network);
    if (has_ngrams(parameters)) {
        bytes += Ngrams::memory_for(parameters.ngram_bits);
    }
    const auto plan = [&](int inputs, int outputs) {
        bytes += Matrix::memory_for(inputs, outputs);
        lstm::Trained::tables(inputs, outputs, shape.steps, planning(bytes));
    };
    tables(shape, planning(bytes));
    for (size_t i = 0; i < std::tuple_size_v<decltype(workers_)>; ++i) {
        lstm::Worker::tables(shape, planning(bytes));
    }
    plan(shape.layers * shape.width, 256);
    for (int l = 0; l < shape.layers; ++l) {
        bytes += sizeof(lstm::Layer);
        lstm::Layer::tables(shape, planning(bytes));
        plan(shape.inputs(l), shape.rows);
    }
    for (size_t i = 0; i < std::tuple_size_v<decltype(traces_)>; ++i) {
        lstm::Trace::tables(shape, planning(bytes));
        for (int l = 0; l < shape.layers; ++l) {
            lstm::LayerTrace::tables(shape, l, planning(bytes));
        }
    }
    return bytes;
}

std::vector<TensorView> Network::tensors() {
    runner_.finish();
    std::vector<TensorView> all;
    for (size_t l = 0; l < layers_.size(); ++l) {
        lstm::Layer& layer = layers_[l];
        lstm::Trained& t = layer.recurrent;
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
    runner_.finish();
    const auto renew = [&](lstm::Trained& t) {
        t.matrix.pack_all(*kernels_);
        t.live = t.matrix.forward;
        t.live_bias = t.bias;
    };
    for (lstm::Layer& layer : layers_) {
        renew(layer.recurrent);
        layer.live_input = layer.input;
    }
    renew(output_);
    predicted_ = false;
}

std::span<int16_t> Network::hidden(int layer) noexcept {
    return layers_[static_cast<size_t>(layer)].hidden;
}

void Network::set_segments(std::uint64_t n) {
    runner_.finish();
    segments_ = n;
    for (lstm::Layer& layer : layers_) {
        layer.input_updates.fill(n);
    }
}

std::span<int32_t> Network::cell(int layer) noexcept {
    lstm::LayerTrace& trace =
        traces_[static_cast<size_t>(current_)].layers[static_cast<size_t>(layer)];
    const auto row = static_cast<size_t>(step_ + (predicted_ ? 1 : 0));
    return std::span(trace.cells)
        .subspan(row * static_cast<size_t>(width_), static_cast<size_t>(width_));
}

} // namespace weightless::model
