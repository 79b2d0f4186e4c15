#define WEIGHTLESS_SIMD_WASM
#include "kernels/impl/table.hpp"

#include "kernels/targets/targets.hpp"

namespace weightless::kernels {

const Kernels k_wasm = table("wasm");

} // namespace weightless::kernels
