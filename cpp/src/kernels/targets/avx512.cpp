#define WEIGHTLESS_SIMD_AVX512
#include "kernels/impl/table.hpp"

#include "kernels/targets/targets.hpp"

namespace weightless::kernels {

const Kernels k_avx512 = table("avx512");

} // namespace weightless::kernels
