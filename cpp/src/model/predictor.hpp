// The predictor: what encoder and decoder keep in step.
#pragma once

#include "coder/binary_coder.hpp"
#include "model/parameters.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace weightless::model {

/// Placeholder until the network lands: an order-0 model of bits within a byte.
class Predictor {
public:
    explicit Predictor(const Parameters& parameters) : parameters_(parameters) {
        validate(parameters);
        node_.fill(coder::kProbabilityOne / 2);
    }

    /// P(next bit = 1), Q22, in [1, 2^22 - 1].
    std::uint32_t predict_bit() const noexcept { return node_[context_]; }

    /// Takes the bit that came.
    void update_bit(unsigned bit) noexcept {
        std::uint32_t& p = node_[context_];
        if (bit != 0) {
            p += (coder::kProbabilityOne - p) >> 5;
        } else {
            p -= p >> 5;
        }
        p = p < 64 ? 64 : (p > coder::kProbabilityOne - 64 ? coder::kProbabilityOne - 64 : p);
        context_ = 2 * context_ + bit;
        if (context_ >= 256) {
            context_ = 1;
        }
    }

    const Parameters& parameters() const noexcept { return parameters_; }

    /// Bytes of memory that the state takes.
    std::size_t memory() const noexcept { return sizeof *this; }

private:
    Parameters parameters_;
    std::array<std::uint32_t, 256> node_{};
    std::uint32_t context_ = 1;
};

} // namespace weightless::model
