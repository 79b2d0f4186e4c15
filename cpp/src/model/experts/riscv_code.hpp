// RISC-V machine code, with instructions of 32 and 16 bits. The first byte tells the length and,
// mostly, the operation.
//
// Sources: the ideas are those of x86_code.hpp and x86_flow.hpp; decoding follows
// riscv_decoder.hpp.
#pragma once

#include "model/experts/code_targets.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/guessed_bytes.hpp"
#include "model/experts/instruction_history.hpp"
#include "model/experts/labels.hpp"
#include "model/experts/riscv_decoder.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class RiscvCode {
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
        static void of(const RiscvCode& code, std::int16_t* x) noexcept {
            static_assert(kCount == Guessed::kInputs);
            code.guessed_.predict(x);
        }
    };
    /// The partial instruction, with the previous instructions and the state of registers.
    struct Instructions : Contexts<24> {
        static std::array<std::uint32_t, kCount> of(const RiscvCode& code) noexcept {
            return code.contexts();
        }
    };

    /// The byte's index with the first byte, or with the previous instruction's.
    struct Part : Selector<1024> {
        static int of(const RiscvCode& code) noexcept { return code.part(); }
    };
    /// The byte's index with the instruction's length, or with what the previous one was.
    struct CoarsePart : Selector<16> {
        static int of(const RiscvCode& code) noexcept { return code.coarse_part(); }
    };
    /// The kinds of the previous instructions.
    struct PreviousClasses : Selector<2048> {
        static int of(const RiscvCode& code, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(hash(code.kinds(), static_cast<unsigned>(partial.known)));
        }
    };
    /// The known operation of this instruction, or that of the previous one at its beginning.
    struct Opcode : Selector<4096> {
        static int of(const RiscvCode& code, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(
                hash(hash(code.known_, code.known_ == 0 ? code.past_.forms[0] : code.operation()),
                     partial.node));
        }
    };
    struct PartialInstruction : Selector<4096> {
        static int of(const RiscvCode& code) noexcept {
            return upper_bits<kSize>(
                hash(hash(code.known_, code.partial() & 0xffffu), code.past_.kinds & 15u));
        }
    };

    struct ApmClasses : ApmContext<65536> {
        static std::uint32_t of(const RiscvCode& code, const PartialByte& partial) noexcept {
            return hash(code.kinds(), partial.node) >> 16;
        }
    };

private:
    using Kind = RiscvDecoder::Kind;
    using Target = RiscvDecoder::Target;

    // An instruction without its relative target, that target as an absolute one, and how many
    // times in a row it was as expected.
    struct Expected {
        std::uint32_t word = 0;
        std::uint32_t target = 0;
        std::uint16_t hits = 0;
        bool paired = false; // its constant is relative to what AUIPC has computed
    };
    static constexpr std::size_t kTables = 8;
    static constexpr std::size_t kTable = 2048;
    using Guessed = GuessedBytes<kTables + 2, 256>;
    using Places = std::array<std::size_t, kTables>;

    std::array<std::uint32_t, Instructions::kCount> contexts() const noexcept;

    // The known bytes of this instruction.
    std::uint32_t partial() const noexcept { return known_ == 0 ? 0 : word_ >> (32 - 8 * known_); }
    std::uint32_t latest() const noexcept { return word_ >> 24; }
    // The known bits of the operation.
    std::uint32_t operation() const noexcept {
        const std::uint32_t bits = partial();
        return (bits & 3u) == 3 ? bits & 0x707fu : bits & 0xe003u;
    }
    int part() const noexcept {
        if (known_ == 0) {
            return static_cast<int>(past_.forms[0] & 127u) + 128 * static_cast<int>(labels_.here());
        }
        return static_cast<int>(known_ * 256 + (partial() & 255u));
    }
    int coarse_part() const noexcept {
        if (known_ == 0) {
            return static_cast<int>(past_.kinds & 7u);
        }
        return static_cast<int>((partial() & 3u) == 3 ? 8 + known_ : 12 + (partial() & 3u));
    }
    std::uint32_t kinds() const noexcept { return hash(known_, past_.kinds & 255u); }

    void end_instruction() noexcept;
    void learn(const Expected& seen, const RiscvDecoder& ended) noexcept;
    static void learn(Expected& expected, const Expected& seen) noexcept;
    void use_registers(const RiscvDecoder& ended) noexcept;
    void expect() noexcept;
    void guess() noexcept;
    std::uint32_t relative(const Expected& expected) const noexcept;
    void detect() noexcept;

    std::uint32_t position_ = 0;
    std::uint32_t word_ = 0;  // the latest four bytes, the latest highest
    std::uint32_t known_ = 0; // bytes of this instruction
    std::uint32_t begin_ = 0; // its position
    InstructionHistory past_;
    std::uint32_t fresh_ = 0;                 // registers written and not yet read, a bit each
    std::uint32_t written_ = 0;               // the registers written last, five bits each
    std::uint32_t operands_ = 0;              // hash of the previous instruction's registers
    std::array<std::uint32_t, 32> writers_{}; // the form of what wrote each register
    std::array<std::uint32_t, 32> offsets_{}; // the latest constants added to each register
    std::uint32_t called_ = 0;                // the target of the latest call
    std::uint32_t called2_ = 0;               // hash of the latest two
    std::uint32_t jumped_ = 0;                // the target of the latest jump
    std::uint32_t address_ = 0;               // the latest address that two instructions made
    // The latest AUIPC, until its register is used.
    std::uint32_t page_ = 0;          // its result
    std::uint32_t page_register_ = 0; // 0: none
    Expected page_seen_;
    Places page_places_{};

    std::vector<Expected> tables_;
    Places places_{}; // in tables_, of this instruction
    Guessed guessed_;
    Labels labels_;
    CodeTargets<64> calls_;
    CodeTargets<16> jumps_;

    // The detector, by the position mod 2.
    struct Scan {
        std::uint32_t score = 0;
        std::uint32_t sign = 0;
        bool second = false; // the next two bytes end an instruction of four
    };
    std::array<Scan, 2> scans_{};
    std::uint32_t odd_ = 0;
    std::uint32_t seen_ = 0; // the latest position within code
    bool active_ = false;
};

} // namespace weightless::model
