// Predictor and coder over one block at a time. The model goes on from block to block;
// each block's payload stands alone as an arithmetic-coded stream.
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "fixed/recycling.hpp"
#include "model/parameters.hpp"
#include "model/predictor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
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

/// Up to so many bytes, few places of the largest tables are touched.
inline constexpr std::size_t kBrief = 64;

class Codec {
public:
    /// Bytes of state that a codec with these parameters will have. Builds none: archives say
    /// what they please.
    static std::size_t memory_for(const model::Parameters& parameters) {
        return model::Predictor::memory_for(parameters);
    }

    /// brief: less than kBrief bytes will be coded, or so; else it is only slower. Throws
    /// std::invalid_argument for parameters out of range.
    explicit Codec(const model::Parameters& parameters, bool brief = false) {
        build(parameters, brief);
    }

    /// Goes back to the initial state, in the same memory: cheaper than another codec. After a
    /// throw (std::bad_alloc) there is no state any more: every other call throws.
    void reset(bool brief = false) {
        const model::Parameters parameters = predictor().parameters();
        const fixed::Recycling recycling;
        predictor_.reset();
        build(parameters, brief);
    }

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
    void set_threads(int threads) { predictor().set_threads(threads); }

    const model::Parameters& parameters() const { return predictor().parameters(); }
    std::size_t memory() const { return predictor().memory(); }

private:
    void build(const model::Parameters& parameters, bool brief) {
        const fixed::BriefUse use(brief);
        predictor_.emplace(parameters);
    }

    model::Predictor& predictor() {
        if (!predictor_) {
            throw std::logic_error("the codec has lost its state: there was no memory for it");
        }
        return *predictor_;
    }
    const model::Predictor& predictor() const { return const_cast<Codec&>(*this).predictor(); }

    std::optional<model::Predictor> predictor_;
};

} // namespace weightless::codec
