#include "container/prior.hpp"

#include "container/xxh3.hpp"

#include <utility>

namespace weightless::container {

Prior::Prior(Bytes content)
    : content_(std::move(content)), name_{xxh3_128(content_), content_.size()} {}

codec::Codec& Prior::start(const model::Parameters& parameters) {
    if (snapshot_ != nullptr && equal(snapshot_->parameters(), parameters)) {
        if (codec_ != nullptr) {
            codec_->revert();
            return *codec_;
        }
    } else {
        codec_.reset(); // before the new one takes memory
        snapshot_.reset();
        codec::Codec reader(parameters);
        reader.absorb(content_);
        snapshot_ = reader.freeze();
    }
    codec_ = std::make_unique<codec::Codec>(snapshot_);
    return *codec_;
}

void Prior::adopt(std::unique_ptr<codec::Codec> codec) {
    codec_.reset();
    snapshot_ = codec->freeze();
}

} // namespace weightless::container
