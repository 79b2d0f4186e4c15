// Predicts the bytes of a number that is known to be near an expected value: each residual (the
// number minus the expected one) has a weight that is learnt, each candidate is written out in the
// number's format, and those that agree with the bytes so far vote for the next bit.
//
// Source: our own; the weights are a histogram of residuals, as in lossless image coders.
#pragma once

#include "fixed/logistic.hpp"
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

/// The text of decimal numbers.
struct DecimalFormat {
    int decimals = 0;        // behind the point
    int least = 1;           // digits before the point, with zeros in front
    bool trimmed = false;    // zeros at the end of the decimals are left out
    std::uint8_t end = '\n'; // what follows the number
};

class NumberForecast {
public:
    static constexpr std::size_t kLongest = 24;

    bool begun() const noexcept { return begun_; }
    std::int64_t expected() const noexcept { return expected_; }
    void stop() noexcept {
        begun_ = false;
        count_ = 0;
    }

    /// Begins a number.
    void begin(std::int64_t expected, const ResidualWeights& weights,
               const DecimalFormat& format) noexcept {
        begun_ = true;
        expected_ = expected;
        count_ = 0;
        at_ = 0;
        all_ = 0;
        std::int64_t value = expected - ResidualWeights::kReach;
        Digits digits;
        bool fresh = true;
        for (std::size_t i = 0; i < ResidualWeights::kCount; ++i, ++value) {
            if (fresh || value <= 0 || !digits.increment()) {
                digits.write(value, format);
                fresh = false;
            }
            Candidate& c = candidates_[count_];
            c.weight = weights.weight(i);
            c.size = digits.finish(c.bytes, format);
            all_ += c.weight;
            ++count_;
        }
        collect();
    }

    /// Writes a number; returns its length, including what follows it.
    static std::uint32_t write(std::int64_t value, const DecimalFormat& format,
                               std::array<std::uint8_t, kLongest>& out) noexcept {
        Digits digits;
        digits.write(value, format);
        return digits.finish(out, format);
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
        std::array<std::uint8_t, kLongest> bytes;
        std::uint32_t size;
        std::uint32_t weight;
    };
    struct Vote {
        std::uint32_t weight;
        std::uint8_t byte;
    };

    // The digits of a number, the last one first.
    class Digits {
    public:
        void write(std::int64_t value, const DecimalFormat& format) noexcept {
            negative_ = value < 0;
            std::uint64_t rest = negative_ ? 0u - static_cast<std::uint64_t>(value)
                                           : static_cast<std::uint64_t>(value);
            const auto least = static_cast<std::size_t>(format.least + format.decimals);
            size_ = 0;
            while ((rest != 0 || size_ < least) && size_ < 20) {
                digits_[size_++] = static_cast<std::uint8_t>(rest % 10);
                rest /= 10;
            }
        }
        // Adds 1; false if there is no room for a carry.
        bool increment() noexcept {
            for (std::size_t i = 0; i < size_; ++i) {
                if (digits_[i] < 9) {
                    ++digits_[i];
                    return true;
                }
                digits_[i] = 0;
            }
            return false;
        }
        std::uint32_t finish(std::array<std::uint8_t, kLongest>& out,
                             const DecimalFormat& format) const noexcept {
            std::size_t n = 0;
            if (negative_) {
                out[n++] = '-';
            }
            const auto decimals = static_cast<std::size_t>(format.decimals);
            std::size_t last = 0;
            if (format.trimmed) {
                while (last < decimals && last < size_ && digits_[last] == 0) {
                    ++last;
                }
            }
            for (std::size_t i = size_; i > last; --i) {
                if (i == decimals) {
                    out[n++] = '.';
                }
                out[n++] = static_cast<std::uint8_t>('0' + digits_[i - 1]);
            }
            out[n++] = format.end;
            return static_cast<std::uint32_t>(n);
        }

    private:
        std::array<std::uint8_t, 20> digits_{};
        std::size_t size_ = 0;
        bool negative_ = false;
    };

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

    std::array<Candidate, ResidualWeights::kCount> candidates_;
    std::array<Vote, ResidualWeights::kCount> vote_;
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
