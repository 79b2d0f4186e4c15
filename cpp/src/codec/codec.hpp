// Predictor and coder over one block at a time. The model goes on from block to block;
// each block's payload stands alone as an arithmetic-coded stream.
#pragma once

#include "model/parameters.hpp"
#include "model/predictor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <vector>

namespace weightless::codec {

/// The payload is not one that the encoder writes in this state.
class CorruptPayload : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Called every kTickBytes with the bytes of the block done so far; may throw, which ends
/// the call and leaves the codec's state of no use.
using Tick = std::function<void(std::size_t)>;
inline constexpr std::size_t kTickBytes = 2048;

class Codec {
public:
    /// Bytes of state that a codec with these parameters will have. Builds none: archives say
    /// what they please.
    static std::size_t memory_for(const model::Parameters& parameters) {
        return model::Predictor::memory_for(parameters);
    }

    /// Throws std::invalid_argument for parameters out of range.
    explicit Codec(const model::Parameters& parameters) : predictor_(parameters) {}

    /// Codes a block; any bytes, any length.
    std::vector<std::uint8_t> encode(std::span<const std::uint8_t> data, const Tick& tick = {});

    /// The `raw_size` bytes of a block. Throws CorruptPayload as soon as more is read than
    /// the payload holds, so time and memory are bounded by its size and by raw_size.
    /// After a throw the state is of no use but for snapshots taken before.
    std::vector<std::uint8_t> decode(std::span<const std::uint8_t> payload, std::size_t raw_size,
                                     const Tick& tick = {});

    /// Updates the model with bytes that were stored, not coded.
    void absorb(std::span<const std::uint8_t> data, const Tick& tick = {});

    /// How many threads may work at once; no result depends on it.
    void set_threads(int threads) { predictor_.set_threads(threads); }

    const model::Parameters& parameters() const noexcept { return predictor_.parameters(); }
    std::size_t memory() const noexcept { return predictor_.memory(); }

private:
    model::Predictor predictor_;
};

} // namespace weightless::codec
