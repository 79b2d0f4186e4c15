// Prefetches a cache line that will soon be read and written. No result depends on it.
#pragma once

#if defined(_M_X64) && !defined(__clang__)
#include <intrin.h>
#endif

namespace weightless::fixed {

inline void prefetch(const void* p) noexcept {
#if defined(__GNUC__)
    __builtin_prefetch(p, 1);
    // Without a visible side effect, GCC deduces that a function which only prefetches is pure
    // and removes the calls of it.
    asm volatile("" : : "r"(p));
#elif defined(_M_X64)
    _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0);
#else
    static_cast<void>(p);
#endif
}

} // namespace weightless::fixed
