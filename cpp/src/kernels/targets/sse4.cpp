#define WEIGHTLESS_SIMD_SSE4
#include "kernels/impl/table.hpp"

#include "kernels/targets/targets.hpp"

namespace weightless::kernels {

const Kernels k_sse4 = table("sse4");

} // namespace weightless::kernels
