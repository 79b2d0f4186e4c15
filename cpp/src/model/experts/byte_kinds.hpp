// Kinds of bytes: which are letters of words, and small classes that make small contexts.
#pragma once

#include <cstdint>

namespace weightless::model {

/// Letters of ASCII in lower case.
constexpr std::uint8_t lower_case(std::uint8_t byte) noexcept {
    return static_cast<std::uint8_t>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
}

/// Part of a word: a letter, or a byte of a longer character.
constexpr bool is_letter(std::uint8_t byte) noexcept {
    const std::uint8_t lower = lower_case(byte);
    return (lower >= 'a' && lower <= 'z') || byte >= 128;
}

/// 0: lower case, 1: upper case, 2: digits, 3: others.
constexpr std::uint32_t letter_kind(std::uint8_t byte) noexcept {
    return byte >= 'a' && byte <= 'z'   ? 0
           : byte >= 'A' && byte <= 'Z' ? 1
           : byte >= '0' && byte <= '9' ? 2
                                        : 3;
}

/// Of eight kinds of bytes, so that a pair of them makes a small context.
constexpr unsigned byte_kind(std::uint32_t byte) noexcept {
    if (const std::uint32_t letter = letter_kind(static_cast<std::uint8_t>(byte)); letter < 3) {
        return letter;
    }
    if (byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r') {
        return 3;
    }
    if (byte == 0 || byte == 255) {
        return 4;
    }
    if (byte < 32) {
        return 5;
    }
    return byte < 128 ? 6 : 7;
}

} // namespace weightless::model
