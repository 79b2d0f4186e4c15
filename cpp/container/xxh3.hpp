// The hash XXH3: 64 bits of bytes that come in pieces, and 128 bits.
//
// Source: the xxHash specification (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace weightless::container {

class Xxh3 {
public:
    explicit Xxh3(std::uint64_t seed = 0);

    void update(std::span<const std::uint8_t> data);
    /// The hash of all bytes so far; more may follow.
    std::uint64_t digest() const;
    /// The other half of 128 bits, of more than 240 bytes and without a seed.
    std::uint64_t upper_digest() const;

private:
    static constexpr std::size_t kStripe = 64;
    static constexpr std::size_t kSecret = 192;
    static constexpr std::size_t kBlock = 8 * (kSecret - kStripe); // 16 stripes

    using Accumulators = std::array<std::uint64_t, 8>;

    void take(const std::uint8_t* block);
    /// The sums over all data.
    Accumulators all() const;
    std::uint64_t merged(const Accumulators& sums, std::size_t at, std::uint64_t start) const;

    std::uint64_t seed_;
    std::uint64_t size_ = 0;
    std::array<std::uint8_t, kSecret> secret_;
    Accumulators accumulators_;
    // The last stripe that was taken, then the bytes that were not, up to a block of them.
    std::vector<std::uint8_t> rest_;
};

std::uint64_t xxh3(std::span<const std::uint8_t> data, std::uint64_t seed = 0);

/// A number of any size, the lowest byte first, in hexadecimal.
std::string hexadecimal(std::span<const std::uint8_t> number);
/// The hash of 128 bits, in hexadecimal, of at least one byte.
std::string xxh3_128(std::span<const std::uint8_t> data);

} // namespace weightless::container
