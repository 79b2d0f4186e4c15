// The LSTM with its softmax, trained online. docs/network.md defines what it computes.
//
// Formats. Weights Q26 (weights.hpp); h Q11; gate sums Q16; logits Q15, base 2;
// probabilities Q24; c Q24; gradients inside the network Q24, clamped to +-64. Where
// gradients enter products they are block floating point: 13 bits and a sign under one
// exponent per vector in back-propagation through the weights, 13 to 15 bits (so that a
// segment's sum fits) under one exponent per column for the weights' own gradient.
#pragma once

#include "kernels/kernels.hpp"
#include "model/network/ngrams.hpp"
#include "model/network/tables.hpp"
#include "model/network/training_runner.hpp"
#include "model/parameters.hpp"

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

/// Called by train() with the gradient of each row of a tensor before the row is updated: row
/// index, mantissas, exponents of its columns; the gradient's value is mantissa 2^(exponent - 35).
using GradientSink =
    std::function<void(const std::string& tensor, int row, std::span<const std::int32_t> mantissa,
                       std::span<const std::int32_t> exponent, int offset)>;

class Network {
public:
    /// Throws std::invalid_argument for parameters out of range or width 0.
    explicit Network(const Parameters& parameters,
                     const kernels::Kernels& kernels = kernels::active());
    Network(const Network&) = default;            // waits until training is finished: see runner_
    Network& operator=(const Network&) = default; // likewise; the other has the same parameters
    ~Network() { runner_.finish(); }

    /// Probabilities of the next byte: 256 of Q24, each at least 4, with sum 2^24. The
    /// values stay until the next call of update().
    std::span<const std::uint32_t, 256> predict();

    /// Takes the actual byte; trains when it completes a segment.
    void update(std::uint8_t byte);

    /// With `delay`, segments are trained on this runner while the next one is predicted; if it is
    /// null, or without `delay`, update() trains them. No result depends on it. Training on the
    /// previous runner is finished first. The runner must outlive its use.
    void train_on(TrainingRunner* runner) { runner_.set(runner); }
    TrainingRunner* trained_on() const noexcept { return runner_.get(); }

    /// Bytes of memory in use.
    std::size_t memory() const noexcept;
    /// The same without constructing a network.
    static std::size_t memory_for(const Parameters& parameters);

    std::vector<TensorView> tensors();
    /// Must be called after writing through tensors().
    void refresh();
    void set_gradient_sink(GradientSink sink);

    int width() const noexcept { return width_; }
    int layers() const noexcept { return static_cast<int>(layers_.size()); }
    /// Output (Q11) and state (Q24) of a layer after the last byte that was predicted.
    std::span<std::int16_t> hidden(int layer) noexcept;
    std::span<std::int32_t> cell(int layer) noexcept;
    /// Go on as after so many segments, each of which contained every byte value; for tests of the
    /// decay in long frames.
    void set_segments(std::uint64_t n);

private:
    template <typename T> using Vector = lstm::Vector<T>;

    // state.cpp
    template <typename Visit> static void tables(const lstm::Shape& shape, Visit visit);
    // forward.cpp
    void forward();
    // training.cpp
    void end_segment();
    void train(lstm::Trace& trace);
    void prepare(lstm::Trace& trace);
    void run(const lstm::Task& task, int worker);
    void update_rows(const lstm::Task& task, int worker);
    void update_bias(lstm::Trained& trained, std::int32_t step, const std::string& name,
                     int worker);
    void update_input(lstm::Layer& layer, const std::string& name, int worker);
    void publish();
    kernels::UpdateRule rule(std::int32_t step, std::int32_t limit, std::uint64_t updates) const;
    // backward.cpp
    void backward(lstm::Trace& trace);

    // First, so that a copy begins by waiting until the other's training is finished.
    TrainingRunnerSlot runner_;

    Parameters parameters_;
    const kernels::Kernels* kernels_;
    int width_;
    int gate_rows_; // M
    int stride_;    // M padded
    int horizon_;
    int delta_bits_;         // of mantissas in the weights' gradient
    int step_ = 0;           // position in the segment
    bool predicted_ = false; // forward() ran for this position
    std::uint8_t last_ = 0;  // the previous byte

    std::vector<lstm::Layer> layers_;
    lstm::Trained output_;
    std::optional<Ngrams> ngrams_;
    std::array<lstm::Trace, 2> traces_; // the segment being predicted, and the one in training
    int current_ = 0;
    alignas(64) std::array<std::uint32_t, 256> p_{};
    Vector<std::int32_t> sums_; // scratch of the forward pass

    // Training; owned by the training thread while it runs.
    std::uint64_t segments_ = 0;          // number of segments whose training has begun
    std::uint64_t segments_of_tasks_ = 0; // before the one whose tasks these are
    int scale_ = 0;                       // gradients of this segment are 2^scale_ too large
    std::vector<std::uint8_t> trained_inputs_;
    Vector<std::int32_t> dh_; // (T, padded LH) gradient by h from the output, Q24
    Vector<std::int32_t> back_sums_;
    Vector<std::int16_t> narrow_;
    std::array<lstm::Worker, TrainingRunner::kWorkers> workers_;
    std::vector<lstm::Task> tasks_;
    GradientSink sink_;

    bool pending_ = false; // an update is computed (or being computed), not yet in effect
};

} // namespace weightless::model
