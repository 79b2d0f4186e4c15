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
#include "model/network/ngrams.hpp"
#include "model/network/weights.hpp"
#include "model/parameters.hpp"
#include "model/threads/training_thread.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
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
    Network(const Network&) = default; // waits for what is in training: see slot_
    Network& operator=(const Network&) = delete;
    ~Network() { slot_.finish(); }

    /// Probabilities of the next byte: 256 of Q24, each at least 4, with sum 2^24. The
    /// values stay until the next call of update().
    std::span<const std::uint32_t, 256> predict();

    /// Takes the byte that came; trains when it completes a segment.
    void update(std::uint8_t byte);

    /// Trains on a second thread while the next segment is predicted (with `delay` only;
    /// else it has no effect). No result depends on it.
    void set_threads(int threads);
    /// The same, but on whatever thread helps with this work, until set_threads(). It must
    /// outlive that.
    void lend_training(SharedWork& work);

    /// Bytes of memory in use.
    std::size_t memory() const noexcept;
    /// The same for a network that need not exist.
    static std::size_t memory_for(const Parameters& parameters);

    std::vector<TensorView> tensors();
    /// After writing through tensors().
    void refresh();
    void set_gradient_sink(GradientSink sink);

    int width() const noexcept { return width_; }
    int layers() const noexcept { return static_cast<int>(layers_.size()); }
    /// Output (Q11) and state (Q24) of a layer after the last byte that was predicted.
    std::span<std::int16_t> hidden(int layer) noexcept;
    std::span<std::int32_t> cell(int layer) noexcept;

private:
    template <typename T> using Vector = fixed::AlignedVector<T>;

    /// What sizes follow from. Each struct below lists its tables once, in tables(), as
    /// visit(member, elements): the constructor makes them by that list, and memory_for()
    /// adds it up.
    struct Shape {
        explicit Shape(const Parameters& parameters);
        int inputs(int layer) const noexcept { return layer == 0 ? width : 2 * width; }

        int layers; // L
        int width;  // H
        int steps;  // T
        int rows;   // M
        int stride; // M padded
        int widest; // output of all matrices, padded
        bool full;  // gates
    };

    /// A matrix in training, what the next update of it needs, and the panels that the
    /// forward pass reads: `live` is exchanged for `matrix.forward` when an update takes
    /// effect.
    struct Trained {
        Matrix matrix;
        Vector<std::int16_t> live;
        Vector<std::int32_t> bias; // (stride) Q26
        Vector<std::uint32_t> bias_moment;
        Vector<std::int32_t> live_bias;
        Vector<std::int16_t> deltas;     // (T / 2, stride, 2) gradient by the sums
        Vector<std::int32_t> exponents;  // (stride) of its columns
        Vector<std::int16_t> transposed; // (K, T) inputs

        template <typename Visit>
        static void tables(int inputs, int outputs, int steps, Visit visit);
    };

    struct Layer {
        Trained recurrent;
        Vector<std::int32_t> input; // (256, stride) Q26
        Vector<std::uint32_t> input_moment;
        Vector<std::int32_t> live_input;
        std::array<std::uint32_t, 256> input_updates{};
        Vector<std::int16_t> hidden;  // (H) output of the last step, Q11
        Vector<std::int32_t> dz;      // (T, stride) Q24
        Vector<std::int32_t> dh_next; // (H) gradient by h from the step after, Q24
        Vector<std::int32_t> dc;      // (H) and by c

        template <typename Visit> static void tables(const Shape& shape, Visit visit);
    };

    /// What the forward pass leaves for training, a row per step.
    struct LayerTrace {
        Vector<std::int16_t> in;       // (T, K) what `recurrent` was given, Q11
        Vector<std::int32_t> gates;    // (T, M) activations
        Vector<std::int32_t> slopes;   // (T, M)
        Vector<std::int32_t> squashed; // (T, 2H) full gates only
        Vector<std::int32_t> cells;    // (T + 1, H) Q24; row 0 is the state before

        template <typename Visit> static void tables(const Shape& shape, int layer, Visit visit);
    };
    struct Trace {
        std::vector<std::uint8_t> inputs; // (T) the byte before each step
        Vector<std::int16_t> top;         // (T, LH) what the output layer was given, Q11
        Vector<std::int32_t> error;       // (T, 256) p - onehot, Q24
        std::vector<LayerTrace> layers;

        template <typename Visit> static void tables(const Shape& shape, Visit visit);
    };

    /// Scratch of a thread that trains.
    struct Worker {
        Vector<std::int32_t> gradient; // (4, stride)

        template <typename Visit> static void tables(const Shape& shape, Visit visit);
    };

    /// A part of an update: rows of one matrix, or (rows empty) all vectors of a layer.
    struct Task {
        Trained* trained;
        int first;
        int last;
        int layer; // -1: the output layer
    };

    template <typename Visit> static void tables(const Shape& shape, Visit visit);

    void forward();
    void end_segment();
    void train(Trace& trace);
    void backward(Trace& trace);
    void prepare(Trace& trace);
    void run(const Task& task, int worker);
    void update_rows(const Task& task, int worker);
    void update_bias(Trained& trained, std::int32_t step, const std::string& name, int worker);
    void update_input(Layer& layer, const std::string& name, int worker);
    void publish();
    kernels::UpdateRule rule(std::int32_t step, std::int32_t limit, std::uint32_t updates) const;

    // First, so that a copy begins by waiting until the other's training is finished.
    TrainingSlot slot_;

    Parameters parameters_;
    const kernels::Kernels* kernels_;
    int width_;
    int gate_rows_; // M
    int stride_;    // M padded
    int horizon_;
    int delta_bits_;         // of mantissas in the weights' gradient
    int step_ = 0;           // position in the segment
    bool predicted_ = false; // forward() ran for this position
    std::uint8_t last_ = 0;  // the byte before

    std::vector<Layer> layers_;
    Trained output_;
    std::optional<Ngrams> ngrams_;
    std::array<Trace, 2> traces_; // the segment being predicted, and the one in training
    int current_ = 0;
    alignas(64) std::array<std::uint32_t, 256> p_{};
    Vector<std::int32_t> sums_; // scratch of the forward pass

    // Training; owned by the training thread while it runs.
    std::uint32_t segments_ = 0;          // begun
    std::uint32_t segments_of_tasks_ = 0; // before the one whose tasks these are
    int scale_ = 0;                       // gradients of this segment are 2^scale_ too large
    std::vector<std::uint8_t> trained_inputs_;
    Vector<std::int32_t> dh_; // (T, padded LH) gradient by h from the output, Q24
    Vector<std::int32_t> back_sums_;
    Vector<std::int16_t> narrow_;
    std::array<Worker, 2> workers_;
    std::vector<Task> tasks_;
    GradientSink sink_;

    bool pending_ = false; // an update is computed (or being computed), not yet in effect
};

} // namespace weightless::model
