// Predicts images whose rows have any number of bytes, also one that ends within a pixel, as rows
// that were found by similarity may. Prints how many. Compiled with checked containers, it stops
// where it looks beyond the sums of a row.
#include "model/experts/image_predictions.hpp"

#include <cstdint>
#include <cstdio>

using namespace weightless;

namespace {

template <int detail> void predict(std::uint32_t pixel, std::uint32_t width) {
    model::PixelRing ring;
    model::ImageFormat format;
    format.pixel = pixel;
    format.width = format.stride = width;
    model::ImagePredictions<detail> predictions(format);
    predictions.predict(ring);
    for (std::uint32_t i = 0; i < 3 * width; ++i) {
        const auto byte = static_cast<std::uint8_t>(i * i / 7 % 251);
        ring.push(byte);
        predictions.learn(byte);
        predictions.predict(ring);
    }
}

} // namespace

int main() {
    unsigned count = 0;
    for (const std::uint32_t pixel : {1u, 3u, 4u}) {
        for (std::uint32_t width = 4; width < 200; ++width) {
            predict<0>(pixel, width);
            predict<2>(pixel, width);
            count += 2;
        }
    }
    std::printf("%u\n", count);
}
