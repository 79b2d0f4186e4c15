#include "explain/shares.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

// Functions that are also compiled for wider registers, where the compiler can choose between both
// at the start of the program; sanitizers do not work there.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) &&       \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WEIGHTLESS_CLONED __attribute__((target_clones("avx2", "default")))
#else
#define WEIGHTLESS_CLONED
#endif

namespace weightless::explain {

namespace {

constexpr double kLog2e = 1.4426950408889634;
constexpr std::size_t kLanes = 16; // the number of inputs is a multiple of it

// (1 - log2(1 + e^-z)) / z, the saving for each unit of z, at the nearest multiple of 1/256.
class SavingPerUnit {
public:
    static const SavingPerUnit& get() {
        static const SavingPerUnit table;
        return table;
    }
    float at(float z) const {
        const float size = std::abs(z);
        const float toward =
            size < kLimit ? table_[static_cast<std::size_t>(size * kSteps + 0.5F)] : 1 / size;
        return z < 0 ? static_cast<float>(kLog2e) - toward : toward;
    }

private:
    static constexpr int kLimit = 12; // how far predictions go
    static constexpr int kSteps = 256;

    SavingPerUnit() {
        table_[0] = static_cast<float>(kLog2e / 2);
        for (std::size_t i = 1; i < table_.size(); ++i) {
            const double z = static_cast<double>(i) / kSteps;
            table_[i] = static_cast<float>((1 - std::log2(1 + std::exp(-z))) / z);
        }
    }

    std::array<float, kLimit * kSteps + 1> table_{};
};

// Writes each input times its weight in all mixers together.
WEIGHTLESS_CLONED void weigh_inputs(const model::LayerView& layer, const float* factors,
                                    float* terms) {
    const std::size_t n = layer.inputs.size();
    const std::size_t mixers = layer.mixers();
    const std::int16_t* x = layer.inputs.data();
    for (std::size_t i = 0; i < n; i += kLanes) {
        std::array<float, kLanes> w{};
        for (std::size_t m = 0; m < mixers; ++m) {
            const std::int32_t* row = layer.weights(m) + i;
            const float factor = factors[m];
            for (std::size_t k = 0; k < kLanes; ++k) {
                w[k] += factor * static_cast<float>(row[k]);
            }
        }
        for (std::size_t k = 0; k < kLanes; ++k) {
            terms[i + k] = w[k];
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        terms[i] *= static_cast<float>(x[i]);
    }
}

WEIGHTLESS_CLONED float sum(const float* terms, std::size_t n) {
    std::array<float, kLanes> lanes{};
    for (std::size_t i = 0; i < n; i += kLanes) {
        for (std::size_t k = 0; k < kLanes; ++k) {
            lanes[k] += terms[i + k];
        }
    }
    for (std::size_t half = kLanes / 2; half != 0; half /= 2) {
        for (std::size_t k = 0; k < half; ++k) {
            lanes[k] += lanes[k + half];
        }
    }
    return lanes[0];
}

WEIGHTLESS_CLONED void add_product(float* sums, const float* terms, float unit, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        sums[i] += terms[i] * unit;
    }
}

} // namespace

void Shares::begin(std::vector<Names> layouts, const Later& later) {
    layouts_ = std::move(layouts);
    later_ = later;
    layout_ = 0;
}

// Computes the factors of the first layer's mixers, and returns the terms of the second layer's own
// inputs.
Shares::Second Shares::weigh(const model::MixingView& view, double toward) {
    constexpr double kOne = 1.0 / (1 << 28); // a weight
    const std::size_t mixers = view.first.mixers();
    const std::size_t seconds = view.second.mixers();
    factors_.resize(mixers);
    if (seconds == 0) {
        std::fill(factors_.begin(), factors_.end(),
                  static_cast<float>(kOne * toward / static_cast<double>(mixers)));
        return {};
    }
    // The mean of the mixers of the second layer.
    std::array<double, model::kMaxShownMixers + 4> w;
    const std::size_t inputs = mixers + (view.has_network ? 4 : 3);
    std::fill_n(w.begin(), inputs, 0.0);
    for (std::size_t m = 0; m < seconds; ++m) {
        const std::int32_t* row = view.second.weights(m);
        for (std::size_t i = 0; i < inputs; ++i) {
            w[i] += row[i];
        }
    }
    const double scale = kOne * toward / static_cast<double>(seconds);
    // Of each input of the second layer the mean of the first layer's predictions is taken off.
    double mean = w[mixers] - w[mixers + 2] - (view.has_network ? w[mixers + 3] : 0);
    for (std::size_t i = 0; i < mixers; ++i) {
        mean -= w[i];
    }
    for (std::size_t i = 0; i < mixers; ++i) {
        factors_[i] =
            static_cast<float>((w[i] + mean / static_cast<double>(mixers)) * scale * kOne);
    }
    return {w[mixers + 1] * 256 * scale, w[mixers + 2] * view.order1 * scale,
            view.has_network ? w[mixers + 3] * view.network * scale : 0};
}

void Shares::add(const model::MixingView& view, unsigned bit) {
    if (view.layout != layout_) {
        use(view.layout);
    }
    const double toward = (bit != 0 ? 1.0 : -1.0) / 1024; // inputs are Q10
    const Second second = weigh(view, toward);
    const std::size_t n = view.first.inputs.size();
    if (terms_.size() < n) {
        terms_.resize(n);
        byte_.resize(n);
        inputs_.resize(n);
    }
    weigh_inputs(view.first, factors_.data(), terms_.data());
    const auto z = static_cast<float>(second.constant + second.order_one + second.network) +
                   sum(terms_.data(), n);
    const float unit = SavingPerUnit::get().at(z);
    add_product(byte_.data(), terms_.data(), unit, n);
    second_.constant += second.constant * unit;
    second_.order_one += second.order_one * unit;
    second_.network += second.network * unit;
}

void Shares::end_byte() {
    for (std::size_t i = 0; i < byte_.size(); ++i) {
        inputs_[i] += byte_[i];
    }
    std::fill(byte_.begin(), byte_.end(), 0.0F);
}

double Shares::take(std::vector<double>& saved) {
    named_.resize(saved.size());
    name_inputs();
    double total = 0;
    for (std::size_t i = 0; i < saved.size(); ++i) {
        saved[i] += named_[i];
        total += named_[i];
    }
    std::fill(named_.begin(), named_.end(), 0.0);
    const std::array later{std::pair(later_.constant, second_.constant),
                           std::pair(later_.order_one, second_.order_one),
                           std::pair(later_.network, second_.network)};
    for (const auto& [name, bits] : later) {
        saved[name] += bits;
        total += bits;
    }
    second_ = {};
    return total;
}

void Shares::use(int layout) {
    name_inputs();
    layout_ = layout;
}

void Shares::name_inputs() {
    end_byte();
    const Names& names = layouts_[static_cast<std::size_t>(layout_)];
    for (std::size_t i = 0; i < std::min(names.size(), inputs_.size()); ++i) {
        if (names[i] >= 0) {
            const auto name = static_cast<std::size_t>(names[i]);
            if (named_.size() <= name) {
                named_.resize(name + 1);
            }
            named_[name] += inputs_[i];
        }
    }
    std::fill(inputs_.begin(), inputs_.end(), 0.0);
}

} // namespace weightless::explain
