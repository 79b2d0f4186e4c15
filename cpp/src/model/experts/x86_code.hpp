// x86 machine code, 32 and 64 bits. The relative targets of calls and jumps are predicted as
// absolute ones, so that all calls of one function look alike. Contexts are made of instructions,
// not of bytes.
//
// Sources: absolute targets in place of relative ones are an old idea of preprocessors (E8E9
// in paq and zpaq, BCJ in xz), contexts of instructions that of paq8px's x86 model. Here
// nothing is transformed in advance: the shift from a byte to its symbol depends on earlier bytes
// only.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/x86_decoder.hpp"
#include "model/experts/x86_flow.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class X86Code {
public:
    void update(const RawByte& latest, const ByteHistory& symbols) noexcept;

    /// Whether x86 code has been detected.
    bool active() const noexcept { return active_; }

    /// The symbol of the next byte is the byte plus this, mod 256. An absolute target is the
    /// relative one plus the position of the instruction's end.
    std::uint8_t shift() const noexcept {
        if (!active_ || !decoder_.relative()) {
            return 0;
        }
        const unsigned bits = 8 * decoder_.done(); // at most 24
        const std::uint32_t low = (std::uint32_t{1} << bits) - 1;
        const std::uint32_t carried = (decoder_.value() & low) + (base_ & low);
        return static_cast<std::uint8_t>((base_ >> bits) + (carried >> bits));
    }

    /// The partial instruction, in several forms, with the previous instructions and with the state
    /// of the function (x86_flow.hpp).
    struct Instructions : Contexts<24> {
        static std::array<std::uint32_t, kCount> of(const X86Code& code) noexcept {
            return code.contexts();
        }
    };

    /// At an opcode, the previous opcode; at ModRM, the opcode; otherwise the instruction's part.
    struct Part : Selector<1024> {
        static int of(const X86Code& code) noexcept { return code.part(); }
    };
    /// The instruction's part; in wide immediates, also the byte's index.
    struct CoarsePart : Selector<16> {
        static int of(const X86Code& code) noexcept { return code.coarse_part(); }
    };
    /// The classes of the previous instructions.
    struct PreviousClasses : Selector<2048> {
        static int of(const X86Code& code, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(hash(code.kinds(), static_cast<unsigned>(partial.known)));
        }
    };
    /// The opcode of this instruction, or of the previous one at its beginning.
    struct Opcode : Selector<4096> {
        static int of(const X86Code& code, const PartialByte& partial) noexcept {
            const auto part = static_cast<std::uint32_t>(code.decoder_.part());
            const bool begun = code.decoder_.length() != 0;
            return upper_bits<kSize>(
                hash(hash(part, begun ? code.decoder_.opcode() : code.opcodes_[0]), partial.node));
        }
    };
    struct PartialInstruction : Selector<4096> {
        static int of(const X86Code& code) noexcept {
            const bool begun = code.decoder_.length() != 0;
            return upper_bits<kSize>(
                hash(hash(begun ? code.bytes_ : 0, code.flow_.kinds() & 255u), 0));
        }
    };

    struct ApmClasses : ApmContext<65536> {
        static std::uint32_t of(const X86Code& code, const PartialByte& partial) noexcept {
            return hash(code.kinds(), partial.node) >> 16;
        }
    };

