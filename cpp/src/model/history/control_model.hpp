// A small model of bytes as they are in the data. What they would cost with it is an upper bound of
// what they would cost if no structure were active, so a structure's claim is dropped where the
// control model is cheaper than everything together. It runs only while such a claim stands.
//
// Source: mixing of a few orders by one set of weights, as in M. Mahoney's lpaq.
#pragma once

#include "fixed/aligned.hpp"
#include "fixed/hash.hpp"
#include "fixed/logistic.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/history/coding_cost.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class ControlModel {
public:
    static constexpr std::size_t kContexts = 5;
    using Hashes = std::array<std::uint32_t, kContexts>;

    /// Forgets everything, and allocates the tables if this is the first call.
    void begin() {
        cells_.assign(kContexts << kBits, adaptive::kHalf);
        weights_.fill(65536 * 3 / 8);
    }

    /// Learns a byte in contexts with these hashes. Returns what it would have cost: bits, Q16.
    std::uint32_t cost_of(std::uint8_t byte, const Hashes& hashes) noexcept {
        CodingCost cost;
        std::uint32_t node = 1;
        for (int i = 7; i >= 0; --i) {
            const unsigned bit = (byte >> i) & 1u;
            cost.add(bit, learn(bit, node, hashes), CodingCost::Wanted::all);
            node = node << 1 | bit;
        }
        return cost.all();
    }

    static constexpr std::size_t memory() noexcept {
        return (kContexts << kBits) * sizeof(std::uint32_t);
    }

private:
    static constexpr int kBits = 14;
    static constexpr std::uint32_t kLimit = 254;

    // P(bit = 1), Q22, before the bit was learnt.
    std::uint32_t learn(unsigned bit, std::uint32_t node, const Hashes& hashes) noexcept {
        const fixed::Logistic& logistic = fixed::Logistic::get();
        std::array<std::size_t, kContexts> at;
        std::array<std::int32_t, kContexts> x;
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < kContexts; ++i) {
            at[i] = (i << kBits) + (fixed::combine(hashes[i], node) >> (32 - kBits));
            const std::uint32_t cell = cells_[at[i]];
            x[i] = (cell & 1023u) == 0 ? 0 : logistic.stretch(cell >> 10);
            sum += std::int64_t{weights_[i]} * x[i];
        }
        const std::uint32_t p =
            std::clamp(logistic.squash(static_cast<std::int32_t>(std::clamp<std::int64_t>(
                           sum >> 14, -(std::int64_t{12} << 12), std::int64_t{12} << 12))),
                       1u, (1u << 22) - 1);
        const std::int32_t error = (bit != 0 ? (1 << 22) : 0) - static_cast<std::int32_t>(p); // Q22
        const std::int32_t* reciprocals = adaptive::reciprocals().data();
        for (std::size_t i = 0; i < kContexts; ++i) {
            const std::int64_t step = (std::int64_t{error} * x[i]) / (1 << 19);
            weights_[i] = static_cast<std::int32_t>(
                std::clamp<std::int64_t>(weights_[i] + step, -(1 << 19), 1 << 19));
            adaptive::update(cells_[at[i]], bit, kLimit, reciprocals);
        }
        return p;
    }

    std::array<std::int32_t, kContexts> weights_{}; // Q16
    fixed::AlignedVector<std::uint32_t> cells_;
};

} // namespace weightless::model
