#include "container/xxh3.hpp"

#include <algorithm>
#include <bit>

namespace weightless::container {
namespace {

using std::size_t;
using std::uint32_t;
using std::uint64_t;
using std::uint8_t;

constexpr uint64_t kPrime32[] = {0x9E3779B1u, 0x85EBCA77u, 0xC2B2AE3Du};
constexpr uint64_t kPrime64[] = {0x9E3779B185EBCA87u, 0xC2B2AE3D27D4EB4Fu, 0x165667B19E3779F9u,
                                 0x85EBCA77C2B2AE63u, 0x27D4EB2F165667C5u};
constexpr uint64_t kMixPrime1 = 0x165667919E3779F9u;
constexpr uint64_t kMixPrime2 = 0x9FB21C651E98DF25u;

constexpr std::array<uint8_t, 192> kDefaultSecret = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e};

uint64_t word(const uint8_t* p, int bytes = 8) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) {
        value |= uint64_t{p[i]} << (8 * i);
    }
    return value;
}

uint64_t half(const uint8_t* p) { return word(p, 4); }

uint64_t swapped(uint64_t value, int bytes = 8) {
    uint64_t out = 0;
    for (int i = 0; i < bytes; ++i) {
        out = out << 8 | ((value >> (8 * i)) & 0xff);
    }
    return out;
}

// A number of 128 bits.
struct Pair {
    uint64_t low;
    uint64_t high;
};

Pair product(uint64_t a, uint64_t b) {
    constexpr uint64_t kLow = 0xffffffffu;
    const uint64_t low = (a & kLow) * (b & kLow);
    const uint64_t cross1 = (a >> 32) * (b & kLow);
    const uint64_t cross2 = (a & kLow) * (b >> 32);
    const uint64_t middle = (low >> 32) + (cross1 & kLow) + cross2;
    const uint64_t high = (a >> 32) * (b >> 32) + (cross1 >> 32) + (middle >> 32);
    return {middle << 32 | (low & kLow), high};
}

uint64_t folded_product(uint64_t a, uint64_t b) {
    const Pair all = product(a, b);
    return all.low ^ all.high;
}

uint64_t avalanche(uint64_t h) {
    h = (h ^ (h >> 37)) * kMixPrime1;
    return h ^ (h >> 32);
}

uint64_t avalanche_of_xxh64(uint64_t h) {
    h = (h ^ (h >> 33)) * kPrime64[1];
    h = (h ^ (h >> 29)) * kPrime64[2];
    return h ^ (h >> 32);
}

uint64_t mixed(const uint8_t* data, const uint8_t* secret, uint64_t seed) {
    return folded_product(word(data) ^ (word(secret) + seed),
                          word(data + 8) ^ (word(secret + 8) - seed));
}

uint64_t hash_to_16(const uint8_t* data, size_t n, uint64_t seed) {
    const uint8_t* secret = kDefaultSecret.data();
    if (n > 8) {
        const uint64_t low = word(data) ^ ((word(secret + 24) ^ word(secret + 32)) + seed);
        const uint64_t high = word(data + n - 8) ^ ((word(secret + 40) ^ word(secret + 48)) - seed);
        return avalanche(n + swapped(low) + high + folded_product(low, high));
    }
    if (n >= 4) {
        seed ^= swapped(seed, 4) << 32;
        const uint64_t value = half(data + n - 4) + (half(data) << 32);
        uint64_t h = value ^ ((word(secret + 8) ^ word(secret + 16)) - seed);
        h ^= std::rotl(h, 49) ^ std::rotl(h, 24);
        h *= kMixPrime2;
        h ^= (h >> 35) + n;
        h *= kMixPrime2;
        return h ^ (h >> 28);
    }
    if (n > 0) {
        const uint64_t value =
            uint64_t{data[0]} << 16 | uint64_t{data[n / 2]} << 24 | data[n - 1] | uint64_t{n} << 8;
        return avalanche_of_xxh64(value ^ ((half(secret) ^ half(secret + 4)) + seed));
    }
    return avalanche_of_xxh64(seed ^ word(secret + 56) ^ word(secret + 64));
}

uint64_t hash_to_128(const uint8_t* data, size_t n, uint64_t seed) {
    const uint8_t* secret = kDefaultSecret.data();
    uint64_t sum = n * kPrime64[0];
    for (size_t i = 0; 32 * i < n; ++i) {
        sum += mixed(data + 16 * i, secret + 32 * i, seed);
        sum += mixed(data + n - 16 * (i + 1), secret + 32 * i + 16, seed);
    }
    return avalanche(sum);
}

