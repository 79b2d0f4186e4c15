#include "support/archive.hpp"

#include "codec/codec.hpp"
#include "container/frame_header.hpp"
#include "container/limits.hpp"
#include "container/parameter_sets.hpp"
#include "container/prior.hpp"
#include "container/xxh3.hpp"
#include "support/outcome.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace weightless::fuzz {
namespace {

using container::append_number;
using container::append_varint;
using container::Cursor;
using container::equal;
using container::xxh3;

// docs/format.md, "Frames with content".
constexpr unsigned kHasSize = 1;
constexpr unsigned kHasParameters = 2;
constexpr unsigned kHasPrior = 4;
constexpr unsigned kSkippable = 0xf0;
constexpr std::size_t kMagicSize = std::size(container::kMagic);
constexpr std::size_t kMostRaw = 1u << 20;

Bytes copied(std::span<const std::uint8_t> data) { return {data.begin(), data.end()}; }

// Whether the decoder would build the model.
bool affordable(const model::Parameters& parameters) {
    container::FrameHeader header;
    header.parameters = parameters;
    return container::model_memory(parameters, 0) <= kMemoryLimit &&
           !container::Budget(kCostLimit).check(header);
}

bool parse_blocks(Cursor& cursor, Frame& frame) {
    for (bool last = false; !last;) {
        Block block;
        const std::uint64_t word = cursor.varint(32);
        block.last = last = word % 2 != 0;
        block.stored = word / 2 % 2 != 0;
        block.raw_size = word / 4;
        block.payload_size = block.stored ? block.raw_size : cursor.varint(32);
        if (block.payload_size > block.raw_size || block.raw_size > kMostRaw) {
            return false;
        }
        block.payload = copied(cursor.bytes(static_cast<std::size_t>(block.payload_size)));
        cursor.bytes(4);
        if (!cursor.ok()) {
            return false;
        }
        frame.blocks.push_back(std::move(block));
    }
    if (frame.blocks.size() > 1) {
        cursor.bytes(8);
    }
    return cursor.ok();
}

bool parse_frame(Cursor& cursor, Frame& frame) {
    const auto head = cursor.bytes(kMagicSize + 1);
    if (!cursor.ok() ||
        !std::equal(std::begin(container::kMagic), std::end(container::kMagic), head.begin())) {
        return false;
    }
    frame.version_and_flags = head[kMagicSize];
    if (frame.version_and_flags >= kSkippable) {
        frame.kind = Frame::Kind::skippable;
        frame.size = cursor.varint(63);
        cursor.byte();
        frame.data = copied(cursor.bytes(static_cast<std::size_t>(frame.size)));
        return cursor.ok();
    }
    frame.kind = Frame::Kind::content;
    const unsigned flags = frame.version_and_flags;
    if ((flags & kHasParameters) != 0) {
        const std::uint64_t count = cursor.varint(14);
        for (std::uint64_t i = 0; i < count && cursor.ok(); ++i) {
            frame.values.push_back(cursor.varint(32));
        }
    } else {
        frame.set = cursor.varint(14);
    }
    if ((flags & kHasSize) != 0) {
        frame.content_size = cursor.varint(63);
    }
    if ((flags & kHasPrior) != 0) {
        frame.prior = cursor.varint(32);
        frame.prior_hash = copied(cursor.bytes(*frame.prior > 1 ? 16 : 0));
    }
    cursor.byte();
    return cursor.ok() && parse_blocks(cursor, frame);
}

// The models of one frame after another.
class Models {
public:
    void start(const Frame& frame) {
        parameters_ = frame.parameters();
        started_ = false;
        broken_ = !parameters_ || !affordable(*parameters_);
        prior_ = nullptr;
        if (frame.prior && *frame.prior > 1) {
            const container::PriorName name{container::hexadecimal(frame.prior_hash),
                                            *frame.prior / 2};
            const bool known = *frame.prior % 2 == 0 && kept_ && kept_->name() == name;
            prior_ = known ? &*kept_ : nullptr;
            broken_ = broken_ || !known;
        }
    }

    // The content may be the prior of frames that follow.
    void keep(Bytes content) {
        prior_ = nullptr;
        kept_.reset();
        if (!content.empty()) {
            kept_.emplace(std::move(content));
        }
    }

    // The raw bytes of a block; the payload, if it cannot be decoded.
    Bytes raw_of(const Block& block, bool last) {
        if (block.payload_size == block.raw_size) {
            if (!block.payload.empty() && !last && usable()) {
                block.stored ? model_->skip(block.payload) : model_->absorb(block.payload);
            }
            return block.payload;
        }
        struct Stop {};
        Bytes raw;
        try {
            if (usable() && block.raw_size <= kMostRaw &&
                model_->decode(block.payload, static_cast<std::size_t>(block.raw_size), raw,
                               [](std::size_t) { throw Stop(); }) == nullptr) {
                return raw;
            }
        } catch (const Stop&) {
        }
        broken_ = true;
        codec_.reset();
        return block.payload;
    }

private:
    bool usable() {
        if (broken_ || started_) {
            return !broken_;
        }
        started_ = true;
        if (prior_ != nullptr) {
            model_ = &prior_->start(*parameters_);
            return true;
        }
        if (codec_ && equal(codec_->parameters(), *parameters_)) {
            codec_->reset();
        } else {
            codec_.reset();
            codec_ = std::make_unique<codec::Codec>(*parameters_);
        }
        model_ = codec_.get();
        return true;
    }

