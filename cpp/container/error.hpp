// What is wrong with an archive, or with what decoding it would take. Kinds and messages are those
// of the Python package (python/weightless/errors.py).
#pragma once

#include <string>

namespace weightless::container {

struct Error {
    /// The name of the exception in the Python package; null: there is no error.
    const char* kind = nullptr;
    std::string message;

    explicit operator bool() const noexcept { return kind != nullptr; }
};

inline constexpr const char* kNotAnArchive = "NotAnArchiveError";
inline constexpr const char* kUnsupported = "UnsupportedError";
inline constexpr const char* kCorrupt = "CorruptError";
inline constexpr const char* kTruncated = "TruncatedError";
inline constexpr const char* kParameter = "ParameterError";
inline constexpr const char* kPrior = "PriorError";
inline constexpr const char* kMemoryLimit = "MemoryLimitError";
inline constexpr const char* kCostLimit = "CostLimitError";

} // namespace weightless::container
