// Orders 1 to 6 and 8: the last bytes themselves. For all data.
#pragma once

#include "model/experts/context_list.hpp"
#include "model/history/byte_history.hpp"

namespace weightless::model {

struct Orders {
    /// wide: with orders 5 and 8, too.
    static void contexts(const ByteHistory& history, bool wide, ContextList& list) {
        const std::uint64_t last = history.last8();
        const auto c4 = static_cast<std::uint32_t>(last);
        const auto c8 = static_cast<std::uint32_t>(last >> 32);
        list.add(c4 & 0xffu);
        list.add(c4 & 0xffffu);
        list.add(c4 & 0xffffffu);
        list.add(c4);
        list.add(fixed::combine(c4, c8 & 0xffffu));
        if (wide) {
            list.add(fixed::combine(c4, c8 & 0xffu));
            list.add(fixed::combine(c4, c8));
        }
    }
};

} // namespace weightless::model
