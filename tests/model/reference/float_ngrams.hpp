// The n-gram logits of docs/network.md in floating point. A map keyed by the contexts' bytes
// holds the weights, so that, unlike in a hash table of fixed size, no context replaces another.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace weightless::reference {

template <typename Real> class FloatNgrams {
public:
    /// Contexts of 2 to `longest` bytes (0: none); words: 1 adds the word, 2 also the bigram.
    FloatNgrams(int longest, int words)
        : longest_(longest), contexts_(std::max(longest - 1, 0) + words) {
        for (auto& scales : scales_) {
            scales.fill(Real{1});
        }
    }

    void add(Real* logits) {
        for (int i = 0; i < contexts_; ++i) {
            const Context& context = present(i);
            for (const auto& [symbol, weight] : context.weights) {
                logits[symbol] += scale(i, context) * weight;
            }
        }
    }

    /// error: p minus the one-hot vector of `byte`.
    void update(const Real* error, std::uint8_t byte) {
        for (int i = 0; i < contexts_; ++i) {
            Context& context = present(i);
            Real& factor = scale(i, context);
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
        const int letter = byte | 32;
        if ((letter >= 'a' && letter <= 'z') || byte >= 128) {
            word_ += static_cast<char>(letter);
        } else if (!word_.empty()) {
            word_before_ = std::exchange(word_, "");
        }
    }

private:
    struct Context {
        unsigned count = 0;
        std::vector<std::pair<std::uint8_t, Real>> weights; // by symbol
    };

    Context& present(int i) {
        if (i >= std::max(longest_ - 1, 0)) {
            const bool both = i > std::max(longest_ - 1, 0);
            return contexts_of_words_[{word_, both ? word_before_ : "-"}];
        }
        const int length = i + 2;
        return contexts_of_bytes_[{length, history_ & (~std::uint64_t{0} >> (64 - 8 * length))}];
    }

    Real& scale(int i, const Context& context) {
        return scales_[static_cast<std::size_t>(i)]
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
    int contexts_;
    std::uint64_t history_ = 0;
    std::string word_, word_before_;
    std::map<std::pair<int, std::uint64_t>, Context> contexts_of_bytes_;
    std::map<std::pair<std::string, std::string>, Context> contexts_of_words_;
    std::array<std::array<Real, 9>, 9> scales_;
};

} // namespace weightless::reference
