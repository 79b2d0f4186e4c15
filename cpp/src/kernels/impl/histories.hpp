// Predictions of bit-history states: an adaptive probability for each context and state
// (PAQ's indirect context models and its StateMap), with the mixer inputs derived from it.
//
// A cell's value: p Q22 in bits 31..10, a count in bits 9..0. p moves by (bit - p) times
// reciprocals[count], Q16, below 2^16; the product fits 39 bits and a sign. stretch: Q10 within
// +-12, a table for p below 2^16 in steps of 16 and one for p below 2^21 in steps of 1,024; the
// upper half of probabilities mirrors the lower.
#pragma once

#include "kernels/simd/simd.hpp"

#if defined(WEIGHTLESS_HAS_EIGHT)
#include "kernels/impl/histories_eight.hpp"
#else
#include "kernels/impl/histories_each.hpp"
#endif
