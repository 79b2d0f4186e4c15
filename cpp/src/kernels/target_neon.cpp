#define WEIGHTLESS_SIMD_NEON
#include "kernels/kernels_impl.hpp"

#include "kernels/targets.hpp"

namespace weightless::kernels {

const Kernels k_neon = table("neon");

} // namespace weightless::kernels
