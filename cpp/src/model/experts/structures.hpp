// Experts for structures that only some data have: each looks whether the data are its kind,
// and at most one of them speaks at a time, so that the others cost no look-ups.
#pragma once

#include "model/experts/bilevel_image.hpp"
#include "model/experts/context_list.hpp"
#include "model/experts/m68k_code.hpp"
#include "model/experts/nucleotides.hpp"
#include "model/experts/samples.hpp"
#include "model/experts/spreadsheet.hpp"
#include "model/experts/x86_code.hpp"
#include "model/history/byte_history.hpp"
#include "model/history/coding_cost.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Structures {
public:
    /// memory_bits: of the whole mixer (parameters.hpp); wide: more of what an expert knows.
    Structures(int memory_bits, bool wide)
        : bilevel_(bilevel_bits(memory_bits), wide), nucleotides_(nucleotides_bits(memory_bits)) {}

    /// The most contexts that one expert adds, and inputs that it writes itself.
    static constexpr int kContexts = std::max(
        {X86Code::kContexts, Spreadsheet::kContexts, Samples::kContexts, M68kCode::kContexts});
    static constexpr int kInputs = std::max(BilevelImage::kInputs, Nucleotides::kInputs);
    static constexpr int kSelectors = 1 + X86Code::kSelectors + BilevelImage::kSelectors +
                                      Spreadsheet::kSelectors + Nucleotides::kSelectors +
                                      Samples::kSelectors;
    static constexpr int kGroups =
        1 + X86Code::kGroups + 1 + Spreadsheet::kGroups + 1 + Samples::kGroups;

    /// What is asked of the bits of the next byte, and whether update() with it will read that.
    CodingCost::Ask asks() const noexcept { return samples_.asks(); }
    bool reads_cost() const noexcept { return samples_.reads(); }

    /// At the end of a byte, after history.push(): the byte itself and the history, whose
    /// latest is the symbol that was predicted in its place; what all bits so far have cost.
    void update(std::uint8_t raw, ByteHistory& history, CodingCost& cost) {
        x86_.update(raw, static_cast<std::uint8_t>(history.last4()));
        bilevel_.update(history);
        spreadsheet_.update(history);
        nucleotides_.update(history);
        samples_.update(raw, static_cast<std::uint8_t>(history.last4()), cost);
        m68k_.update(raw);
        kind_ = x86_.active()           ? Kind::x86
                : m68k_.active()        ? Kind::m68k
                : spreadsheet_.active() ? Kind::spreadsheet
                : bilevel_.active()     ? Kind::bilevel
                : nucleotides_.active() ? Kind::nucleotides
                : samples_.active()     ? Kind::samples
                                        : Kind::none;
    }

    /// Symbol of the next byte minus the byte, mod 256.
    std::uint8_t shift() const noexcept {
        return kind_ == Kind::samples ? samples_.shift() : x86_.shift();
    }

    void contexts(ByteHistory& history, ContextList& list) const noexcept {
        if (kind_ == Kind::x86) {
            x86_.contexts(list);
        } else if (kind_ == Kind::m68k) {
            m68k_.contexts(list);
        } else if (kind_ == Kind::spreadsheet) {
            spreadsheet_.contexts(history, list);
        } else if (kind_ == Kind::samples) {
            samples_.contexts(list);
        }
    }

    /// Before a bit: c0 is the byte's bits so far with a 1 ahead.
    void begin_bit(unsigned c0, int bits_known) noexcept {
        switch (kind_) {
        case Kind::none:
            selector_ = group_ = 0;
            break;
        case Kind::x86:
            selector_ = 1 + x86_.selector();
            group_ = 1 + x86_.group();
            break;
        case Kind::m68k: // in the other machine code's place: hardly a file has both
            selector_ = 1 + m68k_.selector();
            group_ = 1 + m68k_.group();
            break;
        case Kind::bilevel:
            bilevel_.begin_bit(c0, bits_known);
            selector_ = 1 + X86Code::kSelectors + static_cast<int>(bilevel_.pixels().coarse());
            group_ = 1 + X86Code::kGroups;
            break;
        case Kind::spreadsheet:
            selector_ =
                1 + X86Code::kSelectors + BilevelImage::kSelectors + spreadsheet_.selector();
            group_ = 2 + X86Code::kGroups + spreadsheet_.group();
            break;
        case Kind::nucleotides:
            nucleotides_.begin_bit(c0, bits_known);
            selector_ = kSelectors - Nucleotides::kSelectors - Samples::kSelectors +
                        nucleotides_.selector();
            group_ = kGroups - 1 - Samples::kGroups;
            break;
        case Kind::samples:
            selector_ = kSelectors - Samples::kSelectors + samples_.selector();
            group_ = kGroups - Samples::kGroups + samples_.group();
            break;
        }
    }

    /// Inputs that the expert writes itself.
    int inputs() const noexcept {
        return kind_ == Kind::bilevel       ? bilevel_.inputs()
               : kind_ == Kind::nucleotides ? Nucleotides::kInputs
                                            : 0;
    }
    void predict(std::int16_t* x) const noexcept {
        if (kind_ == Kind::bilevel) {
            bilevel_.predict(x);
        } else if (kind_ == Kind::nucleotides) {
            nucleotides_.predict(x);
        }
    }
    /// With the bit that came; before update().
    void train(unsigned bit) noexcept {
        if (kind_ == Kind::bilevel) {
            bilevel_.train(bit);
        } else if (kind_ == Kind::nucleotides) {
            nucleotides_.train(bit);
        }
    }

    /// Contexts for mixing, a finer and a coarser one; 0 without a structure.
    int selector() const noexcept { return selector_; }
    int group() const noexcept { return group_; }
    /// Three more contexts for mixing, as hashes; only if has_sets().
    bool has_sets() const noexcept {
        return kind_ == Kind::x86 || kind_ == Kind::m68k || kind_ == Kind::samples ||
               kind_ == Kind::bilevel;
    }
    std::array<std::uint32_t, 3> sets() const noexcept {
        return kind_ == Kind::x86       ? x86_.sets()
               : kind_ == Kind::m68k    ? m68k_.sets()
               : kind_ == Kind::bilevel ? bilevel_.pixels().groups()
                                        : samples_.sets();
    }
    /// Machine code: contexts of words, lines and rows say nothing of it.
    bool code() const noexcept { return kind_ == Kind::x86 || kind_ == Kind::m68k; }
    /// The bits before within the byte say little: contexts are those of pixels.
    bool bitwise() const noexcept { return kind_ == Kind::bilevel; }
    const PixelTemplates& pixels() const noexcept { return bilevel_.pixels(); }
    /// Contexts of words and lines say nothing.
    bool wordless() const noexcept { return kind_ == Kind::nucleotides; }

    std::size_t memory() const noexcept {
        return bilevel_.memory() + nucleotides_.memory() + Samples::memory();
    }
    static std::size_t memory_for(int memory_bits, bool wide) noexcept {
        return BilevelImage::memory_for(bilevel_bits(memory_bits), wide) +
               Nucleotides::memory_for(nucleotides_bits(memory_bits)) + Samples::memory();
    }

private:
    enum class Kind { none, x86, m68k, bilevel, spreadsheet, nucleotides, samples };

    static int bilevel_bits(int memory_bits) { return std::clamp(memory_bits - 8, 10, 18); }
    static int nucleotides_bits(int memory_bits) { return std::clamp(memory_bits - 4, 12, 22); }

    Kind kind_ = Kind::none;
    int selector_ = 0;
    int group_ = 0;
    X86Code x86_;
    M68kCode m68k_;
    BilevelImage bilevel_;
    Spreadsheet spreadsheet_;
    Nucleotides nucleotides_;
    Samples samples_;
};

} // namespace weightless::model
