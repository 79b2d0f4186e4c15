#include "model/predictor/context_mixing.hpp"

#include "model/predictor/generation0/kinds.hpp"

#include <array>
#include <cstddef>

namespace weightless::model {

const ContextMixingKind& context_mixing_kind(const Parameters& parameters) {
    using namespace generation0;
    static const std::array<const Kinds*, 4> kinds{&kExperts1, &kExperts2, &kExperts3, &kExperts4};
    const Kinds& kind = *kinds[static_cast<std::size_t>(parameters.experts - 1)];
    return kind[parameters.width != 0 ? 1 : 0];
}

} // namespace weightless::model
