// Parameters whose models are built and reset in a fraction of a millisecond, or little more.
#pragma once

#include "container/parameter_sets.hpp"
#include "support/input.hpp"

#include <algorithm>

namespace weightless::fuzz {

/// What takes time and memory is bounded; everything else stays.
inline void bound(model::Parameters& p, std::int32_t width, std::int32_t bits) {
    p.width = std::min(p.width, width);
    p.memory_bits = std::min(p.memory_bits, bits);
    p.ngram_bits = std::min(p.ngram_bits, bits);
}

/// The parameter set with an id from 1 to kSets, as small as it can be.
inline model::Parameters shrunk(int id) {
    model::Parameters p = container::parameter_set(id);
    bound(p, 16, 16);
    p.horizon = std::min(p.horizon, 4);
    return p;
}

/// A value of a field: its ends, their neighbours, within and without, and any other.
inline std::int32_t draw_value(Input& input, const model::Field& field) {
    const std::uint8_t kind = input.byte();
    const std::uint32_t value = kind % 8 < 4 ? kind / 8u : input.number(4);
    const auto low = static_cast<std::uint32_t>(field.low);
    const auto high = static_cast<std::uint32_t>(field.high);
    switch (kind % 8) {
    case 0:
        return static_cast<std::int32_t>(low + value);
    case 1:
        return static_cast<std::int32_t>(high - value);
    case 2:
        return static_cast<std::int32_t>(low - value);
    case 3:
        return static_cast<std::int32_t>(high + value);
    case 4:
        return static_cast<std::int32_t>(value);
    default:
        return static_cast<std::int32_t>(low + value % (high - low + 1));
    }
}

/// Allowed parameters with a small model: a shrunk set, of which a few fields have other values.
inline model::Parameters draw_small(Input& input) {
    model::Parameters p = shrunk(1 + input.byte() % container::kSets);
    for (int changes = input.byte() % 8; changes > 0; --changes) {
        const model::Field& field = model::kFields[input.byte() % model::kFields.size()];
        p.*field.member = std::clamp(draw_value(input, field), field.low, field.high);
    }
    bound(p, 48, 18);
    p.width -= p.width % 16;
    p.horizon -= p.horizon % 2;
    p.ngrams = p.ngrams == 1 ? 2 : p.ngrams;
    p.experts = p.width == 0 ? std::max(p.experts, 1) : p.experts;
    return p;
}

} // namespace weightless::fuzz
