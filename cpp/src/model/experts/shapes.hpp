// Shapes: the classes of the last bytes (lower case, digit, space, bracket, …) without the bytes
// themselves. For text, markup, logs and source text.
//
// Source: the idea is that of the format masks of paq8px's text model.
#pragma once

#include "model/experts/byte_classes.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/words.hpp"

#include <cstdint>

namespace weightless::model {

class Shapes {
public:
    void update(const ByteHistory& bytes) noexcept {
        const std::uint8_t byte = bytes.back(1);
        const std::uint32_t byte_class = class_of(byte);
        // Runs of letters of one case and runs of digits are collapsed.
        if (byte_class > 2 || byte_class != (collapsed_ & 15u)) {
            collapsed_ = collapsed_ << 4 | byte_class;
        }
        last_ = last_ << 4 | byte_class;
    }

    struct CollapsedClasses : Contexts<1> {
        static std::uint32_t of(const Shapes& shapes, const ByteHistory& bytes) noexcept {
            return hash(shapes.collapsed_, bytes.last4() & 0xffu);
        }
    };
    struct Classes : Contexts<1> {
        static std::uint32_t of(const Shapes& shapes, const ByteHistory& bytes) noexcept {
            return hash(shapes.last_, bytes.last4() & 0xffffu);
        }
    };
    struct CollapsedClassesAndWord : Contexts<1> {
        static std::uint32_t of(const Shapes& shapes, const Words& words) noexcept {
            return hash(shapes.collapsed_, words.current());
        }
    };
    struct ClassesAndWord : Contexts<1> {
        static std::uint32_t of(const Shapes& shapes, const Words& words) noexcept {
            return hash(shapes.last_, words.current());
        }
    };
    /// The last eight bytes, with all digits treated as equal.
    struct DigitsMasked : Contexts<1> {
        static std::uint32_t of(const Shapes&, const ByteHistory& bytes) noexcept {
            std::uint32_t eight = 0;
            for (std::uint64_t last = bytes.last8(), i = 0; i < 8; ++i, last >>= 8) {
                const auto byte = static_cast<std::uint32_t>(last & 255u);
                eight = fixed::combine(eight, byte >= '0' && byte <= '9' ? '0' : byte);
            }
            return eight;
        }
    };

    // Selectors: the classes of the last three or two bytes.
    struct Three : Selector<4096> {
        static int of(const Shapes& shapes) noexcept { return static_cast<int>(shapes.three()); }
    };
    struct Two : Selector<256 * 8> {
        static int of(const Shapes& shapes, const PartialByte& partial) noexcept {
            return static_cast<int>((shapes.last_ & 255u) * 8) + partial.known;
        }
    };
    struct ThreeAndBits : Selector<2048> {
        static int of(const Shapes& shapes, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(hash(shapes.three(), partial.node));
        }
    };

    struct ApmThree : ApmContext<65536> {
        static std::uint32_t of(const Shapes& shapes, const PartialByte& partial) noexcept {
            return hash(shapes.three(), 5, partial.node) >> 16;
        }
    };

private:
    std::uint32_t three() const noexcept { return last_ & 0xfffu; }

    static std::uint32_t class_of(std::uint8_t byte) noexcept {
        if (const std::uint32_t letter = letter_class(byte); letter < 3) {
            return letter;
        }
        switch (byte) {
        case ' ':
            return 3;
        case '\n':
            return 4;
        case '.':
        case ',':
            return 5;
        case '<':
        case '>':
            return 6;
        case '[':
        case ']':
            return 7;
        case '\'':
        case '"':
            return 8;
        case '=':
        case ':':
            return 9;
        default:
            return byte >= 128 ? 10 : (byte < 32 ? 11 : 12);
        }
    }

    std::uint32_t last_ = 0;      // classes of the last eight bytes, the latest lowest
    std::uint32_t collapsed_ = 0; // the same with runs collapsed
};

} // namespace weightless::model
