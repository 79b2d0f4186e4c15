// Decodes instructions of RISC-V, of 16 and 32 bits: the form of an instruction, which is the word
// without its registers and constants, its kind, the registers that it reads and writes, and
// relative targets. Any bits are accepted.
//
// Source: the instruction listings of the RISC-V Instruction Set Manual, volume I.
#pragma once

#include <cstdint>

namespace weightless::model {

class RiscvDecoder {
public:
    /// Four bits; 0 stands for words that are no common instruction.
    enum class Kind : std::uint8_t {
        unknown,
        branch, // conditional
        jump,
        call,
        leave, // jumps to a register
        page,  // AUIPC
        add,   // of a constant
        move,
        constant,
        load,
        store,
        arithmetic,
        word_add, // ADDIW
        stack,    // loads and stores at the stack pointer
        floating,
        system,
    };
    /// Where the relative target is, if there is one.
    enum class Target : std::uint8_t { none, jump, branch, short_jump, short_branch, page };

    static unsigned size(std::uint32_t first) noexcept { return (first & 3u) == 3 ? 4 : 2; }

    explicit RiscvDecoder(std::uint32_t word) noexcept : word_(word) {
        if (size(word) == 4) {
            wide();
        } else {
            compressed();
        }
    }

    Kind kind() const noexcept { return kind_; }
    Target target() const noexcept { return target_; }
    std::uint32_t form() const noexcept { return word_ & mask_; }
    /// Registers; 0 if there is none.
    std::uint32_t d() const noexcept { return d_; }
    std::uint32_t s1() const noexcept { return s1_; }
    std::uint32_t s2() const noexcept { return s2_; }

    /// The bits that a target takes.
    static std::uint32_t target_mask(Target target) noexcept {
        switch (target) {
        case Target::jump:
        case Target::page:
            return 0xfffff000u;
        case Target::branch:
            return 0xfe000f80u;
        case Target::short_jump:
            return 0x1ffcu;
        case Target::short_branch:
            return 0x1c7cu;
        case Target::none:
            break;
        }
        return 0;
    }
    /// The distance to the target of an instruction.
    static std::uint32_t distance(Target target, std::uint32_t w) noexcept {
        switch (target) {
        case Target::jump:
            return sign(bits(w, 31, 1, 20) | bits(w, 21, 10, 1) | bits(w, 20, 1, 11) |
                            bits(w, 12, 8, 12),
                        21);
        case Target::branch:
            return sign(
                bits(w, 31, 1, 12) | bits(w, 25, 6, 5) | bits(w, 8, 4, 1) | bits(w, 7, 1, 11), 13);
        case Target::short_jump:
            return sign(bits(w, 12, 1, 11) | bits(w, 11, 1, 4) | bits(w, 9, 2, 8) |
                            bits(w, 8, 1, 10) | bits(w, 7, 1, 6) | bits(w, 6, 1, 7) |
                            bits(w, 3, 3, 1) | bits(w, 2, 1, 5),
                        12);
        case Target::short_branch:
            return sign(bits(w, 12, 1, 8) | bits(w, 10, 2, 3) | bits(w, 5, 2, 6) |
                            bits(w, 3, 2, 1) | bits(w, 2, 1, 5),
                        9);
        case Target::page:
            return w & 0xfffff000u;
        case Target::none:
            break;
        }
        return 0;
    }
    /// The bits for a distance.
    static std::uint32_t encoded(Target target, std::uint32_t d) noexcept {
        switch (target) {
        case Target::jump:
            return bits(d, 20, 1, 31) | bits(d, 1, 10, 21) | bits(d, 11, 1, 20) |
                   bits(d, 12, 8, 12);
        case Target::branch:
            return bits(d, 12, 1, 31) | bits(d, 5, 6, 25) | bits(d, 1, 4, 8) | bits(d, 11, 1, 7);
        case Target::short_jump:
            return bits(d, 11, 1, 12) | bits(d, 4, 1, 11) | bits(d, 8, 2, 9) | bits(d, 10, 1, 8) |
                   bits(d, 6, 1, 7) | bits(d, 7, 1, 6) | bits(d, 1, 3, 3) | bits(d, 5, 1, 2);
        case Target::short_branch:
            return bits(d, 8, 1, 12) | bits(d, 3, 2, 10) | bits(d, 6, 2, 5) | bits(d, 1, 2, 3) |
                   bits(d, 5, 1, 2);
        case Target::page:
            return (d + 0x800u) & 0xfffff000u;
        case Target::none:
            break;
        }
        return 0;
    }
    /// The constant of loads, ADDI and JALR.
    static std::uint32_t constant(std::uint32_t w) noexcept { return sign(w >> 20, 12); }
    /// Whether an instruction has such a constant.
    static bool has_constant(std::uint32_t w) noexcept {
        const std::uint32_t opcode = w & 0x7fu;
        return opcode == 0x03 || opcode == 0x07 || opcode == 0x67 || (w & 0x707fu) == 0x13;
    }

private:
    static std::uint32_t bits(std::uint32_t w, unsigned from, unsigned n, unsigned to) noexcept {
        return (w >> from & ((1u << n) - 1)) << to;
    }
    static std::uint32_t sign(std::uint32_t v, unsigned n) noexcept {
        const std::uint32_t top = 1u << (n - 1);
        return (v ^ top) - top;
    }

    void set(Kind kind, std::uint32_t mask) noexcept {
        kind_ = kind;
        mask_ = mask;
    }

