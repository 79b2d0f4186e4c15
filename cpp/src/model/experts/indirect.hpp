// Indirect contexts: what followed the last times that the latest byte, or the latest two,
// came. For data whose values move slowly or alternate.
//
// Source: paq8's indirect model (M. Mahoney).
#pragma once

#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace weightless::model {

class Indirect {
public:
    /// wide: with the latest three bytes, too.
    explicit Indirect(bool wide) : after2_(65536, 0), after3_(wide ? 65536 : 0, 0) {}

    /// After history.push().
    void update(const ByteHistory& history) noexcept {
        const std::uint32_t c4 = history.last4();
        const std::uint32_t latest = c4 & 255u;
        std::uint32_t& one = after1_[(c4 >> 8) & 255u];
        one = (one << 8) | latest;
        std::uint16_t& two = after2_[(c4 >> 8) & 0xffffu];
        two = static_cast<std::uint16_t>((two << 8) | latest);
        if (!after3_.empty()) {
            std::uint16_t& three = after3_[place(c4 >> 8)];
            three = static_cast<std::uint16_t>((three << 8) | latest);
        }
    }

    void contexts(const ByteHistory& history, ContextList& list) const noexcept {
        const std::uint32_t c4 = history.last4();
        const std::uint32_t one = after1_[c4 & 255u];
        const std::uint32_t two = after2_[c4 & 0xffffu];
        list.add(fixed::combine(c4 & 255u, one & 0xffffu));
        list.add(fixed::combine(c4 & 0xffffu, two));
        list.add(fixed::combine(one & 0xffffffu, 3u));
        if (!after3_.empty()) {
            list.add(fixed::combine(fixed::combine(after3_[place(c4)], 10u), c4 & 255u));
        }
    }

private:
    static std::size_t place(std::uint32_t c4) noexcept {
        return fixed::combine(c4 & 0xffffffu, 5u) >> 16;
    }

    std::array<std::uint32_t, 256> after1_{}; // the last four bytes that followed
    std::vector<std::uint16_t> after2_;       // the last two
    std::vector<std::uint16_t> after3_;       // by a hash; empty if not wide
};

} // namespace weightless::model
