// Decodes an archive that comes in pieces, block by block. What the Python package reports as
// exceptions are values here, so that a build without exceptions can go on.
#pragma once

#include "codec/codec.hpp"
#include "container/checks.hpp"
#include "container/limits.hpp"
#include "container/prior.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace weightless::container {

class Decoder {
public:
    /// memory_limit: of the model, in bytes.
    explicit Decoder(std::uint64_t memory_limit, codec::Tick tick = {},
                     std::uint64_t cost_limit = Budget::kDefault);

    /// The prior that the caller has, for frames that name it; before anything is fed.
    void give_prior(Bytes content) {
        budget_.give(content.size());
        given_.emplace(std::move(content));
    }
    void feed(std::span<const std::uint8_t> data) {
        buffer_.insert(buffer_.end(), data.begin(), data.end());
    }
    /// The archive ends here.
    void finish() { finished_ = true; }

    /// Decodes the next block that is not empty. Returns false if there is none yet, at the end,
    /// and after an error().
    bool next();
    /// The content of that block.
    const Bytes& block() const noexcept { return block_; }
    /// The error that has ended decoding; all blocks before it are sound.
    const Error& error() const noexcept { return error_; }

    /// Bytes of the archive, and of its content, that have been decoded.
    std::uint64_t offset() const noexcept { return offset_; }
    std::uint64_t delivered() const noexcept { return delivered_; }
    /// About how many bytes of the archive have been decoded after `done` bytes of the block.
    std::uint64_t position(std::size_t done) const noexcept {
        return offset_ + payload_size_ * done / raw_size_;
    }

private:
    // What is read next.
    enum class Part { head, skipped, block, content_check };

    std::span<const std::uint8_t> input() const { return std::span(buffer_).subspan(used_); }
    void consume(std::size_t size);
    // Each does one part, and returns false if it is incomplete or wrong.
    bool advance();
    bool read_head();
    bool read_block();
    bool read_content_check();

    bool take(const Cursor& cursor); // its error, if it has one
    bool fail(Error error);          // about the limits of the reader
    bool damaged(Error error);       // about the data, with its offset
    void check_end();
    void end_content();
    void end_frame();
    bool find_prior();
    bool start_model();

    std::uint64_t memory_limit_;
    codec::Tick tick_;
    Budget budget_;
    Bytes buffer_;
    std::size_t used_ = 0;   // bytes of the buffer that have been decoded
    std::size_t wanted_ = 1; // bytes that must follow them
    bool finished_ = false;
    std::uint64_t offset_ = 0;
    std::uint64_t delivered_ = 0;
    Error error_;

    // The frame.
    Part part_ = Part::head;
    std::uint64_t frame_start_ = 0; // its offset
    std::uint64_t delivered_before_ = 0;
    std::uint64_t skip_ = 0; // bytes of a skippable frame that are left
    FrameHeader header_;
    std::optional<Chain> chain_;
    std::optional<Xxh3> content_;
    std::uint64_t payload_size_ = 0; // of the block
    std::uint64_t raw_size_ = 1;
    int blocks_ = 0;                // up to 2
    Prior* prior_ = nullptr;        // the frame's
    codec::Codec* model_ = nullptr; // the frame's, if it has one yet
    bool learnt_all_ = true;        // whether it has seen all content
    Bytes kept_content_;            // the content so far, if it is kept

    Bytes block_;
    std::unique_ptr<codec::Codec> codec_; // without a prior; may be that of an earlier frame
    std::optional<Prior> given_;
    std::optional<Prior> kept_; // content of the archive
};

} // namespace weightless::container
