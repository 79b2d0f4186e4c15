// Bilevel images, a pixel a bit: where there is one, and what its pixels are in the contexts of
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

/// With the first `templates` of PixelTemplates: kFew or kCount.
template <std::size_t templates> class BilevelImage {
public:
    /// Takes 5 * 2^bits bytes for each of the templates, when there is an image.
    explicit BilevelImage(MemoryBudget budget) : bits_(bits_of(budget)) {}

    void update(const ByteHistory& history);

    bool active() const noexcept { return active_; }
    void begin_bit(const PartialByte& partial) noexcept;

    void train(unsigned bit) noexcept;

    std::size_t memory() const noexcept { return memory_of(bits_); }
    static std::size_t memory_for(MemoryBudget budget) noexcept {
        return memory_of(bits_of(budget));
    }

    /// For each template, what its context and what its history say.
    struct Pixels : Inputs<static_cast<int>(2 * templates)> {
        static void of(const BilevelImage& image, std::int16_t* x) noexcept { image.predict(x); }
    };

    // Selectors by pixels, which PixelTemplates describes.
    struct Coarse : Selector<1024> {
        static int of(const BilevelImage& image) noexcept {
            return static_cast<int>(image.pixels_.coarse());
        }
    };
    struct Fine : Selector<2048> {
        static int of(const BilevelImage& image) noexcept {
            return upper_bits<2048>(hash(image.pixels_.fine(), 0));
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

    struct AfterFine : ApmContext<65536> {
        static std::uint32_t of(const BilevelImage& image) noexcept { return image.pixels_.fine(); }
    };
    struct AfterNear : ApmContext<65536> {
        static std::uint32_t of(const BilevelImage& image) noexcept {
            return image.pixels_.near16();
        }
    };
    struct AfterEdges : ApmContext<65536> {
        static std::uint32_t of(const BilevelImage& image) noexcept {
            return image.pixels_.edges16();
        }
    };
    struct AfterColumn : ApmContext<65536> {
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

    // Where a row differs from the one above, edges have moved by a pixel: that tells an
    // image from a table.
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

    PixelTemplates pixels_;
    std::array<std::size_t, templates> cell_{};
    std::vector<std::uint32_t> cells_; // probabilities
    std::vector<std::uint8_t> states_; // beside them, bit histories
    std::vector<std::uint32_t> maps_;  // and what those mean, by template
};

} // namespace weightless::model
