#define WEIGHTLESS_SIMD_AVX2
#include "kernels/kernels_impl.hpp"

#include "kernels/targets.hpp"

namespace weightless::kernels {

const Kernels k_avx2 = table("avx2");

} // namespace weightless::kernels
