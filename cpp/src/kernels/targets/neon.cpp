#define WEIGHTLESS_SIMD_NEON
#include "kernels/impl/table.hpp"

#include "kernels/targets/targets.hpp"

namespace weightless::kernels {

const Kernels k_neon = table("neon");

} // namespace weightless::kernels
