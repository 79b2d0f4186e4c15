#include "explain/trace.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace weightless::explain {

namespace {

// P(bit), from P(1) in Q22.
double chance_of(unsigned bit, std::uint32_t p) {
    constexpr std::uint32_t one = 1u << 22;
    return static_cast<double>(bit != 0 ? p : one - p) / one;
}

// log2(1 + e^-z) at multiples of 1/1024 from -12 to 12, which is how far predictions go.
class Costs {
public:
    static const Costs& get() {
        static const Costs costs;
        return costs;
    }
    /// z: Q10.
    double exact(std::int32_t z) const {
        return table_[static_cast<std::size_t>(std::clamp(z, -kLimit, kLimit) + kLimit)];
    }
    /// (1 - cost) / z at the nearest multiple of 1/1024 that is not 0. z: in units.
    double saving_per_unit(double z) const {
        if (std::abs(z) * 1024 >= kLimit) {
            return z > 0 ? 1 / z : kLog2e + 1 / z;
        }
        const auto at = static_cast<std::int32_t>(std::lround(z * 1024));
        const std::int32_t q = at != 0 ? at : 1;
        return (1 - exact(q)) * 1024 / q;
    }

private:
    static constexpr std::int32_t kLimit = 12 << 10;
    static constexpr double kLog2e = 1.4426950408889634;

    Costs() {
        for (std::int32_t i = -kLimit; i <= kLimit; ++i) {
            table_[static_cast<std::size_t>(i + kLimit)] = std::log2(1 + std::exp(-i / 1024.0));
        }
    }

    std::array<double, 2 * kLimit + 1> table_{};
};

// FNV-1a, over words.
void mix(std::uint64_t& digest, std::uint64_t word) { digest = (digest ^ word) * 1099511628211u; }

void mix(std::uint64_t& digest, const model::LayerView& layer) {
    for (std::size_t m = 0; m < layer.mixers; ++m) {
        for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
            mix(digest, static_cast<std::uint32_t>(layer.weights[m][i]));
        }
    }
}

} // namespace

std::size_t Trace::index_of(std::vector<std::string>& names, const std::string& name) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at != names.end()) {
        return static_cast<std::size_t>(at - names.begin());
    }
    names.push_back(name);
    return names.size() - 1;
}

void Trace::begin(const std::vector<model::InputLayout>& layouts) {
    layouts_.clear();
    for (const model::InputLayout& layout : layouts) {
        Names names{index_of(kind_names, layout.kind), {}};
        for (const std::string& name : layout.inputs) {
            names.inputs.push_back(name.empty() ? -1
                                                : static_cast<int>(index_of(input_names, name)));
        }
        layouts_.push_back(std::move(names));
    }
    if (layouts_.empty()) {
        layouts_.push_back({index_of(kind_names, "Other"), {}});
    }
    constant_ = index_of(input_names, model::InputLayout::kConstant);
    order_one_ = index_of(input_names, model::InputLayout::kOrderOne);
    network_ = index_of(input_names, model::InputLayout::kNetwork);
    copies_ = index_of(input_names, "Copies");
    rounding_ = index_of(input_names, "Rounding");
    by_kind.resize(kind_names.size());
    saved_.assign(input_names.size(), 0);
}

void Trace::begin_byte(const model::ByteView& view) {
    cost_ = {};
    p_ = network_p_ = 1;
    std::fill(saved_.begin(), saved_.end(), 0.0);
    has_network_ = !view.network.empty();
    has_mixing_ = copied_ = false;
    if (has_network_) {
        std::copy_n(view.network.begin(), distribution_.size(), distribution_.begin());
    }
    match_ = view.match;
    layout_ = view.layout;
    if (position_ % plan_.segment == 0) {
        segments.emplace_back();
        width = view.hidden.size();
        hidden.insert(hidden.end(), view.hidden.begin(), view.hidden.end());
    }
    if (plan_.digests) {
        digest_ = 14695981039346656037u;
        for (const std::uint32_t p : view.network) {
            mix(digest_, p);
        }
        for (const std::int16_t h : view.hidden) {
            mix(digest_, static_cast<std::uint16_t>(h));
        }
    }
}

void Trace::bit(const model::BitView& view) {
    p_ *= chance_of(view.bit, view.p);
    if (has_network_) {
        network_p_ *= chance_of(view.bit, view.network_p);
    }
    if (view.mixing != nullptr) {
        has_mixing_ = true;
        const std::int32_t z = view.mixing->mixed;
        cost_[kMixed] += Costs::get().exact(view.bit != 0 ? z : -z);
        if (!plan_.costs_only) {
            save(*view.mixing, view.bit);
        }
        if (plan_.digests) {
            mix(digest_, view.mixing->first);
            mix(digest_, view.mixing->second);
        }
    }
    if (plan_.digests) {
        mix(digest_, view.p);
    }
}

void Trace::copy(bool hit, std::uint32_t p) {
    const double chance = chance_of(hit ? 1 : 0, p);
    const double cost = -std::log2(chance);
    p_ *= chance;
    cost_[kMixed] += cost;
    saved_[copies_] += (hit ? 8 : 0) - cost;
    copied_ = hit;
    if (plan_.digests) {
        mix(digest_, p);
    }
}

