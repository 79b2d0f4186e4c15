// The network as a predictor of bits.
#pragma once

#include "model/network/byte_walk.hpp"
#include "model/network/network.hpp"
#include "model/parameters.hpp"

#include <cstddef>
#include <cstdint>

namespace weightless::model {

class NetworkWalk {
public:
    /// Throws std::invalid_argument for parameters out of range or width 0.
    explicit NetworkWalk(const Parameters& parameters) : network_(parameters) {
        walk_.begin(network_.predict());
    }
    NetworkWalk(const NetworkWalk& other) : network_(other.network_), walk_(other.walk_) {
        walk_.rebase(network_.predict());
    }
    /// The other one has the same parameters.
    NetworkWalk& operator=(const NetworkWalk& other) {
        network_ = other.network_;
        walk_ = other.walk_;
        walk_.rebase(network_.predict());
        return *this;
    }

    /// P(next bit = 1), Q22, in [1, 2^22 - 1].
    std::uint32_t predict() const noexcept { return walk_.predict(); }
    /// Takes the actual bit.
    void update(unsigned bit) {
        if (walk_.update(bit)) {
            network_.update(walk_.byte());
            walk_.begin(network_.predict());
        }
    }

    Network& network() noexcept { return network_; }
    std::size_t memory() const noexcept { return network_.memory() + sizeof walk_; }
    static std::size_t memory_for(const Parameters& parameters) {
        return Network::memory_for(parameters) + sizeof(ByteWalk);
    }

private:
    Network network_;
    ByteWalk walk_;
};

} // namespace weightless::model
