// Order-n contexts: the last n bytes; and selectors made of the last bytes. For all data.
#pragma once

#include "model/experts/byte_classes.hpp"
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

    /// The partial byte alone.
    struct Bits : Selector<256> {
        static int of(const PartialByte& partial) noexcept {
            return static_cast<int>(partial.node);
        }
    };
    /// There is a single weight set.
    struct Constant : Selector<1> {
        static int of(const PartialByte&) noexcept { return 0; }
    };
    /// The latest byte and the bit position.
    struct LatestAndPosition : Selector<256 * 8> {
        static int of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return static_cast<int>((bytes.last4() & 255u) * 8) + partial.known;
        }
    };
    struct Latest : Selector<256> {
        static int of(const ByteHistory& bytes) noexcept {
            return static_cast<int>(bytes.last4() & 255u);
        }
    };
    /// The byte before the latest one.
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
    /// How many of the orders 1 to 6 and 8 have seen their contexts, the class of the latest byte,
    /// and the bit position.
    struct SeenCount : Selector<512> {
        using States = StatesOf<One, Two, Three, Four, Five, Six, Eight>;
        static int of(const States& orders, const ByteHistory& bytes,
                      const PartialByte& partial) noexcept {
            const auto seen = std::count_if(orders.states.begin(), orders.states.end(),
                                            [](auto state) { return state != 0; });
            return static_cast<int>(seen) * 64 +
                   static_cast<int>(byte_class(bytes.last4() & 255u) * 8) + partial.known;
        }
    };
    /// How many of the orders 2, 3, 4 and 6 have seen their contexts, and the partial byte.
    struct SeenAndBits : Selector<5 * 256> {
        using States = StatesOf<Two, Three, Four, Six>;
        static int of(const States& orders, const PartialByte& partial) noexcept {
            const auto seen = std::count_if(orders.states.begin(), orders.states.end(),
                                            [](auto state) { return state != 0; });
            return static_cast<int>(seen) * 256 + static_cast<int>(partial.node);
        }
    };
    /// The bit-history state of order 4.
    struct HistoryOfFour : Selector<256> {
        static int of(const StatesOf<Four>& order) noexcept { return order.states[0]; }
    };

    struct ApmLatest : ApmContext<65536> {
        static std::uint32_t of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return (bytes.last4() & 255u) << 8 | partial.node;
        }
    };
    struct ApmLatestTwo : ApmContext<65536> {
        static std::uint32_t of(const ByteHistory& bytes, const PartialByte& partial) noexcept {
            return hash(bytes.last4() & 0xffffu, 9, partial.node) >> 16;
        }
    };
};

} // namespace weightless::model
