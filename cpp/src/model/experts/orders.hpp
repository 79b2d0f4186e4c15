// Orders: the last bytes themselves. For all data.
#pragma once

#include "model/experts/byte_kinds.hpp"
#include "model/experts/expert.hpp"

#include <algorithm>
#include <cstdint>

namespace weightless::model {

struct Orders {
    struct Zero : Contexts<1> {
        static std::uint32_t of(const ByteHistory&) noexcept { return 0; }
    };
    struct One : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept { return bytes.last4() & 0xffu; }
    };
    struct Two : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return bytes.last4() & 0xffffu;
        }
    };
    struct Three : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return bytes.last4() & 0xffffffu;
        }
    };
    struct Four : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept { return bytes.last4(); }
    };
    struct Five : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return hash(bytes.last4(), bytes.before4() & 0xffu);
        }
    };
    struct Six : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return hash(bytes.last4(), bytes.before4() & 0xffffu);
        }
    };
    struct Eight : Contexts<1> {
        static std::uint32_t of(const ByteHistory& bytes) noexcept {
            return hash(bytes.last4(), bytes.before4());
        }
    };

    /// The bits so far alone.
    struct Bits : Selector<256> {
        static int of(const PartialByte& partial) noexcept {
            return static_cast<int>(partial.node);
        }
    };
    /// Always the same set.
    struct Nothing : Selector<1> {
        static int of(const PartialByte&) noexcept { return 0; }
    };
    /// The latest byte, with how many bits are known, or without;
    struct LatestAndPlace : Selector<256 * 8> {
        static int of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return static_cast<int>((bytes.last4() & 255u) * 8) + partial.known;
        }
    };
    struct Latest : Selector<256> {
        static int of(const ByteHistory& bytes) noexcept {
            return static_cast<int>(bytes.last4() & 255u);
        }
    };
    /// the one before it; and the third.
    struct Second : Selector<256> {
        static int of(const ByteHistory& bytes) noexcept {
            return static_cast<int>(bytes.last4() >> 8 & 255u);
        }
    };
    struct Third : Selector<256> {
        static int of(const ByteHistory& bytes) noexcept {
            return static_cast<int>(bytes.last4() >> 16 & 255u);
        }
    };
    struct LatestTwo : Selector<2048> {
        static int of(const ByteHistory& bytes) noexcept {
            return upper_bits<kSize>(hash(bytes.last4() & 0xffffu, 9));
        }
    };
    struct LatestThree : Selector<2048> {
        static int of(const ByteHistory& bytes) noexcept {
            return upper_bits<kSize>(hash(bytes.last4() & 0xffffffu, 9));
        }
    };
    /// How many of orders 1 to 8 have seen their contexts, and the kind of the latest byte.
    struct Seen : Selector<512> {
        using States = StatesOf<One, Two, Three, Four, Five, Six, Eight>;
        static int of(const States& orders, const ByteHistory& bytes,
                      const PartialByte& partial) noexcept {
            const auto seen = std::count_if(orders.states.begin(), orders.states.end(),
                                            [](auto state) { return state != 0; });
            return static_cast<int>(seen) * 64 +
                   static_cast<int>(byte_kind(bytes.last4() & 255u) * 8) + partial.known;
        }
    };
    /// The history of order 4.
    struct HistoryOfFour : Selector<256> {
        static int of(const StatesOf<Four>& order) noexcept { return order.states[0]; }
    };

    struct AfterLatest : ApmContext<65536> {
        static std::uint32_t of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return (bytes.last4() & 255u) << 8 | partial.node;
        }
    };
    struct AfterLatestTwo : ApmContext<65536> {
        static std::uint32_t of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return hash(bytes.last4() & 0xffffu, 9, partial.node) >> 16;
        }
    };
};

} // namespace weightless::model
