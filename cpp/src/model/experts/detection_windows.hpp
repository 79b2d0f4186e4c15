// When a detector looks at the data: in windows at regular distances, because looking takes time,
// and soon after the mixture of byte values has changed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace weightless::model {

class DetectionWindows {
public:
    static constexpr std::uint32_t kWarm = 64;  // bytes at its beginning that are not counted
    static constexpr std::uint32_t kPart = 240; // bytes of a part
    static constexpr std::uint32_t kParts = 4;

    /// Whether the next byte lies in a window.
    bool open() const noexcept { return open_; }
    /// Whether no byte of this window has been pushed yet.
    bool begins() const noexcept { return open_ && place_ == 0; }
    /// How many parts have been completed.
    std::uint32_t parts() const noexcept { return place_ < kWarm ? 0 : (place_ - kWarm) / kPart; }
    /// Whether its coding cost is counted.
    bool measures() const noexcept { return open_ && place_ >= kWarm; }
    /// Whether it is the last of a part.
    bool ends_part() const noexcept { return measures() && (place_ + 1 - kWarm) % kPart == 0; }

    /// Must be called after each byte. A window stays open until it is closed.
    void push(std::uint8_t byte) noexcept {
        open_ ? ++place_ : ++since_;
        ++counts_[0][byte >> 4];
        if (++counted_ == kBlock) {
            end_block();
        }
        if (!open_ && since_ >= wait_) {
            begin();
        }
    }
    /// Closes the window. found: what was looked for was there.
    void close(bool found) noexcept {
        if (open_) {
            open_ = false;
            since_ = 0;
            // After changes in vain, it takes longer until changes are heeded again.
            patience_ = found ? kShortest
                              : (changed_ ? std::min(patience_ * 2, kLongest)
                                          : std::max(patience_ / 2, kShortest));
        }
    }
    /// After a claim turned out to be wrong: no window for a longer time after each such failure.
    void fail() noexcept {
        open_ = false;
        since_ = 0;
        wait_ = std::min(wait_ * 2, kEvery * 8);
        patience_ = std::max(patience_, wait_ / 2);
    }
    /// After the end of what had been found: something else has begun.
    void reopen() noexcept { begin(); }
    void succeed() noexcept { wait_ = kEvery - kWarm - kParts * kPart; }

private:
    static constexpr std::uint32_t kEvery = 8192;
    static constexpr std::uint32_t kBlock = 256;
    static constexpr std::uint32_t kShortest = 512;
    static constexpr std::uint32_t kLongest = 16384;
    static constexpr int kChange = 144; // of 512 at most

    void begin() noexcept {
        open_ = true;
        changed_ = false;
        place_ = 0;
    }

    // Compares the block with the one before the previous one, so that two blocks that both contain
    // a change's place are not compared.
    void end_block() noexcept {
        int change = 0;
        for (std::size_t i = 0; i < counts_[0].size(); ++i) {
            change += std::abs(counts_[0][i] - counts_[2][i]);
        }
        counts_[2] = counts_[1];
        counts_[1] = counts_[0];
        counts_[0] = {};
        counted_ = 0;
        if (change > kChange && !open_ && since_ >= patience_) {
            begin();
            changed_ = true;
        }
    }

    bool open_ = true; // data begin with a window
    bool changed_ = false;
    std::uint32_t place_ = 0; // in the window
    std::uint32_t since_ = 0; // bytes since the last one
    std::uint32_t wait_ = kEvery - kWarm - kParts * kPart;
    std::uint32_t patience_ = kShortest;
    std::uint32_t counted_ = 0;
    // How often values with these upper four bits occurred in this block and the two before.
    std::array<std::array<int, 16>, 3> counts_{};
};

} // namespace weightless::model
