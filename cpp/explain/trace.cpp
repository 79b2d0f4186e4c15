#include "explain/trace.hpp"

#include "fixed/logistic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace weightless::explain {

namespace {

// P(bit), from P(1) in Q22.
double chance_of(unsigned bit, std::uint32_t p) {
    constexpr std::uint32_t one = 1u << 22;
    return static_cast<double>(bit != 0 ? p : one - p) / one;
}

// FNV-1a, over words.
void mix(std::uint64_t& digest, std::uint64_t word) { digest = (digest ^ word) * 1099511628211u; }

void mix(std::uint64_t& digest, const model::LayerView& layer) {
    for (std::size_t m = 0; m < layer.mixers(); ++m) {
        for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
            mix(digest, static_cast<std::uint32_t>(layer.weights(m)[i]));
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
    kinds_of_.clear();
    std::vector<Shares::Names> inputs;
    for (const model::InputLayout& layout : layouts) {
        kinds_of_.push_back(index_of(kind_names, layout.kind));
        Shares::Names names;
        for (const std::string& name : layout.inputs) {
            names.push_back(name.empty() ? -1 : static_cast<int>(index_of(input_names, name)));
        }
        inputs.push_back(std::move(names));
    }
    if (kinds_of_.empty()) {
        kinds_of_.push_back(index_of(kind_names, "Other"));
        inputs.emplace_back();
    }
    const std::size_t constant = index_of(input_names, model::InputLayout::kConstant);
    const std::size_t order_one = index_of(input_names, model::InputLayout::kOrderOne);
    network_ = index_of(input_names, model::InputLayout::kNetwork);
    shares_.begin(std::move(inputs), {constant, order_one, network_});
    copies_ = index_of(input_names, "Copies");
    rounding_ = index_of(input_names, "Rounding");
    by_kind.resize(kind_names.size());
    run_.saved.assign(input_names.size(), 0);
}

void Trace::begin_byte(const model::ByteView& view) {
    if (view.layout != layout_ || position_ % plan_.segment == 0) {
        sum_up();
        layout_ = view.layout;
    }
    p_ = mixed_p_ = network_p_ = 1;
    mixed_bits_ = 0;
    copy_cost_ = 0;
    copied_ = false;
    has_network_ = !view.network.empty();
    if (has_network_) {
        std::copy_n(view.network.begin(), distribution_.size(), distribution_.begin());
    }
    match_ = view.match;
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
        ++mixed_bits_;
        const std::uint32_t p = fixed::Logistic::get().squash(view.mixing->mixed * 4);
        mixed_p_ *= chance_of(view.bit, std::clamp(p, 1u, (1u << 22) - 1));
        if (!plan_.costs_only) {
            shares_.add(*view.mixing, view.bit);
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
    copy_cost_ = -std::log2(chance);
    p_ *= chance;
    run_.saved[copies_] += (hit ? 8 : 0) - copy_cost_;
    copied_ = hit;
    if (plan_.digests) {
        mix(digest_, p);
    }
}

void Trace::skip() {
    p_ = network_p_ = 1.0 / 256;
    copy_cost_ = 8;
    copied_ = true;
}

void Trace::end_byte(std::uint8_t byte) {
    std::array<double, kWays> cost{};
    cost[kWhole] = -std::log2(p_);
    cost[kNetwork] = has_network_ ? -std::log2(network_p_) : 0;
    if (mixed_bits_ != 0) {
        const double mixed = -std::log2(mixed_p_);
        mixing_saved_ += mixed_bits_ - mixed;
        cost[kMixed] = mixed + copy_cost_;
        shares_.end_byte();
    } else if (copied_) {
        cost[kMixed] = copy_cost_;
    } else {
        cost[kMixed] = cost[kWhole];
        run_.saved[network_] += 8 - cost[kWhole];
    }
    ++run_.bytes;
    for (std::size_t i = 0; i < kWays; ++i) {
        run_.bits[i] += cost[i];
    }
    const std::size_t kind = kinds_of_[static_cast<std::size_t>(layout_)];
    if (position_ % plan_.period < plan_.width) {
        for (std::size_t i = 0; i < kWays; ++i) {
            bits[i].push_back(static_cast<float>(cost[i]));
        }
        bytes.push_back(byte);
        kinds.push_back(static_cast<std::uint8_t>(kind));
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

void Trace::sum_up() {
    if (run_.bytes == 0) {
        return;
    }
    if (!plan_.costs_only) {
        // The rest is what rounding, clamping and inputs without a name changed.
        run_.saved[rounding_] += mixing_saved_ - shares_.take(run_.saved);
    }
    mixing_saved_ = 0;
    for (Sums* sums : {&segments.back(), &by_kind[kinds_of_[static_cast<std::size_t>(layout_)]]}) {
        sums->bytes += run_.bytes;
        for (std::size_t i = 0; i < kWays; ++i) {
            sums->bits[i] += run_.bits[i];
        }
        sums->saved.resize(run_.saved.size());
        for (std::size_t i = 0; i < run_.saved.size(); ++i) {
            sums->saved[i] += run_.saved[i];
        }
    }
    run_ = {0, {}, std::vector<double>(run_.saved.size(), 0.0)};
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
