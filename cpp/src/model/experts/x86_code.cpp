#include "model/experts/x86_code.hpp"

namespace weightless::model {

void X86Code::update(const RawByte& latest, const ByteHistory& symbols) noexcept {
    const std::uint8_t raw = latest.value;
    const std::uint8_t symbol = symbols.back(1);
    detect_long_mode(raw);
    detect_calls(raw);
    ++position_;
    flow_.advance();
    if (decoder_.length() == 0) {
        bytes_ = 0;
    }
    bytes_ = fixed::combine(bytes_, symbol + 1u);
    last_ = symbol;
    if (decoder_.update(raw)) {
        end_instruction();
    }
    base_ = position_ + decoder_.size() - decoder_.done() + decoder_.after();
}

std::array<std::uint32_t, X86Code::Instructions::kCount> X86Code::contexts() const noexcept {
    // The partial instruction, without the bytes of its values and with all bytes.
    auto now = static_cast<std::uint32_t>(decoder_.part());
    std::uint32_t whole = now;
    std::uint32_t value = 0;
    if (decoder_.length() != 0) {
        now = fixed::combine(now, decoder_.opcode() | decoder_.prefixes() << 12);
        now = fixed::combine(now, decoder_.modrm() | decoder_.sib() << 8 | decoder_.done() << 16 |
                                      decoder_.size() << 20);
        whole = fixed::combine(now, bytes_);
        value = decoder_.value();
    }
    std::array<std::uint32_t, Instructions::kCount> hashes;
    auto next = hashes.begin();
    *next++ = whole;
    *next++ = fixed::combine(whole, opcodes_[0]);
    *next++ = fixed::combine(whole, opcodes2_);
    *next++ = fixed::combine(whole, opcodes3_);
    *next++ = fixed::combine(whole, opcodes6_);
    *next++ = fixed::combine(whole, forms_[0]);
    *next++ = fixed::combine(whole, forms_[1]);
    *next++ = fixed::combine(whole, forms2_);
    *next++ = fixed::combine(now, last_);
    // Previous values: of the same form, of the same base register, of 32 bits, and of calls.
    *next++ = fixed::combine(now, of_form_[place()]);
    *next++ = fixed::combine(now, fixed::combine(of_base_[decoder_.modrm() & 0xc7u], value));
    *next++ = fixed::combine(whole, long_value_);
    *next++ = fixed::combine(whole, call_);
    // The distance from here to the target of the latest short forward jump.
    *next++ = fixed::combine(now, (jump_ - position_) & 0xffffu);
    // The state of the function.
    const std::uint32_t modrm = decoder_.modrm();
    const std::uint32_t fresh = flow_.fresh();
    const std::uint32_t nearest = flow_.labels().nearest();
    const std::uint32_t arguments = (flow_.labels().here() ? 1u : 0u) | flow_.pushed() << 16;
    *next++ = fixed::combine(whole, flow_.written(modrm & 7u));
    *next++ = fixed::combine(now, flow_.offsets(modrm & 7u));
    *next++ = fixed::combine(whole, flow_.depth());
    *next++ = fixed::combine(whole, arguments);
    *next++ = fixed::combine(now, nearest);
    *next++ = fixed::combine(now, fixed::combine(nearest, opcodes_[0]));
    *next++ = fixed::combine(whole, fresh);
    *next++ = fixed::combine(whole, fixed::combine(fresh, flow_.kinds() & 0xfffu));
    *next++ = fixed::combine(whole, flow_.writers());
    *next++ = fixed::combine(whole, fixed::combine(fresh << 3 | flow_.latest(), arguments));
    return hashes;
}

} // namespace weightless::model
