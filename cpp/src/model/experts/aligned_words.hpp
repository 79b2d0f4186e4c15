// Aligned words of four bytes: their upper hexadecimal digits, the same byte of the previous words,
// and byte classes. For tables of numbers and other binary data.
#pragma once

#include "model/experts/byte_classes.hpp"
#include "model/experts/expert.hpp"

#include <cstdint>

namespace weightless::model {

struct AlignedWords {
    struct UpperDigits : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return place(bytes) | (back(bytes, 1) >> 4) << 2 | (back(bytes, 4) >> 4) << 6 |
                   (back(bytes, 8) >> 4) << 10;
        }
    };
    /// The same byte of the two previous words, extrapolated linearly.
    struct Extrapolated : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return place(bytes) | ((2 * back(bytes, 4) - back(bytes, 8)) & 255u) << 2;
        }
    };
    /// The known bytes of this word, and the first bytes of the two previous words.
    struct PartialWord : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            const std::uint32_t at = place(bytes);
            const std::uint32_t word = bytes.last4() & ((1u << (8 * at)) - 1);
            return hash(word, at, bytes.back(at + 4) | bytes.back(at + 8) << 8);
        }
    };
    struct Classes : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            std::uint32_t kinds = 0;
            for (unsigned n = 1; n <= 8; ++n) {
                kinds = kinds * 6 + kind(back(bytes, n));
            }
            return kinds;
        }
    };

    struct FourthLatest : Selector<256 * 8> {
        static int of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return static_cast<int>(back(bytes, 4) * 8) + partial.known;
        }
    };
    struct EighthLatest : Selector<256 * 8> {
        static int of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return static_cast<int>(back(bytes, 8) * 8) + partial.known;
        }
    };
    struct Place : Selector<1024> {
        static int of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return static_cast<int>(place(bytes) * 256 + partial.node);
        }
    };
    /// The upper bits of the same byte in the two words before.
    struct PreviousWords : Selector<2048> {
        static int of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return static_cast<int>((back(bytes, 4) >> 5) * 256 + (back(bytes, 8) >> 5) * 32 +
                                    place(bytes) * 8) +
                   partial.known;
        }
    };
    struct LatestAndFourth : Selector<2048> {
        static int of(const ByteHistory& bytes) noexcept {
            return upper_bits<kSize>(hash(back(bytes, 4) << 8 | back(bytes, 1), 1));
        }
    };
    struct LatestTwo : Selector<2048> {
        static int of(const ByteHistory& bytes) noexcept {
            return upper_bits<kSize>(hash(bytes.last4() & 0xffffu, 2));
        }
    };
    /// The classes of the last three bytes.
    struct ClassesOfThree : Selector<512> {
        static int of(const ByteHistory& bytes) noexcept {
            return static_cast<int>(byte_class(back(bytes, 1)) * 64 +
                                    byte_class(back(bytes, 2)) * 8 + byte_class(back(bytes, 3)));
        }
    };

private:
    /// The offset of the next byte in its word.
    static std::uint32_t place(const ByteHistory& bytes) noexcept { return bytes.position() & 3u; }
    static std::uint32_t back(const ByteHistory& bytes, unsigned n) noexcept {
        return static_cast<std::uint32_t>(bytes.last8() >> (8 * (n - 1)) & 255u);
    }
    static std::uint32_t kind(std::uint32_t byte) noexcept {
        return byte == 0 ? 0 : byte == 255 ? 1 : byte < 16 ? 2 : byte < 64 ? 3 : byte < 128 ? 4 : 5;
    }
};

} // namespace weightless::model
