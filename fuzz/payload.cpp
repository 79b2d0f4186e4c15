// Any payloads for models in any state: the right number of bytes, or the error for a payload that
// no encoder makes, and the same on another instruction set.
#include "codec/codec.hpp"
#include "kernels/kernels.hpp"
#include "support/shrunk.hpp"

#include <optional>

namespace {

using namespace weightless;
using namespace weightless::fuzz;

constexpr std::uint32_t kMostRaw = 600;

std::optional<Bytes> decode(codec::Codec& codec, std::span<const std::uint8_t> payload,
                            std::size_t raw_size) {
    try {
        return codec.decode(Bytes(payload.begin(), payload.end()), raw_size);
    } catch (const codec::CorruptPayload&) {
        return std::nullopt;
    }
}

// What the payloads decode to, up to the first one that is corrupt.
std::vector<Bytes> run(const model::Parameters& p, Input input, int threads) {
    codec::Codec codec(p, true);
    codec.set_threads(threads);
    std::vector<Bytes> decoded;
    std::uint32_t total = 0;
    while (input.left() > 0 && total < kMostRaw) {
        const unsigned kind = input.byte();
        const auto piece = input.bytes(kind >> 2);
        total += static_cast<std::uint32_t>(piece.size());
        if (kind % 4 == 0) {
            codec.absorb(piece);
        } else if (kind % 4 == 1) {
            codec.skip(piece);
        } else {
            const std::uint32_t raw_size = input.number(2) % kMostRaw;
            total += raw_size;
            const std::optional<Bytes> raw = decode(codec, piece, raw_size);
            if (!raw) {
                break;
            }
            expect(raw->size() == raw_size, "as many bytes as were asked for");
            decoded.push_back(*raw);
        }
    }
    return decoded;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const kernels::Kernels& best = kernels::active();
    Input input(data, size);
    const model::Parameters p = shrunk(1 + input.byte() % container::kSets);
    const unsigned options = input.byte();
    const std::vector<Bytes> decoded = run(p, input, options % 8 == 1 ? 2 : 1);
    if (options >= 0xe0) {
        kernels::use(*kernels::find("scalar"));
        const bool same = run(p, input, 1) == decoded;
        kernels::use(best);
        expect(same, "the scalar target decodes the same");
    }
    return 0;
}
