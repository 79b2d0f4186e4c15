// Changes archives where their parts are, and puts the checks right, so that what is behind the
// checks is reached, too.
#pragma once

#include "support/archive.hpp"

namespace weightless::fuzz {

/// A changed archive of at most `size` bytes; not changed if all attempts became larger.
Bytes mutate(std::span<const std::uint8_t> archive, std::size_t size, std::uint64_t seed);

/// Some frames of one archive, and after them some of another.
Bytes cross(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, std::size_t size,
            std::uint64_t seed);

} // namespace weightless::fuzz
