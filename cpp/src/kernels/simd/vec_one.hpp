// One int32 lane, for CPUs without vector registers, or without any that the compiler may use: the
// sums of a tile are in as many registers. The operations are described in simd.hpp.
#pragma once

#include <cstdint>

namespace weightless::kernels {
namespace {

struct Vec {
    struct Pairs {
        std::int32_t first, second; // int16
    };
    using Sum = Vec;
    static constexpr int lanes = 1;
    std::uint32_t v; // sums mod 2^32

    static Vec zero() { return {0}; }
    static Vec load(const std::int32_t* p) { return {static_cast<std::uint32_t>(*p)}; }
    static Pairs pairs(const std::int16_t* p) { return {p[0], p[1]}; }
    static Pairs uppers(const std::int32_t* p) { return {0, *p >> 16}; }
    static Pairs pair(const std::int16_t* p) { return pairs(p); }
    void store(std::int32_t* p) const { *p = static_cast<std::int32_t>(v); }
    static Vec add(Vec a, Vec b) { return {a.v + b.v}; }
    static Vec lanes_of(Sum sum) { return sum; }
    static Sum madd(Sum sum, Pairs a, Pairs b) {
        return {sum.v + static_cast<std::uint32_t>(a.first * b.first) +
                static_cast<std::uint32_t>(a.second * b.second)};
    }
    template <int n> static Vec shift_right(Vec a) {
        return {static_cast<std::uint32_t>(static_cast<std::int32_t>(a.v) >> n)};
    }
    static Pairs widen_high(const std::int16_t* p) { return {0, *p}; }
    static std::int32_t sum(Sum a) { return static_cast<std::int32_t>(a.v); }
};

} // namespace
} // namespace weightless::kernels