uint64_t hash_to_240(const uint8_t* data, size_t n, uint64_t seed) {
    const uint8_t* secret = kDefaultSecret.data();
    uint64_t sum = n * kPrime64[0];
    for (size_t i = 0; i < 8; ++i) {
        sum += mixed(data + 16 * i, secret + 16 * i, seed);
    }
    sum = avalanche(sum);
    for (size_t i = 8; i < n / 16; ++i) {
        sum += mixed(data + 16 * i, secret + 16 * (i - 8) + 3, seed);
    }
    return avalanche(sum + mixed(data + n - 16, secret + 136 - 17, seed));
}

// 128 bits, without a seed.
Pair wide_hash_to_16(const uint8_t* data, size_t n) {
    const uint8_t* secret = kDefaultSecret.data();
    if (n > 8) {
        uint64_t end = word(data + n - 8);
        Pair sum = product(word(data) ^ end ^ word(secret + 32) ^ word(secret + 40), kPrime64[0]);
        sum.low += uint64_t{n - 1} << 54;
        end ^= word(secret + 48) ^ word(secret + 56);
        sum.high += end + (end & 0xffffffffu) * (kPrime32[1] - 1);
        sum.low ^= swapped(sum.high);
        const Pair hash = product(sum.low, kPrime64[1]);
        return {avalanche(hash.low), avalanche(hash.high + sum.high * kPrime64[1])};
    }
    if (n >= 4) {
        const uint64_t value = half(data) + (half(data + n - 4) << 32);
        Pair hash = product(value ^ word(secret + 16) ^ word(secret + 24),
                            kPrime64[0] + (uint64_t{n} << 2));
        hash.high += hash.low << 1;
        hash.low ^= hash.high >> 3;
        hash.low = (hash.low ^ (hash.low >> 35)) * kMixPrime2;
        return {hash.low ^ (hash.low >> 28), avalanche(hash.high)};
    }
    const uint64_t low =
        uint64_t{data[0]} << 16 | uint64_t{data[n / 2]} << 24 | data[n - 1] | uint64_t{n} << 8;
    const uint64_t high = std::rotl(static_cast<uint32_t>(swapped(low, 4)), 13);
    return {avalanche_of_xxh64(low ^ half(secret) ^ half(secret + 4)),
            avalanche_of_xxh64(high ^ half(secret + 8) ^ half(secret + 12))};
}

// Adds two pieces of 16 bytes each.
void mix_two(Pair& sum, const uint8_t* one, const uint8_t* two, const uint8_t* secret) {
    sum.low = (sum.low + mixed(one, secret, 0)) ^ (word(two) + word(two + 8));
    sum.high = (sum.high + mixed(two, secret + 16, 0)) ^ (word(one) + word(one + 8));
}

Pair wide_hash_to_240(const uint8_t* data, size_t n) {
    const uint8_t* secret = kDefaultSecret.data();
    Pair sum{n * kPrime64[0], 0};
    if (n <= 128) {
        for (size_t i = (n - 1) / 32 + 1; i-- > 0;) { // the outermost pieces come last
            mix_two(sum, data + 16 * i, data + n - 16 * (i + 1), secret + 32 * i);
        }
    } else {
        for (size_t i = 0; i < 4; ++i) {
            mix_two(sum, data + 32 * i, data + 32 * i + 16, secret + 32 * i);
        }
        sum = {avalanche(sum.low), avalanche(sum.high)};
        for (size_t i = 4; i < n / 32; ++i) {
            mix_two(sum, data + 32 * i, data + 32 * i + 16, secret + 32 * (i - 4) + 3);
        }
        mix_two(sum, data + n - 16, data + n - 32, secret + 136 - 17 - 16);
    }
    return {avalanche(sum.low + sum.high),
            0 - avalanche(sum.low * kPrime64[0] + sum.high * kPrime64[3] + n * kPrime64[1])};
}

void accumulate(std::array<uint64_t, 8>& sums, const uint8_t* stripe, const uint8_t* secret) {
    for (size_t i = 0; i < 8; ++i) {
        const uint64_t value = word(stripe + 8 * i);
        const uint64_t key = value ^ word(secret + 8 * i);
        sums[i ^ 1] += value;
        sums[i] += (key & 0xffffffffu) * (key >> 32);
    }
}

} // namespace

