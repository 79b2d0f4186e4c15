// Types and functions that all kernels use.
//
// The files of this folder are the only source of the kernels. Each translation unit under targets/
// includes all of them and is compiled with the flags of one instruction set. Therefore everything
// here has internal linkage and calls no inline function defined elsewhere: the linker keeps only
// one copy of an inline function, which must not be one that needs AVX.
#pragma once

#include "kernels/kernels.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>

#if defined(_MSC_VER)
#define WEIGHTLESS_RESTRICT __restrict
#else
#define WEIGHTLESS_RESTRICT __restrict__
#endif

namespace weightless::kernels {
namespace {

using u8 = std::uint8_t;
using i16 = std::int16_t;
using u16 = std::uint16_t;
using i32 = std::int32_t;
using i64 = std::int64_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using std::ptrdiff_t;

inline i32 clamp32(i32 v, i32 low, i32 high) { return v < low ? low : (v > high ? high : v); }

// v / 2^n, rounded half up; n >= 1, |v| < 2^62.
inline i64 rounded(i64 v, int n) { return (v + (i64{1} << (n - 1))) >> n; }

// Clamps a gradient inside the network, Q24, to +-64.
inline i32 delta(i64 v) {
    return static_cast<i32>(v < -kDeltaLimit ? -kDeltaLimit : (v > kDeltaLimit ? kDeltaLimit : v));
}

} // namespace
} // namespace weightless::kernels
