// Determines which part of an x86 instruction the next byte is: prefix, opcode, ModRM, SIB,
// displacement or immediate. Any bytes are accepted. Data that are not code are decoded to
// nonsense; the decoder resynchronises after a few instructions of code.
//
// Source: the opcode maps of the Intel 64 and IA-32 manuals, volume 2, appendix A.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class X86Decoder {
public:
    enum class Part : std::uint8_t {
        opcode,
        escaped,
        payload,
        modrm,
        sib,
        displacement,
        immediate
    };

    /// Code for 64-bit mode: REX and VEX prefixes.
    void set_long_mode(bool on) noexcept { long_ = on; }
    bool long_mode() const noexcept { return long_; }

    /// Takes the next byte; true when an instruction ended.
    bool update(std::uint8_t byte) noexcept {
        if (ended_) {
            begin();
        }
        ++length_;
        switch (part_) {
        case Part::opcode:
            take_opcode(byte);
            break;
        case Part::escaped:
            take_escaped(byte);
            break;
        case Part::payload: // of a VEX or EVEX prefix
            if (payload_ == 3 || (payload_ == 2 && opcode_ == 0xc4)) {
                map_ = byte & 3u; // 1: 0F, 2: 0F 38, 3: 0F 3A
            }
            if (--payload_ == 0) {
                part_ = Part::escaped;
                vex_ = true;
            }
            break;
        case Part::modrm:
            take_modrm(byte);
            break;
        case Part::sib:
            sib_ = byte;
            if ((modrm_ & 0xc7u) == 4 && (byte & 7u) == 5) {
                displacement_ = 4;
            }
            begin_displacement();
            break;
        case Part::displacement:
            take_value(byte);
            if (done_ == displacement_) {
                address_ = value_;
                begin_immediate();
            }
            break;
        case Part::immediate:
            take_value(byte);
            ended_ = done_ == immediate_;
            break;
        }
        if (length_ >= kLongest) {
            ended_ = true;
        }
        return ended_;
    }

    /// The part that the next byte belongs to.
    Part part() const noexcept { return ended_ ? Part::opcode : part_; }
    /// How many bytes of the displacement or immediate are known, and its size.
    unsigned done() const noexcept { return done_; }
    unsigned size() const noexcept {
        return part() == Part::displacement ? displacement_
                                            : (part() == Part::immediate ? immediate_ : 0);
    }
    /// The known bytes of the displacement or immediate, little-endian; of 8 bytes, only the lower
    /// half.
    std::uint32_t value() const noexcept { return value_; }
    /// The displacement of this instruction or of the one that just ended; 0: none so far.
    std::uint32_t address() const noexcept { return address_; }
    /// Between instructions: the size of the last value of the one that ended; 0: none.
    unsigned last_size() const noexcept { return immediate_ != 0 ? immediate_ : displacement_; }
    /// The number of the instruction's bytes after this displacement or immediate.
    unsigned after() const noexcept { return part_ == Part::displacement ? immediate_ : 0; }

    /// The opcode of this instruction, or of the one that just ended, plus 256 times the number of
    /// its opcode map.
    std::uint32_t opcode() const noexcept { return opcode_ | map_ << 8; }
    std::uint32_t modrm() const noexcept { return modrm_; }
    std::uint32_t sib() const noexcept { return sib_; }
    std::uint32_t prefixes() const noexcept { return prefixes_; }
    bool has_modrm() const noexcept { return has_modrm_; }
    /// The number of the instruction's known bytes; 0 between instructions.
    unsigned length() const noexcept { return ended_ ? 0 : length_; }

    /// Whether the value is relative to the instruction's end: the target of a call or jump, or (in
    /// 64-bit mode) an address.
    bool relative() const noexcept {
        if (ended_) {
            return false;
        }
        if (part_ == Part::immediate) {
            return map_ == 0 && (opcode_ & 0xfeu) == 0xe8u && immediate_ == 4;
        }
        return part_ == Part::displacement && long_ && (modrm_ & 0xc7u) == 5;
    }

