// Decodes instructions of 64-bit Arm (A64): the form of an instruction, which is the word without
// its registers and constants, its kind, and the registers that it reads and writes. Any word is
// accepted.
//
// Source: the encoding tables of the Arm Architecture Reference Manual (A-profile).
#pragma once

#include <cstdint>

namespace weightless::model {

class Arm64Decoder {
public:
    /// Four bits; 0 stands for words that are no common instruction.
    enum class Kind : std::uint8_t {
        unknown,
        branch, // conditional
        jump,
        call,
        leave,
        page, // ADRP, ADR
        add,
        compare,
        constant,
        load,
        store,
        pair,
        arithmetic,
        floating,
        convert,
        select,
    };

    explicit Arm64Decoder(std::uint32_t word) noexcept : word_(word) {
        switch (word >> 25 & 15u) {
        case 8:
        case 9:
            immediate();
            break;
        case 10:
        case 11:
            branch();
            break;
        case 4:
        case 6:
        case 12:
        case 14:
            memory();
            break;
        case 5:
        case 13:
            registers();
            break;
        case 7:
        case 15:
            floating();
            break;
        default:
            break;
        }
    }

    Kind kind() const noexcept { return kind_; }
    /// The word without registers and constants.
    std::uint32_t form() const noexcept { return word_ & mask_; }
    /// Registers as a bit each: general ones from 0 on, those of floating point from 32 on. The
    /// stack pointer and the zero register are left out.
    std::uint64_t reads() const noexcept { return reads_ & kKnown; }
    std::uint64_t writes() const noexcept { return writes_ & kKnown; }

    std::uint32_t d() const noexcept { return word_ & 31u; }
    std::uint32_t n() const noexcept { return word_ >> 5 & 31u; }
    std::uint32_t m() const noexcept { return word_ >> 16 & 31u; }
    std::uint32_t a() const noexcept { return word_ >> 10 & 31u; }
    std::uint32_t imm12() const noexcept { return word_ >> 10 & 4095u; }
    std::uint32_t imm19() const noexcept { return word_ >> 5 & 0x7ffffu; }
    std::uint32_t imm26() const noexcept { return word_ & 0x3ffffffu; }
    /// Whether it is a branch with a target in 19 bits.
    bool near() const noexcept {
        return kind_ == Kind::branch && (word_ & 0x7e000000u) != 0x36000000u;
    }
    bool writes_pointer() const noexcept { return kind_ == Kind::page || kind_ == Kind::add; }

private:
    static constexpr std::uint64_t kKnown = ~(std::uint64_t{1} << 31);

    static std::uint64_t general(std::uint32_t r) noexcept { return std::uint64_t{1} << r; }
    static std::uint64_t floating(std::uint32_t r) noexcept { return std::uint64_t{1} << (32 + r); }

    void set(Kind kind, std::uint32_t mask) noexcept {
        kind_ = kind;
        mask_ = mask;
    }

    void immediate() noexcept {
        writes_ = general(d());
        switch (word_ >> 23 & 7u) {
        case 0:
        case 1:
            set(Kind::page, 0x9f000000u);
            return;
        case 2:
            set((word_ & 0x2000001fu) == 0x2000001fu ? Kind::compare : Kind::add, 0xffc00000u);
            break;
        case 5:
            set(Kind::constant, 0xffe00000u);
            reads_ = (word_ & 0x60000000u) == 0x60000000u ? general(d()) : 0;
            return;
        default:
            set(Kind::constant, 0xff800000u);
            break;
        }
        reads_ = general(n());
    }

    void branch() noexcept {
        if ((word_ & 0x7c000000u) == 0x14000000u) {
            set(word_ >> 31 != 0 ? Kind::call : Kind::jump, 0xfc000000u);
        } else if ((word_ & 0xfe000000u) == 0x54000000u) {
            set(Kind::branch, 0xff00001fu);
        } else if ((word_ & 0x7c000000u) == 0x34000000u) {
            set(Kind::branch, 0xff000000u);
            reads_ = general(d());
        } else if ((word_ & 0xfe000000u) == 0xd6000000u) {
            set((word_ & 0x00600000u) == 0x00200000u ? Kind::call : Kind::leave, 0xfffffc1fu);
            reads_ = general(n());
        } else {
            set(Kind::unknown, 0xffffffffu);
        }
    }