Xxh3::Xxh3(uint64_t seed)
    : seed_(seed), secret_(kDefaultSecret),
      accumulators_{kPrime32[2], kPrime64[0], kPrime64[1], kPrime64[2],
                    kPrime64[3], kPrime32[1], kPrime64[4], kPrime32[0]} {
    for (size_t at = 0; at < kSecret; at += 8) {
        const uint64_t value = word(&secret_[at]) + (at % 16 == 0 ? seed : 0 - seed);
        for (size_t i = 0; i < 8; ++i) {
            secret_[at + i] = static_cast<uint8_t>(value >> (8 * i));
        }
    }
    rest_.reserve(kStripe + kBlock);
}

void Xxh3::update(std::span<const uint8_t> data) {
    while (!data.empty()) {
        const size_t taken = size_ > rest_.size() ? kStripe : 0; // of rest_
        if (rest_.size() - taken == kBlock) {
            // More follows, so that a block is never the end of the data.
            take(rest_.data() + taken);
            rest_.erase(rest_.begin(), rest_.end() - kStripe);
            continue;
        }
        const size_t n = std::min(data.size(), kBlock - (rest_.size() - taken));
        rest_.insert(rest_.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(n));
        size_ += n;
        data = data.subspan(n);
    }
}

void Xxh3::take(const uint8_t* block) {
    for (size_t i = 0; i < kBlock / kStripe; ++i) {
        accumulate(accumulators_, block + kStripe * i, &secret_[8 * i]);
    }
    for (size_t i = 0; i < 8; ++i) {
        uint64_t& sum = accumulators_[i];
        sum ^= (sum >> 47) ^ word(&secret_[kSecret - kStripe + 8 * i]);
        sum *= kPrime32[0];
    }
}

uint64_t Xxh3::digest() const {
    const size_t n = rest_.size();
    if (size_ > 240) {
        return merged(all(), 11, size_ * kPrime64[0]);
    }
    const uint8_t* data = rest_.data();
    return n <= 16 ? hash_to_16(data, n, seed_)
                   : (n <= 128 ? hash_to_128(data, n, seed_) : hash_to_240(data, n, seed_));
}

uint64_t Xxh3::upper_digest() const {
    return merged(all(), kSecret - kStripe - 11, ~(size_ * kPrime64[1]));
}

Xxh3::Accumulators Xxh3::all() const {
    Accumulators sums = accumulators_;
    const size_t taken = size_ > rest_.size() ? kStripe : 0;
    const uint8_t* data = rest_.data() + taken;
    const size_t stripes = (rest_.size() - taken - 1) / kStripe;
    for (size_t i = 0; i < stripes; ++i) {
        accumulate(sums, data + kStripe * i, &secret_[8 * i]);
    }
    // The last stripe may overlap with those before it.
    accumulate(sums, rest_.data() + rest_.size() - kStripe, &secret_[kSecret - kStripe - 7]);
    return sums;
}

uint64_t Xxh3::merged(const Accumulators& sums, size_t at, uint64_t start) const {
    uint64_t result = start;
    for (size_t i = 0; i < 4; ++i) {
        const uint8_t* secret = &secret_[at + 16 * i];
        result += folded_product(sums[2 * i] ^ word(secret), sums[2 * i + 1] ^ word(secret + 8));
    }
    return avalanche(result);
}

uint64_t xxh3(std::span<const uint8_t> data, uint64_t seed) {
    Xxh3 hash(seed);
    hash.update(data);
    return hash.digest();
}

std::string hexadecimal(std::span<const uint8_t> number) {
    std::string text;
    for (size_t i = number.size(); i-- > 0;) {
        text += "0123456789abcdef"[number[i] >> 4];
        text += "0123456789abcdef"[number[i] & 15];
    }
    return text;
}

std::string xxh3_128(std::span<const uint8_t> data) {
    Pair hash = {};
    if (data.size() > 240) {
        Xxh3 state;
        state.update(data);
        hash = {state.digest(), state.upper_digest()};
    } else if (data.size() > 16) {
        hash = wide_hash_to_240(data.data(), data.size());
    } else {
        hash = wide_hash_to_16(data.data(), data.size());
    }
    std::array<uint8_t, 16> bytes;
    for (size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<uint8_t>(hash.low >> (8 * i));
        bytes[8 + i] = static_cast<uint8_t>(hash.high >> (8 * i));
    }
    return hexadecimal(bytes);
}

} // namespace weightless::container
