// The mixers of recipes/generation0.hpp, each of which is compiled in a file of its own.
#pragma once

#include "model/predictor/mixer.hpp"

#include <array>

namespace weightless::model::generation0 {

/// The mixers of a recipe, without a network and with one.
using Kinds = std::array<MixerKind, 2>;

extern const Kinds kExperts1;
extern const Kinds kExperts2;
extern const Kinds kExperts3;
extern const Kinds kExperts4;

} // namespace weightless::model::generation0
