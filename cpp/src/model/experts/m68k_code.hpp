// Motorola 68000 machine code: programs for early Macintosh, Amiga and Atari computers and for
// calculators. Contexts are made of instructions, which are sequences of 16-bit words.
//
// Source: the ideas are those of x86_code.hpp and x86_flow.hpp.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/labels.hpp"
#include "model/experts/m68k_decoder.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class M68kCode {
public:
    void update(const RawByte& latest) noexcept;

    bool active() const noexcept { return active_; }

    /// The partial instruction, in several forms, with the previous instructions.
    struct Instructions : Contexts<16> {
        static std::array<std::uint32_t, kCount> of(const M68kCode& code) noexcept {
            return code.contexts();
        }
    };

    /// At an opcode word, the previous opcode; otherwise the part of the instruction.
    struct Part : Selector<1024> {
        static int of(const M68kCode& code) noexcept { return code.part(); }
    };
    struct CoarsePart : Selector<8> {
        static int of(const M68kCode& code) noexcept { return code.coarse_part(); }
    };
    /// The classes of the previous instructions.
    struct PreviousClasses : Selector<2048> {
        static int of(const M68kCode& code, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(hash(code.kinds(), static_cast<unsigned>(partial.known)));
        }
    };
    /// The opcode of this instruction, or of the previous one at its beginning.
    struct Opcode : Selector<4096> {
        static int of(const M68kCode& code, const PartialByte& partial) noexcept {
            const auto part = static_cast<std::uint32_t>(code.coarse_part());
            return upper_bits<kSize>(
                hash(hash(part, code.left_ == 0 ? code.ops_[0] : code.op_), partial.node));
        }
    };
    struct PartialInstruction : Selector<4096> {
        static int of(const M68kCode& code) noexcept {
            return upper_bits<kSize>(
                hash(hash(code.high(), code.left_ == 0 ? code.kinds_ & 255u : code.op_), 0));
        }
    };

    struct ApmClasses : ApmContext<65536> {
        static std::uint32_t of(const M68kCode& code, const PartialByte& partial) noexcept {
            return hash(code.kinds(), partial.node) >> 16;
        }
    };

