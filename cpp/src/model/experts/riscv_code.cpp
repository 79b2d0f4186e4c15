#include "model/experts/riscv_code.hpp"

namespace weightless::model {

namespace {

constexpr std::uint32_t kBad = 255;

// What distinguishes code from other data: a number for each sign, 0 for none, kBad for what code
// hardly contains.
std::uint32_t sign_of_short(std::uint32_t half) noexcept {
    if (half == 0x8082) {
        return 1; // RET
    }
    switch (half & 0xe003u) {
    case 0xe002: // C.SDSP
        return (half & 0x7fu) == 6 || (half & 0x7fu) == 0x22 ? 2 : 3;
    case 0x6002: // C.LDSP
        return (half & 0xf80u) == 0 ? kBad : 4;
    case 0x4001: // C.LI
        return (half & 0xf80u) == 0 ? kBad : 5;
    case 0x8002: // C.MV, C.ADD, C.JR, C.JALR
        return (half & 0xf80u) == 0 ? kBad : 6;
    case 0xa001: // C.J
        return 7;
    case 0xc001: // C.BEQZ, C.BNEZ
    case 0xe001:
        return 8;
    case 0x6001: // C.LUI
    case 0x0000: // C.ADDI4SPN
        return (half & 0x107cu) == 0 || half == 0 ? kBad : 0;
    case 0x8000: // reserved
        return kBad;
    default:
        return 0;
    }
}
std::uint32_t sign_of_long(std::uint32_t word) noexcept {
    const std::uint32_t function = word >> 12 & 7u;
    switch (word & 0x7fu) {
    case 0x03:
        return function == 7 ? kBad : function == 3 ? 9 : 10;
    case 0x23:
        return function > 3 ? kBad : function == 3 ? 11 : 12;
    case 0x13:
        return function == 0 ? 13 : 14;
    case 0x1b:
        return function == 0 || function == 1 || function == 5 ? 15 : kBad;
    case 0x63:
        return function == 2 || function == 3 ? kBad : 16;
    case 0x6f:
        return (word & 0xf00u) == 0 ? 17 : kBad;
    case 0x67:
        return function == 0 ? 18 : kBad;
    case 0x17:
    case 0x37:
        return (word & 0xf80u) == 0 ? kBad : 19;
    case 0x33:
    case 0x3b:
        return (word & 0xbe000000u) == 0 || word >> 25 == 1 ? 20 : kBad;
    case 0x0f:
    case 0x2f:
    case 0x07:
    case 0x27:
    case 0x43:
    case 0x47:
    case 0x4b:
    case 0x4f:
    case 0x53:
    case 0x73:
        return 0;
    default:
        return kBad;
    }
}

constexpr std::uint32_t kOn = 720; // scores; 32 for each sign is at most 1,024
constexpr std::uint32_t kOff = 200;

// Far from code, only so many bytes of each period are looked at, for speed.
constexpr std::uint32_t kPeriod = 2048;
constexpr std::uint32_t kWatched = 512;

} // namespace

void RiscvCode::detect() noexcept {
    Scan& scan = scans_[position_ & 1u];
    const std::uint32_t half = word_ >> 16;
    std::uint32_t sign = 0;
    if (scan.second) {
        scan.second = false;
        sign = sign_of_long(word_);
    } else if ((half & 3u) == 3) {
        scan.second = true;
        return;
    } else {
        sign = sign_of_short(half);
    }
    scan.score -= scan.score / 32;
    if (sign == kBad) {
        scan.score -= scan.score / 8;
    } else if (sign != 0 && sign != scan.sign) {
        scan.score += 32;
        scan.sign = sign;
    }
    const std::uint32_t phase = position_ & 1u;
    if (phase != odd_ && scan.score > kOn && scan.score > 2 * scans_[odd_].score) {
        odd_ = phase;
        active_ = false;
    }
    if (phase == odd_) {
        const bool active = scan.score > (active_ ? kOff : kOn);
        if (active && !active_) {
            known_ = 0;
            begin_ = position_;
        }
        active_ = active;
    }
}

void RiscvCode::update(const RawByte& latest) {
    word_ = word_ >> 8 | static_cast<std::uint32_t>(latest.value) << 24;
    ++position_;
    const bool before = active_;
    if (position_ - seen_ < 2 * kPeriod || position_ % kPeriod < kWatched) {
        detect();
    }
    if (!active_) {
        return;
    }
    seen_ = position_;
    if (tables_.empty()) {
        tables_.resize(kTables * kTable);
        guessed_.start();
    }
    if (before) {
        ++known_;
        if ((known_ & 1u) == 0) {
            labels_.advance();
        }
        if (known_ >= RiscvDecoder::size(partial())) {
            end_instruction();
            known_ = 0;
            begin_ = position_;
        }
    }
    if (known_ == 0) {
        expect();
    }
    guess();
}

void RiscvCode::learn(Expected& expected, const Expected& seen) noexcept {
    const bool same = expected.word == seen.word && expected.target == seen.target &&
                      expected.paired == seen.paired;
    const auto hits = static_cast<std::uint16_t>(same ? std::min(expected.hits + 1, 3) : 0);
    expected = seen;
    expected.hits = hits;
}

void RiscvCode::learn(const Expected& seen, const RiscvDecoder& ended) noexcept {
    const bool call = ended.kind() == Kind::call && ended.target() == Target::jump;
    for (std::size_t i = 0; i < kTables; ++i) {
        if (i < 4 || (i < 6 ? call : i == 6 && ended.kind() == Kind::jump)) {
            learn(tables_[places_[i]], seen);
        }
    }
    if (call) {
        called2_ = hash(called_, seen.target);
        called_ = seen.target;
        calls_.add(seen.target);
    } else if (ended.kind() == Kind::jump) {
        jumped_ = seen.target;
        jumps_.add(seen.target);
    }
}

void RiscvCode::end_instruction() noexcept {
    const std::uint32_t word = partial();
    const RiscvDecoder ended(word);
    const Target target = ended.target();
    Expected seen;
    seen.word = word & ~RiscvDecoder::target_mask(target);
    if (target != Target::none) {
        seen.target = begin_ + RiscvDecoder::distance(target, word);
    }
    if (page_register_ != 0 && ended.s1() == page_register_ && known_ == 4 &&
        RiscvDecoder::has_constant(word)) {
        seen.word = word & 0xfffffu;
        seen.target = address_ = page_ + RiscvDecoder::constant(word);
        seen.paired = true;
        page_seen_.target = address_;
        for (std::size_t i = 0; i < kTables; ++i) {
            if (i < 4 || i == 7) {
                learn(tables_[page_places_[i]], page_seen_);
            }
        }
    }
    if (target == Target::page) {
        page_ = seen.target;
        page_register_ = ended.d();
        page_seen_ = seen;
        page_places_ = places_;
    } else {
        learn(seen, ended);
        if (page_register_ == ended.d() || page_register_ == ended.s1()) {
            page_register_ = 0;
        }
    }
    const std::uint32_t absolute =
        target == Target::page ? seen.word : hash(seen.word, seen.target);

    past_.push(word, known_, absolute, ended.form(), static_cast<std::uint32_t>(ended.kind()));
    operands_ = hash(ended.d() | ended.s1() << 5 | ended.s2() << 10, ended.form());
    use_registers(ended);

    const std::uint32_t ahead = seen.target - position_;
    if (target != Target::none && target != Target::page && ahead / 2 < Labels::kReach) {
        labels_.add(ahead / 2, 0);
    }
}

void RiscvCode::use_registers(const RiscvDecoder& ended) noexcept {
    const std::uint32_t base = ended.s1();
    fresh_ &= ~(1u << base | 1u << ended.s2());
    if (ended.kind() == Kind::load || ended.kind() == Kind::store || ended.kind() == Kind::add ||
        ended.kind() == Kind::stack) {
        offsets_[base] = offsets_[base] << 16 | (partial() >> (known_ == 4 ? 16 : 0) & 0xffffu);
    }
    if (ended.kind() == Kind::call) {
        fresh_ = 1u << 10;
        writers_[10] = ended.form();
        written_ = written_ << 5 | 10u;
    } else if (ended.d() != 0) {
        fresh_ |= 1u << ended.d();
        writers_[ended.d()] = ended.form();
        written_ = written_ << 5 | ended.d();
        if (ended.d() != base) {
            offsets_[ended.d()] = 0;
        }
    }
}

void RiscvCode::expect() noexcept {
    const std::array<std::uint32_t, kTables> hashes = past_.contexts(
        called_, called2_, hash(past_.forms[0], jumped_), hash(address_, past_.forms[0]));
    for (std::size_t i = 0; i < kTables; ++i) {
        places_[i] = i * kTable + (hashes[i] >> 21);
    }
}

// The instruction as it would be here.
std::uint32_t RiscvCode::relative(const Expected& expected) const noexcept {
    if (expected.paired) {
        return expected.word | (expected.target - page_) << 20;
    }
    const Target target = RiscvDecoder(expected.word).target();
    return expected.word | RiscvDecoder::encoded(target, expected.target - begin_);
}

void RiscvCode::guess() noexcept {
    const std::uint32_t bits = partial();
    const std::uint32_t mask = known_ == 0 ? 0 : (1u << (8 * known_)) - 1;
    const std::uint32_t kind = past_.kinds & 15u;
    for (std::size_t i = 0; i < kTables; ++i) {
        const Expected& expected = tables_[places_[i]];
        const std::uint32_t word = relative(expected);
        if (((word ^ bits) & mask) == 0 && expected.word != 0) {
            guessed_.set(i, word >> (8 * known_), (expected.hits * 4u + known_) * 16 + kind);
        } else {
            guessed_.clear(i);
        }
    }
    guessed_.clear(kTables);
    guessed_.clear(kTables + 1);
    if (known_ != 0 && (bits & 0x7fu) == 0x6f) {
        for (std::uint32_t i = 0; i < CodeTargets<64>::kCount; ++i) {
            const std::uint32_t word =
                (bits & 0xfffu) | RiscvDecoder::encoded(Target::jump, calls_.get(i) - begin_);
            if (((word ^ bits) & mask) == 0) {
                guessed_.set(kTables, word >> (8 * known_),
                             (std::min(i, 3u) * 4 + known_) * 16 + kind);
                break;
            }
        }
    }
    if (known_ == 1 && (bits & 3u) == 1) {
        for (std::uint32_t i = 0; i < CodeTargets<16>::kCount; ++i) {
            const std::uint32_t word =
                0xa001u | RiscvDecoder::encoded(Target::short_jump, jumps_.get(i) - begin_);
            if (((word ^ bits) & mask) == 0) {
                guessed_.set(kTables + 1, word >> 8, (std::min(i, 3u) * 4 + known_) * 16 + kind);
                break;
            }
        }
    }
}

std::array<std::uint32_t, RiscvCode::Instructions::kCount> RiscvCode::contexts() const noexcept {
    const std::uint32_t bits = partial();
    const std::uint32_t whole = hash(known_, bits);
    const std::uint32_t operation = known_ == 0 ? 0 : this->operation();
    const std::uint32_t now = hash(known_, operation, known_ == 0 ? 0 : latest());
    const std::uint32_t less = hash(known_, operation);
    // The base register, if this is a load or a store: that which is known, or the one written
    // last.
    std::uint32_t base = written_ & 31u;
    if (known_ == 3) {
        base = bits >> 15 & 31u;
    } else if (known_ == 2) {
        base = (base & 1u) == (bits >> 15 & 1u) ? base : (written_ >> 5 & 31u);
    }
    const std::uint32_t nearest = labels_.nearest();

    std::array<std::uint32_t, Instructions::kCount> hashes;
    auto next = hashes.begin();
    *next++ = whole;
    *next++ = hash(whole, past_.forms[0]);
    *next++ = hash(whole, past_.forms2);
    *next++ = hash(whole, past_.forms3);
    *next++ = hash(whole, past_.forms5);
    *next++ = hash(whole, past_.words[0]);
    *next++ = hash(whole, past_.words[0], past_.words[1]);
    *next++ = hash(whole, past_.words[1]);
    *next++ = hash(whole, past_.words[0], past_.words[1], past_.words[2]);
    *next++ = hash(now, past_.forms[0]);
    *next++ = hash(whole, operands_);
    *next++ = hash(whole, written_ & 0x7fffu, past_.kinds & 15u);
    *next++ = hash(whole, past_.kinds);
    *next++ = hash(whole, past_.kinds & 0xffffu);
    *next++ = hash(whole, fresh_);
    *next++ = hash(whole, fresh_, past_.kinds & 255u);
    *next++ = hash(whole, nearest, past_.kinds & 15u);
    *next++ = hash(now, past_.followed());
    *next++ = hash(now, past_.followed3(), past_.forms[0]);
    *next++ = hash(now, offsets_[base], base);
    *next++ = hash(less, writers_[base], base);
    *next++ = hash(less, past_.forms[0]);
    *next++ = hash(now, past_.completed(known_, partial()));
    *next++ = hash(now, nearest);
    return hashes;
}

} // namespace weightless::model