void Trace::skip() {
    p_ = network_p_ = 1.0 / 256;
    cost_[kMixed] = 8;
    copied_ = true;
}

void Trace::save(const model::MixingView& view, unsigned bit) {
    const Names& names = layouts_[static_cast<std::size_t>(view.layout)];
    const model::LayerView& first = view.first;
    const model::LayerView& second = view.second;
    const double toward = (bit != 0 ? 1.0 : -1.0) / 1024; // inputs are Q10
    constexpr double kOne = 1.0 / (1 << 28);
    const std::size_t mixers = first.mixers;

    // The share of each first mixer's prediction in the result.
    std::array<double, model::kMaxShownMixers> share{};
    double constant = 0;
    double order_one = 0;
    double network = 0;
    if (second.mixers == 0) {
        std::fill_n(share.begin(), mixers, 1.0 / static_cast<double>(mixers));
    } else {
        const double scale = kOne / static_cast<double>(second.mixers);
        std::array<double, model::kMaxShownMixers + 4> w{};
        for (std::size_t m = 0; m < second.mixers; ++m) {
            for (std::size_t i = 0; i < mixers + 4; ++i) {
                w[i] += second.weights[m][i] * scale;
            }
        }
        double mean = w[mixers] - w[mixers + 2] - (view.has_network ? w[mixers + 3] : 0);
        for (std::size_t i = 0; i < mixers; ++i) {
            mean -= w[i];
        }
        for (std::size_t i = 0; i < mixers; ++i) {
            share[i] = w[i] + mean / static_cast<double>(mixers);
        }
        constant = w[mixers + 1] * 256 * toward;
        order_one = w[mixers + 2] * view.order1 * toward;
        network = view.has_network ? w[mixers + 3] * view.network * toward : 0;
    }

    const std::size_t n = std::min(first.inputs.size(), names.inputs.size());
    weights_.assign(n, 0.0F);
    for (std::size_t m = 0; m < mixers; ++m) {
        const std::int32_t* row = first.weights[m];
        const auto s = static_cast<float>(share[m] * kOne * toward);
        for (std::size_t i = 0; i < n; ++i) {
            weights_[i] += s * static_cast<float>(row[i]);
        }
    }
    double z = constant + order_one + network;
    for (std::size_t i = 0; i < n; ++i) {
        weights_[i] *= static_cast<float>(first.inputs[i]);
        z += weights_[i];
    }
    const double unit = Costs::get().saving_per_unit(z);
    for (std::size_t i = 0; i < n; ++i) {
        if (names.inputs[i] >= 0) {
            saved_[static_cast<std::size_t>(names.inputs[i])] += weights_[i] * unit;
        }
    }
    saved_[constant_] += constant * unit;
    saved_[order_one_] += order_one * unit;
    saved_[network_] += network * unit;
    const std::int32_t mixed = bit != 0 ? view.mixed : -view.mixed;
    saved_[rounding_] += 1 - Costs::get().exact(mixed) - z * unit;
}

void Trace::end_byte(std::uint8_t byte) {
    cost_[kWhole] = -std::log2(p_);
    cost_[kNetwork] = has_network_ ? -std::log2(network_p_) : 0;
    if (!has_mixing_ && !copied_) {
        cost_[kMixed] = cost_[kWhole];
        saved_[network_] += 8 - cost_[kWhole];
    }
    const Names& names = layouts_[static_cast<std::size_t>(layout_)];
    for (Sums* sums : {&segments.back(), &by_kind[names.kind]}) {
        ++sums->bytes;
        for (std::size_t i = 0; i < kWays; ++i) {
            sums->bits[i] += cost_[i];
        }
        sums->saved.resize(saved_.size());
        for (std::size_t i = 0; i < saved_.size(); ++i) {
            sums->saved[i] += saved_[i];
        }
    }
    if (position_ % plan_.period < plan_.width) {
        for (std::size_t i = 0; i < kWays; ++i) {
            bits[i].push_back(static_cast<float>(cost_[i]));
        }
        bytes.push_back(byte);
        kinds.push_back(static_cast<std::uint8_t>(names.kind));
        std::size_t rank = 0;
        if (has_network_) {
            const std::uint32_t p = distribution_[byte];
            for (std::size_t i = 0; i < distribution_.size(); ++i) {
                rank += distribution_[i] > p || (distribution_[i] == p && i < byte) ? 1 : 0;
            }
        }
        ranks.push_back(static_cast<std::uint8_t>(rank));
        match_lengths.push_back(
            static_cast<std::uint16_t>(std::min<std::uint32_t>(match_.length, 65535)));
        match_places.push_back(match_.length != 0 ? static_cast<std::int64_t>(match_.place) : -1);
        if (plan_.digests) {
            digests.push_back(digest_);
        }
    }
    ++position_;
}

void Trace::likeliest(std::span<const model::LikelyByte> values) {
    probed.push_back(position_);
    likely.insert(likely.end(), values.begin(), values.end());
    likely.resize(probed.size() * static_cast<std::size_t>(plan_.values));
}

void Trace::continuation(std::span<const std::uint8_t> text) {
    pondered.push_back(position_);
    continuations.emplace_back(text.begin(), text.end());
}

} // namespace weightless::explain
