// What a predictor shows to an observer, bit by bit, while it works: enough to say what each byte
// cost and which inputs its prediction came from (cpp/explain). Observing changes no coded bit, and
// without an observer nothing of it is computed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weightless::model {

/// The largest number of mixers in a layer that can be shown.
inline constexpr std::size_t kMaxShownMixers = 48;

/// One layer of mixers for one bit: its inputs, Q10, and which weight set each mixer uses. Without
/// mixers the layer does not exist.
struct LayerView {
    std::span<const std::int16_t> inputs;
    std::span<const std::uint32_t> chosen; // for each mixer the number of its weight set
    const std::int32_t* sets = nullptr;    // all weight sets, one after the other
    std::size_t stride = 0;                // weights in a set

    std::size_t mixers() const noexcept { return chosen.size(); }
    /// The weights of the weight set that a mixer uses, Q28; there may be more than inputs.
    const std::int32_t* weights(std::size_t mixer) const noexcept {
        return sets + chosen[mixer] * stride;
    }
};

/// How mixing arrived at the prediction of one bit.
struct MixingView {
    LayerView first;
    /// Its inputs are the first layer's predictions less their mean, that mean, a constant, the
    /// stretched prediction of order 1 less the mean and, with a network, the network's less the
    /// mean. Without this layer the first layer's predictions are averaged.
    LayerView second;
    std::int32_t mixed = 0;   // the result before the APM stages, stretched, Q10
    std::int32_t order1 = 0;  // stretched, Q10
    std::int32_t network = 0; // likewise; 0 without a network
    bool has_network = false;
    int layout = 0; // which names the first layer's inputs have: ContextMixing::input_names()
};

/// The longest match at the start of a byte.
struct MatchView {
    std::uint64_t place = 0;  // where in the content the byte that it expects is
    std::uint32_t length = 0; // in bytes; 0: there is none
};

/// What is known before a byte.
struct ByteView {
    /// The network's probabilities of the byte values, Q24; empty without a network.
    std::span<const std::uint32_t> network;
    /// The outputs of the network's top layer, Q11.
    std::span<const std::int16_t> hidden;
    MatchView match;
    int layout = 0;
};

/// One bit, before the predictor is updated with it.
struct BitView {
    unsigned bit = 0;
    std::uint32_t p = 0;         // P(bit = 1), Q22
    std::uint32_t network_p = 0; // the network's, Q22; 0 without a network
    const MixingView* mixing = nullptr;
};

/// A value of the next byte and its probability: the product of eight probabilities of bits, Q22,
/// rounded down to Q30.
struct LikelyByte {
    std::uint8_t byte = 0;
    std::uint32_t p = 0;
};

class Observer {
public:
    virtual ~Observer() = default;

    /// Called before the first bit of each byte.
    virtual void begin_byte(const ByteView& view) = 0;
    virtual void bit(const BitView& view) = 0;
    /// The decision whether the byte is the one that a long match expects, p being the probability
    /// that it is, Q22. If it is, no bits follow.
    virtual void copy(bool hit, std::uint32_t p) = 0;
    /// The byte is skipped: it is stored as it is, and no bits follow.
    virtual void skip() = 0;
    /// Called after the last bit.
    virtual void end_byte(std::uint8_t byte) = 0;

    /// How many of the likeliest values of the next byte are wanted; it takes much longer than the
    /// byte itself. Called before begin_byte().
    virtual int wanted_values() = 0;
    virtual void likeliest(std::span<const LikelyByte> values) = 0;
    /// The same for how many bytes are wanted that the predictor would continue with.
    virtual int wanted_continuation() = 0;
    virtual void continuation(std::span<const std::uint8_t> bytes) = 0;
};

/// The names of a layout: the kind of data, and for each input of the first layer the offer that it
/// comes from ("Orders::Four"); empty: unused.
struct InputLayout {
    /// The names of inputs that also enter later layers.
    static constexpr const char* kOrderOne = "Orders::MapOfOne";
    static constexpr const char* kConstant = "Constant";
    static constexpr const char* kNetwork = "Network";

    std::string kind;
    std::vector<std::string> inputs;
};

} // namespace weightless::model
