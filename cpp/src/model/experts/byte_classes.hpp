// Byte classes: which bytes are letters of words, and coarser classes for small contexts.
#pragma once

#include <cstdint>

namespace weightless::model {

/// Folds the case of ASCII letters.
constexpr std::uint8_t lower_case(std::uint8_t byte) noexcept {
    return static_cast<std::uint8_t>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
}

/// Part of a word: an ASCII letter, or a byte of a multi-byte character.
constexpr bool is_letter(std::uint8_t byte) noexcept {
    const std::uint8_t lower = lower_case(byte);
    return (lower >= 'a' && lower <= 'z') || byte >= 128;
}

/// A control character that is rare in text: not one of white space.
constexpr bool is_control(std::uint8_t byte) noexcept {
    return byte < 32 && (byte < 9 || byte > 13);
}

/// 0: lower case, 1: upper case, 2: digits, 3: others.
constexpr std::uint32_t letter_class(std::uint8_t byte) noexcept {
    return byte >= 'a' && byte <= 'z'   ? 0
           : byte >= 'A' && byte <= 'Z' ? 1
           : byte >= '0' && byte <= '9' ? 2
                                        : 3;
}

/// One of eight classes, so that a pair of them makes a small context.
constexpr unsigned byte_class(std::uint32_t byte) noexcept {
    if (const std::uint32_t letter = letter_class(static_cast<std::uint8_t>(byte)); letter < 3) {
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
