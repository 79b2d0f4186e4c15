// The tables of kernels in this build. The build defines WEIGHTLESS_HAS_GENERIC, _X86, _NEON or
// _WASM if it compiles their sources, and WEIGHTLESS_NO_SCALAR if it has no scalar ones.
#pragma once

#include "kernels/kernels.hpp"

namespace weightless::kernels {

#if !defined(WEIGHTLESS_NO_SCALAR)
extern const Kernels k_scalar;
#endif
#if defined(WEIGHTLESS_HAS_GENERIC)
extern const Kernels k_generic;
#endif
#if defined(WEIGHTLESS_HAS_X86)
extern const Kernels k_sse4;
extern const Kernels k_avx2;
extern const Kernels k_avx512;
#endif
#if defined(WEIGHTLESS_HAS_WASM)
extern const Kernels k_wasm;
#endif
#if defined(WEIGHTLESS_HAS_NEON)
extern const Kernels k_neon;
#endif

} // namespace weightless::kernels
