// What the container's decoder makes of an archive, with limits on memory and time that a fuzzer
// can afford.
#pragma once

#include "container/decoder.hpp"
#include "support/input.hpp"

#include <string_view>

namespace weightless::fuzz {

/// Of the model, in bytes. A shrunk model with all experts has tables of about 190 MB, of which
/// it touches little.
inline constexpr std::uint64_t kMemoryLimit = 256u << 20;
/// In operations for each byte, of which level 9 takes 1,056,440.
inline constexpr std::uint64_t kCostLimit = 600'000;

struct Outcome {
    Bytes content;
    container::Error error;
    std::uint64_t offset = 0;
    bool stopped = false; // at a block that takes too long for a fuzzer

    bool sound() const { return !error && !stopped; }
};

/// Decodes an archive that is fed in pieces; `next_size` says how large the next one is.
template <class NextSize>
Outcome decode(std::span<const std::uint8_t> archive, NextSize next_size,
               std::uint64_t memory_limit = kMemoryLimit, std::uint64_t cost_limit = kCostLimit) {
    struct Stop {};
    Outcome outcome;
    container::Decoder decoder(memory_limit, [](std::size_t) { throw Stop(); }, cost_limit);
    const auto take = [&] {
        while (decoder.next()) {
            outcome.content.insert(outcome.content.end(), decoder.block().begin(),
                                   decoder.block().end());
        }
    };
    try {
        while (!archive.empty()) {
            const std::size_t size = std::min<std::size_t>(next_size(), archive.size());
            decoder.feed(archive.first(size));
            archive = archive.subspan(size);
            take();
        }
        decoder.finish();
        take();
    } catch (const Stop&) {
        outcome.stopped = true;
    }
    outcome.error = decoder.error();
    outcome.offset = decoder.offset();
    expect(outcome.content.size() == decoder.delivered(), "what was delivered was counted");
    return outcome;
}

/// Decodes an archive that is fed at once.
inline Outcome decode(std::span<const std::uint8_t> archive,
                      std::uint64_t memory_limit = kMemoryLimit,
                      std::uint64_t cost_limit = kCostLimit) {
    return decode(archive, [&] { return archive.size(); }, memory_limit, cost_limit);
}

/// Whether a kind of error is one that an archive can cause.
inline bool expected_kind(std::string_view kind) {
    for (const char* known : {container::kNotAnArchive, container::kUnsupported,
                              container::kCorrupt, container::kTruncated, container::kPrior,
                              container::kMemoryLimit, container::kCostLimit}) {
        if (kind == known) {
            return true;
        }
    }
    return false;
}

/// What holds for any archive.
inline void check(const Outcome& outcome, std::size_t archive_size) {
    expect(outcome.offset <= archive_size, "no more was decoded than was fed");
    if (outcome.error) {
        expect(expected_kind(outcome.error.kind), "the kind of an error is one of a reader's");
        expect(!outcome.error.message.empty(), "an error has a message");
    } else if (!outcome.stopped) {
        expect(outcome.offset == archive_size, "a sound archive was decoded to its end");
    }
}

} // namespace weightless::fuzz
