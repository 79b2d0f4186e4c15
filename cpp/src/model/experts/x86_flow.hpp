// The data flow in an x86 function: registers written and not yet read, arguments pushed, the
// stack's depth, and labels ahead. Compiled code uses the results of instructions soon.
//
// The rules cover common instructions. Where they fail, predictions merely get worse.
#pragma once

#include "fixed/hash.hpp"
#include "model/experts/labels.hpp"
#include "model/experts/x86_decoder.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class X86Flow {
public:
    /// Must be called after each byte, before end_instruction().
    void advance() noexcept { labels_.advance(); }

    /// Must be called after each instruction; form: a hash of it without its values.
    void end_instruction(const X86Decoder& ended, std::uint32_t form) noexcept {
        const std::uint32_t opcode = ended.opcode();
        const std::uint32_t modrm = ended.modrm();
        kinds_ = kinds_ << 4 | static_cast<std::uint32_t>(kind_of(opcode, modrm));
        if (ended.has_modrm()) {
            use_operands(opcode, modrm, ended);
        } else if (is_push(opcode)) {
            read(opcode & 7u);
        } else if (is_pop(opcode) || (opcode >= 0xb8 && opcode < 0xc0)) {
            write(opcode & 7u);
        } else if (opcode == 0xe8) {
            end_call();
        } else if (is_return(opcode)) {
            fresh_ = 0;
        }
        move_stack(opcode, modrm, ended.value());
        jump(opcode, ended.value());
        last_form_of(form, modrm, ended.has_modrm());
    }

    /// The classes of the last eight instructions, four bits each, the latest lowest.
    std::uint32_t kinds() const noexcept { return kinds_; }
    /// Registers written and not yet read, a bit each.
    std::uint32_t fresh() const noexcept { return fresh_; }
    /// Hash of the instructions that wrote them.
    std::uint32_t writers() const noexcept {
        std::uint32_t hash = 0;
        for (std::uint32_t r = 0; r < 8; ++r) {
            hash = (fresh_ >> r & 1u) != 0 ? fixed::combine(hash, written_[r] + r) : hash;
        }
        return hash;
    }
    /// The register written last.
    std::uint32_t latest() const noexcept { return latest_; }
    /// The form of the latest instruction with this register as an operand.
    std::uint32_t written(std::uint32_t r) const noexcept { return written_[r]; }
    /// The last two bytes that were added to a register for an address since it was written.
    std::uint32_t offsets(std::uint32_t r) const noexcept { return offsets_[r] & 0xffffu; }
    /// Bytes of arguments pushed since the last call, and of the stack since the function began.
    std::uint32_t pushed() const noexcept { return pushed_; }
    std::uint32_t depth() const noexcept { return depth_; }
    const Labels& labels() const noexcept { return labels_; }

