// What the longest match and the network say, as selectors and contexts of APM stages. For all
// data.
#pragma once

#include "fixed/logistic.hpp"
#include "model/experts/expert.hpp"
#include "model/history/match_model.hpp"

#include <cstdint>

namespace weightless::model {

struct Matches {
    struct Length : Selector<MatchModel::kBuckets> {
        static int of(const MatchModel& match) noexcept { return match.state(); }
    };
    struct LengthAndPlace : Selector<MatchModel::kBuckets * 8> {
        static int of(const MatchModel& match, const PartialByte& partial) noexcept {
            return match.state() * 8 + partial.known;
        }
    };
    /// The expected byte; without a match, the bits so far.
    struct Expected : Selector<256 * 2> {
        static int of(const MatchModel& match, const PartialByte& partial) noexcept {
            return match.expected() < 0 ? static_cast<int>(partial.node) : 256 + match.expected();
        }
    };

    struct AtLength : ApmContext<MatchModel::kBuckets * 256> {
        static std::uint32_t of(const MatchModel& match, const PartialByte& partial) noexcept {
            return static_cast<std::uint32_t>(match.state()) << 8 | partial.node;
        }
    };
    struct AtExpected : ApmContext<65536> {
        static std::uint32_t of(const MatchModel& match, const PartialByte& partial) noexcept {
            return hash(static_cast<unsigned>(match.expected() + 1) << 8 | partial.node,
                        match.length() > 20 ? 1 : 0) >>
                   16;
        }
    };
};

struct NetworkPrediction {
    /// How sure the network is, and whether there is a long match.
    struct Sureness : Selector<32 * 3> {
        static int of(const Outside& outside, const MatchModel& match) noexcept {
            const int step =
                (outside.stretched + fixed::kStretchLimit) * 31 / (2 * fixed::kStretchLimit);
            const int length = match.state();
            return step * 3 + (length == 0 ? 0 : (length < 8 ? 1 : 2));
        }
    };
    /// Whether it expects a 1.
    struct Bit : Selector<2> {
        static int of(const Outside& outside) noexcept { return outside.stretched > 0 ? 1 : 0; }
    };
};

} // namespace weightless::model
