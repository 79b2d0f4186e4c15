// Encodes content that comes in pieces as an archive of one frame, byte for byte as the command
// does by default (python/weightless/frames/encoder.py).
#pragma once

#include "codec/codec.hpp"
#include "container/checks.hpp"
#include "container/cursor.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace weightless::container {

class Encoder {
public:
    explicit Encoder(int level, codec::Tick tick = {});

    void feed(std::span<const std::uint8_t> data) {
        pending_.insert(pending_.end(), data.begin(), data.end());
    }
    /// The content ends here.
    void finish() { finished_ = true; }

    /// Encodes the next block. Returns false if there is none yet, and at the end.
    bool next();
    /// The part of the archive that it has become.
    const Bytes& output() const noexcept { return output_; }
    /// How many bytes of content have been encoded after `done` bytes of the block.
    std::uint64_t position(std::size_t done) const noexcept { return encoded_ + done; }

private:
    static constexpr std::size_t kBlock = std::size_t{1} << 18;

    void encode(std::span<const std::uint8_t> raw, bool last);
    bool skips(std::span<const std::uint8_t> raw, bool last);
    codec::Codec& model();

    int level_;
    codec::Tick tick_;
    Bytes pending_;
    bool finished_ = false;
    bool ended_ = false;
    Bytes header_;
    Chain chain_;
    Xxh3 content_;
    std::uint64_t encoded_ = 0; // bytes of content
    int blocks_ = 0;            // up to 2
    std::int64_t skipping_ = 0; // bytes that may be skipped after a failed attempt
    std::unique_ptr<codec::Codec> codec_;
    Bytes output_;
};

} // namespace weightless::container
