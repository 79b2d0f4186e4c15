// Reading ahead on a second thread, where there are threads and one can be started.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#if !defined(WEIGHTLESS_NO_THREADS)
#include "model/threads/read_ahead.hpp"

#include <optional>
#include <system_error>
#endif

namespace weightless::model {

/// Passes bytes that are all known as ReadAhead does, up to where a byte may be copied. Returns the
/// number of bytes taken: 0 if the caller must do it on its own thread.
template <class ContextMixing, class NetworkWalk, typename Coded>
std::size_t
pass_ahead([[maybe_unused]] NetworkWalk* network, [[maybe_unused]] ContextMixing& mixing,
           [[maybe_unused]] std::span<const std::uint8_t> data, [[maybe_unused]] Coded coded) {
#if defined(WEIGHTLESS_NO_THREADS)
    return 0;
#else
    std::optional<ReadAhead<ContextMixing, NetworkWalk>> ahead;
    try {
        ahead.emplace(network, mixing, data);
    } catch (const std::system_error&) {
        return 0;
    }
    return ahead->mix(coded);
#endif
}

} // namespace weightless::model
