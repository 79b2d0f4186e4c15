#include "container/decoder.hpp"

#include <algorithm>
#include <utility>

namespace weightless::container {
namespace {

constexpr std::size_t kMostRaw = std::size_t{1} << 20;
constexpr std::size_t kBlockCheck = 4;
constexpr std::size_t kContentCheck = 8;

std::string described(const PriorName& name) {
    return name.hash + " (" + std::to_string(name.size) + " bytes)";
}

} // namespace

Decoder::Decoder(std::uint64_t memory_limit, codec::Tick tick, std::uint64_t cost_limit)
    : memory_limit_(memory_limit), tick_(std::move(tick)), budget_(cost_limit) {}

bool Decoder::next() {
    block_.clear();
    while (!error_ && input().size() >= wanted_) {
        if (!advance()) {
            break;
        }
        if (!block_.empty()) {
            return true;
        }
    }
    if (!error_ && finished_) {
        check_end();
    }
    return false;
}

bool Decoder::advance() {
    switch (part_) {
    case Part::head:
        return read_head();
    case Part::block:
        return read_block();
    case Part::content_check:
        return read_content_check();
    default:
        break;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, input().size()));
    consume(size);
    skip_ -= size;
    if (skip_ == 0) {
        end_frame();
    }
    return true;
}

bool Decoder::read_head() {
    Cursor cursor(input());
    const auto head = input().first(std::min<std::size_t>(input().size(), 4));
    if (head.size() == 4 && is_skippable(head)) {
        skip_ = read_skippable_header(cursor);
        if (!take(cursor)) {
            return false;
        }
        consume(cursor.at());
        part_ = Part::skipped;
        if (skip_ == 0) {
            end_frame();
        }
        return true;
    }
    if (!begins_frame(head)) {
        return damaged(offset_ == 0
                           ? Error{kNotAnArchive, "not a weightless archive"}
                           : Error{kCorrupt, "the data that follows a frame's end is not a frame"});
    }
    header_ = read_header(cursor);
    if (!take(cursor)) {
        return false;
    }
    if (Error error = check_memory(
            "decoding", frame_memory(header_, header_.content_size.value_or(0)), memory_limit_)) {
        return fail(std::move(error));
    }
    if (Error error = budget_.check(header_)) {
        return fail(std::move(error));
    }
    if (!find_prior()) {
        return false;
    }
    chain_.emplace(cursor.before());
    content_.emplace();
    blocks_ = 0;
    model_ = nullptr;
    learnt_all_ = true;
    kept_content_.clear();
    part_ = Part::block;
    consume(cursor.at());
    return true;
}

bool Decoder::read_block() {
    Cursor cursor(input());
    const std::uint64_t word = cursor.varint(32);
    const bool last = word % 2 != 0;
    const bool stored = word / 2 % 2 != 0;
    const std::uint64_t raw_size = word / 4;
    const Error out_of_range{kCorrupt, "a block's length is out of range"};
    if (raw_size > kMostRaw) {
        cursor.refuse(out_of_range);
    }
    const std::uint64_t payload_size = stored ? raw_size : cursor.varint(32);
    if (payload_size > raw_size || (!stored && raw_size == 0)) {
        cursor.refuse(out_of_range);
    }
    if (!take(cursor)) {
        return false;
    }
    const std::uint64_t total = delivered_ - delivered_before_ + raw_size;
    if (header_.content_size &&
        (total > *header_.content_size || (last && total != *header_.content_size))) {
        return damaged({kCorrupt, "the blocks do not add up to the content size"});
    }
    if (header_.kept && total > kMostPrior) {
        return damaged({kCorrupt, "the content that is kept as a prior is too large"});
    }
    if (Error error = check_memory("decoding", frame_memory(header_, total), memory_limit_)) {
        return fail(std::move(error));
    }
    const auto header = cursor.before();
    const auto payload = cursor.bytes(static_cast<std::size_t>(payload_size));
    const auto check = cursor.bytes(kBlockCheck);
    if (!take(cursor)) {
        wanted_ = header.size() + static_cast<std::size_t>(payload_size) + kBlockCheck;
        return false;
    }
    payload_size_ = payload_size;
    raw_size_ = std::max<std::uint64_t>(raw_size, 1);
    const bool verbatim = payload_size == raw_size;
    if (verbatim) {
        block_.assign(payload.begin(), payload.end());
    } else {
        if (!start_model()) {
            return false;
        }
        if (model_->decode(payload, static_cast<std::size_t>(raw_size), block_, tick_) != nullptr) {
            return damaged({kCorrupt, "a block is damaged"});
        }
    }
    Bytes expected;
    append_number(expected, chain_->next(header, payload, block_), kBlockCheck);
    if (!std::equal(check.begin(), check.end(), expected.begin())) {
        return damaged({kCorrupt, "a block is damaged"});
    }
    learnt_all_ = learnt_all_ && (!stored || block_.empty());
    if (verbatim && !block_.empty() && !(stored && last)) {
        if (!start_model()) {
            return false;
        }
        if (stored) {
            model_->skip(block_);
        } else {
            model_->absorb(block_, tick_);
        }
    }
    consume(cursor.at());
    content_->update(block_);
    if (header_.kept) {
        kept_content_.insert(kept_content_.end(), block_.begin(), block_.end());
    }
    blocks_ = std::min(blocks_ + 1, 2);
    delivered_ += block_.size();
    if (last && blocks_ == 1) {
        end_content();
    } else if (last) {
        part_ = Part::content_check;
        wanted_ = kContentCheck;
    }
    return true;
}

