// The network's matrix products: matvec, matmul, outer.
//
// matvec, matmul: the weights are int16 panels (kernels.hpp). In the forward pass they are Q11
// (recurrent) or Q10 (output) and are multiplied by h in Q11; in the backward pass they are Q9 or
// Q8 and are multiplied by gradients of 13 bits and a sign. Each product is below 2^25, so that the
// sum of kFold = 64 products fits int32; this sum is shifted right by 6 and added to y, mod 2^32.
// Wider sums would need a conversion for every product; one shift for 64 products costs next to
// nothing.
//
// outer: the gradient of the weights over a segment, a sum of one product per step. Sums of up to
// 32 products of 15 by 11 bits, 64 of 14 by 11 or 128 of 13 by 11 fit int32.
#pragma once

#include "kernels/simd/simd.hpp"

#if defined(WEIGHTLESS_HAS_VEC)
#include "kernels/impl/products_vec.hpp"
#else
#include "kernels/impl/products_scalar.hpp"
#endif