private:
    std::array<std::uint32_t, Instructions::kCount> contexts() const noexcept;

    int part() const noexcept {
        const std::uint32_t half = low_byte() ? 1 : 0;
        if (left_ != 0) {
            return static_cast<int>(512 + half * 256 + std::min(left_, 3u) * 64 + (op_ & 0x3fu));
        }
        return static_cast<int>(half != 0 ? 256 + (word_ & 255u) : ops_[0] >> 8);
    }
    int coarse_part() const noexcept {
        return static_cast<int>((low_byte() ? 1 : 0) + 2 * std::min(left_, 3u));
    }
    std::uint32_t kinds() const noexcept {
        return hash(static_cast<std::uint32_t>(coarse_part()), kinds_ & 255u);
    }
    // The known part of this word.
    std::uint32_t high() const noexcept { return low_byte() ? 256u + (word_ & 255u) : 0u; }

    // Whether the next byte is the second of its word.
    bool low_byte() const noexcept { return (position_ & 1u) != odd_; }

    void end_word() noexcept {
        if (left_ == 0) {
            op_ = word_;
            words_ = 0;
            left_ = M68kDecoder::extension(op_);
            first_ = left_;
        } else {
            --left_;
            words_ = fixed::combine(words_, word_ + 1u);
            last_ = word_;
        }
        if (left_ == 0) {
            end_instruction();
        }
    }

    void end_instruction() noexcept {
        if (first_ != 0) {
            of_op_[fixed::combine(op_, 0) >> 24] = words_;
            of_base_[op_ & 7u] = of_base_[op_ & 7u] << 16 | word_;
        }
        const std::uint32_t group = op_ >> 12;
        if (group == 6) {
            const std::uint32_t d = op_ & 255u;
            if (d == 0 && word_ >= 2 && word_ < Labels::kReach) {
                labels_.add(word_ - 2, 0);
            } else if (d != 0 && d < 128) {
                labels_.add(d, 0);
            }
        }
        if ((op_ & 0xff80u) == 0x4e80u || group == 10 || (op_ & 0xff00u) == 0x6100u) {
            call_ = fixed::combine(op_, words_);
            pushed_ = 0;
            fresh_ = 0;
        }
        const bool move = group >= 1 && group <= 3;
        if ((move && (op_ & 0xfc0u) == 0xf00u) || (op_ & 0xffc0u) == 0x4840u) {
            ++pushed_;
        }
        flow(group, op_ >> 3 & 7u);
        kinds_ = kinds_ << 8 | (op_ >> 8);
        for (std::size_t i = ops_.size() - 1; i > 0; --i) {
            ops_[i] = ops_[i - 1];
        }
        ops_[0] = op_;
        ops2_ = fixed::combine(ops_[0], ops_[1]);
        ops3_ = fixed::combine(ops2_, ops_[2]);
    }

    // Registers: data 0 to 7, addresses 8 to 15.
    void flow(std::uint32_t group, std::uint32_t mode) noexcept {
        const auto read = [&](std::uint32_t r) { fresh_ &= ~(1u << r); };
        const auto write = [&](std::uint32_t r) { fresh_ |= 1u << r; };
        const std::uint32_t rm = op_ & 7u;
        const std::uint32_t reg = op_ >> 9 & 7u;
        if (group == 7) {
            write(reg);
            return;
        }
        if (group == 6 || group == 10 || group == 15) {
            return;
        }
        if (mode < 7) {
            read(mode == 0 ? rm : 8 + rm);
        }
        if (group >= 1 && group <= 3) {
            const std::uint32_t to = op_ >> 6 & 7u;
            if (to == 0) {
                write(reg);
            } else if (to == 1) {
                write(8 + reg);
            } else if (to < 7) {
                read(8 + reg);
            }
        } else if ((op_ & 0xf1c0u) == 0x41c0u) {
            write(8 + reg);
        } else if (group >= 8 && group <= 13 && (op_ & 0x100u) == 0) {
            write((op_ & 0xc0u) == 0xc0u ? 8 + reg : reg);
        }
    }

    // The detector counts words that open and close stack frames, call and return. They are common
    // in code and rare elsewhere.
    void detect() noexcept {
        const bool frame = word_ == 0x4e56 || word_ == 0x4e5e || word_ == 0x48e7 || word_ == 0x4cdf;
        const bool other = word_ == 0x4e75 || word_ == 0x4ed0 || word_ == 0x4ead ||
                           word_ == 0x4eb9 || word_ == 0x4eba || word_ == 0x486e ||
                           word_ == 0x2f2e || word_ == 0x3f2e || word_ == 0x3f3c;
        if (frame || other) {
            Signs& signs = signs_[position_ & 1u];
            signs.all += word_ != signs.last ? 1 : 0;
            signs.frames += frame && word_ != signs.last_frame ? 1 : 0;
            signs.last = word_;
            signs.last_frame = frame ? word_ : signs.last_frame;
        }
        if (position_ % kBlock == 0) {
            decide();
        }
    }

    void decide() noexcept {
        const Signs& other = signs_[1 - odd_];
        if (other.all > 2 * signs_[odd_].all) {
            odd_ = 1 - odd_;
            left_ = 0;
        }
        Signs& mine = signs_[odd_];
        silent_ = mine.all == known_ ? silent_ + 1 : 0;
        if (silent_ >= kSilence) {
            mine = Signs();
        }
        active_ = mine.all >= (active_ ? kEnough / 4 : kEnough) &&
                  mine.frames >= (active_ ? kFrames / 2 : kFrames);
        for (Signs& signs : signs_) {
            signs.all -= signs.all / 4;
            signs.frames -= signs.frames / 4;
        }
        known_ = mine.all;
    }

    // Decaying counts of such words. Immediate repetitions are not counted.
    struct Signs {
        std::uint32_t all = 0;
        std::uint32_t frames = 0;
        std::uint32_t last = 0;
        std::uint32_t last_frame = 0;
    };
    static constexpr std::uint32_t kBlock = 512;
    static constexpr std::uint32_t kEnough = 24; // of all such words, to activate the expert
    static constexpr std::uint32_t kFrames = 6;
    static constexpr std::uint32_t kSilence = 2; // blocks without any such word that end code

    Labels labels_;
    std::uint32_t position_ = 0;
    std::uint32_t odd_ = 0;              // parity of the positions at which words end
    std::uint32_t word_ = 0;             // the latest two bytes
    std::uint32_t op_ = 0;               // this instruction's first word
    std::uint32_t left_ = 0;             // words of this instruction still to come
    std::uint32_t first_ = 0;            // left_ at the instruction's beginning
    std::uint32_t words_ = 0;            // hash of its words after the first
    std::uint32_t last_ = 0;             // the latest of these
    std::array<std::uint32_t, 5> ops_{}; // first words of the previous instructions
    std::uint32_t ops2_ = 0;
    std::uint32_t ops3_ = 0;
    std::uint32_t kinds_ = 0;  // upper bytes of the last four opcodes
    std::uint32_t fresh_ = 0;  // registers written and not yet read, a bit each
    std::uint32_t pushed_ = 0; // arguments since the last call
    std::uint32_t call_ = 0;   // hash of that call
    std::array<std::uint32_t, 256> of_op_{};
    std::array<std::uint32_t, 8> of_base_{};
    std::array<Signs, 2> signs_{}; // by parity
    std::uint32_t known_ = 0;      // signs_[odd_].all at the beginning of this block
    std::uint32_t silent_ = 0;     // latest blocks without such words
    bool active_ = false;
};

} // namespace weightless::model
