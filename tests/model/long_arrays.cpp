// Lets an array begin where positions pass 2^32, and prints whether it is found.

#include "model/experts/arrays.hpp"

#include <cstdint>
#include <cstdio>

int main() {
    using namespace weightless::model;
    constexpr std::uint64_t kEnd = std::uint64_t{1} << 32;
    Arrays arrays(MemoryBudget{20});
    const auto record = [](std::uint64_t n) {
        const std::uint64_t number = n / 12 * 1000 + n % 12 / 4 * 1'000'000; // three of four bytes
        return static_cast<std::uint8_t>(number >> 8 * (n % 4));
    };
    for (std::uint64_t n = 0; n < kEnd + 8192; ++n) {
        const bool text = n < kEnd - 2040;
        arrays.update(RawByte{text ? static_cast<std::uint8_t>('a') : record(n)}, ParsedFormat());
        if (n > kEnd && n % 2048 == 1024) {
            std::puts(arrays.active() ? "active" : "inactive");
        }
    }
}