bool Decoder::read_content_check() {
    Bytes expected;
    append_number(expected, content_->digest(), kContentCheck);
    if (!std::equal(expected.begin(), expected.end(), input().begin())) {
        return damaged({kCorrupt, "the content check does not match"});
    }
    consume(kContentCheck);
    end_content();
    return true;
}

bool Decoder::find_prior() {
    prior_ = nullptr;
    if (!header_.prior) {
        return true;
    }
    const PriorName& name = *header_.prior;
    if (given_ && given_->name() == name) {
        prior_ = &*given_;
    } else if (!header_.kept && kept_ && kept_->name() == name) {
        prior_ = &*kept_;
    } else {
        std::string message = "decoding needs the prior with the XXH3-128 hash " + described(name);
        if (given_) {
            message += ", but the prior given has the hash " + described(given_->name());
        }
        return fail({kPrior, std::move(message)});
    }
    return true;
}

bool Decoder::start_model() {
    if (model_ != nullptr) {
        return true;
    }
    const bool given = given_ && prior_ == &*given_;
    if (Error error = budget_.start(header_, offset_ + delivered_, given)) {
        return fail(std::move(error));
    }
    if (prior_ != nullptr) {
        // Memory is for one model in use and for the states after priors.
        codec_.reset();
        std::optional<Prior>& other = given ? kept_ : given_;
        if (other) {
            other->rest();
        }
        model_ = &prior_->start(header_.parameters);
        return true;
    }
    for (std::optional<Prior>* prior : {&given_, &kept_}) {
        if (*prior) {
            (*prior)->rest();
        }
    }
    if (codec_ != nullptr && equal(codec_->parameters(), header_.parameters)) {
        codec_->reset();
    } else {
        codec_.reset(); // before the new one takes memory
        codec_ = std::make_unique<codec::Codec>(header_.parameters);
    }
    model_ = codec_.get();
    return true;
}

void Decoder::consume(std::size_t size) {
    used_ += size;
    offset_ += size;
    wanted_ = 1;
    // What is used up is dropped once it is the larger part.
    if (used_ > buffer_.size() / 2) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ = 0;
    }
}

void Decoder::end_content() {
    if (header_.kept) {
        kept_.reset();
        if (!kept_content_.empty()) {
            kept_.emplace(std::move(kept_content_));
            if (model_ != nullptr && prior_ == nullptr && learnt_all_) {
                kept_->adopt(std::move(codec_));
            }
        }
        kept_content_ = Bytes();
    }
    model_ = nullptr;
    prior_ = nullptr;
    end_frame();
}

void Decoder::end_frame() {
    part_ = Part::head;
    frame_start_ = offset_;
    delivered_before_ = delivered_;
}

bool Decoder::take(const Cursor& cursor) {
    if (cursor.more()) {
        wanted_ = input().size() + 1;
        return false;
    }
    return cursor.ok() || damaged(cursor.error());
}

bool Decoder::fail(Error error) {
    error_ = std::move(error);
    block_.clear();
    codec_.reset();
    given_.reset();
    kept_.reset();
    return false;
}

bool Decoder::damaged(Error error) {
    error.message += " (at byte " + std::to_string(offset_) + " of the archive)";
    return fail(std::move(error));
}

void Decoder::check_end() {
    if (offset_ == 0 && buffer_.empty()) {
        damaged({kTruncated, "not a weightless archive: it is empty"});
    } else if (offset_ != frame_start_ || !input().empty()) {
        damaged({kTruncated, "the archive is truncated"});
    }
}

} // namespace weightless::container
