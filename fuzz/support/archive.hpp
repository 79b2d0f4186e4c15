// An archive taken apart, so that its parts can be changed and all checks put right again. It
// shares nothing with the container's decoder but the hash and the model.
#pragma once

#include "container/cursor.hpp"
#include "model/parameters.hpp"
#include "support/input.hpp"

#include <optional>

namespace weightless::fuzz {

struct Block {
    bool last = false;
    bool stored = true;
    std::uint64_t raw_size = 0;
    std::uint64_t payload_size = 0; // as the header says; that of the payload in what is sound
    Bytes payload;
    std::uint32_t wrong = 0; // what its check is wrong by, as an exclusive or
};

struct Frame {
    enum class Kind { content, skippable, junk };
    Kind kind = Kind::junk;

    // Of a frame with content. Flags for the fields that are there follow from these.
    std::uint8_t version_and_flags = 0;
    std::optional<std::uint64_t> set;  // otherwise the values are listed
    std::vector<std::uint64_t> values; // as varints
    std::optional<std::uint64_t> content_size;
    std::optional<std::uint64_t> prior;
    Bytes prior_hash;
    std::uint8_t wrong = 0; // what the header check is wrong by
    std::vector<Block> blocks;
    std::uint64_t wrong_content = 0; // what the content check is wrong by

    // Of a skippable frame.
    std::uint64_t size = 0; // of its data, as the header says

    Bytes data; // of a skippable frame, or what is no frame

    /// The parameters, if they are allowed.
    std::optional<model::Parameters> parameters() const;
};

/// Takes an archive apart. What is no frame, and all after it, becomes one of kind `junk`.
std::vector<Frame> parse(std::span<const std::uint8_t> archive);

/// Puts it together. A sound archive that was parsed becomes what it was.
Bytes write(const std::vector<Frame>& frames);

/// A frame with a parameter set and without blocks, or a skippable one without data.
Frame empty_frame(std::uint64_t set);
Frame skippable_frame(unsigned kind);

} // namespace weightless::fuzz
