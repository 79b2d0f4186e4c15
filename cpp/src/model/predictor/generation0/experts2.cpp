#include "model/recipes/generation0.hpp"

#include "model/predictor/context_mixing_of.hpp"
#include "model/predictor/generation0/kinds.hpp"

namespace weightless::model::generation0 {

constinit const Kinds kExperts2{kContextMixingKind<Experts2<false>>,
                                kContextMixingKind<Experts2<true>>};

} // namespace weightless::model::generation0
