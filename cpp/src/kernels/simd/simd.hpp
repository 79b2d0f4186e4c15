// The vectors of the instruction set that this translation unit is compiled for. Only this folder,
// dispatch.cpp (which queries the CPU) and the compiler flags (cpp/CMakeLists.txt) depend on
// instruction sets.
//
// A translation unit defines exactly one of WEIGHTLESS_SIMD_SCALAR, _GENERIC, _SSE4, _AVX2,
// _AVX512, _NEON and _WASM before it includes this. This defines:
//
// - WEIGHTLESS_HAS_VEC: there is a type `Vec`, with the int32 lanes of one register. All of them
//   offer the same operations, those that compilers do not generate by themselves:
//       load(p), store(p), add(a, b)
//       shift_right<n>(a)  arithmetic
//   and sums of products of int16, two for each lane, with the types Vec::Pairs for the factors and
//   Vec::Sum for the sums:
//       pairs(p)           two int16 for each lane
//       pair(p)            two int16, the same ones for every lane
//       uppers(p)          one int32 for each lane, whose upper half is one of the two int16
//       widen_high(p)      one int16 for each lane, where uppers() has the upper half; the other is
//       0 Sum::zero() madd(sum, a, b)    sum + a.first * b.first + a.second * b.second
//       lanes_of(sum)      as a Vec
//       sum(sum)           of all lanes
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
#elif defined(WEIGHTLESS_SIMD_WASM)
#include "kernels/simd/vec_wasm.hpp"
#define WEIGHTLESS_HAS_VEC
#elif defined(WEIGHTLESS_SIMD_GENERIC)
// Without vector registers, the vector extensions are slower than scalar code.
#if defined(__SSE2__) || defined(__ARM_NEON) || defined(__ALTIVEC__) || defined(__VX__) ||         \
    defined(__loongarch_sx) || defined(__mips_msa) || defined(__riscv_vector) ||                   \
    defined(__wasm_simd128__)
#include "kernels/simd/vec_generic.hpp"
#else
#include "kernels/simd/vec_one.hpp"
#endif
#define WEIGHTLESS_HAS_VEC
#elif !defined(WEIGHTLESS_SIMD_SCALAR)
#error "define WEIGHTLESS_SIMD_ and a target's name first"
#endif