private:
    static constexpr unsigned kLongest = 15;

    // Describes what follows an opcode.
    enum : std::uint8_t { kModrm = 1, kByte = 2, kWord = 4, kLong = 8, kPrefix = 16, kFar = 32 };

    static std::uint8_t shape(unsigned op) noexcept {
        if (op < 0x40) {
            switch (op & 7u) {
            case 4:
                return kByte;
            case 5:
                return kLong;
            case 6:
                return (op & 0x20u) != 0 ? kPrefix : 0; // a segment override
            case 7:
                return 0;
            default:
                return kModrm;
            }
        }
        if (op >= 0x70 && op <= 0x7f) {
            return kByte;
        }
        if (op >= 0x84 && op <= 0x8f) {
            return kModrm;
        }
        if (op >= 0xb0 && op <= 0xbf) {
            return op < 0xb8 ? kByte : kLong;
        }
        if (op >= 0xd8 && op <= 0xdf) {
            return kModrm;
        }
        switch (op) {
        case 0x62:
        case 0x63:
        case 0xc4:
        case 0xc5:
        case 0xd0:
        case 0xd1:
        case 0xd2:
        case 0xd3:
        case 0xf6:
        case 0xf7:
        case 0xfe:
        case 0xff:
            return kModrm;
        case 0x64:
        case 0x65:
        case 0x66:
        case 0x67:
        case 0xf0:
        case 0xf2:
        case 0xf3:
            return kPrefix;
        case 0x68:
        case 0xa0:
        case 0xa1:
        case 0xa2:
        case 0xa3:
        case 0xa9:
        case 0xe8:
        case 0xe9:
            return kLong;
        case 0x69:
        case 0x81:
        case 0xc7:
            return kModrm | kLong;
        case 0x6b:
        case 0x80:
        case 0x82:
        case 0x83:
        case 0xc0:
        case 0xc1:
        case 0xc6:
            return kModrm | kByte;
        case 0x6a:
        case 0xa8:
        case 0xcd:
        case 0xd4:
        case 0xd5:
        case 0xe0:
        case 0xe1:
        case 0xe2:
        case 0xe3:
        case 0xe4:
        case 0xe5:
        case 0xe6:
        case 0xe7:
        case 0xeb:
            return kByte;
        case 0xc2:
        case 0xca:
            return kWord;
        case 0xc8:
            return kWord | kByte;
        case 0x9a:
        case 0xea:
            return kFar;
        default:
            return 0;
        }
    }

    static std::uint8_t escaped_shape(unsigned op) noexcept {
        if (op >= 0x80 && op <= 0x8f) {
            return kLong;
        }
        if ((op >= 0x05 && op <= 0x09) || op == 0x0b || (op >= 0x30 && op <= 0x37) || op == 0x77 ||
            (op >= 0xa0 && op <= 0xa2) || (op >= 0xa8 && op <= 0xaa) || op >= 0xff ||
            (op >= 0xc8 && op <= 0xcf)) {
            return 0;
        }
        if ((op >= 0x70 && op <= 0x73) || op == 0xa4 || op == 0xac || op == 0xba || op == 0xc2 ||
            (op >= 0xc4 && op <= 0xc6)) {
            return kModrm | kByte;
        }
        return kModrm;
    }

    void begin() noexcept {
        const bool long_mode = long_;
        *this = X86Decoder();
        long_ = long_mode;
    }

    void take_opcode(std::uint8_t byte) noexcept {
        opcode_ = byte;
        if (byte == 0x0f) {
            part_ = Part::escaped;
            map_ = 1;
            return;
        }
        if (long_) {
            if ((byte & 0xf0u) == 0x40u) {
                prefixes_ = (prefixes_ & 15u) | 0x100u | (byte & 15u) << 4;
                return;
            }
            if (byte == 0xc4 || byte == 0xc5 || byte == 0x62) {
                part_ = Part::payload;
                payload_ = byte == 0xc5 ? 1 : (byte == 0xc4 ? 2 : 3);
                map_ = 1;
                return;
            }
        }
        const std::uint8_t what = shape(byte);
        if (what == kPrefix) {
            prefixes_ |= byte == 0x66 ? 1u : (byte == 0xf2 ? 2u : (byte == 0xf3 ? 4u : 8u));
            return;
        }
        prefixed_size(what, byte);
        begin_operands(what);
    }

    // Computes the immediate's size, which prefixes may change.
    void prefixed_size(std::uint8_t what, std::uint8_t byte) noexcept {
        immediate_ =
            what == kFar ? 6u : ((what & kByte) != 0 ? 1u : 0u) + ((what & kWord) != 0 ? 2u : 0u);
        if ((what & kLong) == 0) {
            return;
        }
        immediate_ = (prefixes_ & 1u) != 0 ? 2 : 4;
        if ((byte & 0xfeu) == 0xe8u) {
            immediate_ = 4;
        } else if (long_ && ((byte >= 0xa0 && byte <= 0xa3) ||
                             (byte >= 0xb8 && byte <= 0xbf && (prefixes_ & 0x180u) == 0x180u))) {
            immediate_ = 8;
        }
    }

    void take_escaped(std::uint8_t byte) noexcept {
        if (map_ == 1 && !vex_ && (byte == 0x38 || byte == 0x3a)) {
            map_ = byte == 0x38 ? 2 : 3;
            return;
        }
        opcode_ = byte;
        const std::uint8_t what =
            map_ == 1 ? escaped_shape(byte)
                      : static_cast<std::uint8_t>(map_ == 3 ? kModrm | kByte : kModrm);
        immediate_ = (what & kLong) != 0 ? 4 : ((what & kByte) != 0 ? 1 : 0);
        begin_operands(what);
    }

    void begin_operands(std::uint8_t what) noexcept {
        if ((what & kModrm) != 0) {
            part_ = Part::modrm;
        } else {
            begin_immediate();
        }
    }

    void take_modrm(std::uint8_t byte) noexcept {
        modrm_ = byte;
        has_modrm_ = true;
        const unsigned mod = byte >> 6;
        displacement_ = mod == 1 ? 1 : (mod == 2 || (byte & 0xc7u) == 5 ? 4 : 0);
        // TEST is the only instruction of its group with an immediate.
        if (map_ == 0 && (opcode_ & 0xfeu) == 0xf6u && (byte & 0x30u) == 0) {
            immediate_ = opcode_ == 0xf6 ? 1 : ((prefixes_ & 1u) != 0 ? 2 : 4);
        }
        if (mod != 3 && (byte & 7u) == 4) {
            part_ = Part::sib;
        } else {
            begin_displacement();
        }
    }

    void begin_displacement() noexcept {
        if (displacement_ != 0) {
            part_ = Part::displacement;
        } else {
            begin_immediate();
        }
    }

    void begin_immediate() noexcept {
        done_ = 0;
        value_ = 0;
        if (immediate_ != 0) {
            part_ = Part::immediate;
        } else {
            ended_ = true;
        }
    }

    void take_value(std::uint8_t byte) noexcept {
        if (done_ < 4) {
            value_ |= static_cast<std::uint32_t>(byte) << (8 * done_);
        }
        ++done_;
    }

    bool long_ = false;
    bool ended_ = false;
    bool vex_ = false;
    bool has_modrm_ = false;
    Part part_ = Part::opcode;
    std::uint32_t opcode_ = 0;
    std::uint32_t map_ = 0;
    std::uint32_t prefixes_ = 0; // 66, F2, F3, others: bits 0 to 3; REX: bits 4 to 8
    std::uint32_t modrm_ = 0;
    std::uint32_t sib_ = 0;
    unsigned payload_ = 0; // bytes of a prefix still to come
    unsigned displacement_ = 0;
    unsigned immediate_ = 0;
    unsigned done_ = 0;
    unsigned length_ = 0;
    std::uint32_t value_ = 0;
    std::uint32_t address_ = 0;
};

} // namespace weightless::model
