// The predictor: what encoder and decoder keep in step.
#pragma once

#include "model/byte_walk.hpp"
#include "model/network.hpp"
#include "model/parameters.hpp"

#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Predictor {
public:
    /// Throws std::invalid_argument for parameters out of range.
    explicit Predictor(const Parameters& parameters)
        : parameters_(parameters), network_(parameters) {
        begin_byte();
    }
    Predictor(const Predictor& other)
        : parameters_(other.parameters_), network_(other.network_), walk_(other.walk_) {
        walk_.rebase(network_.predict());
    }
    Predictor& operator=(const Predictor&) = delete;

    /// P(next bit = 1), Q22, in [1, 2^22 - 1].
    std::uint32_t predict_bit() const noexcept { return walk_.predict(); }

    /// Takes the bit that came.
    void update_bit(unsigned bit) {
        if (walk_.update(bit)) {
            network_.update(walk_.byte());
            begin_byte();
        }
    }

    /// How many threads may work at once; no result depends on it.
    void set_threads(int threads) { network_.set_threads(threads); }

    const Parameters& parameters() const noexcept { return parameters_; }

    /// Bytes of memory that the state takes.
    std::size_t memory() const noexcept { return sizeof *this + network_.memory(); }

private:
    void begin_byte() { walk_.begin(network_.predict()); }

    Parameters parameters_;
    Network network_;
    ByteWalk walk_;
};

} // namespace weightless::model
