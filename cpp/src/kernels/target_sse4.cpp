#define WEIGHTLESS_SIMD_SSE4
#include "kernels/kernels_impl.hpp"

#include "kernels/targets.hpp"

namespace weightless::kernels {

const Kernels k_sse4 = table("sse4");

} // namespace weightless::kernels
