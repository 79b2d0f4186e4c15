// Images of 8, 24 and 32 bits per pixel: detection, and the predictions of image_predictions.hpp as
// inputs, contexts and selectors.
//
// Source: contexts of quantised predictions as in paq8px's image models.
#pragma once

#include "model/experts/arrays.hpp"
#include "model/experts/claim.hpp"
#include "model/experts/expert.hpp"
#include "model/experts/image_format.hpp"
#include "model/experts/image_predictions.hpp"
#include "model/experts/samples.hpp"
#include "model/history/coding_cost.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// detail: 0 to 2, how much is computed.
template <int detail> class Image {
public:
    using Pixels = ImagePredictions<detail>;

    /// Which coding costs of the next byte's bits are needed.
    CodingCost::Wanted wanted_cost() const noexcept {
        return active() || finder_.measures(ring_.position()) ? CodingCost::Wanted::image
                                                              : CodingCost::Wanted::nothing;
    }
    /// Whether update() with the next byte reads the coding cost.
    bool reads_cost() const noexcept {
        return active() ? claim_.ends() : finder_.reads(ring_.position());
    }

    /// arrays, samples: as they were before the latest byte.
    void update(const RawByte& latest, const Arrays& arrays, const Samples<detail>& samples,
                CodingCost& cost);

    bool active() const noexcept { return !image_.empty(); }
    /// Whether it is chosen, whatever else is active: a header has described the image, or its
    /// predictions alone were better than everything with another structure.
    bool certain() const noexcept { return active() && certain_; }
    void train(unsigned bit) noexcept {
        claim_.add(bit, image_[0].p());
        image_[0].take(bit);
    }
    std::size_t memory() const noexcept { return memory_for({}); }
    static std::size_t memory_for(MemoryBudget) noexcept;

    /// The probability by each prediction's histogram.
    struct Predictions : Inputs<static_cast<int>(Pixels::kAll)> {
        static void of(const Image& image, std::int16_t* x) noexcept {
            image.image_[0].stretched(x);
        }
    };
    /// Pixels nearby and their predictions.
    struct Neighbours : Contexts<16> {
        static std::array<std::uint32_t, kCount> of(const Image& image) noexcept {
            return image.contexts();
        }
    };

    struct Channel : Selector<Pixels::kChannels> {
        static int of(const Image& image) noexcept {
            return static_cast<int>(image.image_[0].channel());
        }
    };
    struct ChannelAndLevel : Selector<640> {
        static int of(const Image& image, const PartialByte& partial) noexcept {
            const Pixels& p = image.image_[0];
            return static_cast<int>((p.channel() * 8 + static_cast<unsigned>(partial.known)) * 16 +
                                    p.blend_level());
        }
    };
    struct TwoLevels : Selector<2048> {
        static int of(const Image& image, const PartialByte& partial) noexcept {
            const Pixels& p = image.image_[0];
            return static_cast<int>((p.best_level() * 16 + p.edge_level()) * 8 +
                                    static_cast<unsigned>(partial.known));
        }
    };
    struct Texture : Selector<2048> {
        static int of(const Image& image, const PartialByte& partial) noexcept {
            return static_cast<int>(image.image_[0].texture() * 8 +
                                    static_cast<unsigned>(partial.known));
        }
    };
    /// Where the prediction lies in the interval of values that are still possible.
    struct Place : Selector<2048> {
        static int of(const Image& image, const PartialByte& partial) noexcept {
            const Pixels& p = image.image_[0];
            const int size = 256 >> partial.known;
            const int low = static_cast<int>(partial.node) * size & 255;
            const int place =
                std::clamp((static_cast<int>(p.blend() / 16) - low + size / 2) * 8 / size, 0, 15);
            return ((static_cast<int>(p.blend_level()) * 16) + place) * 8 + partial.known;
        }
    };
    struct ApmPrediction : ApmContext<65536> {
        static std::uint32_t of(const Image& image, const PartialByte& partial) noexcept {
            return image.image_[0].blend() / 16 * 256 + partial.node;
        }
    };
    struct ApmLevel : ApmContext<65536> {
        static std::uint32_t of(const Image& image, const PartialByte& partial) noexcept {
            const Pixels& p = image.image_[0];
            return hash(p.edge() / 32, p.blend_level() / 2, partial.node) >> 16;
        }
    };

private:
    using ImageClaim = Claim<2>;

    void begin(const ImageFormat& format, bool described);
    std::array<std::uint32_t, Neighbours::kCount> contexts() const noexcept;

    PixelRing ring_;
    ImageHeaders headers_;
    ImageFinder finder_;
    ImageClaim claim_;     // its rivals are arrays and samples
    bool waiting_ = false; // an image described by a header has not yet begun
    bool certain_ = false;
    std::vector<Pixels> image_; // one, or none
};

} // namespace weightless::model
