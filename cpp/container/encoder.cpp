#include "container/encoder.hpp"

#include "codec/random_bytes.hpp"
#include "container/frame_header.hpp"
#include "container/parameter_sets.hpp"

#include <algorithm>
#include <utility>

namespace weightless::container {
namespace {

// Which blocks are skipped: python/weightless/frames/skipping.py.
constexpr std::int64_t kTimes = 32;
constexpr std::size_t kGain = 128;
constexpr std::size_t kGrowth = 1024;
constexpr std::int32_t kFastMemoryBits = 22;

// Whether a fast model finds as little in the first block of a frame as in random bytes.
bool looks_hopeless(std::span<const std::uint8_t> raw, const model::Parameters& parameters) {
    if (!codec::look_random(raw)) {
        return false;
    }
    model::Parameters fast;
    fast.width = 0;
    fast.experts = 1;
    fast.memory_bits = std::min(parameters.memory_bits, kFastMemoryBits);
    return codec::Codec(fast).encode(raw).size() >= raw.size() + raw.size() / kGrowth;
}

} // namespace

Encoder::Encoder(int level, codec::Tick tick)
    : level_(level), tick_(std::move(tick)), header_(header_of_set(level)), chain_(header_) {}

bool Encoder::next() {
    // A full block is encoded once more content follows, so that the last one is known.
    if (ended_ || (pending_.size() <= kBlock && !finished_)) {
        return false;
    }
    ended_ = pending_.size() <= kBlock;
    const std::size_t size = std::min(pending_.size(), kBlock);
    output_.clear();
    encode(std::span(pending_).first(size), ended_);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
    return true;
}

void Encoder::encode(std::span<const std::uint8_t> raw, bool last) {
    content_.update(raw);
    Bytes payload;
    bool stored = raw.empty() || skips(raw, last);
    if (!stored) {
        payload = model().encode(raw, tick_);
        const bool failed = payload.size() >= raw.size() - raw.size() / kGain;
        skipping_ = failed ? kTimes * static_cast<std::int64_t>(raw.size()) : 0;
    }
    if (stored || payload.size() >= raw.size()) {
        payload.assign(raw.begin(), raw.end());
        stored = stored || last;
    }
    Bytes head;
    append_varint(head, std::uint64_t{raw.size()} << 2 | (stored ? 2u : 0u) | (last ? 1u : 0u));
    if (!stored) {
        append_varint(head, payload.size());
    }
    if (blocks_ == 0) {
        output_ = header_;
    }
    output_.insert(output_.end(), head.begin(), head.end());
    output_.insert(output_.end(), payload.begin(), payload.end());
    append_number(output_, chain_.next(head, payload, raw), 4);
    encoded_ += raw.size();
    blocks_ = std::min(blocks_ + 1, 2);
    if (last && blocks_ > 1) {
        append_number(output_, content_.digest(), 8);
    }
}

bool Encoder::skips(std::span<const std::uint8_t> raw, bool last) {
    const auto size = static_cast<std::int64_t>(raw.size());
    const model::Parameters parameters = parameter_set(level_);
    if (blocks_ == 0 && parameters.experts > 1) {
        if (!looks_hopeless(raw, parameters)) {
            return false;
        }
        skipping_ = kTimes * size;
    } else {
        skipping_ -= size;
        if (skipping_ < 0 || !codec::look_random(raw)) {
            return false;
        }
    }
    if (codec_ != nullptr && codec_->find_any(raw)) { // without a model there is no history yet
        return false;
    }
    if (!last) {
        model().skip(raw);
    }
    return true;
}

codec::Codec& Encoder::model() {
    if (codec_ == nullptr) {
        codec_ = std::make_unique<codec::Codec>(parameter_set(level_));
    }
    return *codec_;
}

} // namespace weightless::container
