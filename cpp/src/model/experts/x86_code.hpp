// x86 machine code, 32 and 64 bits. Calls' and jumps' relative targets are predicted as
// absolute ones, so that calls of one function look alike everywhere; contexts follow
// instructions, not bytes.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/experts/x86_decoder.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class X86Code {
public:
    static constexpr int kContexts = 14;
    static constexpr int kSelectors = 1024;

    /// raw: the byte; symbol: what stood for it (raw + shift()).
    void update(std::uint8_t raw, std::uint8_t symbol) noexcept {
        detect(raw);
        const bool was_modrm = decoder_.part() == X86Decoder::Part::modrm;
        static_cast<void>(was_modrm);
        ++position_;
        if (decoder_.length() == 0) {
            bytes_ = 0;
        }
        bytes_ = fixed::combine(bytes_, symbol + 1u);
        last_ = symbol;
        const bool ended = decoder_.update(raw);
        if (ended) {
            end_instruction();
        }
        base_ = position_ + decoder_.size() - decoder_.done() + decoder_.after();
    }

    /// The data are x86 code, as it seems.
    bool active() const noexcept { return active_; }
    bool long_mode() const noexcept { return decoder_.long_mode(); }

    /// What is added to the next byte for its symbol: absolute targets are relative ones plus
    /// the place of the instruction's end.
    std::uint8_t shift() const noexcept {
        if (!active_ || !decoder_.relative()) {
            return 0;
        }
        const unsigned bits = 8 * decoder_.done();
        const std::uint64_t low = (std::uint64_t{1} << bits) - 1;
        const std::uint64_t carried = (decoder_.value() & low) + (base_ & low);
        return static_cast<std::uint8_t>((base_ >> bits) + (carried >> bits));
    }

    void contexts(ContextList& list) const noexcept {
        using Part = X86Decoder::Part;
        const Part part = decoder_.part();
        // The instruction so far.
        std::uint32_t now = static_cast<std::uint32_t>(part);
        std::uint32_t whole = now; // with all its bytes
        if (decoder_.length() != 0) {
            now = fixed::combine(now, decoder_.opcode() | decoder_.prefixes() << 12);
            now = fixed::combine(now, decoder_.modrm() | decoder_.sib() << 8 |
                                          decoder_.done() << 16 | decoder_.size() << 20);
            whole = fixed::combine(now, bytes_);
        }
        list.add(whole);
        list.add(fixed::combine(whole, opcodes_[0]));
        list.add(fixed::combine(whole, fixed::combine(opcodes_[0], opcodes_[1])));
        list.add(fixed::combine(whole, opcodes3_));
        list.add(fixed::combine(whole, opcodes4_));
        list.add(fixed::combine(whole, opcodes6_));
        list.add(fixed::combine(whole, forms_[0] + 1));
        list.add(fixed::combine(whole, fixed::combine(forms_[0], forms_[1])));
        list.add(fixed::combine(whole, forms3_));
        list.add(fixed::combine(whole, forms4_));
        list.add(fixed::combine(whole, wholes_[0] + 2));
        list.add(fixed::combine(whole, fixed::combine(wholes_[0], wholes_[1])));
        list.add(fixed::combine(now, last_value_[place()]));
        list.add(fixed::combine(now, fixed::combine(last_, opcodes_[0])));
    }

    int selector() const noexcept {
        using Part = X86Decoder::Part;
        switch (decoder_.part()) {
        case Part::opcode:
            return static_cast<int>(decoder_.length() == 0 ? opcode_before_ & 255u : 256u);
        case Part::escaped:
            return 257;
        case Part::payload:
            return 258;
        case Part::modrm:
            return static_cast<int>(512 + (decoder_.opcode() & 511u));
        case Part::sib:
            return 259;
        case Part::displacement:
            return static_cast<int>(264 + (decoder_.size() == 1 ? 0 : 1 + decoder_.done() % 4) +
                                    ((decoder_.modrm() & 0xc7u) == 5 ? 8 : 0));
        case Part::immediate:
            return static_cast<int>(288 + std::min(decoder_.size(), 7u) * 8 + decoder_.done() % 8 +
                                    (decoder_.relative() ? 64 : 0));
        }
        return 0;
    }

