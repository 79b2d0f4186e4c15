#define WEIGHTLESS_SIMD_SCALAR
#include "kernels/kernels_impl.hpp"

#include "kernels/targets.hpp"

namespace weightless::kernels {

const Kernels k_scalar = table("scalar");

} // namespace weightless::kernels
