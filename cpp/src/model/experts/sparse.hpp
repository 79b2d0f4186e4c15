// Sparse contexts: some of the last bytes, with gaps or in part. For binaries.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

namespace weightless::model {

struct Sparse {
    /// wide: with masks that keep the classes of bytes (opcodes, high digits).
    static void contexts(const ByteHistory& history, bool wide, ContextList& list) {
        const std::uint32_t c4 = history.last4();
        const auto c8 = static_cast<std::uint32_t>(history.last8() >> 32);
        list.add(c4 & 0x00ffff00u);
        list.add(c4 & 0xff00ff00u);
        if (wide) {
            list.add(c4 & 0x00ff00ffu);
            list.add(c4 & 0xffff0000u);
            list.add(fixed::combine(c4 & 0x00f0f0ffu, c8 & 0u));
            list.add(fixed::combine(c4 & 0xf0f0f0f0u, c8 & 0xf0f0u));
        }
    }

    /// Two more, of bytes further apart.
    static void more(const ByteHistory& history, ContextList& list) {
        const std::uint32_t c4 = history.last4();
        const auto c8 = static_cast<std::uint32_t>(history.last8() >> 32);
        list.add(fixed::combine(c4 & 0xffu, c8 & 0xffu) + 1);
        list.add(fixed::combine(c8 & 0xffu, c4 & 0xff000000u));
    }
};

} // namespace weightless::model
