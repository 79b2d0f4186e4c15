// A prior: data that a model reads before the first block of a frame (docs/format.md, "Prior").
#pragma once

#include "codec/codec.hpp"
#include "container/cursor.hpp"
#include "container/frame_header.hpp"

#include <cstdint>
#include <memory>

namespace weightless::container {

/// The prior and the model that has read it, to whose state frames return.
class Prior {
public:
    explicit Prior(Bytes content);

    const PriorName& name() const noexcept { return name_; }

    /// A model that has read the prior and nothing else; valid until the next call of any function.
    codec::Codec& start(const model::Parameters& parameters);
    /// Takes over a model that has coded the bytes of the prior and nothing else.
    void adopt(std::unique_ptr<codec::Codec> codec);
    /// Releases what start() can make again without reading the prior.
    void rest() { codec_.reset(); }

private:
    Bytes content_;
    PriorName name_;
    codec::Snapshot snapshot_;            // the state after the prior
    std::unique_ptr<codec::Codec> codec_; // in use
};

} // namespace weightless::container
