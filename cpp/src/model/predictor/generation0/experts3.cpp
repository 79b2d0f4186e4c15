#include "model/recipes/generation0.hpp"

#include "model/predictor/context_mixer.hpp"
#include "model/predictor/generation0/kinds.hpp"

namespace weightless::model::generation0 {

constinit const Kinds kExperts3{kMixerKind<Experts3<false>>, kMixerKind<Experts3<true>>};

} // namespace weightless::model::generation0
