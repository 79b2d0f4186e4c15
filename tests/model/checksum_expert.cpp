// An expert that offers an input of the mixer, a selector and an APM context, each of which is
// measured alone and all together. It predicts data in which every fourth byte is a checksum, the
// exclusive or of the three bytes before it; no context of the other experts can predict that.
//
// Reads data from the standard input and codes them by each recipe. Writes a line for each: the
// recipe's name, and the coded size. Fails if decoding does not give the data back.
#include "coder/binary_coder.hpp"
#include "fixed/logistic.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/predictor/context_mixing_of.hpp"
#include "model/recipes/generation0.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

namespace weightless::model {

template <bool input, bool selector, bool apm> class Checksum {
public:
    void update(const ByteHistory& bytes) noexcept {
        const std::uint32_t last = bytes.last4();
        expected_ = (last ^ last >> 8 ^ last >> 16) & 255u;
        offset_ = bytes.position() % 4;
    }
    /// Whether the checksum agrees with the known bits, and what it expects of the next one.
    void begin_bit(const PartialByte& partial) noexcept {
        const bool agrees = (expected_ | 256u) >> (8 - partial.known) == partial.node;
        const std::uint32_t bit = expected_ >> (7 - partial.known) & 1u;
        state_ = agrees ? 1 + 2 * offset_ + bit : 0;
    }
    void train(unsigned bit) noexcept { map_.update(state_, bit); }

    /// The prediction in this state, and the same in the linear domain.
    struct Prediction : Inputs<2> {
        static void of(const Checksum& checksum, std::int16_t* x) noexcept {
            const std::uint32_t p = checksum.map_.p(checksum.state_);
            x[0] = fixed::Logistic::get().stretch(p);
            x[1] = static_cast<std::int16_t>((static_cast<std::int32_t>(p) - (1 << 21)) >> 10);
        }
    };
    struct State : Selector<9> {
        static int of(const Checksum& checksum) noexcept {
            return static_cast<int>(checksum.state_);
        }
    };
    struct ApmState : ApmContext<9> {
        static std::uint32_t of(const Checksum& checksum) noexcept { return checksum.state_; }
    };

    struct Offers : NoOffers {
        using Inputs = If<input, List<Prediction>>;
        using FirstSelectors = If<selector, List<State>>;
        using ApmStages = If<apm, List<ApmState>>;
    };

private:
    std::uint32_t expected_ = 0;
    std::uint32_t offset_ = 0; // of the next byte in its group of four
    std::uint32_t state_ = 0;  // 0: the checksum is wrong already
    AdaptiveMap map_{9, 1023};
};

using Without = generation0::Experts1<false>;
template <bool input, bool selector, bool apm> struct With : Without {
    using Added = List<Checksum<input, selector, apm>>;
};

} // namespace weightless::model

namespace {

using namespace weightless;
using Bytes = std::vector<std::uint8_t>;
constexpr int kMemoryBits = 18;

template <class Recipe> Bytes encode(const Bytes& data) {
    Bytes payload;
    coder::Encoder encoder(payload);
    auto coded = [&](unsigned bit, std::uint32_t p) { encoder.encode(bit, p); };
    model::ContextMixingOf<Recipe> mixing({.memory_bits = kMemoryBits});
    for (std::size_t i = 0; i < data.size();) {
        i += mixing.pass(std::span(data).subspan(i), nullptr, model::BitSink(coded));
    }
    encoder.finish();
    return payload;
}

template <class Recipe> Bytes decode(const Bytes& payload, std::size_t size) {
    coder::Decoder decoder(payload.data(), payload.size());
    model::ContextMixingOf<Recipe> mixing({.memory_bits = kMemoryBits});
    Bytes data;
    while (data.size() < size) {
        unsigned symbol = 0;
        const unsigned shift = mixing.shift();
        for (int i = 0; i < 8; ++i) {
            const unsigned bit = decoder.decode(mixing.predict(0));
            mixing.update(bit);
            symbol = 2 * symbol + bit;
        }
        data.push_back(static_cast<std::uint8_t>(symbol - shift));
    }
    return data;
}

template <class Recipe> bool measure(const char* name, const Bytes& data) {
    const Bytes payload = encode<Recipe>(data);
    std::printf("%s %zu\n", name, payload.size());
    return decode<Recipe>(payload, data.size()) == data;
}

} // namespace

int main() {
    Bytes data;
    for (int c = std::getchar(); c != EOF; c = std::getchar()) {
        data.push_back(static_cast<std::uint8_t>(c));
    }
    const bool same = measure<model::Without>("without", data) &&
                      measure<model::With<true, false, false>>("input", data) &&
                      measure<model::With<false, true, false>>("selector", data) &&
                      measure<model::With<false, false, true>>("apm", data) &&
                      measure<model::With<true, true, true>>("all", data);
    return same ? 0 : 1;
}
