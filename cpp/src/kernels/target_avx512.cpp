#define WEIGHTLESS_SIMD_AVX512
#include "kernels/kernels_impl.hpp"

#include "kernels/targets.hpp"

namespace weightless::kernels {

const Kernels k_avx512 = table("avx512");

} // namespace weightless::kernels
