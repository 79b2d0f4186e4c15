// A hint that a cache line will be read and written soon; no result depends on it.
#pragma once

#if defined(_M_X64) && !defined(__clang__)
#include <intrin.h>
#endif

namespace weightless::fixed {

inline void prefetch(const void* p) noexcept {
#if defined(__GNUC__)
    __builtin_prefetch(p, 1);
    // An effect, or GCC takes a function that only fetches for one without, and drops its calls.
    asm volatile("" : : "r"(p));
#elif defined(_M_X64)
    _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0);
#else
    static_cast<void>(p);
#endif
}

} // namespace weightless::fixed
