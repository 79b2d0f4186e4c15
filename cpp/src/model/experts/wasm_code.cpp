#include "model/experts/wasm_code.hpp"

namespace weightless::model {

namespace {

constexpr std::uint64_t kMagic = 0x0061736d01000000u;
constexpr std::uint32_t kLargest = 1u << 19; // bytes of a section of functions or elements

// How many numbers follow an opcode.
std::uint32_t operands_of(std::uint32_t op) noexcept {
    if (op >= 0x28 && op <= 0x3e) {
        return 2;
    }
    switch (op) {
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x06:
    case 0x07:
    case 0x08:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x0e:
    case 0x10:
    case 0x12:
    case 0x18:
    case 0x1c:
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x26:
    case 0x3f:
    case 0x40:
    case 0x41:
    case 0x42:
    case 0xd0:
    case 0xd2:
    case 0xfc:
    case 0xfd:
    case 0xfe:
        return 1;
    case 0x11:
    case 0x13:
        return 2;
    default:
        return 0;
    }
}

// How many follow the second number of an opcode.
std::uint32_t extended_operands(std::uint32_t op, std::uint32_t number) noexcept {
    if (op == 0xfc) {
        return number < 8 ? 0 : number == 8 || number == 10 || number == 12 || number == 14 ? 2 : 1;
    }
    if (op == 0xfd) {
        return number < 12 || number == 92 || number == 93 ? 2
               : number >= 84 && number < 92               ? 3
               : number >= 21 && number < 35               ? 1
                                                           : 0;
    }
    return number == 3 ? 1 : 2;
}

} // namespace

void WasmCode::begin(Place part) noexcept {
    part_ = part;
    done_ = 0;
    value_ = 0;
    coded_ = 0;
}

void WasmCode::update(const RawByte& latest) {
    ++position_;
    before_ = before_ << 8 | latest.value;
    if (before_ == kMagic && !active_) {
        begin_section();
        return;
    }
    if (part_ == Place::outside) {
        return;
    }
    end_part(latest.value);
    active_ = part_ > Place::header && (section_ == 3 || section_ == 9 || section_ == 10);
    if (!active_) {
        return;
    }
    if (tables_.empty()) {
        tables_.resize(kTables * kTable);
        guessed_.start();
    }
    if (done_ == 0) {
        expect();
    }
    guess();
}

void WasmCode::begin_section() noexcept {
    section_ = 0;
    step_ = 0;
    begin(Place::header);
}

// Takes a byte of the current part.
void WasmCode::end_part(std::uint8_t byte) noexcept {
    if (part_ == Place::opcode) {
        opcode_ = byte;
        end_opcode();
        return;
    }
    if (part_ == Place::bytes) {
        ++done_;
        if (--left_ == 0) {
            end_instruction();
        }
        return;
    }
    if (part_ == Place::header && step_ == 0) {
        section_ = byte;
        step_ = 1;
        if (byte > 13) {
            // Another module may begin here.
            byte == 0 ? begin_section() : leave();
        }
        return;
    }
    if (part_ == Place::header && step_ == 2) {
        if (position_ == section_end_) {
            begin_section(); // what it contained was not read
        }
        return;
    }
    // A number.
    value_ |= done_ < 5 ? static_cast<std::uint32_t>(byte & 127u) << (7 * done_) : 0;
    coded_ |= done_ < 8 ? static_cast<std::uint64_t>(byte) << (8 * done_) : 0;
    ++done_;
    if (byte >= 128) {
        if (done_ >= 10) {
            leave();
        }
        return;
    }
    end_operand();
    if (part_ > Place::header && position_ >= section_end_) {
        position_ == section_end_ ? begin_section() : leave();
    }
}

void WasmCode::end_operand() noexcept {
    const std::uint32_t value = value_;
    switch (part_) {
    case Place::header:
        section_end_ = position_ + value;
        if (value == 0) {
            begin_section();
        } else if ((section_ == 3 || section_ == 9) && value <= kLargest) {
            opcode_ = 0;
            numbers_.fill(0);
            begin(Place::number);
        } else if (section_ == 10) {
            step_ = 0;
            opcode_ = 0;
            begin(Place::size);
        } else {
            step_ = 2;
        }
        return;
    case Place::number:
        if (value > kLargest) {
            leave();
            return;
        }
        for (std::size_t i = numbers_.size() - 1; i > 0; --i) {
            numbers_[i] = numbers_[i - 1];
        }
        numbers_[0] = value;
        begin(Place::number);
        return;
    case Place::size:
        // The number of functions comes first.
        if (step_ == 0) {
            step_ = 1;
            begin(Place::size);
            return;
        }
        body_end_ = position_ + value;
        left_ = 0;
        step_ = 0;
        opcodes_ = opcodes8_ = 0;
        senses_.fill(0);
        sense2_ = sense3_ = 0;
        locals_ = 0;
        depth_ = 0;
        setter_.fill(0);
        begin(Place::locals);
        return;
    case Place::locals:
        // How many pairs there are, then numbers and types.
        if (step_ == 0) {
            left_ = 2 * std::min(value, 1u << 16);
            step_ = 1;
        } else {
            --left_;
        }
        begin(left_ == 0 ? Place::opcode : Place::locals);
        return;
    default:
        break;
    }
    // An operand of an instruction.
    for (std::size_t i = 0; i < kTables; ++i) {
        Expected& expected = tables_[places_[i]];
        expected.hits = expected.bytes == coded_ ? std::min(expected.hits + 1, 3u) : 0;
        expected.bytes = coded_;
    }
    senses_[0] = hash(senses_[0], value);
    const std::uint32_t op = opcode_ & 255u;
    latest_[op] = value;
    if (op >= 0x20 && op <= 0x22) {
        locals_ = locals_ << 8 | (value & 255u);
        if (op != 0x20) {
            setter_[value & 255u] = senses_[1];
        }
    } else if (op == 0x10) {
        called2_ = hash(called_, value);
        called_ = value;
    }
    if (table_) {
        table_ = false;
        left_ += std::min(value, 1u << 20) + (op == 0x0e ? 1 : 0);
    }
    if (op >= 0xfc && step_ == 0) {
        step_ = 1;
        left_ = extended_operands(op, value) + 1;
        if (op == 0xfd && (value == 12 || value == 13)) {
            left_ = 16;
            begin(Place::bytes);
            return;
        }
    }
    if (--left_ == 0) {
        end_instruction();
    } else {
        begin(Place::operand);
    }
}

void WasmCode::end_opcode() noexcept {
    const std::uint32_t op = opcode_;
    for (std::size_t i = 0; i < kTables; ++i) {
        Expected& expected = tables_[places_[i]];
        expected.hits = expected.bytes == op ? std::min(expected.hits + 1, 3u) : 0;
        expected.bytes = op;
    }
    for (std::size_t i = senses_.size() - 1; i > 0; --i) {
        senses_[i] = senses_[i - 1];
    }
    senses_[0] = op;
    opcodes8_ = opcodes8_ << 8 | opcodes_ >> 24;
    opcodes_ = opcodes_ << 8 | op;
    depth_ += op >= 2 && op <= 4 ? 1u : 0u;
    depth_ -= op == 0x0b && depth_ != 0 ? 1u : 0u;
    left_ = operands_of(op);
    step_ = 0;
    table_ = op == 0x0e || op == 0x1c;
    if (op == 0x43 || op == 0x44) {
        left_ = op == 0x43 ? 4 : 8;
        begin(Place::bytes);
    } else if (left_ != 0) {
        begin(Place::operand);
    } else {
        end_instruction();
    }
}

void WasmCode::end_instruction() noexcept {
    sense2_ = hash(senses_[0], senses_[1]);
    sense3_ = hash(sense2_, senses_[2]);
    if (position_ < body_end_) {
        begin(Place::opcode);
    } else if (position_ == body_end_) {
        opcode_ = 0;
        step_ = 1;
        if (position_ == section_end_) {
            begin_section();
        } else {
            begin(Place::size);
        }
    } else {
        leave();
    }
}

void WasmCode::expect() noexcept {
    const std::uint32_t now = hash(part_number(), opcode_ * 4 + std::min(left_, 3u));
    std::array<std::uint32_t, kTables> hashes{
        hash(now, senses_[0], senses_[1]), hash(now, sense3_), hash(now, sense3_, senses_[3]),
        hash(now, called2_, senses_[0]), hash(now, locals_ & 0xffffu, opcodes_)};
    for (std::size_t i = 0; i < kTables; ++i) {
        places_[i] = i * kTable + (hashes[i] >> 21);
    }
}

void WasmCode::guess() noexcept {
    for (std::size_t i = 0; i < kTables; ++i) {
        const Expected& expected = tables_[places_[i]];
        const std::uint64_t mask = (std::uint64_t{1} << (8 * std::min(done_, 7u))) - 1;
        const bool usable = part_ == Place::opcode || part_ == Place::operand;
        if (usable && done_ < 8 && ((expected.bytes ^ coded_) & mask) == 0) {
            const auto byte = static_cast<std::uint32_t>(expected.bytes >> (8 * done_) & 255u);
            const std::uint32_t kind = part_ == Place::opcode ? 0 : 1 + (opcode_ >> 3 & 30u);
            guessed_.set(i, byte, (expected.hits * 2 + (done_ == 0 ? 0 : 1)) * 32 + (kind & 31u));
        } else {
            guessed_.clear(i);
        }
    }
}

std::array<std::uint32_t, WasmCode::Instructions::kCount> WasmCode::contexts() const noexcept {
    std::array<std::uint32_t, Instructions::kCount> hashes;
    const auto bytes = static_cast<std::uint32_t>(coded_);
    std::uint32_t now = hash(part_number() << 8 | section_, done_, bytes);
    if (part_ == Place::operand || part_ == Place::bytes) {
        now = hash(now, opcode_, left_);
    }
    const auto last4 = static_cast<std::uint32_t>(before_);
    auto next = hashes.begin();
    *next++ = now;
    if (part_ == Place::number || part_ == Place::size || part_ == Place::locals) {
        const std::uint32_t step = hash(now, left_);
        *next++ = hash(now, numbers_[0]);
        *next++ = hash(now, numbers_[0], numbers_[1]);
        *next++ = hash(now, numbers_[0], numbers_[1], numbers_[2]);
        *next++ = hash(now, numbers_[0] - numbers_[1]);
        *next++ = hash(now, numbers_[1]);
        *next++ = hash(step, last4 & 0xffu);
        *next++ = hash(step, last4 & 0xffffu);
        *next++ = hash(step, last4 & 0xffffffu);
        *next++ = hash(step, last4);
        *next++ = hash(now, body_end_ - position_);
        std::fill(next, hashes.end(), now);
        return hashes;
    }
    *next++ = hash(now, opcodes_ & 255u);
    *next++ = hash(now, opcodes_ & 0xffffu);
    *next++ = hash(now, opcodes_ & 0xffffffu);
    *next++ = hash(now, opcodes_);
    *next++ = hash(now, opcodes_, opcodes8_ & 0xffffu);
    *next++ = hash(now, senses_[0]);
    *next++ = hash(now, senses_[0], senses_[1]);
    *next++ = hash(now, sense3_);
    *next++ = hash(now, sense3_, senses_[3]);
    *next++ = hash(now, locals_ & 0xffu, opcodes_ & 255u);
    *next++ = hash(now, locals_ & 0xffffu);
    *next++ = hash(now, locals_ & 0xffffffu, opcodes_ & 255u);
    *next++ = hash(now, latest_[opcode_ & 255u], senses_[0]);
    *next++ = hash(now, setter_[locals_ & 255u]);
    *next++ = hash(now, called_, opcodes_ & 0xffu);
    *next++ = hash(now, depth_, opcodes_ & 0xffffu);
    *next++ = hash(now, senses_[1], senses_[2]);
    return hashes;
}

} // namespace weightless::model