    void wide() noexcept {
        d_ = word_ >> 7 & 31u;
        s1_ = word_ >> 15 & 31u;
        const std::uint32_t second = word_ >> 20 & 31u;
        switch (word_ & 0x7fu) {
        case 0x03:
            set(s1_ == 2 ? Kind::stack : Kind::load, 0x707fu);
            break;
        case 0x07:
            set(Kind::floating, 0x707fu);
            d_ = 0;
            break;
        case 0x23:
            set(s1_ == 2 ? Kind::stack : Kind::store, 0x707fu);
            s2_ = second;
            d_ = 0;
            break;
        case 0x27:
            set(Kind::floating, 0x707fu);
            d_ = 0;
            break;
        case 0x13:
        case 0x1b: {
            const bool shift = (word_ & 0x3000u) == 0x1000u;
            set((word_ & 8u) != 0        ? Kind::word_add
                : (word_ & 0x7000u) == 0 ? Kind::add
                                         : Kind::arithmetic,
                shift ? 0xfc00707fu : 0x707fu);
            break;
        }
        case 0x33:
        case 0x3b:
            set(Kind::arithmetic, 0xfe00707fu);
            s2_ = second;
            break;
        case 0x63:
            set(Kind::branch, 0x707fu);
            target_ = Target::branch;
            s2_ = second;
            d_ = 0;
            break;
        case 0x6f:
            set(d_ == 0 ? Kind::jump : Kind::call, 0xfffu);
            target_ = Target::jump;
            s1_ = 0;
            break;
        case 0x67:
            set(d_ == 0 ? Kind::leave : Kind::call, 0x7fffu);
            break;
        case 0x17:
            set(Kind::page, 0x7fu);
            target_ = Target::page;
            s1_ = 0;
            break;
        case 0x37:
            set(Kind::constant, 0x7fu);
            s1_ = 0;
            break;
        case 0x43:
        case 0x47:
        case 0x4b:
        case 0x4f:
        case 0x53:
            set(Kind::floating, 0xfe00707fu);
            d_ = 0;
            break;
        default:
            set(Kind::system, 0xfe00707fu);
            break;
        }
    }

    void compressed() noexcept {
        const std::uint32_t full1 = word_ >> 7 & 31u;
        const std::uint32_t full2 = word_ >> 2 & 31u;
        const std::uint32_t short1 = 8 + (word_ >> 7 & 7u);
        const std::uint32_t short2 = 8 + (word_ >> 2 & 7u);
        const std::uint32_t group = word_ >> 13 & 7u;
        mask_ = 0xe003u;
        switch ((word_ & 3u) * 8 + group) {
        case 0: // C.ADDI4SPN
            kind_ = Kind::add;
            d_ = short2;
            s1_ = 2;
            break;
        case 2:
        case 3: // C.LW, C.LD
            kind_ = Kind::load;
            d_ = short2;
            s1_ = short1;
            break;
        case 6:
        case 7: // C.SW, C.SD
            kind_ = Kind::store;
            s2_ = short2;
            s1_ = short1;
            break;
        case 8: // C.ADDI
            kind_ = Kind::add;
            d_ = s1_ = full1;
            break;
        case 9: // C.ADDIW
            kind_ = Kind::word_add;
            d_ = s1_ = full1;
            break;
        case 10: // C.LI
        case 11: // C.LUI, C.ADDI16SP
            kind_ = full1 == 2 ? Kind::add : Kind::constant;
            mask_ = full1 == 2 ? 0xef83u : 0xe003u;
            d_ = full1;
            break;
        case 12:
            kind_ = Kind::arithmetic;
            d_ = s1_ = short1;
            s2_ = (word_ & 0xc00u) == 0xc00u ? short2 : 0;
            mask_ = (word_ & 0xc00u) == 0xc00u ? 0xfc63u : 0xec03u;
            break;
        case 13: // C.J
            kind_ = Kind::jump;
            target_ = Target::short_jump;
            break;
        case 14:
        case 15: // C.BEQZ, C.BNEZ
            kind_ = Kind::branch;
            target_ = Target::short_branch;
            s1_ = short1;
            break;
        case 16: // C.SLLI
            kind_ = Kind::arithmetic;
            d_ = s1_ = full1;
            break;
        case 18:
        case 19: // C.LWSP, C.LDSP
            kind_ = Kind::stack;
            d_ = full1;
            s1_ = 2;
            break;
        case 20: // C.JR, C.MV, C.JALR, C.ADD
            mask_ = full2 == 0 ? 0xf07fu : 0xf003u;
            if (full2 == 0) {
                kind_ = (word_ & 0x1000u) != 0 ? Kind::call : Kind::leave;
                s1_ = full1;
            } else {
                kind_ = (word_ & 0x1000u) != 0 ? Kind::arithmetic : Kind::move;
                d_ = full1;
                s1_ = (word_ & 0x1000u) != 0 ? full1 : 0;
                s2_ = full2;
            }
            break;
        case 22:
        case 23: // C.SWSP, C.SDSP
            kind_ = Kind::stack;
            s2_ = full2;
            s1_ = 2;
            break;
        default:
            kind_ = Kind::floating;
            break;
        }
    }

    std::uint32_t word_;
    std::uint32_t mask_ = 0xe003u;
    std::uint32_t d_ = 0;
    std::uint32_t s1_ = 0;
    std::uint32_t s2_ = 0;
    Kind kind_ = Kind::unknown;
    Target target_ = Target::none;
};

} // namespace weightless::model
