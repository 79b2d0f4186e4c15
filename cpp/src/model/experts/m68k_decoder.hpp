// Computes the length of 68000 instructions. Any sequence of words is accepted.
//
// Source: the instruction formats of the M68000 family programmer's reference manual.
#pragma once

#include <cstdint>

namespace weightless::model {

class M68kDecoder {
public:
    /// The number of extension words after this first word of an instruction.
    static unsigned extension(std::uint32_t op) noexcept {
        const std::uint32_t mode = op >> 3 & 7u;
        const std::uint32_t size = op >> 6 & 3u;
        switch (op >> 12) {
        case 0x0:
            if ((op & 0x100u) != 0) {
                return mode == 1 ? 1 : of_address(op, false);
            }
            if ((op & 0xf00u) == 0x800u) {
                return 1 + of_address(op, false);
            }
            return (size == 2 ? 2 : 1) + of_address(op, false);
        case 0x1:
        case 0x2:
        case 0x3: {
            const std::uint32_t to = (op >> 9 & 7u) | (op >> 3 & 0x38u);
            const bool long_size = op >> 12 == 2;
            return of_address(op, long_size) + of_address(to, long_size);
        }
        case 0x4:
            if ((op & 0xfb80u) == 0x4880u && mode != 0) {
                return 1 + of_address(op, false); // a list of registers
            }
            if ((op & 0xfff8u) == 0x4e50u) {
                return 1;
            }
            return (op & 0xff80u) == 0x4e00u ? 0 : of_address(op, size == 2);
        case 0x5:
            return (op & 0xf8u) == 0xc8u ? 1 : of_address(op, false);
        case 0x6:
            return (op & 255u) == 0 ? 1 : ((op & 255u) == 255 ? 2 : 0);
        case 0x7:
        case 0xa:
        case 0xf:
            return 0;
        case 0xe:
            return size == 3 ? of_address(op, false) : 0;
        default:
            return of_address(op, size == 2 || (op & 0x1c0u) == 0x1c0u);
        }
    }

private:
    // The number of an operand's extension words. Its mode and register are the lower six bits.
    static unsigned of_address(std::uint32_t operand, bool long_size) noexcept {
        const std::uint32_t mode = operand >> 3 & 7u;
        if (mode < 7) {
            return mode >= 5 ? 1 : 0;
        }
        switch (operand & 7u) {
        case 0: // absolute short
        case 2: // relative to the program counter
        case 3:
            return 1;
        case 1: // absolute long
            return 2;
        case 4: // immediate
            return long_size ? 2 : 1;
        default:
            return 0;
        }
    }
};

} // namespace weightless::model