private:
    std::array<std::uint32_t, Instructions::kCount> contexts() const noexcept;

    int part() const noexcept {
        switch (decoder_.part()) {
        case X86Decoder::Part::opcode:
            return static_cast<int>(decoder_.length() == 0 ? opcode_before_ & 255u : 256u);
        case X86Decoder::Part::escaped:
            return 257;
        case X86Decoder::Part::payload:
            return 258;
        case X86Decoder::Part::sib:
            return 259;
        case X86Decoder::Part::displacement:
            return static_cast<int>(264 + (decoder_.size() == 1 ? 0 : 1 + decoder_.done()) +
                                    ((decoder_.modrm() & 0xc7u) == 5 ? 8 : 0));
        case X86Decoder::Part::immediate:
            return static_cast<int>(288 + decoder_.size() * 8 + decoder_.done() +
                                    (decoder_.relative() ? 80 : 0));
        case X86Decoder::Part::modrm:
            break;
        }
        return static_cast<int>(512 + (decoder_.opcode() & 511u));
    }

    int coarse_part() const noexcept {
        const bool wide = decoder_.size() > 1;
        switch (decoder_.part()) {
        case X86Decoder::Part::displacement:
            return wide ? 6 : 5;
        case X86Decoder::Part::immediate:
            return static_cast<int>(
                wide ? 8 + std::min(decoder_.done(), 3u) + (decoder_.relative() ? 4 : 0) : 7);
        default:
            return static_cast<int>(decoder_.part());
        }
    }

    std::uint32_t kinds() const noexcept {
        return hash(static_cast<std::uint32_t>(decoder_.part()), flow_.kinds() & 255u);
    }

    std::size_t place() const noexcept {
        return fixed::combine(decoder_.opcode(), decoder_.modrm()) >> 22;
    }

    void end_instruction() noexcept {
        const std::uint32_t opcode = fixed::combine(decoder_.opcode(), decoder_.prefixes());
        const std::uint32_t form = fixed::combine(opcode, decoder_.modrm() + 1);
        opcode_before_ = decoder_.opcode();
        for (std::size_t i = opcodes_.size() - 1; i > 0; --i) {
            opcodes_[i] = opcodes_[i - 1];
        }
        opcodes_[0] = opcode;
        opcodes2_ = fixed::combine(opcodes_[0], opcodes_[1]);
        opcodes3_ = fixed::combine(opcodes2_, opcodes_[2]);
        opcodes6_ = fixed::combine(
            fixed::combine(fixed::combine(opcodes3_, opcodes_[3]), opcodes_[4]), opcodes_[5]);
        forms_[1] = forms_[0];
        forms_[0] = form;
        forms2_ = fixed::combine(forms_[0], forms_[1]);

        of_form_[place()] = bytes_;
        if (decoder_.has_modrm()) {
            of_base_[decoder_.modrm() & 0xc7u] = bytes_;
        }
        flow_.end_instruction(decoder_, form);
        if (decoder_.last_size() == 4) {
            long_value_ = bytes_;
        }
        if (decoder_.opcode() == 0xe8) {
            call_ = bytes_;
        }
        const bool jump = (decoder_.opcode() & ~15u) == 0x70u || decoder_.opcode() == 0xeb;
        if (jump && (decoder_.value() & 255u) < 128) {
            jump_ = position_ + (decoder_.value() & 255u);
        }
    }

    // REX prefixes precede only some opcodes; in 32-bit code these bytes are DEC instructions.
    void detect_long_mode(std::uint8_t raw) noexcept {
        if (before_ == 0x48 || before_ == 0x4c) {
            const bool rex = raw == 0x8b || raw == 0x89 || raw == 0x8d || raw == 0x85 ||
                             raw == 0x83 || raw == 0x39 || raw == 0x3b || raw == 0x01 ||
                             raw == 0x29 || raw == 0xc7 || raw == 0x63;
            rex_ = rex ? std::min(rex_ + 1, 16) : std::max(rex_ - 2, 0);
            decoder_.set_long_mode(rex_ >= (decoder_.long_mode() ? 4 : 12));
        }
        before_ = raw;
    }

    // In code, calls go to nearby targets, and repeatedly to the same ones.
    void detect_calls(std::uint8_t raw) noexcept {
        if (since_ < kPatience) {
            ++since_;
            active_ = active_ && since_ < kPause;
        } else {
            score_ = 0;
        }
        if (decoder_.part() != X86Decoder::Part::immediate || decoder_.opcode() != 0xe8 ||
            decoder_.done() != 3) {
            return;
        }
        const std::uint32_t target =
            decoder_.value() + (static_cast<std::uint32_t>(raw) << 24) + base_;
        std::uint32_t& known = targets_[fixed::combine(target, 0) >> 22];
        if (raw != 0 && raw != 255) {
            score_ = std::max(score_ - 8, 0);
        } else {
            since_ = 0;
            score_ = known == target ? std::min(score_ + 8, 64)
                                     : std::max(score_, std::min(score_ + 1, 8));
        }
        known = target;
        active_ = score_ > (active_ ? 4 : 12);
    }

    static constexpr unsigned kPause = 1024;    // bytes without a call; a call ends the pause
    static constexpr unsigned kPatience = 2048; // bytes without a call that end code

    X86Decoder decoder_;
    X86Flow flow_;
    std::uint32_t position_ = 0;
    std::uint32_t base_ = 0;  // what relative values are relative to
    std::uint32_t bytes_ = 0; // hash of this instruction's symbols
    std::uint32_t last_ = 0;
    std::uint32_t opcode_before_ = 0;
    std::array<std::uint32_t, 6> opcodes_{}; // opcodes of the last instructions, with prefixes
    std::uint32_t opcodes2_ = 0;
    std::uint32_t opcodes3_ = 0;
    std::uint32_t opcodes6_ = 0;
    std::array<std::uint32_t, 2> forms_{}; // opcodes with ModRM
    std::uint32_t forms2_ = 0;
    std::array<std::uint32_t, 1024> of_form_{}; // hash of the latest instruction of each form
    std::array<std::uint32_t, 256> of_base_{};  // and of each ModRM byte without its register
    std::uint32_t long_value_ = 0; // hash of the latest instruction with a 32-bit value
    std::uint32_t call_ = 0;       // hash of the latest call
    std::uint32_t jump_ = 0;       // target of the latest short jump forward

    std::array<std::uint32_t, 1024> targets_{}; // targets of calls, by a hash
    std::uint32_t before_ = 0;
    unsigned since_ = kPatience;
    int rex_ = 0;
    int score_ = 0;
    bool active_ = false;
};

} // namespace weightless::model
