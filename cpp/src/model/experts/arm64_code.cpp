#include "model/experts/arm64_code.hpp"

namespace weightless::model {

namespace {

// What distinguishes code from other data: a number for each sign, 0 for none. Each is common in
// code, and rare elsewhere.
std::uint32_t sign_of(std::uint32_t word) noexcept {
    const std::uint32_t top = word >> 24;
    switch (top) {
    case 0xd6:
        return (word & 0xff9ffc1fu) == 0xd61f0000u ? 1 : 0; // BR, BLR, RET
    case 0xa9:
    case 0xa8:
    case 0x6d:
    case 0x29:
        return (word & 0x03e0u) == 0x03e0u ? 2 : 0; // LDP, STP at the stack pointer
    case 0x94:
        return (word & 0xf00000u) == 0 ? 3 : 0; // BL
    case 0x97:
        return (word & 0xf00000u) == 0xf00000u ? 3 : 0;
    case 0x54:
        return (word & 0xf00010u) == 0 || (word & 0xf00010u) == 0xf00000u ? 4 : 0; // B.cond
    case 0x91:
    case 0xd1:
    case 0x11:
    case 0x51:
        return (word & 0x800000u) == 0 ? 5 : 0; // ADD, SUB
    case 0x71:
    case 0xf1:
        return (word & 0x80001fu) == 0x1fu ? 6 : 0; // CMP
    case 0xaa:
    case 0x2a:
        return (word & 0xe0ffe0u) == 0x0003e0u ? 7 : 0; // MOV
    case 0xf9:
    case 0xb9:
    case 0x39:
    case 0xfd:
        return (word & 0x800000u) == 0 ? 8 : 0; // LDR, STR
    case 0x34:
    case 0xb4:
    case 0x35:
    case 0xb5:
        return (word & 0xf00000u) == 0 || (word & 0xf00000u) == 0xf00000u ? 9 : 0; // CBZ, CBNZ
    case 0x52:
    case 0xd2:
        return (word & 0x800000u) != 0 ? 10 : 0; // MOV of a constant
    case 0x90:
    case 0xb0:
    case 0xd0:
    case 0xf0:
        return (word & 0x00e00000u) == 0 ? 11 : 0; // ADRP
    case 0xeb:
    case 0x6b:
        return (word & 0xe0fc1fu) == 0x00001fu ? 12 : 0; // CMP of registers
    case 0x1e:
        return (word & 0x200000u) != 0 ? 13 : 0; // floating point
    case 0xf8:
    case 0xb8:
    case 0x38:
        return (word & 0xc00u) != 0 ? 14 : 0; // LDR, STR with an index
    default:
        return 0;
    }
}

constexpr std::uint32_t kOn = 400; // scores; 32 for each sign is at most 1,024
constexpr std::uint32_t kOff = 64;

// Far from code, only so many bytes of each period are looked at, for speed.
constexpr std::uint32_t kPeriod = 2048;
constexpr std::uint32_t kWatched = 512;

} // namespace

void Arm64Code::detect(std::uint32_t word) noexcept {
    const std::size_t phase = position_ & 3u;
    std::uint32_t& score = scores_[phase];
    const std::uint32_t sign = sign_of(word);
    score -= score / 32;
    // A sign counts if it differs from the latest one.
    if (sign != 0 && sign != signs_[phase]) {
        signs_[phase] = sign;
        score += 32;
    }
    if (score > kOn && score > 2 * scores_[phase_] && phase != phase_) {
        phase_ = static_cast<std::uint32_t>(phase);
        active_ = true;
    }
    if (phase == phase_) {
        active_ = score > (active_ ? kOff : kOn);
    }
}

// The word with `index` added to its relative target in words, and `page` to one in pages.
std::uint32_t moved(std::uint32_t word, std::uint32_t index, std::uint32_t page) noexcept {
    if ((word & 0x7c000000u) == 0x14000000u) {
        return (word & 0xfc000000u) | ((word + index) & 0x3ffffffu);
    }
    if ((word & 0xfe000000u) == 0x54000000u || (word & 0x7e000000u) == 0x34000000u) {
        return (word & 0xff00001fu) | ((word + (index << 5)) & 0xffffe0u);
    }
    if ((word & 0x9f000000u) == 0x90000000u) {
        const std::uint32_t target = ((word >> 29 & 3u) | (word >> 3 & 0x1ffffcu)) + page;
        return (word & 0x9f00001fu) | (target & 3u) << 29 | (target & 0x1ffffcu) << 3;
    }
    return word;
}

void Arm64Code::update(const RawByte& latest) {
    word_ = word_ >> 8 | static_cast<std::uint32_t>(latest.value) << 24;
    ++position_;
    if (position_ - seen_ < 2 * kPeriod || position_ % kPeriod < kWatched) {
        detect(word_);
    }
    if (!active_) {
        return;
    }
    seen_ = position_;
    if (tables_.empty()) {
        tables_.resize(kTables * kTable);
        guessed_.start();
    }
    known_ = (position_ - phase_) & 3u;
    if (known_ == 0) {
        end_instruction(word_);
        expect();
    }
    guess();
}

void Arm64Code::expect() noexcept {
    const std::array<std::uint32_t, kTables> hashes =
        past_.contexts(called_, called2_, hash(jumped_, 0), hash(past_.forms[0], jumped_));
    for (std::size_t i = 0; i < kTables; ++i) {
        places_[i] = i * kTable + (hashes[i] >> 21);
    }
}

void Arm64Code::guess() noexcept {
    const std::uint32_t bits = partial();
    const std::uint32_t mask = known_ == 0 ? 0 : (1u << (8 * known_)) - 1;
    const std::uint32_t kind = past_.kinds & 15u;
    for (std::size_t i = 0; i < kTables; ++i) {
        const Expected& expected = tables_[places_[i]];
        const std::uint32_t word = moved(expected.word, 0u - here_, 0u - (position_ >> 12));
        if (((word ^ bits) & mask) == 0 && expected.word != 0) {
            guessed_.set(i, word >> (8 * known_), (expected.hits * 4 + known_) * 16 + kind);
        } else {
            guessed_.clear(i);
        }
    }
    const auto near = branches_.find(here_, bits >> 5, mask >> 5);
    const auto far = calls_.find(here_, bits, mask);
    guessed_.set(kTables, near.distance << 5 >> (8 * known_),
                 (std::min(near.rank, 3u) * 4 + known_) * 16 + kind);
    guessed_.set(kTables + 1, far.distance >> (8 * known_),
                 (std::min(far.rank, 3u) * 4 + known_) * 16 + kind);
}

void Arm64Code::end_instruction(std::uint32_t word) noexcept {
    const Arm64Decoder ended(word);
    const std::uint32_t form = ended.form();
    const bool call = ended.kind() == Kind::call && form >> 28 == 9;
    const std::uint32_t absolute = moved(word, here_, (position_ - 4) >> 12);
    for (std::size_t i = 0; i < kTables; ++i) {
        if (i < 4 || (i < 6 ? call : ended.kind() == Kind::jump)) {
            learn(tables_[places_[i]], absolute);
        }
    }
    if (call) {
        called2_ = hash(called_, absolute);
        called_ = absolute;
    }
    if (ended.kind() == Kind::jump) {
        jumped_ = absolute;
    }
    labels_.advance();
    here_ = position_ / 4;

    past_.push(word, 4, absolute, form, static_cast<std::uint32_t>(ended.kind()));
    operands_ = hash(ended.d() | ended.n() << 5 | ended.m() << 10, form);

    const std::uint32_t before = writers_[ended.n()];
    const std::uint64_t writes = ended.writes();
    fresh_ = (fresh_ & ~ended.reads()) | writes;
    if (ended.kind() == Kind::call) {
        fresh_ = 1;
        writers_[0] = form;
        times_[0] = here_;
        written_ = written_ << 6;
    }
    for (std::uint64_t rest = writes; rest != 0; rest &= rest - 1) {
        const auto r = static_cast<std::size_t>(std::countr_zero(rest));
        writers_[r] = form;
        times_[r] = here_;
        written_ = written_ << 6 | static_cast<std::uint32_t>(r);
    }
    if (ended.kind() == Kind::page) {
        const std::uint32_t page = (word >> 29 & 3u) | (word >> 3 & 0x1ffffcu);
        writers_[ended.d()] = hash(form, (position_ >> 12) + page);
    } else if (ended.kind() == Kind::add || ended.kind() == Kind::load ||
               ended.kind() == Kind::store || ended.kind() == Kind::pair) {
        std::uint32_t& offset = offsets_[ended.n()];
        offset = offset << 16 | (word >> 10 & 0xffffu);
        if (ended.kind() == Kind::add && writes != 0) {
            offsets_[ended.d()] = before;
        }
    }
    fresh_hash_ =
        hash(static_cast<std::uint32_t>(fresh_), static_cast<std::uint32_t>(fresh_ >> 32));
    end_block(ended);
}

void Arm64Code::end_block(const Arm64Decoder& ended) noexcept {
    // Distances count from the branch itself, whose index is one less.
    const std::uint32_t from = here_ - 1;
    if (ended.near()) {
        const std::uint32_t distance = ended.imm19();
        if (distance != 0 && distance - 1 < Labels::kReach) {
            labels_.add(distance - 1, 0);
        }
        branches_.add(from + (distance | (0u - (distance & 0x40000u))));
    } else if (ended.kind() == Kind::jump ||
               (ended.kind() == Kind::call && ended.form() >> 28 == 9)) {
        const std::uint32_t distance = ended.imm26();
        const std::uint32_t target = from + (distance | (0u - (distance & 0x2000000u)));
        if (ended.kind() == Kind::call) {
            calls_.add(target);
        } else {
            if (distance != 0 && distance - 1 < Labels::kReach) {
                labels_.add(distance - 1, 0);
            }
            branches_.add(target);
        }
    }
}

// The base register if this were a load: that of the known bits which was written last.
std::uint32_t Arm64Code::base() const noexcept {
    const std::uint32_t now = partial();
    if (known_ >= 2) {
        return now >> 5 & 31u;
    }
    if (known_ == 0) {
        return written_ & 31u;
    }
    std::uint32_t best = now >> 5 & 7u;
    for (std::uint32_t r = best + 8; r < 32; r += 8) {
        best = times_[r] > times_[best] ? r : best;
    }
    return best;
}

std::array<std::uint32_t, Arm64Code::Instructions::kCount> Arm64Code::contexts() const noexcept {
    const std::uint32_t bits = partial();
    const std::uint32_t whole = hash(known_, bits);
    const std::uint32_t now = hash(known_, known_ == 0 ? 0 : latest());
    // The registers that are known.
    const std::uint32_t r1 = known_ == 0 ? 32 : bits & 31u;
    const std::uint32_t r2 = known_ < 2 ? 32 : bits >> 5 & 31u;
    const std::uint32_t regs = hash(known_ << 12 | r1 << 6 | r2, known_ == 3 ? latest() : 0);
    const std::uint32_t base = this->base();

    // Targets whose lower bits are known.
    const std::uint32_t mask = known_ == 0 ? 0 : (1u << (8 * known_)) - 1;
    const auto near = branches_.find(here_, bits >> 5, mask >> 5);
    const auto far = calls_.find(here_, bits, mask);
    const std::uint32_t near_byte = near.distance << 5 >> (8 * known_) & 255u;
    const std::uint32_t far_byte = far.distance >> (8 * known_) & 255u;

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
    *next++ = hash(whole, written_ & 0xffffffu, past_.kinds & 15u);
    *next++ = hash(whole, past_.kinds);
    *next++ = hash(whole, past_.kinds & 0xffffu);
    *next++ = hash(whole, fresh_hash_);
    *next++ = hash(whole, fresh_hash_, past_.kinds & 255u);
    *next++ = hash(now, labels_.nearest(), past_.kinds & 15u);
    *next++ = hash(now, past_.followed());
    *next++ = hash(now, past_.followed3(), past_.forms[0]);
    *next++ = hash(now, offsets_[base], base);
    *next++ = hash(regs, writers_[base], r1 < 32 ? writers_[r1] : past_.forms[0]);
    *next++ = hash(regs, past_.forms[0]);
    *next++ = hash(now, past_.completed(known_, partial()));
    *next++ = hash(known_ << 16 | near_byte << 8 | far_byte,
                   std::min(near.rank, 4u) << 3 | std::min(far.rank, 4u), past_.kinds & 255u);
    return hashes;
}

} // namespace weightless::model
