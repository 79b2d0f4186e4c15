// 64-bit Arm machine code (A64): little-endian words of 32 bits. The byte with the operation comes
// last, so contexts are made of the instructions before, and of what is known of this one.
//
// Sources: the ideas are those of x86_code.hpp and x86_flow.hpp; decoding follows
// arm64_decoder.hpp.
#pragma once

#include "model/experts/arm64_decoder.hpp"
#include "model/experts/code_targets.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/guessed_bytes.hpp"
#include "model/experts/instruction_history.hpp"
#include "model/experts/labels.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class Arm64Code {
public:
    void update(const RawByte& latest);

    bool active() const noexcept { return active_; }

    void begin_bit(const PartialByte& partial) noexcept { guessed_.begin_bit(partial); }
    void train(unsigned bit) noexcept { guessed_.train(bit); }

    static std::size_t memory() noexcept {
        return Guessed::memory_for() + kTables * kTable * sizeof(Expected);
    }
    static std::size_t memory_for(MemoryBudget) noexcept { return memory(); }

    /// Predictions by whole instructions that followed such instructions before, with absolute
    /// targets, and by targets whose lower bits are known.
    struct Predictions : Inputs<20> {
        static void of(const Arm64Code& code, std::int16_t* x) noexcept {
            static_assert(kCount == Guessed::kInputs);
            code.guessed_.predict(x);
        }
    };

    /// The partial instruction, with the previous instructions and the state of registers.
    struct Instructions : Contexts<24> {
        static std::array<std::uint32_t, kCount> of(const Arm64Code& code) noexcept {
            return code.contexts();
        }
    };

    /// The byte's index with the previous form, the register written, or the previous byte.
    struct Part : Selector<1024> {
        static int of(const Arm64Code& code) noexcept { return code.part(); }
    };
    /// The byte's index with what the previous instruction was.
    struct CoarsePart : Selector<16> {
        static int of(const Arm64Code& code) noexcept {
            return static_cast<int>(4 * code.known_ + code.group());
        }
    };
    /// The kinds of the previous instructions.
    struct PreviousClasses : Selector<2048> {
        static int of(const Arm64Code& code, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(hash(code.kinds(), static_cast<unsigned>(partial.known)));
        }
    };
    /// The previous form.
    struct Opcode : Selector<4096> {
        static int of(const Arm64Code& code, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(hash(hash(code.known_, code.past_.forms[0]), partial.node));
        }
    };
    struct PartialInstruction : Selector<4096> {
        static int of(const Arm64Code& code) noexcept {
            return upper_bits<kSize>(
                hash(hash(code.known_, code.latest()), code.past_.kinds & 15u));
        }
    };

    struct ApmClasses : ApmContext<65536> {
        static std::uint32_t of(const Arm64Code& code, const PartialByte& partial) noexcept {
            return hash(code.kinds(), partial.node) >> 16;
        }
    };

private:
    using Kind = Arm64Decoder::Kind;

    std::array<std::uint32_t, Instructions::kCount> contexts() const noexcept;

    // The latest byte of this instruction; of the previous one at its beginning.
    std::uint32_t latest() const noexcept { return word_ >> 24; }
    // The known bytes of this instruction, in their places.
    std::uint32_t partial() const noexcept { return known_ == 0 ? 0 : word_ >> (32 - 8 * known_); }
    int part() const noexcept {
        return static_cast<int>(known_ * 256 + (known_ == 0 ? past_.words[0] >> 24 : latest()));
    }
    std::uint32_t group() const noexcept {
        switch (static_cast<Kind>(past_.kinds & 15u)) {
        case Kind::branch:
        case Kind::jump:
        case Kind::call:
        case Kind::leave:
            return 0;
        case Kind::floating:
        case Kind::convert:
            return 1;
        case Kind::load:
        case Kind::store:
        case Kind::pair:
            return 2;
        default:
            return 3;
        }
    }
    std::uint32_t kinds() const noexcept { return hash(known_, past_.kinds & 255u); }

    // An instruction that is expected, and how many times in a row that was right.
    struct Expected {
        std::uint32_t word = 0;
        std::uint32_t hits = 0;
    };
    static constexpr std::size_t kTables = 8;
    static constexpr std::size_t kTable = 2048;
    using Guessed = GuessedBytes<kTables + 2, 256>;

    static void learn(Expected& expected, std::uint32_t word) noexcept {
        if (expected.word == word) {
            expected.hits = std::min(expected.hits + 1, 3u);
        } else {
            expected = {word, 0};
        }
    }
    void expect() noexcept;
    void guess() noexcept;

    void end_instruction(std::uint32_t word) noexcept;
    void end_block(const Arm64Decoder& ended) noexcept;
    void detect(std::uint32_t word) noexcept;
    std::uint32_t base() const noexcept;

    std::uint32_t position_ = 0; // in bytes
    std::uint32_t word_ = 0;     // the latest four bytes, the latest highest
    std::uint32_t known_ = 0;    // bytes of this instruction
    std::uint32_t phase_ = 0;    // of positions at which instructions begin, mod 4
    std::uint32_t here_ = 0;     // index of this instruction
    InstructionHistory past_;
    std::uint64_t fresh_ = 0; // registers written and not yet read, a bit each
    std::uint32_t fresh_hash_ = 0;
    std::uint32_t written_ = 0;               // the registers written last, five bits each
    std::uint32_t operands_ = 0;              // hash of the previous instruction's registers
    std::array<std::uint32_t, 64> writers_{}; // the instruction that wrote each register
    std::array<std::uint32_t, 64> times_{};   // and its index
    std::array<std::uint32_t, 32> offsets_{}; // the latest constants added to each register
    std::uint32_t called_ = 0;                // the target of the latest call
    std::uint32_t jumped_ = 0;                // the target of the latest jump
    std::uint32_t called2_ = 0;               // hash of the latest two
    std::vector<Expected> tables_;
    std::array<std::size_t, kTables> places_{}; // in tables_, of this instruction
    Guessed guessed_;
    Labels labels_;
    CodeTargets<16> branches_;
    CodeTargets<64> calls_;

    // The detector's scores, by the position of words mod 4.
    std::array<std::uint32_t, 4> scores_{};
    std::array<std::uint32_t, 4> signs_{};
    std::uint32_t seen_ = 0; // the latest position within code
    bool active_ = false;
};

} // namespace weightless::model
