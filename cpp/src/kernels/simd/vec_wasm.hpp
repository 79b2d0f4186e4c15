// Four int32 lanes: the 128-bit SIMD of WebAssembly. The operations are described in simd.hpp.
#pragma once

#include "kernels/simd/load_pair.hpp"

#include <cstdint>
#include <wasm_simd128.h>

namespace weightless::kernels {
namespace {

struct Vec {
    using Pairs = Vec;
    using Sum = Vec;
    static constexpr int lanes = 4;
    v128_t v;
    static Vec zero() { return {wasm_i32x4_const_splat(0)}; }
    static Vec load(const void* p) { return {wasm_v128_load(p)}; }
    static Pairs pairs(const std::int16_t* p) { return load(p); }
    static Pairs uppers(const std::int32_t* p) { return load(p); }
    static Pairs pair(const std::int16_t* p) { return {wasm_i32x4_splat(load_pair(p))}; }
    void store(void* p) const { wasm_v128_store(p, v); }
    static Vec add(Vec a, Vec b) { return {wasm_i32x4_add(a.v, b.v)}; }
    static Vec lanes_of(Sum sum) { return sum; }
    static Sum madd(Sum sum, Pairs a, Pairs b) {
        return {wasm_i32x4_add(sum.v, wasm_i32x4_dot_i16x8(a.v, b.v))};
    }
    template <int n> static Vec shift_right(Vec a) { return {wasm_i32x4_shr(a.v, n)}; }
    static Pairs widen_high(const std::int16_t* p) {
        return {wasm_i32x4_shl(wasm_i32x4_load16x4(p), 16)};
    }
    static std::int32_t sum(Sum a) {
        const v128_t two = wasm_i32x4_add(a.v, wasm_i32x4_shuffle(a.v, a.v, 2, 3, 0, 1));
        return wasm_i32x4_extract_lane(
            wasm_i32x4_add(two, wasm_i32x4_shuffle(two, two, 1, 0, 3, 2)), 0);
    }
};

} // namespace
} // namespace weightless::kernels
