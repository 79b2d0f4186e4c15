#include "model/experts/m68k_code.hpp"

namespace weightless::model {

void M68kCode::update(const RawByte& latest) noexcept {
    word_ = (word_ << 8 | latest.value) & 0xffffu;
    ++position_;
    detect();
    if (active_) {
        labels_.advance();
        if ((position_ & 1u) == odd_) {
            end_word();
        }
    }
}

std::array<std::uint32_t, M68kCode::Instructions::kCount> M68kCode::contexts() const noexcept {
    const std::uint32_t high = this->high();
    // The position in the instruction, and its known part.
    const std::uint32_t place = left_ == 0 ? 0 : fixed::combine(op_, left_);
    const std::uint32_t now = fixed::combine(place, high);
    const std::uint32_t whole = fixed::combine(now, left_ == 0 ? 0 : words_);
    const std::uint32_t nearest = labels_.nearest();
    const std::uint32_t here = labels_.here() ? 1u : 0u;
    std::array<std::uint32_t, Instructions::kCount> hashes;
    auto next = hashes.begin();
    *next++ = whole;
    *next++ = fixed::combine(whole, ops2_);
    *next++ = fixed::combine(whole, fixed::combine(ops3_, fixed::combine(ops_[3], ops_[4])));
    *next++ = fixed::combine(whole, kinds_);
    *next++ = fixed::combine(whole, kinds_ & 0xffffu);
    *next++ = fixed::combine(whole, fixed::combine(fresh_, kinds_ & 0xffu));
    *next++ = fixed::combine(whole, fresh_);
    // The operands that last followed the same opcode, and the last two values with this register.
    *next++ = fixed::combine(now, of_op_[fixed::combine(op_, 0) >> 24]);
    *next++ = fixed::combine(now, of_base_[op_ & 7u]);
    *next++ = fixed::combine(whole, pushed_ << 1 | here);
    *next++ = fixed::combine(now, fixed::combine(nearest, ops_[0]));
    *next++ = fixed::combine(now, nearest);
    *next++ = fixed::combine(whole, call_);
    *next++ = fixed::combine(whole, fixed::combine(ops_[1], ops_[2]));
    *next++ = fixed::combine(left_ == 0 ? 0 : 1 + (op_ & 0x3fu), fixed::combine(high, last_));
    *next++ = fixed::combine(whole, ops_[0] & 0xf1ff);
    return hashes;
}

} // namespace weightless::model
