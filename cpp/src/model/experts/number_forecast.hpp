// Predicts the bytes of a number that is known to be near an expected value: each residual (the
// number minus the expected one) has a weight that is learnt, each candidate is written out in the
// number's format, and those that agree with the bytes so far vote for the next bit.
//
// Source: our own; the weights are a histogram of residuals, as in lossless image coders.
#pragma once

#include "model/experts/number_format.hpp"
#include "model/history/partial_byte.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

/// How often each residual has occurred, with more weight on recent ones.
class ResidualWeights {
public:
    static constexpr int kReach = 64; // residuals are -kReach to kReach - 1
    static constexpr std::size_t kCount = 2 * kReach;

    ResidualWeights() noexcept {
        for (int i = 0; i < 2 * kReach; ++i) {
            const int size = i < kReach ? kReach - i : i - kReach;
            weights_[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(2 + 96 / (size + 1));
        }
    }
    std::uint32_t weight(std::size_t i) const noexcept { return weights_[i]; }

    void learn(std::int64_t residual) noexcept {
        if (residual < -kReach || residual >= kReach) {
            return;
        }
        // Neighbours are likely too, but less.
        constexpr std::array<int, 5> kernel{6, 20, 96, 20, 6};
        const int middle = static_cast<int>(residual) + kReach;
        for (int i = -2; i <= 2; ++i) {
            const int at = middle + i;
            if (at >= 0 && at < 2 * kReach) {
                auto& weight = weights_[static_cast<std::size_t>(at)];
                weight =
                    static_cast<std::uint16_t>(weight + kernel[static_cast<std::size_t>(i + 2)]);
            }
        }
        sum_ += 148;
        if (sum_ > kMost) {
            sum_ = 0;
            for (auto& weight : weights_) {
                weight = static_cast<std::uint16_t>(weight - weight / 2);
                sum_ += weight;
            }
        }
    }

private:
    static constexpr std::uint32_t kMost = 24000;
    std::array<std::uint16_t, kCount> weights_;
    std::uint32_t sum_ = 1400;
};

class NumberForecast {
public:
    bool begun() const noexcept { return begun_; }
    std::int64_t expected() const noexcept { return expected_; }
    void stop() noexcept {
        begun_ = false;
        count_ = votes_ = 0;
        likeliest_ = 0;
        share_ = 0;
    }

    /// Begins a number; |expected| < 2^62.
    void begin(std::int64_t expected, const ResidualWeights& weights,
               const NumberFormat& format) noexcept {
        begun_ = true;
        expected_ = expected;
        count_ = 0;
        at_ = 0;
        all_ = 0;
        std::int64_t value = expected - ResidualWeights::kReach;
        NumberWriter writer(format);
        for (std::size_t i = 0; i < ResidualWeights::kCount; ++i, ++value) {
            Candidate& c = candidates_[count_];
            c.size = writer.write(value, c.bytes);
            if (c.size != 0) {
                c.weight = weights.weight(i);
                all_ += c.weight;
                ++count_;
            }
        }
        collect();
    }

    /// Takes the next byte.
    void push(std::uint8_t byte) noexcept {
        if (count_ == 0) {
            return;
        }
        std::size_t kept = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            const Candidate& c = candidates_[i];
            if (at_ < c.size && c.bytes[at_] == byte) {
                if (kept != i) {
                    candidates_[kept] = c;
                }
                ++kept;
            }
        }
        count_ = kept;
        ++at_;
        collect();
    }

    bool alive() const noexcept { return votes_ != 0; }
    /// The likeliest byte, 0 if there is none.
    std::uint8_t likeliest() const noexcept { return likeliest_; }
    /// Its share of all votes, in eighths, 0 to 7.
    std::uint32_t share() const noexcept { return share_; }

    /// P(bit = 1), Q22; 0 if no candidate agrees with the partial byte.
    std::uint32_t p(const PartialByte& partial) const noexcept {
        std::uint64_t ones = 0;
        std::uint64_t both = 0;
        for (std::size_t i = 0; i < votes_; ++i) {
            const unsigned byte = vote_[i].byte | 256u;
            if (byte >> (8 - partial.known) == partial.node) {
                both += vote_[i].weight;
                ones += (byte >> (7 - partial.known) & 1u) != 0 ? vote_[i].weight : 0;
            }
        }
        if (both == 0) {
            return 0;
        }
        const std::uint64_t escape = all_ / 512 + 1;
        const std::uint64_t p = ((ones + escape) << 22) / (both + 2 * escape);
        return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(p, 1, (1u << 22) - 1));
    }

private:
    struct Candidate {
        NumberBytes bytes;
        std::uint32_t size;
        std::uint32_t weight;
    };
    struct Vote {
        std::uint32_t weight;
        std::uint8_t byte;
    };

    // Adds up the candidates' weights for each next byte.
    void collect() noexcept {
        votes_ = 0;
        std::array<std::uint8_t, 256> index; // of a byte's vote; valid where `known` says so
        std::array<std::uint64_t, 4> known{};
        std::uint32_t best = 0;
        std::uint32_t sum = 0;
        likeliest_ = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            const Candidate& c = candidates_[i];
            if (at_ >= c.size) {
                continue;
            }
            const std::uint8_t byte = c.bytes[at_];
            std::uint64_t& bits = known[byte / 64];
            if ((bits >> (byte % 64) & 1u) == 0) {
                bits |= std::uint64_t{1} << (byte % 64);
                index[byte] = static_cast<std::uint8_t>(votes_);
                vote_[votes_++] = {0, byte};
            }
            Vote& vote = vote_[index[byte]];
            vote.weight += c.weight;
            sum += c.weight;
            if (vote.weight > best) {
                best = vote.weight;
                likeliest_ = byte;
            }
        }
        share_ = sum == 0 ? 0 : std::min(7u, best * 8 / sum);
    }

    std::array<Candidate, ResidualWeights::kCount> candidates_{};
    std::array<Vote, ResidualWeights::kCount> vote_{};
    std::size_t count_ = 0;
    std::size_t votes_ = 0;
    std::uint32_t at_ = 0; // bytes of the number so far
    std::uint32_t all_ = 0;
    std::uint32_t share_ = 0;
    std::int64_t expected_ = 0;
    std::uint8_t likeliest_ = 0;
    bool begun_ = false;
};

} // namespace weightless::model
