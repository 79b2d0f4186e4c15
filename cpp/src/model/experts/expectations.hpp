// Expectations: the bytes that came last behind the word so far, behind it and the word before, and
// so on. What each expects says little, which of them agree says much. For text.
//
// Source: the idea is that of the indirect contexts of paq8 (M. Mahoney) and, by words, paq8px.
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "model/experts/byte_kinds.hpp"
#include "model/experts/context_list.hpp"
#include "model/experts/phrases.hpp"
#include "model/mixing/byte_history.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class Expectations {
public:
    /// Tables of 2^bits bytes each; bits 0: nothing is to be asked of it.
    explicit Expectations(int bits) : bits_(bits), after_(memory_for(bits)) {}

    /// phrases: told of this byte before.
    void update(std::uint8_t byte, const Phrases& phrases) noexcept {
        for (std::size_t i = 0; i < kTables; ++i) {
            after_.data()[place_[i]] = byte;
        }
        const std::uint32_t here = phrases.here();
        const std::uint32_t one = fixed::combine(here, phrases.before(0));
        place_ = {place(here, 0), place(one, 1), place(fixed::combine(one, phrases.before(1)), 2)};
        for (std::size_t i = 0; i < kTables; ++i) {
            expected_[i] = after_.data()[place_[i]];
        }
    }

    void contexts(const Phrases& phrases, ContextList& list) const noexcept {
        const std::uint32_t all = expected_[0] << 16 | expected_[1] << 8 | expected_[2];
        list.add(fixed::combine(all, phrases.length() != 0 ? 1u : 0u));
    }

    std::size_t memory() const noexcept { return after_.size(); }
    static std::size_t memory_for(int bits) noexcept { return bits == 0 ? 64 : kTables << bits; }

private:
    static constexpr std::size_t kTables = 3;

    /// In the table of that number.
    std::size_t place(std::uint32_t hash, std::uint32_t table) const noexcept {
        return (std::size_t{table} << bits_) | fixed::combine(hash, table + 1) >> (32 - bits_);
    }

    int bits_;
    fixed::LazyZeros after_; // by the word so far; with one and with two words before
    std::array<std::size_t, kTables> place_{};
    std::array<std::uint32_t, kTables> expected_{}; // 0: nothing known
};

} // namespace weightless::model