private:
    enum class Kind : std::uint8_t {
        branch = 1,
        escaped,
        arithmetic,
        compare,
        unary,
        push,
        pop,
        move,
        load,
        store,
        address,
        call,
        leave,
        jump,
        other,
    };

    static bool is_push(std::uint32_t op) noexcept { return op >= 0x50 && op < 0x58; }
    static bool is_pop(std::uint32_t op) noexcept { return op >= 0x58 && op < 0x60; }
    static bool is_return(std::uint32_t op) noexcept { return op == 0xc3 || op == 0xc2; }
    static bool is_short_branch(std::uint32_t op) noexcept { return (op & ~15u) == 0x70u; }
    static bool is_long_branch(std::uint32_t op) noexcept { return (op & ~15u) == 0x180u; }

    // The group of FF and others: bits 3 to 5 of ModRM.
    static std::uint32_t reg_of(std::uint32_t modrm) noexcept { return modrm >> 3 & 7u; }

    static Kind kind_of(std::uint32_t op, std::uint32_t modrm) noexcept {
        if (op >= 256) {
            return is_long_branch(op) ? Kind::branch : Kind::escaped;
        }
        if (op < 0x40) {
            return op >= 0x38 ? Kind::compare : Kind::arithmetic;
        }
        if (op < 0x50) {
            return Kind::unary;
        }
        if (is_push(op) || op == 0x68 || op == 0x6a) {
            return Kind::push;
        }
        if (is_pop(op)) {
            return Kind::pop;
        }
        if (is_short_branch(op)) {
            return Kind::branch;
        }
        switch (op) {
        case 0x81:
        case 0x83:
            return reg_of(modrm) == 7 ? Kind::compare : Kind::arithmetic;
        case 0x84:
        case 0x85:
            return Kind::compare;
        case 0x89:
            return modrm >= 0xc0 ? Kind::move : Kind::store;
        case 0x8b:
            return modrm >= 0xc0 ? Kind::move : Kind::load;
        case 0x8d:
            return Kind::address;
        case 0xc2:
        case 0xc3:
            return Kind::leave;
        case 0xe8:
            return Kind::call;
        case 0xe9:
        case 0xeb:
            return Kind::jump;
        case 0xff:
            return reg_of(modrm) == 2 ? Kind::call : reg_of(modrm) == 6 ? Kind::push : Kind::unary;
        default:
            return Kind::other;
        }
    }

    void read(std::uint32_t r) noexcept { fresh_ &= ~(1u << r); }
    void write(std::uint32_t r) noexcept {
        fresh_ |= 1u << r;
        latest_ = r;
        offsets_[r] = 0;
    }
    // A call returns its result in the first register.
    void end_call() noexcept {
        fresh_ = 0;
        write(0);
    }

    void use_operands(std::uint32_t op, std::uint32_t modrm, const X86Decoder& ended) noexcept {
        const std::uint32_t reg = reg_of(modrm);
        const std::uint32_t rm = modrm & 7u;
        const bool memory = modrm < 0xc0;
        if (memory) {
            read(rm);
            if (rm != 4) {
                offsets_[rm] =
                    offsets_[rm] << 8 | ((modrm & 0xc0u) == 0x40u ? ended.address() & 255u : 0u);
            }
        }
        const bool loads =
            op == 0x8a || op == 0x8b || op == 0x8d || (op & ~1u) == 0x1b6u || (op & ~1u) == 0x1beu;
        if (loads || (op < 0x40 && (op & 2u) != 0 && op < 0x38)) {
            if (!memory) {
                read(rm);
            }
            write(reg);
        } else if (op == 0x88 || op == 0x89 || op < 0x38) {
            read(reg);
            if (!memory) {
                write(rm);
            }
        } else if (op < 0x40 || op == 0x84 || op == 0x85) {
            read(reg);
            read(rm);
        } else if (op == 0xff && reg == 2) {
            end_call();
        } else if (!memory) {
            read(rm);
        }
    }

    void move_stack(std::uint32_t op, std::uint32_t modrm, std::uint32_t value) noexcept {
        if (is_push(op) || op == 0x6a || op == 0x68 || (op == 0xff && reg_of(modrm) == 6)) {
            depth_ += 4;
            pushed_ += 4;
        } else if (is_pop(op)) {
            depth_ -= 4;
        } else if ((op == 0x83 || op == 0x81) && (modrm & 0xc7u) == 0xc4u) {
            const std::uint32_t n = op == 0x83 && value >= 128 ? value - 256 : value;
            if (reg_of(modrm) == 5) {
                depth_ += n;
            } else if (reg_of(modrm) == 0) {
                // The caller removes a call's arguments if it is no more than those.
                (n <= owed_ ? owed_ : depth_) -= n;
            }
        } else if (op == 0xe8 || (op == 0xff && reg_of(modrm) == 2)) {
            depth_ -= pushed_;
            owed_ = pushed_;
            pushed_ = 0;
        }
    }

    void jump(std::uint32_t op, std::uint32_t value) noexcept {
        if (((is_short_branch(op) || op == 0xeb) && value < 128) ||
            ((is_long_branch(op) || op == 0xe9) && value < Labels::kReach)) {
            labels_.add(value, depth_);
        }
        if (op == 0xeb || op == 0xe9 || is_return(op)) {
            depth_ = labels_.depth();
            if (is_return(op)) {
                owed_ = pushed_ = 0;
            }
        }
    }

    void last_form_of(std::uint32_t form, std::uint32_t modrm, bool has_modrm) noexcept {
        if (has_modrm) {
            written_[reg_of(modrm)] = form;
            if (modrm >= 0xc0) {
                written_[modrm & 7u] = form;
            }
        }
    }

    Labels labels_;
    std::uint32_t kinds_ = 0;
    std::uint32_t fresh_ = 0;
    std::uint32_t latest_ = 0;
    std::uint32_t depth_ = 0;
    std::uint32_t pushed_ = 0;
    std::uint32_t owed_ = 0; // bytes of the last call's arguments that its caller may still remove
    std::array<std::uint32_t, 8> written_{};
    std::array<std::uint32_t, 8> offsets_{};
};

} // namespace weightless::model
