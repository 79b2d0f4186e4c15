// Content of any kind, cut into blocks of all kinds, comes back with any parameters, from copies
// and snapshots of models, and with threads; and the model takes no more memory than was said.
#include "codec/codec.hpp"
#include "support/shrunk.hpp"

#include <algorithm>
#include <memory>

namespace {

using namespace weightless;
using namespace weightless::fuzz;

constexpr std::size_t kMost = 1500;

// The bytes that are left, or, for long matches, some of them many times.
Bytes make_content(Input& input) {
    const std::uint32_t repeat = input.byte();
    const auto given = input.bytes(kMost);
    Bytes content(given.begin(), given.end());
    if (repeat < 64 && !content.empty()) {
        const std::size_t period = std::min<std::size_t>(content.size(), 1 + repeat);
        while (content.size() < kMost) {
            content.push_back(content[content.size() - period]);
        }
    }
    return content;
}

std::unique_ptr<codec::Codec> another(std::unique_ptr<codec::Codec> codec, unsigned way) {
    switch (way) { // copying takes time in proportion to the memory
    case 1:
        return std::make_unique<codec::Codec>(*codec);
    case 2: {
        auto next = std::make_unique<codec::Codec>(codec->freeze());
        const Bytes unrelated(10, 'x');
        next->encode(unrelated);
        next->revert();
        return next;
    }
    default:
        return codec;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const model::Parameters p = draw_small(input);
    const unsigned options = input.byte();
    Input plan(data + size - input.left(), std::min<std::size_t>(input.left(), 12));
    input.bytes(12);
    const Bytes content = make_content(input);

    auto encoder = std::make_unique<codec::Codec>(p, options % 2 != 0);
    auto decoder = std::make_unique<codec::Codec>(p);
    encoder->set_threads(options / 2 % 4 == 0 ? 2 : 1);
    decoder->set_threads(options / 8 % 4 == 0 ? 2 : 1);
    std::span<const std::uint8_t> rest(content);
    while (!rest.empty()) {
        const unsigned kind = plan.byte();
        const auto raw = rest.first(std::min<std::size_t>(rest.size(), 1 + plan.number(2) % kMost));
        rest = rest.subspan(raw.size());
        if (kind % 8 == 0 && plan.left() > 0) {
            encoder->skip(raw);
            decoder->skip(raw);
        } else if (kind % 8 == 1) {
            encoder->absorb(raw);
            decoder->absorb(raw);
        } else {
            const Bytes payload = encoder->encode(raw);
            const Bytes back = decoder->decode(payload, raw.size());
            expect(std::equal(back.begin(), back.end(), raw.begin(), raw.end()),
                   "content comes back");
        }
        encoder = another(std::move(encoder), kind / 8);
        decoder = another(std::move(decoder), plan.left() == 0 ? 0 : plan.byte());
    }
    expect(encoder->memory() <= codec::Codec::memory_for(p, content.size()),
           "the memory in use was said");
    return 0;
}
