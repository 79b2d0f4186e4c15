// Copying: while a long match goes on, one decision is coded for each byte, whether it is the
// expected one, and the model takes the bytes only when the match ends (predictor.hpp). For runs
// and duplicates, of which nothing is to be learnt.
//
// Source: our own; the estimate of the probability is the rule of succession.
#pragma once

#include "fixed/probability.hpp"
#include "model/history/long_matches.hpp"
#include "model/history/raw_history.hpp"

#include <algorithm>
#include <cstdint>

namespace weightless::model {

class Copying {
public:
    /// So many bytes that were copied wait for the model at most.
    static constexpr std::uint64_t kMostWaiting = std::uint64_t{1} << 14;

    /// Must be called after the push() of the byte and the update() of `far`.
    void update(const RawHistory& raw, const LongMatches& far) noexcept {
        waiting_ -= waiting_ != 0 ? 1 : 0;
        missed_ = false;
        if (found_) {
            if (raw.at(place_) == raw.last()) {
                ++length_;
            } else {
                // A proven match may go on after a byte that differs; any other is given up.
                found_ = length_ >= least_;
                least_ = kAgain;
                length_ = 0;
            }
            ++place_;
        }
        if (!found_) {
            const std::uint64_t place = far.candidate();
            if (place != 0 && raw.position() - place < raw.size() - kMargin &&
                same_before(raw, place)) {
                found_ = true;
                place_ = place;
                length_ = kVerified;
                least_ = kFirst;
            }
        }
    }

    /// In place of update() for bytes that were skipped, when none waits: the match, if there was
    /// one, is lost.
    void lose() noexcept {
        found_ = false;
        missed_ = false;
        length_ = 0;
    }

    /// Whether the next byte is coded by one decision.
    bool now() const noexcept { return found_ && !missed_ && matched() >= least_; }
    /// The byte that is expected next; only if now().
    std::uint8_t expected(const RawHistory& raw) const noexcept {
        return raw.at(expected_place(raw));
    }
    /// Its position.
    std::uint64_t expected_place(const RawHistory& raw) const noexcept {
        // The bytes that wait for the model are not in the history yet.
        const std::uint64_t distance = raw.position() - place_;
        return place_ + (waiting_ < distance ? waiting_ : waiting_ % distance);
    }
    /// The length of the match.
    std::uint32_t length() const noexcept {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(matched(), 0xffffffffu));
    }
    /// P(the next byte is the expected one), Q22, in [1, 2^22 - 1].
    std::uint32_t p() const noexcept {
        const std::uint64_t miss = (std::uint64_t{1} << (fixed::kProbabilityBits - 2)) / matched();
        return fixed::kProbabilityOne -
               static_cast<std::uint32_t>(std::max<std::uint64_t>(miss, 1));
    }
    /// The next byte is the expected one.
    void hit() noexcept { ++waiting_; }
    /// It is not; it is coded as usual.
    void miss() noexcept { missed_ = true; }

    /// The number of bytes that were copied and wait for the model.
    std::uint64_t waiting() const noexcept { return waiting_; }
    /// The first of them, or else the byte that is expected next; only if there is a match.
    std::uint8_t next(const RawHistory& raw) const noexcept { return raw.at(place_); }
    /// The position of that byte.
    std::uint64_t place() const noexcept { return place_; }

private:
    static constexpr std::uint64_t kFirst = 512; // the length from which a match is proven
    static constexpr std::uint64_t kAgain = 32;  // the same after a byte that differed
    static constexpr std::uint64_t kVerified = 32;
    static constexpr std::uint64_t kMargin = 2 * kVerified;

    std::uint64_t matched() const noexcept { return length_ + waiting_; }
    static bool same_before(const RawHistory& raw, std::uint64_t place) noexcept {
        std::uint64_t n = 1;
        while (n <= kVerified && n <= place && raw.at(place - n) == raw.back(n)) {
            ++n;
        }
        return n > kVerified;
    }

    std::uint64_t place_ = 0;  // of the byte that follows those that the model has taken
    std::uint64_t length_ = 0; // of the match, without the bytes that wait
    std::uint64_t least_ = kFirst;
    std::uint64_t waiting_ = 0;
    bool found_ = false;
    bool missed_ = false;
};

} // namespace weightless::model
