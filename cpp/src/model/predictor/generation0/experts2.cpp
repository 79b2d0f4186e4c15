#include "model/recipes/generation0.hpp"

#include "model/predictor/context_mixer.hpp"
#include "model/predictor/generation0/kinds.hpp"

namespace weightless::model::generation0 {

constinit const Kinds kExperts2{kMixerKind<Experts2<false>>, kMixerKind<Experts2<true>>};

} // namespace weightless::model::generation0
