// The predictions of an image's bytes, of 8, 24 and 32 bits per pixel: by the pixels around them
// with fixed weights, and by least squares over the pixels above and to the left. Each is turned
// into probabilities of bits by residual histograms, in contexts of its errors nearby.
//
// Sources: prediction by least squares in a window of two dimensions, and distributions of
// residuals in contexts, as in TMW (Meyer and Tischer, 1997 and 2001); MED of LOCO-I (Weinberger,
// Seroussi and Sapiro, 1996) and GAP of CALIC (Wu and Memon, 1997), from which the correction of
// bias in contexts of texture comes too; blending by errors nearby (Seemann and Tischer, 1997).
// Sums of products are kept for blocks of pixels and for columns of such blocks, which is our own.
#pragma once

#include "model/experts/image_format.hpp"
#include "model/experts/least_squares.hpp"
#include "model/history/residual_histogram.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weightless::model {

/// How much is computed: the pixels that least squares use, their solutions, fixed predictions, and
/// blends of all of these.
struct ImageDetail {
    std::size_t features;
    std::size_t solvers;
    std::size_t fixed;
    std::size_t blends;
};

template <int detail> class ImagePredictions {
public:
    static constexpr std::array<ImageDetail, 3> kDetails{
        {{14, 2, 4, 2}, {30, 3, 6, 3}, {30, 6, 8, 4}}};
    static constexpr ImageDetail kDetail = kDetails[detail];
    static constexpr std::size_t kFeatures = kDetail.features;
    static constexpr std::size_t kSolvers = kDetail.solvers;
    static constexpr std::size_t kSingle = kSolvers + kDetail.fixed;
    static constexpr std::size_t kAll = kSingle + kDetail.blends;
    static constexpr std::size_t kChannels = 5; // the last one: bytes that pad rows
    static constexpr std::size_t kLevels = 16;

    explicit ImagePredictions(const ImageFormat& format);

    /// Takes the actual byte.
    void learn(std::uint32_t byte) noexcept;
    /// Predicts the next one.
    void predict(const PixelRing& ring) noexcept;

    /// The prediction of the next bit by each histogram, stretched, Q10.
    void stretched(std::int16_t* x) const noexcept {
        for (const auto& bit : bits_) {
            *x++ = bit.stretched();
        }
    }
    /// The same by the histogram of the blend: P(next bit = 1), Q22.
    std::uint32_t p() const noexcept { return bits_[kSingle].p(); }
    /// What the next byte, none of whose bits was taken, would cost by that histogram: bits, Q16.
    std::uint32_t cost_of(std::uint8_t byte) const noexcept {
        return bits_[kSingle].cost_of(histograms_[kSingle], byte);
    }
    void take(unsigned bit) noexcept {
        for (std::size_t i = 0; i < kAll; ++i) {
            bits_[i].take(histograms_[i], bit);
        }
    }

    // What is predicted for the next byte, Q4, by the solver of most pixels, by that which adapts
    // fastest, by MED, and by a blend of all with its bias corrected.
    std::uint32_t best() const noexcept { return predictions_[0]; }
    std::uint32_t fast() const noexcept { return predictions_[1]; }
    std::uint32_t edge() const noexcept { return predictions_[kSolvers]; }
    std::uint32_t blend() const noexcept { return predictions_[kSingle + 1]; }
    // How large errors are nearby, 0 to kLevels - 1.
    std::uint32_t best_level() const noexcept { return levels_[0]; }
    std::uint32_t edge_level() const noexcept { return levels_[kSolvers]; }
    std::uint32_t blend_level() const noexcept { return levels_[kSingle]; }

    std::uint32_t channel() const noexcept { return channel_; }
    std::uint32_t texture() const noexcept { return texture_; } // below 256
    std::int32_t error() const noexcept { return error_; }      // of the latest blend, Q4
    const ImageFormat& format() const noexcept { return format_; }

    /// The most that any image takes.
    static std::size_t memory_for() noexcept;

private:
    using Sums = least_squares::Sums<kFeatures>;
    using Products = std::array<std::int32_t, Sums::kSize>;
    using Histograms = ResidualHistograms<2>;

    // What least squares have learnt of a channel. The sums have a margin of two columns on both
    // sides.
    struct Channel {
        least_squares::Block<kFeatures> block;
        std::vector<Products> slow; // of each column of blocks, forgotten from row to row
        std::vector<Products> fast;
        Products all{}; // of all blocks, forgotten from block to block
        std::array<std::array<std::int16_t, kFeatures>, kSolvers> weights{};
    };
    static constexpr std::size_t kMargin = 2;

    void end_block(Channel& channel, std::size_t column) noexcept;
    void solve(Channel& channel, std::size_t column) noexcept;
    void predict_one(const PixelRing& ring) noexcept;
    void blend_all(const std::array<std::uint32_t, kAll>& errors) noexcept;

    ImageFormat format_;
    std::size_t columns_; // of blocks
    std::uint32_t x_ = 0; // of the next byte in its row
    std::uint32_t channel_ = 0;
    std::vector<Channel> channels_;
    std::array<std::int16_t, kFeatures> features_{};
    std::int32_t left_ = 0; // the byte that features and targets are relative to
    std::uint32_t texture_ = 0;
    std::uint32_t activity_ = 0; // how different bytes nearby are
    std::int32_t error_ = 0;

    std::array<std::uint32_t, kAll> predictions_{};
    std::vector<std::array<std::uint8_t, kAll>> errors_; // of the latest rows, Q2
    std::size_t place_ = 0;                              // of the next byte's
    struct Bias {
        std::int32_t sum = 0;
        std::int32_t count = 0;
    };
    std::vector<Bias> biases_;
    std::size_t bias_ = 0; // the one in use

    std::array<std::uint32_t, kAll> levels_{};
    std::array<std::size_t, kAll> contexts_{};
    std::vector<Histograms> histograms_;
    std::array<typename Histograms::Prediction, kAll> bits_{};
};

} // namespace weightless::model
