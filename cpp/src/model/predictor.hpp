// The predictor: what encoder and decoder keep in step.
#pragma once

#include "model/byte_walk.hpp"
#include "model/mixing/context_mixer.hpp"
#include "model/network.hpp"
#include "model/parameters.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

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
            begin_byte();
        }
        if (parameters.experts != 0) {
            mixer_.emplace(parameters, parameters.width != 0);
        }
        predict();
    }
    Predictor(const Predictor& other)
        : parameters_(other.parameters_), network_(other.network_), mixer_(other.mixer_),
          walk_(other.walk_), p_(other.p_) {
        if (network_) {
            walk_.rebase(network_->predict());
        }
        if (mixer_) {
            mixer_->rebase(*other.mixer_);
        }
    }
    Predictor& operator=(const Predictor&) = delete;

    /// What is predicted is not the next byte itself but a symbol that stands for it, so that
    /// like things look alike (x86_code.hpp); which one depends on the bytes before.
    std::uint8_t symbol_of(std::uint8_t byte) const noexcept {
        return static_cast<std::uint8_t>(byte + (mixer_ ? mixer_->shift() : 0));
    }
    std::uint8_t byte_of(std::uint8_t symbol) const noexcept {
        return static_cast<std::uint8_t>(symbol - (mixer_ ? mixer_->shift() : 0));
    }

    /// P(next bit of the symbol = 1), Q22, in [1, 2^22 - 1].
    std::uint32_t predict_bit() const noexcept { return p_; }

    /// Takes the bit that came.
    void update_bit(unsigned bit) {
        if (mixer_) {
            mixer_->update(bit);
        }
        if (network_ && walk_.update(bit)) {
            network_->update(walk_.byte());
            begin_byte();
        }
        predict();
    }

    /// How many threads may work at once; no result depends on it.
    void set_threads(int threads) {
        if (network_) {
            network_->set_threads(threads);
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
        return sizeof(Predictor) + (p.width != 0 ? Network::memory_for(p) : 0) +
               (p.experts != 0 ? ContextMixer::memory_for(p, p.width != 0) : 0);
    }

private:
    void begin_byte() { walk_.begin(network_->predict()); }
    void predict() {
        const std::uint32_t p = network_ ? walk_.predict() : 0;
        p_ = mixer_ ? mixer_->predict(p) : p;
    }

    Parameters parameters_;
    std::optional<Network> network_;
    std::optional<ContextMixer> mixer_;
    ByteWalk walk_;
    std::uint32_t p_ = 0; // of the next bit
};

} // namespace weightless::model
