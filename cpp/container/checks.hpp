// The check of each block, which also covers all of the frame before it.
#pragma once

#include "container/xxh3.hpp"

#include <cstdint>
#include <span>

namespace weightless::container {

class Chain {
public:
    explicit Chain(std::span<const std::uint8_t> frame_header) : state_(xxh3(frame_header)) {}

    /// The check of the next block, of which 32 bits are written.
    std::uint32_t next(std::span<const std::uint8_t> header, std::span<const std::uint8_t> payload,
                       std::span<const std::uint8_t> raw) {
        Xxh3 coded(state_);
        coded.update(header);
        coded.update(payload);
        state_ = xxh3(raw, coded.digest());
        return static_cast<std::uint32_t>(state_);
    }

private:
    std::uint64_t state_;
};

} // namespace weightless::container
