// Bilevel images, a pixel a bit: the pixels to the left and in the rows above. For scanned
// pages, bitmaps and masks.
//
// Source: templates of neighbouring pixels as contexts are those of JBIG (ITU-T T.82); the
// shapes here are our own.
#pragma once

#include "fixed/hash.hpp"
#include "fixed/logistic.hpp"
#include "model/mixing/adaptive_map.hpp"
#include "model/mixing/bit_history.hpp"
#include "model/mixing/byte_history.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

class BilevelImage {
public:
    static constexpr int kTemplates = 12;
    static constexpr int kInputs = kTemplates * 2;
    static constexpr int kSelectors = 1024;

    /// Takes 5 * 2^bits bytes for each of the templates, when there is an image.
    explicit BilevelImage(int bits) : bits_(bits) {}

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
                states_.assign(std::size_t{kTemplates} << bits_, 0);
                maps_.assign(kTemplates * 256, adaptive::kHalf);
                const BitHistory& histories = BitHistory::get();
                for (std::size_t i = 0; i < maps_.size(); ++i) {
                    const auto state = static_cast<std::uint8_t>(i % 256);
                    maps_[i] = BitHistory::first_p(histories, state) << 10 | 6u;
                }
                cells_.assign(std::size_t{kTemplates} << bits_, adaptive::kHalf);
            }
            for (std::uint32_t r = 1; r <= kRows; ++r) {
                // Bytes above: two to the left, the one itself, one to the right.
                const std::uint32_t n = r * stride_;
                rows_[r] = std::uint64_t{history.back(n + 2)} << 32 |
                           std::uint64_t{history.back(n + 1)} << 24 | history.back(n) << 16 |
                           history.back(n - 1) << 8 | history.back(n - 2);
            }
            rows_[0] = history.last8();
        }
    }

    bool active() const noexcept { return active_; }
    std::uint32_t stride() const noexcept { return stride_; }

    /// Before a bit: c0 is the byte's bits so far with a 1 ahead.
    void begin_bit(unsigned c0, int bits_known) noexcept {
        const unsigned known = c0 & ((1u << bits_known) - 1);
        // Pixels to the left, the nearest lowest; above, `right` of them to the right of the
        // column (the pixel itself included) lowest.
        const std::uint64_t left = rows_[0] << bits_known | known;
        const auto l = [&](int n) {
            return static_cast<std::uint32_t>(left & ((std::uint64_t{1} << n) - 1));
        };
        const auto a = [&](std::size_t row, int to_left, int to_right) {
            return static_cast<std::uint32_t>((rows_[row] >> (23 - bits_known - to_right)) &
                                              ((1u << (to_left + to_right + 1)) - 1));
        };
        std::array<std::uint32_t, kTemplates> t{};
        t[0] = l(4) | a(1, 2, 2) << 4 | a(2, 1, 1) << 9;
        t[1] = l(4) | a(1, 3, 3) << 4 | a(2, 2, 2) << 11;
        t[2] = l(6) | a(1, 3, 4) << 6 | a(2, 3, 3) << 14 | a(3, 1, 1) << 21;
        t[3] = l(10) | a(1, 5, 6) << 10;
        t[4] = l(2) | a(1, 1, 1) << 2 | a(2, 1, 1) << 5 | a(3, 1, 1) << 8 | a(4, 1, 1) << 11 |
               a(5, 1, 1) << 14 | a(6, 1, 1) << 17;
        t[5] = l(16) | a(1, 1, 1) << 16;
        t[6] = l(3) | a(1, 2, 3) << 3 | a(2, 2, 3) << 9 | a(3, 2, 3) << 15 | a(4, 2, 3) << 21;
        t[7] = l(8) | a(1, 6, 7) << 8 | a(2, 3, 3) << 22;
        t[8] = l(1) | a(1, 0, 0) << 1 | a(2, 0, 0) << 2 | a(3, 0, 0) << 3 | a(4, 0, 0) << 4 |
               a(5, 0, 0) << 5 | a(6, 0, 0) << 6 | a(7, 0, 0) << 7 | a(8, 0, 0) << 8;
        t[9] = fixed::combine(fixed::combine(l(12), a(1, 8, 8)), a(2, 8, 8));
        t[10] =
            fixed::combine(fixed::combine(l(8), a(1, 4, 4) | a(2, 4, 4) << 9 | a(3, 4, 4) << 18),
                           a(4, 4, 4) | a(5, 4, 4) << 9);
        t[11] = fixed::combine(
            fixed::combine(l(3) | a(1, 1, 2) << 3 | a(2, 1, 2) << 7 | a(3, 1, 2) << 11,
                           a(4, 1, 2) | a(5, 1, 2) << 4 | a(6, 1, 2) << 8),
            a(7, 1, 2) | a(8, 1, 2) << 4);
        for (std::size_t i = 0; i < kTemplates; ++i) {
            cell_[i] = (i << bits_) +
                       (fixed::combine(t[i], static_cast<std::uint32_t>(i)) >> (32 - bits_));
        }
        fine_ = t[1];
        sets_ = {t[8], t[4], l(10) | a(1, 0, 0) << 10};
        selector_ = static_cast<int>(l(3) | a(1, 2, 1) << 3 | a(2, 1, 1) << 7);
    }

    /// Writes kInputs inputs.
    void predict(std::int16_t* x) const noexcept {
        const fixed::Logistic& logistic = fixed::Logistic::get();
        for (std::size_t i = 0; i < kTemplates; ++i) {
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
        for (std::size_t i = 0; i < kTemplates; ++i) {
            adaptive::update(cells_[cell_[i]], bit, 1023, reciprocals);
            std::uint8_t& state = states_[cell_[i]];
            adaptive::update(maps_[i * 256 + state], bit, 1023, reciprocals);
            state = histories.next(state, bit);
        }
    }

    /// Contexts for mixing, of other pixels.
    std::array<std::uint32_t, 3> sets() const noexcept { return sets_; }
    /// Of 10 and 16 pixels.
    int selector() const noexcept { return selector_; }
    std::uint32_t fine() const noexcept { return fine_; }
    std::size_t memory() const noexcept { return memory_for(bits_); }
    static std::size_t memory_for(int bits) noexcept {
        return (std::size_t{kTemplates} << bits) * (sizeof(std::uint32_t) + 1) +
               (kTemplates * 256 + kWidest / 2) * sizeof(std::uint32_t);
    }

private:
    static constexpr std::uint32_t kRows = 8;
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
    std::array<std::uint32_t, 1024> seen_{}; // where, by pair of bytes
    std::vector<std::uint16_t> votes_;       // for strides
    unsigned total_ = 0;
    std::uint32_t stride_ = 0; // bytes of a row; 0: not known
    int blank_ = 0;            // how often bytes are all white or all black, Q16
    int moved_ = 0;            // how often a change is a moved edge, Q16
    bool active_ = false;

    std::array<std::uint64_t, kRows + 1> rows_{};
    std::array<std::size_t, kTemplates> cell_{};
    std::vector<std::uint32_t> cells_; // probabilities
    std::vector<std::uint8_t> states_; // beside them, bit histories
    std::vector<std::uint32_t> maps_;  // and what those mean, by template
    int selector_ = 0;
    std::uint32_t fine_ = 0;
    std::array<std::uint32_t, 3> sets_{};
};

} // namespace weightless::model
