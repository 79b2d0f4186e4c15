// Words of four bytes at multiples of four: their high digits, the same byte of the words before,
// and kinds of bytes. For tables of numbers and other binaries.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

#include <cstdint>

namespace weightless::model {

struct AlignedWords {
    static void contexts(ByteHistory& history, ContextList& list) {
        const std::uint64_t bytes = history.last8();
        const auto back = [bytes](unsigned n) {
            return static_cast<std::uint32_t>(bytes >> (8 * (n - 1)) & 255u);
        };
        const std::uint32_t place = history.position() & 3u;
        list.add(place | (back(1) >> 4) << 2 | (back(4) >> 4) << 6 | (back(8) >> 4) << 10);
        // What the byte would be if differences went on.
        list.add(place | ((2 * back(4) - back(8)) & 255u) << 2);
        // This word so far, and how the two before began.
        const std::uint32_t word = history.last4() & ((1u << (8 * place)) - 1);
        list.add(fixed::combine(fixed::combine(word, place),
                                history.back(place + 4) | history.back(place + 8) << 8));
        std::uint32_t kinds = 0;
        for (unsigned n = 1; n <= 8; ++n) {
            kinds = kinds * 6 + kind(back(n));
        }
        list.add(kinds);
    }

private:
    static std::uint32_t kind(std::uint32_t byte) noexcept {
        return byte == 0 ? 0 : byte == 255 ? 1 : byte < 16 ? 2 : byte < 64 ? 3 : byte < 128 ? 4 : 5;
    }
};

} // namespace weightless::model
