// Feeds the expert for arrays a format that another expert parses, and then records, for many
// lengths of both. Prints how often records were found. Compiled with checked containers, it stops
// where it looks at what it does not have.
#include "model/experts/arrays.hpp"

#include <cstdint>
#include <cstdio>

using namespace weightless;

namespace {

// Whether records of `width` bytes are found after `parsed` bytes of another format.
bool finds(std::uint32_t parsed, std::uint32_t width) {
    model::Arrays arrays(model::MemoryBudget{18});
    std::uint32_t noise = 1;
    bool found = false;
    for (std::uint32_t i = 0; i < parsed + 4096; ++i) {
        noise = noise * 1664525u + 1013904223u;
        const std::uint32_t column = (i - parsed) % width;
        const auto byte = static_cast<std::uint8_t>(
            i < parsed ? noise >> 24 : column * column * 89 % 256 + (noise >> 30));
        arrays.update({byte}, {i < parsed});
        found = found || arrays.active();
    }
    return found;
}

} // namespace

int main() {
    unsigned found = 0;
    for (std::uint32_t parsed = 0; parsed <= 1200; parsed += 40) {
        for (const std::uint32_t width : {7u, 64u, 180u, 256u}) {
            found += finds(parsed, width) ? 1 : 0;
        }
    }
    std::printf("%u\n", found);
}
