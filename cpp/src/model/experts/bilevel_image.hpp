// Bilevel images, a pixel a bit: where there is one, and what its pixels are in the contexts of
// pixel_templates.hpp. For scanned pages, bitmaps and masks.
#pragma once

#include "fixed/hash.hpp"
#include "fixed/logistic.hpp"
#include "model/experts/pixel_templates.hpp"
#include "model/history/adaptive_map.hpp"
#include "model/history/bit_history.hpp"
#include "model/history/byte_history.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class BilevelImage {
public:
    /// At most.
    static constexpr int kInputs = static_cast<int>(PixelTemplates::kCount) * 2;
    static constexpr int kSelectors = 1024;

    /// Takes 5 * 2^bits bytes for each of the templates, of which there are few or, if wide,
    /// all, when there is an image.
    BilevelImage(int bits, bool wide) : bits_(bits), count_(count_of(wide)) {}

    /// After history.push().
    void update(ByteHistory& history) {
        const std::uint32_t byte = history.last4() & 255u;
        const bool blank = byte == 0 || byte == 255;
        blank_ += ((blank ? 65536 : 0) - blank_) / 1024;
        if (!blank && blank_ > kSparse) {
            vote(history);
            if (stride_ != 0) {
                compare(byte, history);
            }
        }
        active_ = stride_ != 0 && blank_ > kSparse && moved_ > (active_ ? kLeave : kEnter);
        if (active_) {
            if (cells_.empty()) {
                states_.assign(count_ << bits_, 0);
                maps_.assign(count_ * 256, adaptive::kHalf);
                const BitHistory& histories = BitHistory::get();
                for (std::size_t i = 0; i < maps_.size(); ++i) {
                    const auto state = static_cast<std::uint8_t>(i % 256);
                    maps_[i] = BitHistory::first_p(histories, state) << 10 | 6u;
                }
                cells_.assign(count_ << bits_, adaptive::kHalf);
            }
            pixels_.begin_byte(history, stride_);
        }
    }

    bool active() const noexcept { return active_; }
    std::uint32_t stride() const noexcept { return stride_; }

    /// Before a bit: c0 is the byte's bits so far with a 1 ahead.
    void begin_bit(unsigned c0, int bits_known) noexcept {
        pixels_.begin_bit(c0, bits_known, count_ != PixelTemplates::kFew);
        const auto& t = pixels_.contexts();
        for (std::size_t i = 0; i < count_; ++i) {
            cell_[i] = (i << bits_) +
                       (fixed::combine(t[i], static_cast<std::uint32_t>(i)) >> (32 - bits_));
        }
    }

    int inputs() const noexcept { return static_cast<int>(count_) * 2; }
    /// Writes as many.
    void predict(std::int16_t* x) const noexcept {
        const fixed::Logistic& logistic = fixed::Logistic::get();
        for (std::size_t i = 0; i < count_; ++i) {
            const std::uint32_t cell = cells_[cell_[i]];
            const std::uint32_t p = cell >> 10;
            const std::uint32_t count = cell & 1023u;
            x[2 * i] = count == 0 ? 0 : logistic.stretch(p);
            const std::uint8_t state = states_[cell_[i]];
            x[2 * i + 1] = state == 0 ? 0 : logistic.stretch(maps_[i * 256 + state] >> 10);
        }
    }

    void train(unsigned bit) noexcept {
        const std::int32_t* reciprocals = adaptive::reciprocals().data();
        const BitHistory& histories = BitHistory::get();
        for (std::size_t i = 0; i < count_; ++i) {
            adaptive::update(cells_[cell_[i]], bit, 1023, reciprocals);
            std::uint8_t& state = states_[cell_[i]];
            adaptive::update(maps_[i * 256 + state], bit, 1023, reciprocals);
            state = histories.next(state, bit);
        }
    }

    /// What the contexts for mixing are made of.
    const PixelTemplates& pixels() const noexcept { return pixels_; }

    std::size_t memory() const noexcept { return memory_of(bits_, count_); }
    static std::size_t memory_for(int bits, bool wide) noexcept {
        return memory_of(bits, count_of(wide));
    }

private:
    static std::size_t count_of(bool wide) noexcept {
        return wide ? PixelTemplates::kCount : PixelTemplates::kFew;
    }
    static std::size_t memory_of(int bits, std::size_t count) noexcept {
        return (count << bits) * (sizeof(std::uint32_t) + 1) +
               (count * 256 + kWidest / 2) * sizeof(std::uint32_t);
    }

    static constexpr std::uint32_t kNarrowest = 28; // bytes
    static constexpr std::uint32_t kWidest = 4096;
    static constexpr int kSparse = 65536 * 3 / 8; // for blank_
    // For moved_:
    static constexpr int kEnter = 65536 * 5 / 8;
    static constexpr int kLeave = 65536 / 2;

    // Where a row differs from the one above, edges have moved by a pixel: that tells an
    // image from a table.
    void compare(std::uint32_t byte, ByteHistory& history) noexcept {
        const std::uint32_t n = stride_ + 1;
        const std::uint32_t above =
            history.back(n) << 1 | (history.back(n + 1) & 1u) << 9 | history.back(n - 1) >> 7;
        const std::uint32_t changed = ((above >> 1) ^ byte) & 255u;
        if (changed != 0) {
            const std::uint32_t steps = above ^ (above >> 1);
            const std::uint32_t edges = ((steps | steps << 1) >> 1) & 255u;
            const bool moved = (changed & ~edges) == 0;
            moved_ += ((moved ? 65536 : 0) - moved_) / 64;
        }
    }

    // Strokes go down: the distance between equal pairs of bytes is often the stride.
    void vote(const ByteHistory& history) noexcept {
        const std::uint32_t position = history.position();
        std::uint32_t& seen = seen_[fixed::combine(history.last4() & 0xffffu, 0) >> 22];
        const std::uint32_t gap = position - seen;
        seen = position;
        if (gap < kNarrowest || gap > kWidest) {
            return;
        }
        if (votes_.empty()) {
            votes_.assign(kWidest + 1, 0);
        }
        if (++votes_[gap] > votes_[stride_] && votes_[gap] >= 8) {
            if (gap != stride_) {
                moved_ = 0;
            }
            stride_ = gap;
        }
        if (++total_ >= 256) {
            total_ = 0;
            for (std::uint16_t& v : votes_) {
                v = static_cast<std::uint16_t>(v - v / 2);
            }
        }
    }

    int bits_;
    std::size_t count_;                      // of templates
    std::array<std::uint32_t, 1024> seen_{}; // where, by pair of bytes
    std::vector<std::uint16_t> votes_;       // for strides
    unsigned total_ = 0;
    std::uint32_t stride_ = 0; // bytes of a row; 0: not known
    int blank_ = 0;            // how often bytes are all white or all black, Q16
    int moved_ = 0;            // how often a change is a moved edge, Q16
    bool active_ = false;

    PixelTemplates pixels_;
    std::array<std::size_t, PixelTemplates::kCount> cell_{};
    std::vector<std::uint32_t> cells_; // probabilities
    std::vector<std::uint8_t> states_; // beside them, bit histories
    std::vector<std::uint32_t> maps_;  // and what those mean, by template
};

} // namespace weightless::model
