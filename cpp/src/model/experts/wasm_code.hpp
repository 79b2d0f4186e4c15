// WebAssembly modules: the instructions of the code section, and the indices of the sections of
// functions and elements.
//
// Source: the binary format of the WebAssembly Core Specification; the idea of contexts made of
// instructions is that of x86_code.hpp.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/guessed_bytes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class WasmCode {
public:
    void update(const RawByte& latest);

    /// Whether the next byte belongs to such a section.
    bool active() const noexcept { return active_; }

    void begin_bit(const PartialByte& partial) noexcept { guessed_.begin_bit(partial); }
    void train(unsigned bit) noexcept { guessed_.train(bit); }

    static std::size_t memory() noexcept {
        return Guessed::memory_for() + kTables * kTable * sizeof(Expected);
    }
    static std::size_t memory_for(MemoryBudget) noexcept { return memory(); }

    /// Predictions of whole operands and opcodes.
    struct Predictions : Inputs<10> {
        static void of(const WasmCode& code, std::int16_t* x) noexcept {
            static_assert(kCount == Guessed::kInputs);
            code.guessed_.predict(x);
        }
    };
    /// The part of an instruction, with the instructions before.
    struct Instructions : Contexts<18> {
        static std::array<std::uint32_t, kCount> of(const WasmCode& code) noexcept {
            return code.contexts();
        }
    };
    /// The instruction whose operand this is, or the latest one.
    struct Part : Selector<1024> {
        static int of(const WasmCode& code) noexcept {
            const bool opcode = code.part_ == Place::opcode;
            return static_cast<int>((opcode ? code.opcodes_ & 255u : 256 + code.opcode_) +
                                    (code.done_ == 0 ? 0 : 512u));
        }
    };
    struct CoarsePart : Selector<16> {
        static int of(const WasmCode& code) noexcept {
            return static_cast<int>(static_cast<std::uint32_t>(code.part_) * 2 +
                                    (code.done_ == 0 ? 0 : 1));
        }
    };
    /// The last two opcodes.
    struct Opcodes : Selector<2048> {
        static int of(const WasmCode& code, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(hash(hash(code.part_number(), code.opcodes_ & 0xffffu),
                                          static_cast<unsigned>(partial.known)));
        }
    };

private:
    // What the next byte belongs to. `first` operands are followed by another one.
    enum class Place : std::uint8_t {
        outside,
        header, // of a section: its number and size
        number, // in sections of functions and elements
        size,   // of a function's body
        locals, // their numbers and types
        opcode,
        operand, // a number of 7 bits a byte
        bytes,   // a constant of a fixed size
    };
    struct Expected {
        std::uint64_t bytes = 0; // an operand as it is coded, its first byte lowest
        std::uint32_t hits = 0;
    };
    static constexpr std::size_t kTables = 5;
    static constexpr std::size_t kTable = 2048;
    using Guessed = GuessedBytes<kTables, 256>;

    std::uint32_t part_number() const noexcept { return static_cast<std::uint32_t>(part_); }
    std::array<std::uint32_t, Instructions::kCount> contexts() const noexcept;
    void begin(Place part) noexcept;
    void end_part(std::uint8_t byte) noexcept;
    void end_opcode() noexcept;
    void end_operand() noexcept;
    void end_instruction() noexcept;
    void begin_section() noexcept;
    void leave() noexcept { begin(Place::outside); }
    void expect() noexcept;
    void guess() noexcept;

    Place part_ = Place::outside;
    bool active_ = false;
    std::uint32_t position_ = 0;
    std::uint64_t before_ = 0; // the last eight bytes
    std::uint32_t done_ = 0;   // bytes of the part
    std::uint32_t value_ = 0;  // of the number so far
    std::uint64_t coded_ = 0;  // its bytes
    std::uint32_t left_ = 0;   // bytes or numbers of the part still to come
    std::uint32_t section_ = 0;
    std::uint32_t section_end_ = 0;
    std::uint32_t body_end_ = 0;
    std::uint32_t step_ = 0; // within a header or an instruction
    bool table_ = false;     // the operand is the number of those that follow

    std::uint32_t opcode_ = 0;
    std::uint32_t opcodes_ = 0; // the last four, and the four before
    std::uint32_t opcodes8_ = 0;
    std::array<std::uint32_t, 5> senses_{}; // the last instructions with their operands
    std::uint32_t sense2_ = 0;
    std::uint32_t sense3_ = 0;
    std::uint32_t locals_ = 0;                // the last locals, a byte each
    std::uint32_t called_ = 0;                // the latest function
    std::uint32_t called2_ = 0;               // hash of the latest two
    std::uint32_t depth_ = 0;                 // of blocks
    std::array<std::uint32_t, 256> latest_{}; // the latest operand of each opcode
    std::array<std::uint32_t, 256> setter_{}; // what was set to each local
    std::array<std::uint32_t, 4> numbers_{};
    std::array<std::size_t, kTables> places_{};
    std::vector<Expected> tables_;
    Guessed guessed_;
};

} // namespace weightless::model
