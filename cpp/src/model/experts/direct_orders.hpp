// Adaptive probabilities in contexts of the last one to three bytes, kept directly rather than as
// bit histories. A bit history counts to 40 at most, and less if both bits have come; in data of
// megabytes these contexts come thousands of times, so that an average of all bits is more exact,
// and a fast one follows what changes. For all data.
//
// Source: direct and indirect context maps (M. Mahoney's PAQ and ZPAQ); averages at two rates are
// usual in signal processing.
#pragma once

#include "fixed/lazy_zeros.hpp"
#include "fixed/logistic.hpp"
#include "fixed/prefetch.hpp"
#include "model/experts/expert.hpp"
#include "model/history/adaptive_map.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class DirectOrders {
public:
    explicit DirectOrders(MemoryBudget budget)
        : bits_(line_bits(budget)), slow_(kSlow << bits_), fast_(kFast << bits_),
          reciprocals_(adaptive::reciprocals().data()) {
        begin_line(PartialByte());
    }

    void update(const ByteHistory& bytes) noexcept {
        contexts_ = {hash(bytes.last4() & 0xffffu, 2), hash(bytes.last4() & 0xffffffu, 3),
                     hash(bytes.last4() & 0xffu, 1)};
    }
    void begin_bit(const PartialByte& partial) noexcept {
        if ((partial.known & 3) == 0) {
            begin_line(partial);
        }
        const int known = partial.known & 3;
        node_ = (1u << known) | (partial.node & ((1u << known) - 1));
    }
    void train(unsigned bit) noexcept {
        for (std::size_t i = 0; i < kSlowOrders; ++i) {
            std::uint32_t value = slow(i);
            adaptive::update(value, bit, 1023, reciprocals_);
            slow_.touch(at(i) * sizeof value);
            slow_.as<std::uint32_t>()[at(i)] = value ^ adaptive::kHalf;
        }
        for (std::size_t i = 0; i < kOrders; ++i) {
            const std::int32_t value = fast(i);
            const std::int32_t next = value + ((bit != 0 ? 65535 : 0) - value) / 16;
            fast_.touch(at(i) * sizeof(std::uint16_t));
            fast_.as<std::uint16_t>()[at(i)] = static_cast<std::uint16_t>(next ^ kHalf);
        }
    }

    /// The averages of orders 2 and 3, 0 in new contexts, then the fast ones of orders 2, 3 and 1.
    struct Predictions : Inputs<5> {
        static void of(const DirectOrders& orders, std::int16_t* x) noexcept {
            const fixed::Logistic& logistic = fixed::Logistic::get();
            for (std::size_t i = 0; i < kSlowOrders; ++i) {
                const std::uint32_t value = orders.slow(i);
                *x++ = (value & 1023u) != 0 ? logistic.stretch(value >> 10) : std::int16_t{0};
            }
            for (std::size_t i = 0; i < kOrders; ++i) {
                *x++ = logistic.stretch(static_cast<std::uint32_t>(orders.fast(i)) << 6 | 32u);
            }
        }
    };

    std::size_t memory() const noexcept { return slow_.size() + fast_.size(); }
    static std::size_t memory_for(MemoryBudget budget) noexcept {
        return (kSlow + kFast) << line_bits(budget);
    }

private:
    static constexpr std::size_t kOrders = 3;
    static constexpr std::size_t kSlowOrders = 2; // the order 1 among inputs is enough
    // A line has the probabilities of a nibble's tree: node 1 is the root, and the children of node
    // k are 2k and 2k + 1.
    static constexpr std::size_t kLine = 16;
    static constexpr std::size_t kSlow = kSlowOrders * kLine * sizeof(std::uint32_t);
    static constexpr std::size_t kFast = kOrders * kLine * sizeof(std::uint16_t);
    static constexpr std::int32_t kHalf = 1 << 15; // 1/2, Q16

    static int line_bits(MemoryBudget budget) noexcept {
        return std::clamp(budget.bits - 10, 8, 15);
    }

    void begin_line(const PartialByte& partial) noexcept {
        for (std::size_t i = 0; i < kOrders; ++i) {
            const std::uint32_t line = fixed::combine(contexts_[i], partial.node) >> (32 - bits_);
            lines_[i] = ((i << bits_) + line) * kLine;
            if (i < kSlowOrders) {
                fixed::prefetch(slow_.as<std::uint32_t>() + lines_[i]);
            }
            fixed::prefetch(fast_.as<std::uint16_t>() + lines_[i]);
        }
    }
    std::size_t at(std::size_t i) const noexcept { return lines_[i] + node_; }
    // The entries in use, which are stored as what they differ in from their initial values.
    std::uint32_t slow(std::size_t i) const noexcept {
        return slow_.as<std::uint32_t>()[at(i)] ^ adaptive::kHalf;
    }
    std::int32_t fast(std::size_t i) const noexcept {
        return fast_.as<std::uint16_t>()[at(i)] ^ kHalf;
    }

    int bits_;              // there are 2^bits_ lines for each order
    fixed::LazyZeros slow_; // Q22, and a count in the lower 10 bits
    fixed::LazyZeros fast_; // Q16
    const std::int32_t* reciprocals_;
    std::array<std::uint32_t, kOrders> contexts_{}; // hashes of the last two, three, and one bytes
    std::array<std::size_t, kOrders> lines_{};
    unsigned node_ = 1;
};

} // namespace weightless::model
