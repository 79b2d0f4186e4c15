// The hash XXH3, 64 bits, of bytes that come in pieces.
//
// Source: the xxHash specification (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weightless::container {

class Xxh3 {
public:
    explicit Xxh3(std::uint64_t seed = 0);

    void update(std::span<const std::uint8_t> data);
    /// The hash of all bytes so far; more may follow.
    std::uint64_t digest() const;

private:
    static constexpr std::size_t kStripe = 64;
    static constexpr std::size_t kSecret = 192;
    static constexpr std::size_t kBlock = 8 * (kSecret - kStripe); // 16 stripes

    using Accumulators = std::array<std::uint64_t, 8>;

    void take(const std::uint8_t* block);
    std::uint64_t digest_long() const;

    std::uint64_t seed_;
    std::uint64_t size_ = 0;
    std::array<std::uint8_t, kSecret> secret_;
    Accumulators accumulators_;
    // The last stripe that was taken, then the bytes that were not, up to a block of them.
    std::vector<std::uint8_t> rest_;
};

std::uint64_t xxh3(std::span<const std::uint8_t> data, std::uint64_t seed = 0);

} // namespace weightless::container
