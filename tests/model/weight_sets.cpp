// Two mixers of a layer select weight sets that are far apart, in any order, and train them; prints
// what test_weight_sets.py compares.

#include "kernels/targets/targets.hpp"
#include "model/mixing/mixer_layer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>

namespace {

using namespace weightless;
using namespace weightless::model;

constexpr int kInputs = 16;
constexpr std::int32_t kFirst = 1 << 24;
constexpr MixingRate kRate{200, 20, 400};
using Input = std::array<std::int16_t, kInputs>;

Input input(int i) {
    Input x{};
    for (int k = 0; k < kInputs; ++k) {
        x[static_cast<std::size_t>(k)] = static_cast<std::int16_t>((i * 37 + k * 101) % 2048 - 900);
    }
    return x;
}

template <std::size_t mixers>
std::array<std::int16_t, 8> code(MixerLayer<kInputs, mixers>& layer,
                                 const std::array<int, mixers>& selected, int i) {
    alignas(64) const Input x = input(i);
    std::array<std::int16_t, 8> out{};
    layer.prefetch(selected, kInputs);
    layer.select(selected);
    layer.predict(x.data(), out.data());
    layer.update(x.data(), static_cast<unsigned>(i * 7 % 3 == 0));
    return out;
}

} // namespace

int main() {
    const kernels::Kernels& kernels = kernels::k_scalar;
    constexpr int kFew = 40;
    MixerLayer<kInputs, 2> layer({100'000, 3}, kFirst, kRate, kernels);
    std::map<int, MixerLayer<kInputs, 1>> alone; // a layer of its own for each weight set
    const auto of = [&](int set) -> MixerLayer<kInputs, 1>& {
        return alone.try_emplace(set, std::array{1}, kFirst, kRate, kernels).first->second;
    };
    int differences = 0;
    const std::int32_t* least = nullptr;
    const std::int32_t* most = nullptr;
    for (int i = 0; i < 400; ++i) {
        const std::array selected{i * 17 % kFew * 2'400 + 5, i % 3};
        const auto out = code(layer, selected, i);
        for (std::size_t s = 0; s < 2; ++s) {
            const int set = static_cast<int>(s) * 100'000 + selected[s];
            differences += code<1>(of(set), {0}, i)[0] != out[s];
            const std::int32_t* chosen = layer.view({}).weights(s);
            least = least == nullptr ? chosen : std::min(least, chosen);
            most = most == nullptr ? chosen : std::max(most, chosen);
        }
    }
    std::printf("%d\n%d\n%d\n", differences, static_cast<int>(alone.size()),
                static_cast<int>((most - least) / kInputs) + 1);
}
