#define WEIGHTLESS_SIMD_SCALAR
#include "kernels/impl/table.hpp"

#include "kernels/targets/targets.hpp"

namespace weightless::kernels {

const Kernels k_scalar = table("scalar");

} // namespace weightless::kernels
