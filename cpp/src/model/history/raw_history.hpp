// All bytes of the data so far, as they are in the data (not symbols), in chunks that are
// allocated as the data grow. The last 2^bits bytes are kept.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weightless::model {

class RawHistory {
public:
    static constexpr int kMinBits = 16;
    static constexpr int kMaxBits = 32;

    /// Keeps the last 2^bits bytes, kMinBits <= bits <= kMaxBits.
    explicit RawHistory(int bits)
        : size_(std::uint64_t{1} << bits), mask_(2 * size_ / kChunk - 1) {}
    // Complete chunks never change, so that a copy shares them.
    RawHistory(const RawHistory& other)
        : size_(other.size_), mask_(other.mask_), position_(other.position_), last_(other.last_),
          chunks_(other.chunks_) {
        copy_current(other);
    }
    RawHistory& operator=(const RawHistory& other) {
        if (this != &other) {
            size_ = other.size_;
            mask_ = other.mask_;
            position_ = other.position_;
            last_ = other.last_;
            chunks_ = other.chunks_;
            copy_current(other);
        }
        return *this;
    }

    /// Throws std::bad_alloc.
    void push(std::uint8_t byte) {
        if (position_ % kChunk == 0) {
            current_ = add_chunk();
        }
        current_[position_ % kChunk] = byte;
        ++position_;
        last_ = byte;
    }

    /// The number of bytes so far.
    std::uint64_t position() const noexcept { return position_; }
    std::uint8_t last() const noexcept { return last_; }
    /// The byte `back` bytes ago, 1 for the latest; back <= size() and back <= position().
    std::uint8_t back(std::uint64_t back) const noexcept { return at(position_ - back); }
    std::uint8_t at(std::uint64_t position) const noexcept {
        return (*chunks_[static_cast<std::size_t>(position / kChunk & mask_)])[position % kChunk];
    }
    /// The number of bytes that are kept at most.
    std::uint64_t size() const noexcept { return size_; }

    /// Bytes of memory in use.
    std::size_t memory() const noexcept {
        return chunks_.capacity() * sizeof(chunks_[0]) +
               static_cast<std::size_t>(
                   std::count_if(chunks_.begin(), chunks_.end(),
                                 [](const auto& chunk) { return chunk != nullptr; })) *
                   kChunk;
    }
    /// The most that it takes after `content` bytes.
    static std::uint64_t memory_for(int bits, std::uint64_t content) noexcept {
        const std::uint64_t kept =
            std::min(content, std::uint64_t{1} << bits) / kChunk * kChunk + 2 * kChunk;
        return content == 0 ? 0 : kept + kept / kChunk * 4 * sizeof(std::shared_ptr<Chunk>);
    }

private:
    static constexpr std::size_t kChunk = std::size_t{1} << 16;
    using Chunk = std::array<std::uint8_t, kChunk>;

    // Replaces the other history's incomplete chunk, if it has one, by a copy.
    void copy_current(const RawHistory& other) {
        if (position_ % kChunk != 0) {
            current_ = add_chunk();
            std::copy_n(other.current_, position_ % kChunk, current_);
        }
    }
    // Makes a chunk for the bytes from the current position on, and frees one that is no longer
    // needed.
    std::uint8_t* add_chunk() {
        const std::uint64_t number = position_ / kChunk;
        const std::uint64_t kept = size_ / kChunk;
        std::shared_ptr<Chunk> oldest;
        if (number > kept) {
            oldest.swap(chunks_[static_cast<std::size_t>((number - kept - 1) & mask_)]);
        }
        auto chunk = oldest.use_count() == 1 ? std::move(oldest) : std::make_shared<Chunk>();
        const auto at = static_cast<std::size_t>(number & mask_);
        if (at == chunks_.size()) {
            chunks_.push_back(nullptr);
        }
        chunks_[at] = std::move(chunk);
        return chunks_[at]->data();
    }

    std::uint64_t size_;
    std::uint64_t mask_; // of chunk numbers
    std::uint64_t position_ = 0;
    std::uint8_t last_ = 0;
    std::uint8_t* current_ = nullptr; // the chunk that the next byte belongs to
    std::vector<std::shared_ptr<Chunk>> chunks_;
};

} // namespace weightless::model
