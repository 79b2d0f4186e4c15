#include "model/recipes/generation0.hpp"

#include "model/predictor/context_mixing_of.hpp"
#include "model/predictor/generation0/kinds.hpp"

namespace weightless::model::generation0 {

constinit const Kinds kExperts4{kContextMixingKind<Experts4<false>>,
                                kContextMixingKind<Experts4<true>>};

} // namespace weightless::model::generation0
