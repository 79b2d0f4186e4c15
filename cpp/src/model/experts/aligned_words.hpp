// Words of four bytes at multiples of four: their high digits, the same byte of the words before,
// and kinds of bytes. For tables of numbers and other binaries.
#pragma once

#include "model/experts/byte_kinds.hpp"
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
    /// What the byte would be if differences went on.
    struct Straight : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return place(bytes) | ((2 * back(bytes, 4) - back(bytes, 8)) & 255u) << 2;
        }
    };
    /// This word so far, and how the two before began.
    struct SoFar : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            const std::uint32_t at = place(bytes);
            const std::uint32_t word = bytes.last4() & ((1u << (8 * at)) - 1);
            return hash(word, at, bytes.back(at + 4) | bytes.back(at + 8) << 8);
        }
    };
    struct Kinds : Contexts<1> {
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
    struct WordsBefore : Selector<2048> {
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
    /// The kinds of the last three bytes.
    struct KindsOfThree : Selector<512> {
        static int of(const ByteHistory& bytes) noexcept {
            return static_cast<int>(byte_kind(back(bytes, 1)) * 64 + byte_kind(back(bytes, 2)) * 8 +
                                    byte_kind(back(bytes, 3)));
        }
    };

private:
    /// In a word of four bytes.
    static std::uint32_t place(const ByteHistory& bytes) noexcept { return bytes.position() & 3u; }
    static std::uint32_t back(const ByteHistory& bytes, unsigned n) noexcept {
        return static_cast<std::uint32_t>(bytes.last8() >> (8 * (n - 1)) & 255u);
    }
    static std::uint32_t kind(std::uint32_t byte) noexcept {
        return byte == 0 ? 0 : byte == 255 ? 1 : byte < 16 ? 2 : byte < 64 ? 3 : byte < 128 ? 4 : 5;
    }
};

} // namespace weightless::model
