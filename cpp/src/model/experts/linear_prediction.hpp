// Adaptive linear prediction of a number from others, trained by normalised least mean squares.
//
// Inputs are at most 2^24 in magnitude; weights Q16 within +-16; so sums stay below 2^50.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weightless::model {

class LinearPrediction {
public:
    static constexpr std::size_t kInputs = 24;

    /// rate: each step is 2^-rate of the one that would make the error 0.
    explicit LinearPrediction(int rate = 6) : rate_(rate) {}

    std::int64_t predict(const std::array<std::int32_t, kInputs>& x) noexcept {
        std::int64_t sum = 1 << 15;
        for (std::size_t i = 0; i < kInputs; ++i) {
            sum += static_cast<std::int64_t>(weights_[i]) * x[i];
        }
        return sum >> 16;
    }

    /// error: the actual number minus predict(x), at most 2^26 in magnitude.
    void update(const std::array<std::int32_t, kInputs>& x, std::int64_t error) noexcept {
        std::int64_t power = 1;
        for (const std::int32_t v : x) {
            power += static_cast<std::int64_t>(v) * v;
        }
        // Q8 of the error over the power, times the input: within 2^59.
        const std::int64_t scaled = power >> 8;
        for (std::size_t i = 0; i < kInputs; ++i) {
            const std::int64_t step = ((error * x[i]) << 8) / (scaled + 1);
            weights_[i] = static_cast<std::int32_t>(
                std::clamp<std::int64_t>(weights_[i] + (step >> rate_), -(1 << 20), 1 << 20));
        }
    }

private:
    int rate_;
    std::array<std::int32_t, kInputs> weights_{};
};

} // namespace weightless::model
