// The network's matrix products: matvec, matmul, outer.
//
// matvec, matmul: weights int16 panels (kernels.hpp), Q11 (recurrent) or Q10 (output) on the
// way forward by h in Q11; Q9 or Q8 on the way back by gradients of 13 bits and a sign. Each
// product is below 2^25, so that kFold = 64 of them fit int32; a block's sum is shifted right
// by 6 and added to y, mod 2^32. A wider sum would cost a conversion for every product; one
// shift for every 64 costs next to nothing.
//
// outer: the gradient of a segment's weights, as many products as it has steps: up to 32 of 15
// bits by 11, 64 of 14 by 11 or 128 of 13 by 11, which fit int32.
#pragma once

#include "kernels/simd/simd.hpp"

#if defined(WEIGHTLESS_HAS_VEC)
#include "kernels/impl/products_vec.hpp"
#else
#include "kernels/impl/products_scalar.hpp"
#endif
