// The predictor: what encoder and decoder keep in step.
#pragma once

#include "model/network/network_walk.hpp"
#include "model/parameters.hpp"
#include "model/predictor/mixer.hpp"
#include "model/threads/training_thread.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace weightless::model {

/// The network alone (experts 0), the mixer alone (width 0), or the network as one expert of
/// the mixer's.
class Predictor {
public:
    /// Throws std::invalid_argument for parameters out of range.
    explicit Predictor(const Parameters& parameters) : parameters_(parameters) {
        validate(parameters);
        if (parameters.width != 0) {
            network_.emplace(parameters);
        }
        if (parameters.experts != 0) {
            mixer_ = mixer_kind(parameters).make(parameters.memory_bits);
        }
    }
    Predictor(const Predictor& other)
        : parameters_(other.parameters_), network_(other.network_),
          mixer_(other.mixer_ ? other.mixer_->copy() : nullptr) {}
    Predictor& operator=(const Predictor&) = delete;

    /// What is predicted is not the next byte itself but a symbol that stands for it, so that
    /// like things look alike (x86_code.hpp); which one depends on the bytes before.
    std::uint8_t symbol_of(std::uint8_t byte) const noexcept {
        return static_cast<std::uint8_t>(byte + (mixer_ ? mixer_->shift() : 0));
    }
    std::uint8_t byte_of(std::uint8_t symbol) const noexcept {
        return static_cast<std::uint8_t>(symbol - (mixer_ ? mixer_->shift() : 0));
    }

    /// P(next bit of the symbol = 1), Q22, in [1, 2^22 - 1]; once for each bit.
    std::uint32_t predict_bit() {
        const std::uint32_t p = network_ ? network_->predict() : 0;
        return mixer_ ? mixer_->predict(p) : p;
    }

    /// Takes the bit that came.
    void update_bit(unsigned bit) {
        if (mixer_) {
            mixer_->update(bit);
        }
        if (network_) {
            network_->update(bit);
        }
    }

    /// Takes bytes that are all known. Calls coded(bit, p) for each bit of their symbols in turn,
    /// from this thread, with what predict_bit() would say; what it throws ends the call.
    template <typename Coded> void pass(std::span<const std::uint8_t> data, Coded coded) {
        NetworkWalk* const network = network_ ? &*network_ : nullptr;
        if (!mixer_) {
            for (const std::uint8_t byte : data) {
                for (int i = 7; i >= 0; --i) {
                    const unsigned bit = (byte >> i) & 1u;
                    coded(bit, network->predict());
                    network->update(bit);
                }
            }
            return;
        }
        const BitSink sink(coded);
        const bool done =
            threads_ > 1 && data.size() >= kLeastAhead && mixer_->pass_ahead(data, network, sink);
        if (!done) {
            mixer_->pass(data, network, sink);
        }
    }

    /// How many threads may work at once; no result depends on it. Throws std::system_error if
    /// the system gives none.
    void set_threads(int threads) {
        threads_ = threads;
        const bool beside = network_ && parameters_.delay != 0 && threads > 1;
        if (beside == (training_ != nullptr)) {
            return;
        }
        network_->network().train_on(nullptr);
        training_ = nullptr;
        if (beside) {
            training_ = std::make_unique<TrainingThread>();
            network_->network().train_on(&training_->work());
        }
    }

    const Parameters& parameters() const noexcept { return parameters_; }

    /// Bytes of memory that the state takes.
    std::size_t memory() const noexcept {
        return sizeof *this + (network_ ? network_->memory() : 0) + (mixer_ ? mixer_->memory() : 0);
    }

    /// The same from the parameters alone: nothing is built. Throws std::invalid_argument for
    /// parameters out of range.
    static std::size_t memory_for(const Parameters& p) {
        validate(p);
        return sizeof(Predictor) + (p.width != 0 ? NetworkWalk::memory_for(p) : 0) +
               (p.experts != 0 ? mixer_kind(p).memory_for(p.memory_bits) : 0);
    }

private:
    /// Less than this many bytes are not worth a thread.
    static constexpr std::size_t kLeastAhead = 256;

    Parameters parameters_;
    std::unique_ptr<TrainingThread> training_; // outlives the network, which it trains
    std::optional<NetworkWalk> network_;
    std::unique_ptr<Mixer> mixer_;
    int threads_ = 1;
};

} // namespace weightless::model
