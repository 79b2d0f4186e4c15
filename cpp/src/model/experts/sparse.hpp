// Sparse contexts: some of the last bytes, with gaps or in part. For binaries.
#pragma once

#include "model/experts/expert.hpp"

#include <cstdint>

namespace weightless::model {

/// Bytes are named by how far back they are.
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
    /// The upper digits keep the classes of bytes: of opcodes, for instance.
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