    void memory() noexcept {
        const bool vector = (word_ & 0x04000000u) != 0;
        const std::uint64_t data = vector ? floating(d()) : general(d());
        const std::uint32_t group = word_ >> 28 & 3u;
        if (group == 1) {
            set(Kind::load, 0xff000000u);
            writes_ = data;
        } else if (group == 2) {
            set(Kind::pair, 0xffc00000u);
            const std::uint64_t both = data | (vector ? floating(a()) : general(a()));
            ((word_ & 0x00400000u) != 0 ? writes_ : reads_) = both;
            reads_ |= general(n());
        } else if (group == 3) {
            const bool loads = (word_ & 0x00c00000u) != 0;
            const bool wide = (word_ & 0x01000000u) != 0;
            const bool indexed = !wide && (word_ & 0x00200c00u) == 0x00200800u;
            set(loads ? Kind::load : Kind::store, wide ? 0xffc00000u : 0xffe00c00u);
            (loads ? writes_ : reads_) = data;
            reads_ |= general(n()) | (indexed ? general(m()) : 0);
        } else {
            set(Kind::unknown, 0xffe0fc00u);
        }
    }

    void registers() noexcept {
        reads_ = general(n()) | general(m());
        writes_ = general(d());
        const std::uint32_t group = word_ >> 21 & 15u;
        if ((word_ & 0x10000000u) == 0) {
            set((word_ & 0x2100001fu) == 0x2100001fu || (word_ & 0x6100001fu) == 0x6000001fu
                    ? Kind::compare
                    : Kind::arithmetic,
                0xff200000u);
        } else if (group == 4) {
            set(Kind::select, 0xffe00c00u);
        } else if (group == 2) {
            set(Kind::compare, 0xffe00c10u);
            writes_ = 0;
        } else if ((word_ & 0x01000000u) != 0) {
            set(Kind::arithmetic, 0xffe08000u);
            reads_ |= general(a());
        } else {
            set(Kind::arithmetic, 0xffe0fc00u);
        }
    }

    void floating() noexcept {
        reads_ = floating(n()) | floating(m());
        writes_ = floating(d());
        if ((word_ & 0x5f000000u) == 0x1f000000u) {
            set(Kind::floating, 0xff208000u);
            reads_ |= floating(a());
        } else if ((word_ & 0x5f200000u) == 0x1e200000u) {
            const std::uint32_t low = word_ >> 10 & 63u;
            if ((low & 3u) == 2) {
                set(Kind::floating, 0xffe0fc00u);
            } else if ((low & 3u) == 3) {
                set(Kind::select, 0xffe00c00u);
            } else if ((low & 15u) == 8) {
                set(Kind::compare, 0xffe0fc1fu);
                writes_ = 0;
            } else if (low == 0) {
                convert();
            } else {
                set(Kind::convert, (low & 7u) == 4 ? 0xffe01fe0u : 0xfffffc00u);
                reads_ = (low & 7u) == 4 ? 0 : floating(n());
            }
        } else {
            set(Kind::convert, 0xffe0fc00u);
        }
    }
    // Between general registers and those of floating point.
    void convert() noexcept {
        set(Kind::convert, 0xfffffc00u);
        const std::uint32_t operation = word_ >> 16 & 7u;
        const bool from_general = operation == 2 || operation == 3 || operation == 7;
        reads_ = from_general ? general(n()) : floating(n());
        writes_ = from_general ? floating(d()) : general(d());
    }

    std::uint32_t word_;
    std::uint32_t mask_ = 0xffe00000u;
    Kind kind_ = Kind::unknown;
    std::uint64_t reads_ = 0;
    std::uint64_t writes_ = 0;
};

} // namespace weightless::model
