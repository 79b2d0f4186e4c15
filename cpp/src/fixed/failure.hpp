// How errors are reported: by an exception, or in a build without exceptions by a handler that the
// program defines.
#pragma once

#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace weightless::fixed {

/// What a handler is told besides the message.
enum class Failure {
    memory,  // there is not enough of it
    payload, // the data to be decoded are damaged
    misuse,  // a caller's error, for example parameters out of range
};

#if !defined(__cpp_exceptions)
/// The program defines it. It must not return: the objects in use may be in any state.
[[noreturn]] void failed(Failure failure, const char* message);
#endif

/// Throws Error(arguments...), or calls failed().
template <class Error, typename... Arguments> [[noreturn]] void fail(Arguments&&... arguments) {
#if defined(__cpp_exceptions)
    throw Error(std::forward<Arguments>(arguments)...);
#else
    constexpr Failure failure = std::is_base_of_v<std::bad_alloc, Error>       ? Failure::memory
                                : std::is_base_of_v<std::runtime_error, Error> ? Failure::payload
                                                                               : Failure::misuse;
    failed(failure, Error(std::forward<Arguments>(arguments)...).what());
#endif
}

} // namespace weightless::fixed
