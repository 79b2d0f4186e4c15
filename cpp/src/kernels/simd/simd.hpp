// The vectors of the instruction set that this translation unit is compiled for. Only this folder,
// dispatch.cpp (which queries the CPU) and the compiler flags (cpp/CMakeLists.txt) depend on
// instruction sets.
//
// A translation unit defines exactly one of WEIGHTLESS_SIMD_SCALAR, _SSE4, _AVX2, _AVX512 and
// _NEON before it includes this. This defines:
//
// - WEIGHTLESS_HAS_VEC: there is a type `Vec`, with the int32 lanes of one register. All of them
//   offer the same operations, those that compilers do not generate by themselves:
//       zero(), load(p), store(p), add(a, b)
//       pair(p)            two int16 at p, in every lane
//       madd(sum, a, b)    sum + a.low * b.low + a.high * b.high, the halves being int16
//       shift_right<n>(a)  arithmetic
//       widen_high(p)      one int16 for each lane, as its upper half; the lower half is 0
//       sum(a)             of all lanes
//   All sums are mod 2^32, so their order is free.
// - WEIGHTLESS_HAS_EIGHT: a type `Eight`, with eight int32 lanes and gathers (eight_avx2.hpp).
// - WEIGHTLESS_COUNTS_ZEROS: counting leading zeros is one instruction for a whole vector.
#pragma once

#if defined(WEIGHTLESS_SIMD_AVX512)
#include "kernels/simd/eight_avx2.hpp"
#include "kernels/simd/vec_avx512.hpp"
#define WEIGHTLESS_HAS_VEC
#define WEIGHTLESS_HAS_EIGHT
#if defined(__AVX512CD__)
#define WEIGHTLESS_COUNTS_ZEROS
#endif
#elif defined(WEIGHTLESS_SIMD_AVX2)
#include "kernels/simd/eight_avx2.hpp"
#include "kernels/simd/vec_avx2.hpp"
#define WEIGHTLESS_HAS_VEC
#define WEIGHTLESS_HAS_EIGHT
#elif defined(WEIGHTLESS_SIMD_SSE4)
#include "kernels/simd/vec_sse4.hpp"
#define WEIGHTLESS_HAS_VEC
#elif defined(WEIGHTLESS_SIMD_NEON)
#include "kernels/simd/vec_neon.hpp"
#define WEIGHTLESS_HAS_VEC
#define WEIGHTLESS_COUNTS_ZEROS
#elif !defined(WEIGHTLESS_SIMD_SCALAR)
#error "define WEIGHTLESS_SIMD_ and a target's name first"
#endif
