// Codes residuals by adaptive histograms, and prints what test_residual_histogram.py compares.

#include "model/history/residual_histogram.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace {

using namespace weightless::model;

template <int nodes> void measure(double magnitude, std::uint32_t expected) {
    ResidualHistograms<nodes> histograms(2, 9);
    histograms.reset(1, expected);
    typename ResidualHistograms<nodes>::Prediction prediction;
    std::mt19937 random(1);
    std::array<double, 3> bits{}; // of the first 100 values, of all, and of their distribution
    constexpr int kValues = 20'000;
    double widest = 0;
    for (int i = 0; i < kValues; ++i) {
        const std::uint32_t centre = random() % 4096; // Q4
        // A Laplace distribution around it.
        const double u = (random() % 65536 + 0.5) / 65536 - 0.5;
        const double r = -magnitude * std::copysign(std::log(1 - 2 * std::fabs(u)), u);
        const auto value = static_cast<int>(std::lround(centre / 16.0 + r)) & 255;
        const auto cdf = [&](double x) {
            return x < 0 ? std::exp(x / magnitude) / 2 : 1 - std::exp(-x / magnitude) / 2;
        };
        double share = 0;
        for (int turn = -2; turn <= 2; ++turn) {
            const double x = value + 256 * turn - centre / 16.0;
            share += cdf(x + 0.5) - cdf(x - 0.5);
        }
        double cost = 0;
        if (i % 1000 == 0) {
            // All values' probabilities.
            double sum = 0;
            for (unsigned v = 0; v < 256; ++v) {
                prediction.begin(histograms, 1, centre);
                double p = 1;
                for (int k = 7; k >= 0; --k) {
                    const double one = prediction.p() / 4194304.0;
                    p *= (v >> k & 1) != 0 ? one : 1 - one;
                    prediction.take(histograms, v >> k & 1);
                }
                sum += p;
            }
            widest = std::max(widest, std::fabs(sum - 1));
        }
        prediction.begin(histograms, 1, centre);
        for (int k = 7; k >= 0; --k) {
            const unsigned bit = static_cast<unsigned>(value) >> k & 1u;
            const double one = prediction.p() / 4194304.0;
            cost -= std::log2(bit != 0 ? one : 1 - one);
            prediction.take(histograms, bit);
        }
        prediction.end(histograms);
        bits[0] += i < 100 ? cost / 100 : 0;
        bits[1] += cost / kValues;
        bits[2] -= std::log2(share) / kValues;
    }
    std::printf("%d %g %.4f %.4f %.4f %.6f\n", nodes, magnitude, bits[0], bits[1], bits[2], widest);
}

} // namespace

int main() {
    for (const double magnitude : {1.0, 4.0, 20.0}) {
        measure<1>(magnitude, static_cast<std::uint32_t>(magnitude * 16));
        measure<2>(magnitude, static_cast<std::uint32_t>(magnitude * 32));
        measure<4>(magnitude, static_cast<std::uint32_t>(magnitude * 8));
    }
    measure<2>(60.0, 16);
    measure<2>(0.5, 16 * 30);
    return 0;
}
