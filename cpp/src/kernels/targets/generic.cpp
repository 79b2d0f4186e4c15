#define WEIGHTLESS_SIMD_GENERIC
#include "kernels/impl/table.hpp"

#include "kernels/targets/targets.hpp"

namespace weightless::kernels {

const Kernels k_generic = table("generic");

} // namespace weightless::kernels
