#define WEIGHTLESS_SIMD_AVX2
#include "kernels/impl/table.hpp"

#include "kernels/targets/targets.hpp"

namespace weightless::kernels {

const Kernels k_avx2 = table("avx2");

} // namespace weightless::kernels
