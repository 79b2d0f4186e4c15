// Context mixing by the recipes of recipes/generation0.hpp, each of which is compiled in a file of
// its own.
#pragma once

#include "model/predictor/context_mixing.hpp"

#include <array>

namespace weightless::model::generation0 {

/// Context mixing by a recipe without a network, and by the same with one.
using Kinds = std::array<ContextMixingKind, 2>;

extern const Kinds kExperts1;
extern const Kinds kExperts2;
extern const Kinds kExperts3;
extern const Kinds kExperts4;

} // namespace weightless::model::generation0
