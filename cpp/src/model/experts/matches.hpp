// Selectors and APM contexts made of the predictions of the longest match and of the network. For
// all data.
#pragma once

#include "fixed/logistic.hpp"
#include "model/experts/expert.hpp"
#include "model/history/match_model.hpp"

#include <algorithm>
#include <cstdint>

namespace weightless::model {

struct Matches {
    // Contexts: the expected symbol.
    struct ExpectedAndLength : Contexts<1> {
        static std::uint32_t of(const ExpectedSymbol& expected) noexcept {
            return hash(expected.symbol, std::min(expected.length, 15u));
        }
    };
    struct ExpectedAndLatest : Contexts<1> {
        static std::uint32_t of(const ExpectedSymbol& expected, const ByteHistory& bytes) noexcept {
            return hash(expected.symbol, bytes.last4() & 255u);
        }
    };

    struct Length : Selector<MatchModel::kBuckets> {
        static int of(const MatchModel& match) noexcept { return match.state(); }
    };
    struct LengthAndPosition : Selector<MatchModel::kBuckets * 8> {
        static int of(const MatchModel& match, const PartialByte& partial) noexcept {
            return match.state() * 8 + partial.known;
        }
    };
    /// While there is a long match, its length; otherwise the selector S.
    template <class S> struct LongOr : Selector<S::kSize + MatchModel::kBuckets> {
        static int of(const MatchModel& match, const typename S::States& states,
                      const StructureNow& structure, const PartialByte& partial) noexcept {
            return match.state() >= kLong ? S::kSize + match.state()
                                          : S::of(states, structure, partial);
        }
    };
    static constexpr int kLong = 8; // a match of at least 24 bytes
    /// The byte that the match expects; without a match, the partial byte.
    struct Expected : Selector<256 * 2> {
        static int of(const MatchModel& match, const PartialByte& partial) noexcept {
            return match.expected() < 0 ? static_cast<int>(partial.node) : 256 + match.expected();
        }
    };

    struct ApmLength : ApmContext<MatchModel::kBuckets * 256> {
        static std::uint32_t of(const MatchModel& match, const PartialByte& partial) noexcept {
            return static_cast<std::uint32_t>(match.state()) << 8 | partial.node;
        }
    };
    struct ApmExpected : ApmContext<65536> {
        static std::uint32_t of(const MatchModel& match, const PartialByte& partial) noexcept {
            return hash(static_cast<unsigned>(match.expected() + 1) << 8 | partial.node,
                        match.length() > 20 ? 1 : 0) >>
                   16;
        }
    };
};

struct NetworkPrediction {
    /// The network's prediction, quantised, and whether there is a short or a long match.
    struct Confidence : Selector<32 * 3> {
        static int of(const NetworkOutput& network, const MatchModel& match) noexcept {
            const int step =
                (network.stretched + fixed::kStretchLimit) * 31 / (2 * fixed::kStretchLimit);
            const int length = match.state();
            return step * 3 + (length == 0 ? 0 : (length < 8 ? 1 : 2));
        }
    };
    /// Whether the network expects a 1.
    struct Bit : Selector<2> {
        static int of(const NetworkOutput& network) noexcept {
            return network.stretched > 0 ? 1 : 0;
        }
    };
};

} // namespace weightless::model
