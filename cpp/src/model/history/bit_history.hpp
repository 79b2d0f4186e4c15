// Bit histories: one byte summarises the bits seen so far at one node of a context's binary tree.
//
// A state is (n0, n1, last): the counts of zeros and ones, in which recent bits weigh more, and the
// last bit. States are numbered by n0 + n1, so that a greater number means more observations; state
// 0 means that no bit has been seen.
//
// Source: the idea, and the bounds that determine which pairs exist, are those of M. Mahoney's
// PAQ and ZPAQ ("The ZPAQ Compression Algorithm", 2015); the rules here are our own.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class BitHistory {
public:
    /// The size of a table that is indexed by state; there are at most so many states.
    static constexpr unsigned kStates = 256;

    static const BitHistory& get() {
        static const BitHistory table;
        return table;
    }

    std::uint8_t next(std::uint8_t state, unsigned bit) const noexcept {
        return next_[state * 2u + bit];
    }
    int zeros(std::uint8_t state) const noexcept { return zeros_[state]; }
    int ones(std::uint8_t state) const noexcept { return ones_[state]; }
    int states() const noexcept { return states_; }
    /// The state after as many bits as `state` has counted, all of which are `bit`.
    std::uint8_t only(std::uint8_t state, unsigned bit) const noexcept {
        return only_[state * 2u + bit];
    }

    /// The initial P(next bit = 1) in this state, estimated from its counts, Q22.
    static std::uint32_t first_p(const BitHistory& table, std::uint8_t state) noexcept {
        const int n0 = table.zeros(state);
        const int n1 = table.ones(state);
        // (n1 + d) / (n + 2 d), with a smaller d for deterministic states.
        const int d = n0 == 0 || n1 == 0 ? 20 : 26; // Q6
        const int total = (n0 + n1) * 64 + 2 * d;
        return static_cast<std::uint32_t>(
            (static_cast<std::int64_t>(n1 * 64 + d) * ((1 << 22) - 1)) / total);
    }

private:
    // The bound of the larger count, indexed by the smaller count.
    static constexpr std::array<int, 6> kBound{40, 36, 15, 8, 6, 5};
    // Pairs with a total of at most this also record the last bit.
    static constexpr int kLastKept = 13;

    static bool exists(int a, int b) {
        const int more = a > b ? a : b;
        const int less = a > b ? b : a;
        return less < static_cast<int>(kBound.size()) &&
               more <= kBound[static_cast<std::size_t>(less)];
    }
    static bool keeps_last(int a, int b) { return a > 0 && b > 0 && a + b <= kLastKept; }

    BitHistory() {
        // Numbers by total, then by zeros.
        std::array<std::array<std::array<int, 2>, 48>, 48> number{};
        int count = 0;
        for (int total = 0; total <= 48; ++total) {
            for (int a = 0; a <= total && a < 48; ++a) {
                const int b = total - a;
                if (b >= 48 || !exists(a, b)) {
                    continue;
                }
                for (int last = 0; last < (keeps_last(a, b) ? 2 : 1); ++last) {
                    if (count > 255) {
                        continue; // never: tests count the states
                    }
                    const auto i = static_cast<std::size_t>(count);
                    zeros_[i] = static_cast<std::uint8_t>(a);
                    ones_[i] = static_cast<std::uint8_t>(b);
                    auto& here = number[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)];
                    here[static_cast<std::size_t>(last)] = count;
                    if (!keeps_last(a, b)) {
                        here[1] = count;
                    }
                    ++count;
                }
            }
        }
        states_ = count;
        for (int i = 0; i < count && i < 256; ++i) {
            for (unsigned bit = 0; bit < 2; ++bit) {
                int n[2] = {zeros_[static_cast<std::size_t>(i)],
                            ones_[static_cast<std::size_t>(i)]};
                advance(n[bit], n[1 - bit]);
                next_[static_cast<std::size_t>(i) * 2 + bit] = static_cast<std::uint8_t>(
                    number[static_cast<std::size_t>(n[0])][static_cast<std::size_t>(n[1])][bit]);
            }
            const auto total = static_cast<std::size_t>(
                std::min(zeros_[static_cast<std::size_t>(i)] + ones_[static_cast<std::size_t>(i)],
                         kBound[0]));
            only_[static_cast<std::size_t>(i) * 2] = static_cast<std::uint8_t>(number[total][0][0]);
            only_[static_cast<std::size_t>(i) * 2 + 1] =
                static_cast<std::uint8_t>(number[0][total][0]);
        }
    }

    // Increments `seen` and discounts `other` if it is large.
    static void advance(int& seen, int& other) {
        ++seen;
        if (other > 2) {
            constexpr std::array<int, 9> kKept{0, 1, 2, 3, 4, 5, 5, 6, 6};
            other = other < 9 ? kKept[static_cast<std::size_t>(other)] : (other < 20 ? 7 : 8);
        }
        while (!exists(seen, other)) {
            if (other < 2 || seen <= other) {
                --seen;
                if (!exists(seen, other) && other > 1) {
                    --other;
                }
            } else {
                // Keeps the ratio of the counts as nearly as smaller pairs allow.
                seen = (seen * (other - 1) + other / 2) / other;
                --other;
            }
        }
    }

    std::array<std::uint8_t, 512> next_{};
    std::array<std::uint8_t, 512> only_{};
    std::array<std::uint8_t, 256> zeros_{};
    std::array<std::uint8_t, 256> ones_{};
    int states_ = 0;
};

} // namespace weightless::model
