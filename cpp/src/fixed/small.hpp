// Whether the code should be small rather than do everything (WEIGHTLESS_SMALL, for WebAssembly).
// No result depends on it.
#pragma once

namespace weightless::fixed {

#if defined(WEIGHTLESS_SMALL)
inline constexpr bool kSmall = true;
#else
inline constexpr bool kSmall = false;
#endif

} // namespace weightless::fixed
