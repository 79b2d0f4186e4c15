// Hashes of contexts: multiplications and shifts of 32-bit words that wrap deliberately.
#pragma once

#include <cstdint>

namespace weightless::fixed {

/// Mixes v into h; every bit of the result depends on every bit of both.
constexpr std::uint32_t combine(std::uint32_t h, std::uint32_t v) noexcept {
    h = (h ^ (v * 0x9e3779b1u)) * 0x85ebca6bu;
    return h ^ (h >> 15);
}

} // namespace weightless::fixed
