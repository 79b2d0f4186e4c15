// Java class files. What refers to an entry of the constant pool is predicted by what the entry
// means, which is the same in all classes, and not by its index, which is not.
//
// Source: the Java Virtual Machine Specification; the idea of a context for each field is that of
// all models of records.
#pragma once

#include "model/experts/expert.hpp"
#include "model/experts/guessed_bytes.hpp"
#include "model/experts/java_parser.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class JavaClasses {
public:
    void update(const RawByte& latest, const ByteHistory& symbols);

    /// Whether the next byte belongs to a class.
    bool active() const noexcept { return active_; }

    void begin_bit(const PartialByte& partial) noexcept { guessed_.begin_bit(partial); }
    void train(unsigned bit) noexcept { guessed_.train(bit); }

    static std::size_t memory() noexcept {
        return JavaPool::memory_for() + Guessed::memory_for() +
               kTables * kTable * sizeof(std::uint32_t);
    }
    static std::size_t memory_for(MemoryBudget) noexcept { return memory(); }

    /// Predictions of whole fields.
    struct Predictions : Inputs<12> {
        static void of(const JavaClasses& classes, std::int16_t* x) noexcept {
            static_assert(kCount == Guessed::kInputs);
            classes.guessed_.predict(x);
        }
    };
    /// The field, its known bytes, and the fields before it.
    struct Fields : Contexts<18> {
        static std::array<std::uint32_t, kCount> of(const JavaClasses& classes) noexcept {
            return classes.contexts();
        }
    };

    /// The field and the byte's index; in code, the latest opcode.
    struct Part : Selector<1024> {
        static int of(const JavaClasses& classes) noexcept { return classes.part(); }
    };
    /// What kind of a field it is.
    struct CoarsePart : Selector<16> {
        static int of(const JavaClasses& classes) noexcept { return classes.coarse_part(); }
    };
    /// The field with whether its expected values agree.
    struct Agreement : Selector<2048> {
        static int of(const JavaClasses& classes, const PartialByte& partial) noexcept {
            return upper_bits<kSize>(hash(classes.fine_, static_cast<unsigned>(partial.known)));
        }
    };

private:
    using Field = JavaParser::Field;
    static constexpr std::size_t kGuesses = 6;
    static constexpr std::size_t kTables = 5;
    static constexpr std::size_t kTable = 4096;
    using Guessed = GuessedBytes<kGuesses, 256>;

    struct Guess {
        std::uint32_t value = 0; // of the whole field
        bool valid = false;
    };

    std::array<std::uint32_t, Fields::kCount> contexts() const noexcept;
    std::array<std::uint32_t, Fields::kCount> text_contexts() const noexcept;
    std::array<std::uint32_t, Fields::kCount> code_contexts() const noexcept;

    int part() const noexcept {
        if (field_ == Field::opcode) {
            return static_cast<int>(512 + (opcodes_ & 255u));
        }
        if (field_ == Field::text) {
            return static_cast<int>(256 + 8 * std::min(parser_.left(), 7u) + (role_ & 7u));
        }
        return static_cast<int>(static_cast<std::uint32_t>(field_) * 4 +
                                std::min(parser_.done(), 3u));
    }
    int coarse_part() const noexcept {
        switch (field_) {
        case Field::text:
            return 0;
        case Field::opcode:
            return 1;
        case Field::tag:
            return 2;
        case Field::length:
            return 3;
        case Field::index_a:
        case Field::index_b:
            return 4 + static_cast<int>(parser_.done() & 1u);
        case Field::constant_index:
            return 6 + static_cast<int>(parser_.done() & 1u);
        case Field::line_start:
        case Field::line_number:
            return 8 + static_cast<int>(parser_.done() & 1u);
        case Field::local_start:
        case Field::local_length:
        case Field::local_name:
        case Field::local_type:
        case Field::local_slot:
            return 10 + static_cast<int>(parser_.done() & 1u);
        default:
            return 12 + static_cast<int>(std::min(parser_.left(), 4u)) - 1;
        }
    }

    void end_field() noexcept;
    void end_opcode() noexcept;
    void end_instruction_operand(std::uint32_t index) noexcept;
    void begin_field() noexcept;
    void begin_text() noexcept;
    void guess_field() noexcept;
    void guess() noexcept;
    bool is_index() const noexcept;
    std::uint32_t wanted() const noexcept;
    std::uint32_t owner(std::uint32_t index) const noexcept;
    void drop(int words) noexcept { depth_ = std::max(depth_ - words, 0); }

    std::uint32_t& table(std::size_t i, std::uint32_t hash) noexcept {
        return tables_[i * kTable + (hash >> 20)];
    }
    std::uint32_t field_number() const noexcept { return static_cast<std::uint32_t>(field_); }

    JavaParser parser_;
    Field field_ = Field::outside;
    bool active_ = false;
    std::uint32_t position_ = 0; // of the history
    std::uint32_t role_ = 0;     // of a text: what refers to it
    std::uint32_t form_ = 0;     // hash of the field's kind
    std::uint32_t fine_ = 0;     // hash of the field's kind with which guesses agree
    // The fields before: their values, and what they mean.
    std::array<std::uint32_t, 4> values_{};
    std::array<std::uint32_t, 4> meanings_{};
    std::array<std::uint32_t, JavaParser::kFields> latest_{}; // the latest value of each field
    std::array<std::uint32_t, JavaParser::kFields> before_{}; // and the one before it
    std::array<std::uint32_t, JavaParser::kFields> latest_meaning_{};
    std::array<Guess, kGuesses> guesses_{};
    std::array<std::uint8_t, kGuesses * JavaParser::kFields> hits_{};
    std::array<std::uint32_t, kTables> keys_{};
    std::vector<std::uint32_t> tables_;
    Guessed guessed_;

    // Texts.
    std::uint32_t text_ = 0;                // hash of the part that is known, its length included
    std::uint32_t word_ = 0;                // hash of the part after the latest / or ;
    std::uint32_t texts_ = 0;               // hash of the latest text
    std::uint32_t texts2_ = 0;              // and of the latest two
    std::uint32_t owner_ = 0;               // the class that it belongs to
    std::uint32_t begin_ = 0;               // where it begins
    std::array<std::uint32_t, 3> copies_{}; // where texts began that followed such texts; 0: none
    std::uint32_t latest4_ = 0;

    // Code.
    std::uint32_t opcodes_ = 0;  // the last four
    std::uint32_t opcodes8_ = 0; // and those before
    std::uint32_t sense_ = 0;    // hash of the last two instructions with what they refer to
    std::uint32_t sense3_ = 0;
    std::array<std::uint32_t, 3> senses_{};
    int depth_ = 0;                         // of the stack, in words
    std::array<std::uint16_t, 256> ends_{}; // where the stack was empty
    std::uint32_t end_count_ = 0;
    std::uint32_t end_next_ = 0; // the first of them that no line has begun at
};

} // namespace weightless::model
