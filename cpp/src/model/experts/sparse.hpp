// Sparse contexts: some of the last bytes, or parts of them. For binary data.
#pragma once

#include "model/experts/expert.hpp"

#include <cstdint>

namespace weightless::model {

/// Bytes are named by their distance: First is the latest byte.
struct Sparse {
    struct SecondThird : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return bytes.last4() & 0x00ffff00u;
        }
    };
    struct SecondFourth : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return bytes.last4() & 0xff00ff00u;
        }
    };
    struct FirstThird : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return bytes.last4() & 0x00ff00ffu;
        }
    };
    struct ThirdFourth : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return bytes.last4() & 0xffff0000u;
        }
    };
    /// Upper hexadecimal digits often are a class of bytes, for instance of opcodes.
    struct UpperDigitsOfThree : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return hash(bytes.last4() & 0x00f0f0ffu, 0);
        }
    };
    struct UpperDigitsOfSix : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return hash(bytes.last4() & 0xf0f0f0f0u, bytes.before4() & 0xf0f0u);
        }
    };
    struct FirstFifth : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return hash(bytes.last4() & 0xffu, bytes.before4() & 0xffu) + 1;
        }
    };
    struct FourthFifth : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return hash(bytes.before4() & 0xffu, bytes.last4() & 0xff000000u);
        }
    };
};

} // namespace weightless::model
