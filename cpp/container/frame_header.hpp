// The header of a frame with content, and of a skippable one (docs/format.md).
#pragma once

#include "container/cursor.hpp"
#include "model/parameters.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace weightless::container {

inline constexpr std::uint8_t kMagic[] = {0xd7, '\n', 0x0e};
// The one of archives that were made before release 1.0.
inline constexpr std::uint8_t kMagic0[] = {0x97, 'W', 'L'};

/// The most bytes that a prior may have.
inline constexpr std::uint64_t kMostPrior = std::uint64_t{1} << 30;

/// What frames state about their prior.
struct PriorName {
    std::string hash; // XXH3, 128 bits, in hexadecimal
    std::uint64_t size = 0;

    bool operator==(const PriorName&) const = default;
};

struct FrameHeader {
    model::Parameters parameters;
    std::optional<std::uint64_t> content_size;
    bool kept = false; // whether the content may be the prior of later frames
    std::optional<PriorName> prior;
};

/// Whether these are the parameters of the same model.
bool equal(const model::Parameters& a, const model::Parameters& b);

/// Whether the data begin as a frame does, of this format or of the one before, as far as they go.
bool begins_frame(std::span<const std::uint8_t> data);
/// Whether the data, at least 4 bytes, begin with a skippable frame.
bool is_skippable(std::span<const std::uint8_t> data);
/// The length of the data of a skippable frame, after whose header the cursor is left.
std::uint64_t read_skippable_header(Cursor& cursor);
/// Reads the header of a frame with content from the start of the cursor's data.
FrameHeader read_header(Cursor& cursor);
/// The header of a frame with a parameter set, without a content size and a prior.
Bytes header_of_set(int id);

} // namespace weightless::container
