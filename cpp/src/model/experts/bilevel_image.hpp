// Bilevel images, one bit per pixel: a detector, and predictions in the contexts of
// pixel_templates.hpp. For scanned pages, bitmaps and masks.
#pragma once

#include "fixed/logistic.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/pixel_templates.hpp"
#include "model/history/adaptive_map.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// Uses the first `templates` of PixelTemplates, which must be kFew or kCount.
template <std::size_t templates> class BilevelImage {
public:
    /// Allocates 5 * 2^bits bytes for each template when it detects an image.
    explicit BilevelImage(MemoryBudget budget) : bits_(bits_of(budget)) {}

    void update(const ByteHistory& history);

    bool active() const noexcept { return active_; }
    void begin_bit(const PartialByte& partial) noexcept;

    void train(unsigned bit) noexcept;

    std::size_t memory() const noexcept { return memory_of(bits_); }
    static std::size_t memory_for(MemoryBudget budget) noexcept {
        return memory_of(bits_of(budget));
    }

    /// Two predictions for each template: its context's adaptive probability and its bit history's.
    struct Pixels : Inputs<static_cast<int>(2 * templates)> {
        static void of(const BilevelImage& image, std::int16_t* x) noexcept { image.predict(x); }
    };

    // Selectors, made of the pixels that PixelTemplates describes.
    struct Near10 : Selector<1024> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.near10());
        }
    };
    struct First16 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return upper_bits<2048>(hash(image.pixels_.first16(), 0));
        }
    };
    struct Column9 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return upper_bits<2048>(hash(image.pixels_.column9(), 0));
        }
    };
    struct Columns20 : Selector<4096> {
        static int of(const BilevelImage& image) noexcept {
            return upper_bits<4096>(hash(image.pixels_.columns20(), 0));
        }
    };
    struct Row11 : Selector<4096> {
        static int of(const BilevelImage& image) noexcept {
            return upper_bits<4096>(hash(image.pixels_.row11(), 0));
        }
    };
    struct Column8 : Selector<256> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.column8());
        }
    };
    struct Near8 : Selector<256> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.near8());
        }
    };
    struct Edges8 : Selector<256> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.edges8());
        }
    };
    struct Near11 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.near11());
        }
    };
    struct Above11 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.above11());
        }
    };
    struct Slanted10 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.slanted10());
        }
    };
    struct Place11 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.place11());
        }
    };
    struct Columns11 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.columns11());
        }
    };
    struct Near16 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return upper_bits<2048>(hash(image.pixels_.near16(), 0));
        }
    };
    struct Edges16 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return upper_bits<2048>(hash(image.pixels_.edges16(), 0));
        }
    };
    struct Column16 : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return upper_bits<2048>(hash(image.pixels_.column16(), 0));
        }
    };

    struct ApmFirst16 : ApmContext<65536> {
        static std::uint32_t of(const BilevelImage& image) noexcept {
            return image.pixels_.first16();
        }
    };
    struct ApmNear : ApmContext<65536> {
        static std::uint32_t of(const BilevelImage& image) noexcept {
            return image.pixels_.near16();
        }
    };
    struct ApmEdges : ApmContext<65536> {
        static std::uint32_t of(const BilevelImage& image) noexcept {
            return image.pixels_.edges16();
        }
    };
    struct ApmColumn : ApmContext<65536> {
        static std::uint32_t of(const BilevelImage& image) noexcept {
            return image.pixels_.column16();
        }
    };

private:
    void predict(std::int16_t* x) const noexcept;

    static int bits_of(MemoryBudget budget) { return std::clamp(budget.bits - 8, 10, 18); }
    static std::size_t memory_of(int bits) noexcept {
        return (templates << bits) * (sizeof(std::uint32_t) + 1) +
               (templates * 256 + kWidest / 2) * sizeof(std::uint32_t);
    }

    static constexpr std::uint32_t kNarrowest = 28; // bytes
    static constexpr std::uint32_t kWidest = 4096;
    static constexpr int kSparse = 65536 * 3 / 8; // for blank_
    // For moved_:
    static constexpr int kEnter = 65536 * 5 / 8;
    static constexpr int kLeave = 65536 / 2;

    // In an image, unlike a table, a row mostly differs from the one above by edges that have moved
    // by one pixel.
    void compare(std::uint32_t byte, const ByteHistory& history) noexcept {
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

    // Strokes continue downwards, so the distance between equal pairs of bytes is often the stride.
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
    std::array<std::uint32_t, 1024> seen_{}; // latest position of each pair of bytes, hashed
    std::vector<std::uint16_t> votes_;       // for strides
    unsigned total_ = 0;
    std::uint32_t stride_ = 0; // bytes of a row; 0: unknown
    int blank_ = 0;            // how often bytes are all white or all black, Q16
    int moved_ = 0;            // how often a change is a moved edge, Q16
    bool active_ = false;

    PixelTemplates pixels_;
    std::array<std::size_t, templates> cell_{};
    std::vector<std::uint32_t> cells_; // probabilities
    std::vector<std::uint8_t> states_; // bit histories in the same contexts
    std::vector<std::uint32_t> maps_;  // adaptive map of these, for each template
};

} // namespace weightless::model