private:
    std::size_t place() const noexcept {
        return fixed::combine(decoder_.opcode(), decoder_.modrm()) >> 22;
    }

    void end_instruction() noexcept {
        const std::uint32_t opcode = fixed::combine(decoder_.opcode(), decoder_.prefixes());
        const std::uint32_t form = fixed::combine(opcode, decoder_.modrm() + 1);
        last_value_[place()] = bytes_;
        for (std::size_t i = 5; i > 0; --i) {
            opcodes_[i] = opcodes_[i - 1];
            forms_[i] = forms_[i - 1];
        }
        opcodes_[0] = opcode;
        forms_[0] = form;
        wholes_[1] = wholes_[0];
        wholes_[0] = bytes_;
        opcode_before_ = decoder_.opcode();
        const auto over = [](const std::array<std::uint32_t, 6>& of, std::size_t n) {
            std::uint32_t h = static_cast<std::uint32_t>(n);
            for (std::size_t i = 0; i < n; ++i) {
                h = fixed::combine(h, of[i]);
            }
            return h;
        };
        opcodes3_ = over(opcodes_, 3);
        opcodes4_ = over(opcodes_, 4);
        opcodes6_ = over(opcodes_, 6);
        forms3_ = over(forms_, 3);
        forms4_ = over(forms_, 4);
    }

    void detect(std::uint8_t raw) noexcept {
        // REX prefixes stand before few opcodes; in 32-bit code they are decrements.
        if (before_ == 0x48 || before_ == 0x4c) {
            const bool rex = raw == 0x8b || raw == 0x89 || raw == 0x8d || raw == 0x85 ||
                             raw == 0x83 || raw == 0x39 || raw == 0x3b || raw == 0x01 ||
                             raw == 0x29 || raw == 0xc7 || raw == 0x63;
            rex_ = rex ? std::min(rex_ + 1, 16) : std::max(rex_ - 2, 0);
            decoder_.set_long_mode(rex_ >= (decoder_.long_mode() ? 4 : 12));
        }
        before_ = raw;

        if (since_ < kPatience) {
            ++since_;
        } else {
            active_ = false;
            score_ = 0;
        }
        // A call's last byte: is it one to a place nearby, or even to one called before?
        if (decoder_.part() == X86Decoder::Part::immediate && decoder_.opcode() == 0xe8 &&
            decoder_.size() == 4 && decoder_.done() == 3) {
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
    }

    static constexpr unsigned kPatience = 2048; // bytes without a call

    X86Decoder decoder_;
    std::uint32_t position_ = 0;
    std::uint32_t base_ = 0;  // where relative values count from
    std::uint32_t bytes_ = 0; // hash of this instruction's symbols
    std::uint32_t last_ = 0;
    std::array<std::uint32_t, 6> opcodes_{}; // of the last instructions
    std::array<std::uint32_t, 6> forms_{};   // with their ModRM
    std::array<std::uint32_t, 2> wholes_{};  // with all of their bytes
    std::uint32_t opcode_before_ = 0;
    std::uint32_t opcodes3_ = 0;
    std::uint32_t opcodes4_ = 0;
    std::uint32_t opcodes6_ = 0;
    std::uint32_t forms3_ = 0;
    std::uint32_t forms4_ = 0;
    std::array<std::uint32_t, 1024> last_value_{};

    std::array<std::uint32_t, 1024> targets_{};
    int rex_ = 0;
    std::uint32_t before_ = 0;
    unsigned since_ = kPatience;
    int score_ = 0;
    bool active_ = false;
};

} // namespace weightless::model
