// Four int32 lanes in the vector extensions of GCC and Clang, for any CPU: compilers make of them
// whatever vector instructions they may use. The operations are described in simd.hpp. The order of
// bytes in memory does not matter: where an int32 is read as two int16, both factors of a product
// are, and the products of both halves are added.
#pragma once

#include "kernels/simd/load_pair.hpp"

#include <cstdint>
#include <cstring>

namespace weightless::kernels {
namespace {

using Int4 = std::int32_t __attribute__((vector_size(16)));
using Unsigned4 = std::uint32_t __attribute__((vector_size(16)));
using Short4 = std::int16_t __attribute__((vector_size(8)));
using Short8 = std::int16_t __attribute__((vector_size(16)));

struct Vec {
    static constexpr int lanes = 4;
    Unsigned4 v; // sums mod 2^32

    struct Pairs {
        Short8 v;
    };
    /// The products of the first four and of the other int16, summed apart: adding the two of a
    /// pair takes a permutation, which is left to lanes_of().
    struct Sum {
        Unsigned4 first, second;
        static Sum zero() { return {Unsigned4{}, Unsigned4{}}; }
    };

    static Vec load(const std::int32_t* p) {
        Vec a;
        std::memcpy(&a.v, p, sizeof a.v);
        return a;
    }
    static Pairs pairs(const std::int16_t* p) {
        Pairs a;
        std::memcpy(&a.v, p, sizeof a.v);
        return a;
    }
    static Pairs uppers(const std::int32_t* p) { return {Short8(load(p).v)}; }
    static Pairs pair(const std::int16_t* p) {
        const std::int32_t both = load_pair(p);
        return {Short8(Int4{both, both, both, both})};
    }
    static Pairs widen_high(const std::int16_t* p) {
        Short4 x;
        std::memcpy(&x, p, sizeof x);
        return {Short8(Unsigned4(__builtin_convertvector(x, Int4)) << 16)};
    }
    void store(std::int32_t* p) const { std::memcpy(p, &v, sizeof v); }
    static Vec add(Vec a, Vec b) { return {a.v + b.v}; }
    template <int n> static Vec shift_right(Vec a) { return {Unsigned4(Int4(a.v) >> n)}; }

    static Sum madd(Sum sum, Pairs a, Pairs b) {
#if defined(__clang__)
        using Int8 = std::int32_t __attribute__((vector_size(32)));
        const Int8 all = __builtin_convertvector(a.v, Int8) * __builtin_convertvector(b.v, Int8);
        return {sum.first + Unsigned4(__builtin_shufflevector(all, all, 0, 1, 2, 3)),
                sum.second + Unsigned4(__builtin_shufflevector(all, all, 4, 5, 6, 7))};
#else
        // GCC makes a widening multiplication of vectors of this loop, but not of their conversion.
        std::int16_t x[8];
        std::int16_t y[8];
        std::int32_t all[8];
        std::memcpy(x, &a.v, sizeof x);
        std::memcpy(y, &b.v, sizeof y);
        for (int i = 0; i < 8; ++i) {
            all[i] = x[i] * y[i];
        }
        Sum products;
        std::memcpy(&products.first, all, sizeof products.first);
        std::memcpy(&products.second, all + 4, sizeof products.second);
        return {sum.first + products.first, sum.second + products.second};
#endif
    }
    static Vec lanes_of(Sum sum) {
#if defined(__clang__)
        return {__builtin_shufflevector(sum.first, sum.second, 0, 2, 4, 6) +
                __builtin_shufflevector(sum.first, sum.second, 1, 3, 5, 7)};
#else
        return {__builtin_shuffle(sum.first, sum.second, Unsigned4{0, 2, 4, 6}) +
                __builtin_shuffle(sum.first, sum.second, Unsigned4{1, 3, 5, 7})};
#endif
    }
    static std::int32_t sum(Sum a) {
        const Unsigned4 four = a.first + a.second;
        return static_cast<std::int32_t>(four[0] + four[1] + four[2] + four[3]);
    }
};

} // namespace
} // namespace weightless::kernels