    std::optional<model::Parameters> parameters_;
    std::unique_ptr<codec::Codec> codec_; // without a prior; may be that of an earlier frame
    std::optional<container::Prior> kept_;
    container::Prior* prior_ = nullptr; // the frame's
    codec::Codec* model_ = nullptr;     // the frame's, if it has started
    bool started_ = false;
    bool broken_ = false; // it has no state in which it could decode
};

void write_header(Bytes& out, const Frame& frame) {
    const std::size_t start = out.size();
    out.insert(out.end(), std::begin(container::kMagic), std::end(container::kMagic));
    if (frame.kind == Frame::Kind::skippable) {
        out.push_back(frame.version_and_flags);
        append_varint(out, frame.size);
    } else {
        unsigned flags = frame.version_and_flags & ~(kHasSize | kHasParameters | kHasPrior);
        flags |= (frame.content_size ? kHasSize : 0) | (frame.set ? 0 : kHasParameters) |
                 (frame.prior ? kHasPrior : 0);
        out.push_back(static_cast<std::uint8_t>(flags));
        append_varint(out, frame.set ? *frame.set : frame.values.size());
        for (const std::uint64_t value : frame.values) {
            append_varint(out, value);
        }
        if (frame.content_size) {
            append_varint(out, *frame.content_size);
        }
        if (frame.prior) {
            append_varint(out, *frame.prior);
            out.insert(out.end(), frame.prior_hash.begin(), frame.prior_hash.end());
        }
    }
    const std::uint64_t check = xxh3(std::span(out).subspan(start));
    out.push_back(static_cast<std::uint8_t>(check ^ frame.wrong));
}

void write_blocks(Bytes& out, const Frame& frame, std::uint64_t chain, Models& models) {
    models.start(frame);
    container::Xxh3 content;
    Bytes kept;
    for (const Block& block : frame.blocks) {
        Bytes coded;
        append_varint(coded,
                      block.raw_size << 2 | (block.stored ? 2u : 0u) | (block.last ? 1u : 0u));
        if (!block.stored) {
            append_varint(coded, block.payload_size);
        }
        coded.insert(coded.end(), block.payload.begin(), block.payload.end());
        const Bytes raw = models.raw_of(block, block.last && block.stored);
        chain = xxh3(raw, xxh3(coded, chain));
        content.update(raw);
        kept.insert(kept.end(), raw.begin(), raw.end());
        out.insert(out.end(), coded.begin(), coded.end());
        append_number(out, chain ^ block.wrong, 4);
    }
    if (frame.blocks.size() > 1) {
        append_number(out, content.digest() ^ frame.wrong_content, 8);
    }
    if (frame.prior && *frame.prior % 2 != 0) {
        models.keep(std::move(kept));
    }
}

} // namespace

std::optional<model::Parameters> Frame::parameters() const {
    if (set) {
        const bool known = *set >= 1 && *set <= std::uint64_t{container::kSets};
        return known ? std::optional(container::parameter_set(static_cast<int>(*set)))
                     : std::nullopt;
    }
    model::Parameters p;
    if (values.size() > model::kFields.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto half = static_cast<std::int64_t>(values[i] / 2);
        p.*model::kFields[i].member =
            static_cast<std::int32_t>(values[i] % 2 != 0 ? -half - 1 : half);
    }
    return model::problem(p).empty() ? std::optional(p) : std::nullopt;
}

std::vector<Frame> parse(std::span<const std::uint8_t> archive) {
    std::vector<Frame> frames;
    for (std::size_t at = 0; at < archive.size();) {
        Cursor cursor(archive.subspan(at));
        Frame frame;
        if (parse_frame(cursor, frame)) {
            at += cursor.at();
        } else {
            frame = {};
            frame.data = copied(archive.subspan(at));
            at = archive.size();
        }
        frames.push_back(std::move(frame));
    }
    return frames;
}

Bytes write(const std::vector<Frame>& frames) {
    Bytes out;
    Models models;
    for (const Frame& frame : frames) {
        if (frame.kind != Frame::Kind::junk) {
            const std::size_t start = out.size();
            write_header(out, frame);
            if (frame.kind == Frame::Kind::content) {
                write_blocks(out, frame, xxh3(std::span(out).subspan(start)), models);
            }
        }
        out.insert(out.end(), frame.data.begin(), frame.data.end());
    }
    return out;
}

Frame empty_frame(std::uint64_t set) {
    Frame frame;
    frame.kind = Frame::Kind::content;
    frame.version_and_flags = container::header_of_set(1)[kMagicSize];
    frame.set = set;
    return frame;
}

Frame skippable_frame(unsigned kind) {
    Frame frame;
    frame.kind = Frame::Kind::skippable;
    frame.version_and_flags = static_cast<std::uint8_t>(kSkippable | kind % 16);
    return frame;
}

} // namespace weightless::fuzz
