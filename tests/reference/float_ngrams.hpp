// The n-gram logits of docs/network.md in floating point. Contexts are found by their bytes,
// so there is no table that could be full.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace weightless::reference {

template <typename Real> class FloatNgrams {
public:
    /// Contexts of 2 to `longest` bytes; longest 0: none.
    explicit FloatNgrams(int longest) : longest_(longest) {
        for (auto& scales : scales_) {
            scales.fill(Real{1});
        }
    }

    void add(Real* logits) {
        for (int length = 2; length <= longest_; ++length) {
            const Context& context = present(length);
            for (const auto& [symbol, weight] : context.weights) {
                logits[symbol] += scale(length, context) * weight;
            }
        }
    }

    /// error: p - onehot.
    void update(const Real* error, std::uint8_t byte) {
        for (int length = 2; length <= longest_; ++length) {
            Context& context = present(length);
            Real& factor = scale(length, context);
            keep(context, byte);
            const Real rate = Real{1} / std::sqrt(Real{1} + static_cast<Real>(context.count) / 2);
            Real gradient = 0;
            for (auto& [symbol, weight] : context.weights) {
                gradient += error[symbol] * weight;
                weight = std::clamp(weight - rate * error[symbol], Real{-16}, Real{16});
            }
            factor -= std::clamp(gradient, Real{-4}, Real{4}) / Real{512};
            factor = std::clamp(factor, Real{0}, Real{2});
            context.count = std::min(context.count + 1, 255U);
        }
        history_ = (history_ << 8) | byte;
    }

private:
    struct Context {
        unsigned count = 0;
        std::vector<std::pair<std::uint8_t, Real>> weights; // by symbol
    };

    Context& present(int length) {
        const std::uint64_t bytes = history_ & (~std::uint64_t{0} >> (64 - 8 * length));
        return contexts_[{length, bytes}];
    }

    Real& scale(int length, const Context& context) {
        return scales_[static_cast<std::size_t>(length)]
                      [static_cast<std::size_t>(std::bit_width(context.count))];
    }

    static void keep(Context& context, std::uint8_t byte) {
        auto& weights = context.weights;
        const auto is = [byte](const auto& entry) { return entry.first == byte; };
        if (std::ranges::any_of(weights, is)) {
            return;
        }
        if (weights.size() < 9) {
            weights.emplace_back(byte, Real{0});
        } else {
            *std::ranges::min_element(
                weights, {}, [](const auto& entry) { return entry.second; }) = {byte, Real{0}};
        }
    }

    int longest_;
    std::uint64_t history_ = 0;
    std::map<std::pair<int, std::uint64_t>, Context> contexts_;
    std::array<std::array<Real, 9>, 9> scales_;
};

} // namespace weightless::reference
